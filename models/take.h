// A take while it is composed: what every family's decoder shares, so that these rules hold
// whatever a network says:
//  * pitches lie on the piano, 21..108; no note overlaps another of its pitch on its track, whether
//    generated, locked or still sounding from the seed;
//  * notes start in the range; what would sound past its end is cut there.
//
// Thread safety: a Take belongs to one thread.
#pragma once

#include <array>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/compose/settings.h"
#include "core/encoding/compose_context.h"
#include "core/rng.h"

namespace incipit {

inline constexpr int kLowestKey = 21;
inline constexpr int kHighestKey = 108;

struct ComposeSettings {
  double temperature = 0.9;
  double topP = 0.9;
  std::uint64_t seed = 1;
  int take = 0;
  bool startOnBeat = false;
  SettingValues values;  // of the family
};

struct ComposedPart {
  std::vector<Note> notes;  // ids 0, ordered by NoteOrder
  // Of each note, how probable the model thought its pitch (or its whole chord), 0..1, as drawn:
  // after temperature and what was excluded.
  std::vector<float> probabilities;
};

struct Composed {
  std::vector<ComposedPart> parts;  // of the first track and of ComposeContext::others
  bool cancelled = false;
  Tick reached;  // up to here the range is composed

  const std::vector<Note>& notes() const { return parts.front().notes; }
};

using NoteSink = std::function<void(const Note&, double fraction, std::size_t part)>;

class Take {
 public:
  // Keeps references to all but `settings`.
  Take(const ComposeContext& context, const ComposeSettings& settings, const NoteSink& sink,
       const std::stop_token& stop);

  bool stopped() const { return stop_.stop_requested(); }
  bool full() const { return count_ >= mostNotes_; }
  bool empty() const { return count_ == 0; }
  std::size_t parts() const { return parts_.size(); }
  // Whether a note of this pitch may start at `at`.
  bool pitchFree(int pitch, Tick at, std::size_t part = 0) const;
  // Cuts the note where the range ends or a kept note of its pitch begins, and hands it on. Notes
  // come in order of start, each free and in the range.
  void emit(Note note, float probability, std::size_t part = 0);
  // To be called once, at the end.
  Composed finish(bool cancelled);

  const ComposeContext& context;
  const ComposeSettings settings;
  Rng rng;
  MeterMap meter;
  TempoMap tempo;

 private:
  struct Part {
    const std::vector<Note>* kept = nullptr;
    std::array<Tick, 128> soundsUntil{};
    std::vector<std::pair<Note, float>> notes;
  };

  const NoteSink& sink_;
  const std::stop_token& stop_;
  std::vector<Part> parts_;
  std::size_t mostNotes_ = 0;
  std::size_t count_ = 0;  // of all parts
  Tick reached_;
};

}  // namespace incipit
