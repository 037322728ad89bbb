// What the event families train on: whole pieces of a folder of MIDI files as symbols, and windows
// of them that begin at bar lines.
//
// A set of a manifest is drawn with a probability that grows with the 0.7th power of its symbols,
// as note_windows.h has it; within it every symbol is as likely; one window in ten begins where its
// piece does.
//
// Thread safety: values; an EventSampler is const after construction and keeps a reference.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/corpus/split.h"
#include "core/rng.h"
#include "models/event_features.h"

namespace incipit {

struct EventPiece {
  std::string set;
  Split split = Split::kTrain;
  std::vector<EventToken> tokens;  // from BOS to EOS
  std::vector<std::size_t> bars;   // index of each BAR
  EventRoles roles;
  int lowest = 127;  // pitch; what a transposition is limited by
  int highest = 0;
};

struct EventCorpus {
  std::vector<EventPiece> pieces;
  EventRoles heard;  // of the training split
  std::string hash;
  std::string licence;
  bool cancelled = false;
};

// The pieces of a document's tracks that have notes. Fails as encodeEvents does.
Result<EventPiece> eventPieceOf(const Document& document);

// Reads a request's folder, where `only` is set the pieces of that split, and says what is in it. A
// piece that cannot be encoded is left out and counted. Fails where none is left.
Result<EventCorpus> readEventCorpus(const TrainRequest& request, std::optional<Split> only,
                                    TrainSink& sink, const std::stop_token& stop);

// Symbols [first, first + count) of a piece, given all before them, moved by semitones.
struct EventWindow {
  const EventPiece* piece = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
  int semitones = 0;

  EventToken token(std::size_t i) const;  // of the piece, moved
};

class EventSampler {
 public:
  EventSampler(const EventCorpus& corpus, Split split);
  std::int64_t symbols() const { return symbols_; }  // 0 where there is nothing to draw
  // Up to `length` symbols, transposed by -5..6 semitones where the piano has them.
  EventWindow draw(std::size_t length, Rng& rng) const;

 private:
  struct Group {
    double until = 0;  // cumulative probability
    std::vector<const EventPiece*> pieces;
    std::vector<std::int64_t> symbolsUntil;
  };
  std::vector<Group> groups_;
  std::int64_t symbols_ = 0;
};

// Windows of about `length` symbols that hold every symbol of a split once; each begins at the
// start of its piece or at a bar line. A seeded part of them where fewer `symbols` are wanted, 0:
// all.
std::vector<EventWindow> eventWindows(const EventCorpus& corpus, Split split, std::size_t length,
                                      std::int64_t symbols, std::uint64_t seed);

}  // namespace incipit
