#include "models/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/compose/safetensors_header.h"
#include "models/note_features.h"

namespace incipit {
namespace {

std::string metadataOf(const TensorFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

}  // namespace

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

std::vector<std::pair<std::string, std::vector<std::int64_t>>> expectedTensors(
    const NotePreset& p) {
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

Result<LoadedCheckpoint> loadCheckpoint(const std::filesystem::path& file) {
  auto tensors = readTensors(file);
  if (!tensors) return fail(tensors.error().message);
  const std::string name = file.string();
  if (metadataOf(*tensors, "format") != kCheckpointFormat) {
    return fail(fmt::format("{}: is not a checkpoint of Incipit", name));
  }
  const std::string family = metadataOf(*tensors, "family");
  if (family != kNoteLstm) {
    return fail(
        fmt::format("{}: is a checkpoint of family \"{}\", not {}", name, family, kNoteLstm));
  }
  auto preset = presetOfConfig(metadataOf(*tensors, "preset"), metadataOf(*tensors, "config"));
  if (!preset) return fail(fmt::format("{}: {}", name, preset.error().message));
  for (const auto& [tensor, shape] : expectedTensors(*preset)) {
    const NamedTensor* t = tensors->find(tensor);
    if (t == nullptr) return fail(fmt::format("{}: tensor \"{}\" is missing", name, tensor));
    if (t->shape != shape) {
      return fail(fmt::format("{}: tensor \"{}\" has shape [{}], not [{}]", name, tensor,
                              fmt::join(t->shape, ", "), fmt::join(shape, ", ")));
    }
  }
  return LoadedCheckpoint{std::move(*preset), std::move(*tensors)};
}

}  // namespace incipit
