// What the event networks are shown before each symbol (core/encoding/event_tokens.h): indices into
// one embedding table.
//
// Beside the symbol before, a network sees the place (position, meter, bar of four), which tracks
// take part, of the track being written the note before and how many it has here, the pitch classes
// that sound, and a proposal: what followed the longest run of symbols that ends as the history
// does (the match model of Mahoney 2005, "Adaptive weighing of context models for lossless data
// compression"). It can favour the proposal as a whole, so that music that repeats itself is copied
// instead of remembered, and it names pitches by themselves and by their distance from the note
// before. Nothing of it looks ahead.
//
// Thread safety: values and free functions.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/encoding/event_vocabulary.h"

namespace incipit {

using EventRoles = std::bitset<kTrackRoles>;

// Of the TRACK symbols in `tokens`.
EventRoles rolesIn(const std::vector<EventToken>& tokens);

// Rows of the input table; the last row of a feature that may be absent stands for its absence.
struct EventRows {
  static constexpr int kBeats = 8;
  static constexpr int kKeys = kEventPitch.count + kEventDrum.count;
  static constexpr int kMatchBins = 8;  // of a match's length; 0 is none

  static constexpr int kBefore = 0;
  static constexpr int kBeat = kBefore + kEventSymbols + 1;
  static constexpr int kSubBeat = kBeat + kBeats + 1;
  static constexpr int kMeter = kSubBeat + kPositionsPerQuarter;
  static constexpr int kBar = kMeter + kEventMeter.count;
  static constexpr int kPart = kBar + 4;
  static constexpr int kRole = kPart + kTrackRoles;
  static constexpr int kKey = kRole + kTrackRoles + 1;
  static constexpr int kChord = kKey + kKeys + 1;
  static constexpr int kMostOfChord = 4;
  static constexpr int kSounding = kChord + kMostOfChord + 1;
  static constexpr int kMatch = kSounding + 12;
  static constexpr int kProposal = kMatch + kMatchBins;
  static constexpr int kRows = kProposal + kEventSymbols + 1;
};

// Outputs of a network: the symbols, pitches by their distance from the reference, and how much the
// proposal is favoured.
struct EventLogits {
  static constexpr int kWidest = 24;  // semitones; further ones have none
  static constexpr int kMove = kEventSymbols;
  static constexpr int kFavour = kMove + 2 * kWidest + 1;
  static constexpr int kOutputs = kFavour + 1;

  // The output that is added to a symbol's; -1 for none. `reference` is EventHistory's.
  static int move(int symbol, int reference);
};

class EventHistory {
 public:
  // `roles`: of the tracks that take part.
  explicit EventHistory(EventRoles roles) : roles_(roles) {}

  // Takes the next symbol, which the grammar allows.
  void take(EventToken token);

  const EventGrammar& grammar() const { return grammar_; }
  std::size_t size() const { return tokens_.size(); }
  EventToken operator[](std::size_t i) const { return tokens_[i]; }
  // Of the track being written; -1 at the beginning of a bar.
  int role() const { return role_; }
  // What is known before the next symbol, as rows of the table.
  void appendInputs(std::vector<std::int64_t>& rows) const;
  // What followed the longest match; kEventSymbols where there is none.
  int proposal() const;
  // The PITCH symbol that the next one's distance counts from: the note before in the chord, else
  // the highest of the track's last onset. -1 where there is none.
  int reference() const;

 private:
  struct Voice {
    int key = EventRows::kKeys;  // the highest of the last onset; counted from the first PITCH
    int last = -1;               // the last PITCH symbol at this position
    int notes = 0;               // at this position
  };
  struct Sounding {
    std::int64_t end;
    int pitch;
  };

  std::int64_t now() const { return barStart_ + std::max(0, grammar_.position()); }
  void placed(EventToken token);
  void match(EventToken token);

  EventRoles roles_;
  EventGrammar grammar_;
  std::vector<EventToken> tokens_;
  std::array<Voice, kTrackRoles> voices_;
  std::vector<Sounding> sounding_;
  std::int64_t barStart_ = 0;  // in positions
  std::int64_t bars_ = 0;
  int meter_ = 0;
  int role_ = -1;
  std::unordered_map<std::uint64_t, std::size_t> runs_;  // where what follows a short run stands
  std::size_t match_ = 0;                                // of the proposal; 0 for none
  int matched_ = 0;
};

}  // namespace incipit
