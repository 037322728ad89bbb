// The networks of note-lstm for one note at a time, without LibTorch: plain loops over weights kept
// in the order that they are read. Several times faster than the eager network at batch one, and
// the same bits on every processor (see lstm_kernels.h); tested against LibTorch's forward pass.
//
// Thread safety: weights are immutable and may be shared; a decoder is one thread's.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "models/checkpoint.h"
#include "models/note_features.h"

namespace incipit {

// Matrices are transposed: [in][out].
struct NoteWeights {
  NotePreset preset;
  struct Lstm {
    std::vector<float> input, recurrent, bias;
  };
  std::vector<Lstm> layers;
  struct Head {
    std::vector<float> given;  // table that conditions it; empty where nothing does
    std::vector<float> weight, bias;
  };
  std::vector<float> embedding, headsWeight, headsBias;
  Head step, pitch, duration, velocity;
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
  void layer(int index, const float* in, std::int64_t ins);
  // relu(the head's share of heads_ + the rows of its table), then its outputs.
  std::span<float> head(int index, const NoteWeights::Head& head, std::span<const int> rows,
                        std::vector<float>& out);

  std::shared_ptr<const NoteWeights> weights_;
  std::vector<float> input_, gates_, top_, heads_, inner_;
  std::array<std::vector<float>, 2> output_, cell_;
  std::vector<float> stepOut_, pitchRaw_, pitchOut_, durationOut_, velocityOut_;
};

// `published`.
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
  // Starts from zero state at the first of `history`.
  Answer predict(std::span<const Input> history);

 private:
  std::shared_ptr<const NoteWeights> weights_;
  std::vector<float> gates_, output_, cell_, pitchOut_;
};

}  // namespace incipit
