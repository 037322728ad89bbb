#include "core/compose/request_json.h"

#include <nlohmann/json.hpp>

namespace incipit {

std::string settingsJson(const ComposeRequest& r) {
  return nlohmann::ordered_json{{"model", r.checkpoint.filename().string()},
                                {"from", r.from.count},
                                {"bars", r.bars},
                                {"temperature", r.temperature},
                                {"top_p", r.topP},
                                {"seed", r.seed},
                                {"take", r.take},
                                {"start_on_beat", r.startOnBeat},
                                {"settings", r.settings}}
      .dump();
}

Result<ComposeRequest> requestOf(const GeneratedRegion& region) {
  const auto j = nlohmann::json::parse(region.settings, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail("generated region: its settings are not JSON");
  ComposeRequest r;
  try {
    r.track = region.track;
    r.checkpoint = j.value("model", std::string());
    r.from = {j.value("from", region.range.from.count)};
    r.bars = j.value("bars", r.bars);
    r.temperature = j.value("temperature", r.temperature);
    r.topP = j.value("top_p", r.topP);
    r.seed = j.value("seed", r.seed);
    r.take = j.value("take", r.take);
    r.startOnBeat = j.value("start_on_beat", false);
    r.settings = j.value("settings", Settings());
    r.context = region.context;
  } catch (const nlohmann::json::exception& e) {
    return fail(std::string("generated region: ") + e.what());
  }
  return r;
}

}  // namespace incipit
