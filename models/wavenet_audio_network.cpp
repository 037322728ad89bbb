#include "models/wavenet_audio_network.h"

#include <fmt/format.h>

namespace incipit {

WavenetAudioNetwork::WavenetAudioNetwork(const WavenetAudioPreset& p, std::uint64_t seed,
                                         at::Device device)
    : Network(device) {
  Rng rng(seed, 10);
  const std::int64_t w = p.width;
  const auto matrix = [&](const std::string& name, std::int64_t out, std::int64_t in) {
    return add(name, {out, in}, glorot(in, out), rng);
  };
  embedding_ = add("embedding", {kSampleClasses, w}, 0.3, rng);
  if (p.notes()) {
    cuesWeights_ = add("cues.weight", {w, static_cast<std::int64_t>(kNoteCues)}, 1, rng);
    cuesBias_ = add("cues.bias", {w}, 0, rng);
  }
  for (int i = 1; i <= p.layers; ++i) {
    const std::string name = fmt::format("block{}.", i);
    blocks_.push_back({matrix(name + "gates", 2 * w, 2 * w),
                       add(name + "gates_bias", {2 * w}, 0, rng), matrix(name + "out", 2 * w, w),
                       add(name + "out_bias", {2 * w}, 0, rng)});
  }
  headWeights_ = matrix("head.weight", p.head, w);
  headBias_ = add("head.bias", {p.head}, 0, rng);
  outWeights_ = matrix("out.weight", kSampleClasses, p.head);
  outBias_ = add("out.bias", {kSampleClasses}, 0, rng);
}

at::Tensor WavenetAudioNetwork::logits(const at::Tensor& before, const at::Tensor& cues) const {
  const std::int64_t width = embedding_.size(1);
  const std::int64_t steps = before.size(0);
  const std::int64_t batch = before.size(1);
  at::Tensor x = embedding_.index_select(0, before.flatten()).view({steps, batch, width});
  if (cuesWeights_.defined()) {
    x = x + linear(cues.flatten(0, 1), cuesWeights_, cuesBias_).view({steps, batch, width});
  }
  at::Tensor sum = x;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const GatedOutput out = gatedConvolution(x, blocks_[i], std::int64_t{1} << i);
    x = out.next;
    sum = sum + out.skip;
  }
  const at::Tensor head =
      at::relu(linear(at::relu(sum).view({-1, width}), headWeights_, headBias_));
  return linear(head, outWeights_, outBias_).view({steps, batch, kSampleClasses});
}

}  // namespace incipit
