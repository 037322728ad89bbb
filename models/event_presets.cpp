#include "models/event_presets.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace incipit {
namespace {

EventRoles rolesOfText(const std::string& text) {
  EventRoles roles;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (const auto role = roleNamed(text.substr(at, comma - at))) {
      roles.set(static_cast<std::size_t>(*role));
    }
    at = comma + 1;
  }
  return roles;
}

}  // namespace

Result<EventPreset> eventPresetNamed(const std::string& name) {
  EventPreset preset;
  if (!name.empty() && name != preset.name) {
    return fail(fmt::format("{} has no preset \"{}\": use {}", kEventLstm, name, preset.name));
  }
  return preset;
}

std::string eventConfig(const EventPreset& p) {
  return nlohmann::ordered_json{{"hidden", p.hidden}, {"layers", p.layers}, {"window", p.window}}
      .dump();
}

std::string eventVocabulary() { return R"({"encoding":"events-1"})"; }

std::string rolesText(EventRoles roles) {
  std::string out;
  for (std::size_t r = 0; r < kTrackRoles; ++r) {
    if (!roles[r]) continue;
    out += (out.empty() ? "" : ",") + std::string(roleName(static_cast<TrackRole>(r)));
  }
  return out;
}

Result<EventCheckpoint> eventCheckpoint(const TensorFile& file) {
  auto preset = eventPresetNamed(metadataOf(file, "preset"));
  if (!preset) return fail(preset.error().message);
  const auto sizes =
      sizesOfConfig(metadataOf(file, "config"), {{"hidden", &preset->hidden, 1, 4096},
                                                 {"layers", &preset->layers, 1, 16},
                                                 {"window", &preset->window, 8, 65536}});
  if (!sizes) return fail(sizes.error().message);
  if (metadataOf(file, "vocabulary") != eventVocabulary()) {
    return fail("its vocabulary is not that of this version");
  }
  if (auto whole = checkTensors(file, eventTensors(*preset)); !whole) {
    return fail(whole.error().message);
  }
  const EventRoles heard = rolesOfText(metadataOf(file, "roles"));
  if (heard.none()) return fail("it does not say which tracks it was trained on");
  return EventCheckpoint{std::move(*preset), heard};
}

TensorShapes eventTensors(const EventPreset& p) {
  const std::int64_t h = p.hidden;
  TensorShapes out{{"embedding", {EventRows::kRows, h}}};
  for (int i = 1; i <= p.layers; ++i) {
    const std::string name = fmt::format("lstm{}.", i);
    out.push_back({name + "input", {4 * h, h}});
    out.push_back({name + "recurrent", {4 * h, h}});
    out.push_back({name + "bias", {4 * h}});
  }
  out.push_back({"out.weight", {EventLogits::kOutputs, h}});
  out.push_back({"out.bias", {EventLogits::kOutputs}});
  return out;
}

}  // namespace incipit
