// models: the families that can be trained and the checkpoints that are installed.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/compose/paths.h"

namespace incipit {
namespace {

Json settingsJson(const std::vector<SettingInfo>& settings) {
  Json out = Json::array();
  for (const SettingInfo& s : settings) {
    Json j = {{"id", s.id}, {"label", s.label}, {"help", s.help}, {"default", s.value}};
    if (s.kind == SettingInfo::Kind::kNumber || s.kind == SettingInfo::Kind::kInteger) {
      j["least"] = s.least;
      j["most"] = s.most;
    }
    for (const auto& [id, label] : s.choices) j["choices"].push_back(id);
    out.push_back(j);
  }
  return out;
}

// "dropout=0.3 window=128"
std::string settingsText(const std::vector<SettingInfo>& settings) {
  std::vector<std::string> all;
  for (const SettingInfo& s : settings) all.push_back(s.id + "=" + s.value);
  return fmt::format("{}", fmt::join(all, " "));
}

void showFamilies(Console& console) {
  const auto engine = engineModuleLoader()();
  if (!engine) {
    console.warning(engine.error().message);
    return;
  }
  console.text("Families to train:");
  for (const FamilyInfo& f : (*engine)->families()) {
    std::string text = fmt::format("  {:<16} {}\n  {:<16} {}", f.id, f.description, "", f.paper);
    Json presets = Json::array();
    for (const PresetInfo& p : f.presets) {
      presets.push_back({{"id", p.id},
                         {"description", p.description},
                         {"epochs", p.epochs},
                         {"examples", p.examples},
                         {"settings", settingsJson(p.settings)}});
      text += fmt::format("\n  {:<16} {}: {}\n  {:<16}   {}", "", p.id, p.description, "",
                          settingsText(p.settings));
    }
    if (!f.settings.empty()) {
      text += fmt::format("\n  {:<16} composing: {}", "", settingsText(f.settings));
    }
    console.result({{"event", "family"},
                    {"id", f.id},
                    {"title", f.title},
                    {"description", f.description},
                    {"paper", f.paper},
                    {"loss_unit", f.lossUnit},
                    {"presets", presets},
                    {"settings", settingsJson(f.settings)}},
                   text);
  }
}

int models(Context& context, bool installedOnly) {
  Console& console = context.console;
  const Catalogue catalogue = listModels(modelFolders());
  console.text("Installed:");
  for (const CheckpointInfo& m : catalogue.models) {
    console.result(
        {{"event", "model"},
         {"name", m.path.stem().string()},
         {"title", m.title},
         {"family", m.family},
         {"preset", m.preset},
         {"parameters", m.parameters},
         {"bytes", m.bytes},
         {"file", m.path.string()}},
        fmt::format("  {:<24} {} ({}), {} parameters, {}\n  {:<24} {}", m.path.stem().string(),
                    m.family, m.preset, grouped(m.parameters), byteSize(m.bytes),
                    m.title == m.path.stem() ? "" : m.title, m.path.lexically_normal().string()));
  }
  if (catalogue.models.empty()) {
    console.text(
        fmt::format("  none; put checkpoints into {}", (dataFolder() / "models").string()));
  }
  for (const std::string& p : catalogue.problems) console.warning(p);
  if (!installedOnly) showFamilies(console);
  return kDone;
}

}  // namespace

Verb addModels(CLI::App& app) {
  auto installedOnly = std::make_shared<bool>(false);
  CLI::App* c = app.add_subcommand("models", "Families to train and installed checkpoints");
  c->add_flag("--installed", *installedOnly,
              "Only the checkpoints; does not load the models module");
  return {c, [installedOnly](Context& context) { return models(context, *installedOnly); }};
}

}  // namespace incipit
