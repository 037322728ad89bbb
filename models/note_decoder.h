// The networks of note-lstm for one note at a time, without LibTorch: see cells.h. Tested against
// LibTorch's forward pass.
//
// Thread safety: weights are immutable and may be shared; a decoder is one thread's.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "models/cells.h"
#include "models/checkpoint.h"
#include "models/note_features.h"

namespace incipit {

struct NoteWeights {
  NotePreset preset;
  std::vector<RecurrentWeights> layers;
  struct Head {
    std::vector<float> given;  // table that conditions it; empty where nothing does
    Dense out;
  };
  // Of `improved`.
  std::vector<float> embedding;
  Dense heads;
  Head step, pitch, duration, velocity;
  // Of `published`: pitches, step, duration.
  Dense out;
};
std::shared_ptr<const NoteWeights> makeWeights(const LoadedCheckpoint& checkpoint);

// `improved`. Spans returned are valid until the next call of the same function.
class ImprovedDecoder {
 public:
  explicit ImprovedDecoder(std::shared_ptr<const NoteWeights> weights);

  void reset();  // the state before the first note
  void advance(const NoteInputs& inputs);

  std::span<float> stepLogits();
  // Of `chosen`, each uses what precedes it: step, subBeat, beat, pitchBefore; pitch; duration.
  std::span<float> pitchLogits(const NoteTargets& chosen);
  std::span<float> durationLogits(const NoteTargets& chosen);
  std::span<float> velocityLogits(const NoteTargets& chosen);

 private:
  // relu(the head's share of heads_ + the rows of its table), then its outputs.
  std::span<float> head(int index, const NoteWeights::Head& head,
                        std::span<const std::int64_t> rows, std::vector<float>& out);

  std::shared_ptr<const NoteWeights> weights_;
  std::vector<RecurrentCell> cells_;
  std::vector<std::int64_t> rows_;
  std::vector<float> input_, top_, heads_, inner_;
  std::vector<float> stepOut_, pitchRaw_, pitchOut_, durationOut_, velocityOut_;
};

// `published`: exact over the last kPublishedNotes.
inline constexpr int kPublishedNotes = 25;

class PublishedDecoder {
 public:
  explicit PublishedDecoder(std::shared_ptr<const NoteWeights> weights);

  struct Answer {
    std::span<float> pitchLogits;  // valid until the next call
    float step = 0;                // seconds, may be negative
    float duration = 0;
  };
  struct Input {
    float pitch;  // 0..1
    float step;   // seconds
    float duration;
  };
  void push(const Input& note);
  // Of the note after the last one; at least kPublishedNotes were pushed.
  Answer answer();

 private:
  std::shared_ptr<const NoteWeights> weights_;
  WindowedLstm lstm_;
  std::vector<float> out_;
};

}  // namespace incipit
