#include "models/note_presets.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/encoding/beat_grid.h"
#include "models/note_features.h"

namespace incipit {

Result<NotePreset> presetNamed(const std::string& name) {
  NotePreset p;
  if (name.empty() || name == "published") {
    p.name = "published";
    p.hidden = 128;
    p.window = 1;
    p.batch = 64;
    p.epochs = 50;
    p.examples = 60'000;
    p.rate = 0.005;
    p.epsilon = 1e-7;
    return p;
  }
  if (name == "improved") {
    p.name = name;
    p.hidden = 224;
    p.embedding = 96;
    p.head = 96;
    p.layers = 2;
    p.dropout = 0.1;
    p.window = 128;
    p.batch = 48;
    p.epochs = 20;
    p.examples = 7'200;
    p.freshEachEpoch = true;
    p.augment = true;
    p.rate = 0.003;
    p.warmUpSteps = 150;
    p.weightDecay = 0.01;
    p.clip = 1.0;
    return p;
  }
  return fail(fmt::format("note-lstm has no preset \"{}\": use published or improved", name));
}

std::string presetConfig(const NotePreset& p) {
  return nlohmann::ordered_json{
      {"hidden", p.hidden}, {"embedding", p.embedding}, {"head", p.head}, {"layers", p.layers}}
      .dump();
}

Result<NotePreset> presetOfConfig(const std::string& name, const std::string& config) {
  auto preset = presetNamed(name);
  if (!preset) return preset;
  const auto j = nlohmann::json::parse(config, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail("its configuration is damaged");
  const auto size = [&j](const char* key, int least, int most) -> int {
    const auto it = j.find(key);
    if (it == j.end() || !it->is_number_integer()) return -1;
    const auto v = it->get<std::int64_t>();
    return v < least || v > most ? -1 : static_cast<int>(v);
  };
  const bool published = preset->published();
  preset->hidden = size("hidden", 1, 8192);
  preset->embedding = size("embedding", 0, 8192);
  preset->head = size("head", 0, 8192);
  preset->layers = size("layers", 1, 2);
  if (preset->hidden < 0 || preset->embedding < 0 || preset->head < 0 || preset->layers < 0 ||
      preset->published() != published || (!published && preset->head == 0) ||
      preset->layers != (published ? 1 : 2)) {
    return fail("its configuration is not one of note-lstm");
  }
  return preset;
}

std::string vocabularyJson(const NotePreset& p) {
  if (p.published()) return R"({"encoding":"seconds"})";
  nlohmann::ordered_json j{{"encoding", "beat-grid"},
                           {"units_per_quarter", kUnitsPerQuarter},
                           {"velocity_bins", kVelocityBins},
                           {"lookback_bars", kLookbacks}};
  for (int i = 0; i < kStepBins; ++i) j["steps"].push_back(stepUnits(i));
  for (int i = 0; i < kDurationBins; ++i) j["durations"].push_back(durationUnits(i));
  return j.dump();
}

}  // namespace incipit
