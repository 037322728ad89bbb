// Composing with the frame families: frames of keys, of which runs are notes; a key that goes on
// sounding is one note. State is kept from frame to frame: nothing is computed twice.
//
// Rules that hold whatever the network says, beside those of take.h: no silence is longer than a
// bar or half of the range; with startOnBeat, and with no seed, a note starts where the range does;
// with no seed the first frame lies between C3 and C6.
#pragma once

#include <memory>

#include "models/cells.h"
#include "models/family.h"
#include "models/frame_features.h"
#include "models/frame_presets.h"

namespace incipit {

struct FrameWeights {
  FramePreset preset;
  std::vector<float> embedding, given;
  std::vector<RecurrentWeights> grus;
  std::vector<GatedCellWeights> blocks;
  Dense head, out;
};
// Of a checkpoint that frameCheckpoint has passed.
std::shared_ptr<const FrameWeights> frameWeights(const TensorFile& file, const FramePreset& preset);

// One thread's. Spans are valid until the next call of the same function.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::shared_ptr<const FrameWeights> weights);
  // Reads what is known before the next frame.
  void advance(const FrameHistory& history);
  // `serialised`: the logits of kFrameSymbols; what may not follow is -infinity.
  std::span<float> symbolLogits(std::span<const std::uint8_t> chosen);
  // `independent`: the logits of kFrameKeys.
  std::span<float> keyLogits();

 private:
  std::shared_ptr<const FrameWeights> weights_;
  std::vector<RecurrentCell> grus_;
  std::vector<GatedCell> blocks_;
  std::array<const Frame*, kProposals> proposals_{};
  std::vector<std::int64_t> rows_;
  std::vector<float> input_, x_, sum_, head_, inner_, out_, logits_;
};

Result<std::shared_ptr<const Composer>> loadFrameComposer(const TensorFile& checkpoint);

}  // namespace incipit
