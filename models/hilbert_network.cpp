#include "models/hilbert_network.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "models/hilbert_improved.h"
#include "models/optimiser.h"

namespace incipit {
namespace {

constexpr std::int64_t kKernel = 4;

struct Convolution {
  at::Tensor weights, bias;  // [out, in, k, k], [out]
};

class PublishedNetwork final : public HilbertNetwork {
 public:
  PublishedNetwork(std::uint64_t seed, at::Device device) : HilbertNetwork(device) {
    Rng rng(seed, 9);
    std::int64_t ins = 1;
    for (const std::int64_t outs : {16, 32, 64, 64, 32, 16}) {
      layers_.push_back(addLayer(ins, outs, kKernel, rng));
      ins = outs;
    }
    layers_.push_back(addLayer(ins, 1, 3, rng));
  }

  at::Tensor answer(const at::Tensor& pictures) override {
    at::Tensor x = pictures;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      x = same(x, layers_[i]);
      if (i + 1 == layers_.size()) break;
      x = at::relu(x);
      x = i < 3 ? at::max_pool2d(x, {2, 2}) : twice(x);
    }
    return at::sigmoid(x);
  }

  at::Tensor loss(const at::Tensor& heard, const at::Tensor& wanted) override {
    // One picture after another: its layers then stay in the processor's cache.
    at::Tensor sum;
    for (std::int64_t i = 0; i < heard.size(0); ++i) {
      const at::Tensor own =
          at::mse_loss(answer(heard.slice(0, i, i + 1)), wanted.slice(0, i, i + 1));
      sum = sum.defined() ? sum + own : own;
    }
    return sum / static_cast<double>(heard.size(0));
  }

  std::int64_t bottleneck() const override { return 64 * 32 * 32; }

 private:
  Convolution addLayer(std::int64_t ins, std::int64_t outs, std::int64_t kernel, Rng& rng) {
    const std::string name = fmt::format("conv{}.", layers_.size() + 1);
    const double bound = glorot(ins * kernel * kernel, outs * kernel * kernel);
    return {add(name + "weight", {outs, ins, kernel, kernel}, bound, rng),
            add(name + "bias", {outs}, 0, rng)};
  }
  // Of an even kernel the one row and column more lie after.
  static at::Tensor same(const at::Tensor& x, const Convolution& c) {
    const std::int64_t all = c.weights.size(3) - 1;
    const std::int64_t before = all / 2;
    return at::conv2d(at::constant_pad_nd(x, {before, all - before, before, all - before}),
                      c.weights, c.bias);
  }
  static at::Tensor twice(const at::Tensor& x) {
    return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  }

  std::vector<Convolution> layers_;
};

}  // namespace

std::string hilbertConfig(const HilbertPreset& p) {
  if (p.published()) return "{}";
  return nlohmann::ordered_json{{"width", p.width}, {"layers", p.layers}}.dump();
}

Result<HilbertPreset> hilbertCheckpoint(const TensorFile& file) {
  HilbertPreset p;
  p.name = metadataOf(file, "preset");
  if (p.name != "published" && p.name != "improved") {
    return fail(fmt::format("{} has no preset \"{}\"", kHilbertAe, p.name));
  }
  if (!p.published()) {
    const auto sizes = sizesOfConfig(metadataOf(file, "config"),
                                     {{"width", &p.width, 8, 2048}, {"layers", &p.layers, 1, 24}});
    if (!sizes) return fail(sizes.error().message);
  }
  TensorShapes shapes;
  const auto network = makeHilbertNetwork(p, 1, at::kCPU);
  for (const auto& [name, t] : network->parameters()) {
    shapes.emplace_back(name, t.sizes().vec());
  }
  if (auto whole = checkTensors(file, shapes); !whole) return fail(whole.error().message);
  return p;
}

std::unique_ptr<HilbertNetwork> makeHilbertNetwork(const HilbertPreset& preset, std::uint64_t seed,
                                                   at::Device device) {
  if (preset.published()) return std::make_unique<PublishedNetwork>(seed, device);
  return makeImprovedHilbert(preset, seed, device);
}

}  // namespace incipit
