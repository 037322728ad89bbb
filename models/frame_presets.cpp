#include "models/frame_presets.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/frame_features.h"

namespace incipit {

Result<FramePreset> framePresetNamed(const std::string& family, const std::string& name) {
  FramePreset p;
  p.family = family;
  p.name = name.empty() ? "serialised" : name;
  if (!p.gru()) {
    p.hidden = 128;
    p.layers = 7;
  }
  if (p.name != "serialised" && p.name != "independent") {
    return fail(
        fmt::format("{} has no preset \"{}\": use serialised or independent", family, name));
  }
  return p;
}

std::string frameConfig(const FramePreset& p) {
  return nlohmann::ordered_json{{"hidden", p.hidden},
                                {"layers", p.layers},
                                {"head", p.head},
                                {"units_per_frame", p.unitsPerFrame}}
      .dump();
}

Result<FramePreset> frameCheckpoint(const TensorFile& file) {
  auto preset = framePresetNamed(metadataOf(file, "family"), metadataOf(file, "preset"));
  if (!preset) return preset;
  const auto sizes = sizesOfConfig(metadataOf(file, "config"),
                                   {{"hidden", &preset->hidden, 1, 4096},
                                    {"layers", &preset->layers, 1, 16},
                                    {"head", &preset->head, 1, 4096},
                                    {"units_per_frame", &preset->unitsPerFrame, 1, 96}});
  if (!sizes) return fail(sizes.error().message);
  if (auto whole = checkTensors(file, frameTensors(*preset)); !whole) {
    return fail(whole.error().message);
  }
  return preset;
}

TensorShapes frameTensors(const FramePreset& p) {
  const std::int64_t h = p.hidden;
  const std::int64_t k = p.head;
  TensorShapes out{{"embedding", {FrameRows::kRows, h}}};
  for (int i = 1; i <= p.layers; ++i) {
    if (p.gru()) {
      const std::string name = fmt::format("gru{}.", i);
      out.push_back({name + "input", {3 * h, h}});
      out.push_back({name + "recurrent", {3 * h, h}});
      out.push_back({name + "bias", {3 * h}});
    } else {
      const std::string name = fmt::format("block{}.", i);
      out.push_back({name + "gates", {2 * h, 2 * h}});
      out.push_back({name + "gates_bias", {2 * h}});
      out.push_back({name + "out", {2 * h, h}});
      out.push_back({name + "out_bias", {2 * h}});
    }
  }
  out.push_back({"head.weight", {k, h}});
  out.push_back({"head.bias", {k}});
  if (p.serial()) out.push_back({"head.given", {SymbolRows::kRows, k}});
  const std::int64_t outputs = p.serial() ? SymbolLogits::kOutputs : kFrameKeys + kProposals;
  out.push_back({"out.weight", {outputs, k}});
  out.push_back({"out.bias", {outputs}});
  return out;
}

}  // namespace incipit
