#include "models/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/note_features.h"

namespace incipit {

std::string metadataOf(const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

std::string exactText(double value) { return fmt::format("{}", value); }

std::string historyJson(const std::vector<EpochRecord>& history) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const EpochRecord& r : history) {
    out.push_back({{"epoch", r.epoch},
                   {"step", r.step},
                   {"examples", r.examples},
                   {"train_loss", r.trainLoss},
                   {"validation_loss", r.validationLoss},
                   {"seconds", r.seconds}});
  }
  return out.dump();
}

std::vector<EpochRecord> historyOf(const std::string& json) {
  std::vector<EpochRecord> out;
  const auto j = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!j.is_array()) return out;
  try {
    for (const auto& r : j) {
      out.push_back({r.at("epoch"), r.at("step"), r.at("examples"), r.at("train_loss"),
                     r.at("validation_loss"), r.at("seconds")});
    }
  } catch (const nlohmann::json::exception&) {
    out.clear();
  }
  return out;
}

TensorShapes expectedTensors(const NotePreset& p) {
  const std::int64_t h = p.hidden;
  const std::int64_t e = p.embedding;
  const std::int64_t k = p.head;
  if (p.published()) {
    return {{"lstm.input", {4 * h, 3}}, {"lstm.recurrent", {4 * h, h}},
            {"lstm.bias", {4 * h}},     {"pitch.weight", {kPitches, h}},
            {"pitch.bias", {kPitches}}, {"step.weight", {1, h}},
            {"step.bias", {1}},         {"duration.weight", {1, h}},
            {"duration.bias", {1}}};
  }
  return {{"embedding", {InputRows::kRows, e}},
          {"lstm1.input", {4 * h, e}},
          {"lstm1.recurrent", {4 * h, h}},
          {"lstm1.bias", {4 * h}},
          {"lstm2.input", {4 * h, h}},
          {"lstm2.recurrent", {4 * h, h}},
          {"lstm2.bias", {4 * h}},
          {"heads.weight", {4 * k, h}},
          {"heads.bias", {4 * k}},
          {"pitch.given", {HeadRows::kPitch, k}},
          {"duration.given", {HeadRows::kDuration, k}},
          {"velocity.given", {HeadRows::kRows, k}},
          {"step.weight", {kStepBins, k}},
          {"step.bias", {kStepBins}},
          {"pitch.weight", {kPitches + kIntervals, k}},
          {"pitch.bias", {kPitches + kIntervals}},
          {"duration.weight", {kDurationBins, k}},
          {"duration.bias", {kDurationBins}},
          {"velocity.weight", {kVelocityDeltas, k}},
          {"velocity.bias", {kVelocityDeltas}}};
}

Result<void> checkTensors(const TensorFile& file, const TensorShapes& expected) {
  for (const auto& [tensor, shape] : expected) {
    const NamedTensor* t = file.find(tensor);
    if (t == nullptr) return fail(fmt::format("tensor \"{}\" is missing", tensor));
    if (t->shape != shape) {
      return fail(fmt::format("tensor \"{}\" has shape [{}], not [{}]", tensor,
                              fmt::join(t->shape, ", "), fmt::join(shape, ", ")));
    }
    if (!std::all_of(t->values.begin(), t->values.end(),
                     [](float v) { return std::isfinite(v); })) {
      return fail(fmt::format("tensor \"{}\" holds what is no number", tensor));
    }
  }
  return {};
}

Result<void> sizesOfConfig(const std::string& config, const std::vector<ConfigSize>& sizes) {
  const auto j = nlohmann::json::parse(config, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail("its configuration is damaged");
  for (const ConfigSize& size : sizes) {
    const auto it = j.find(size.key);
    const bool whole = it != j.end() && it->is_number_integer();
    const std::int64_t value = whole ? it->get<std::int64_t>() : 0;
    if (!whole || value < size.least || value > size.most) {
      return fail(fmt::format("its configuration has no good \"{}\"", size.key));
    }
    *size.into = static_cast<int>(value);
  }
  return {};
}

Result<LoadedCheckpoint> noteCheckpoint(TensorFile file) {
  auto preset = presetOfConfig(metadataOf(file, "preset"), metadataOf(file, "config"));
  if (!preset) return fail(preset.error().message);
  if (auto whole = checkTensors(file, expectedTensors(*preset)); !whole) {
    return fail(whole.error().message);
  }
  return LoadedCheckpoint{std::move(*preset), std::move(file)};
}

}  // namespace incipit
