// models: the families that can be trained and the checkpoints that are installed.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/compose/paths.h"

namespace incipit {
namespace {

void showFamilies(Console& console) {
  const auto engine = engineModuleLoader()();
  if (!engine) {
    console.warning(engine.error().message);
    return;
  }
  console.text("Families to train:");
  for (const FamilyInfo& f : (*engine)->families()) {
    console.result({{"event", "family"},
                    {"id", f.id},
                    {"description", f.description},
                    {"paper", f.paper},
                    {"presets", f.presets}},
                   fmt::format("  {:<16} {}\n  {:<16} presets: {}\n  {:<16} {}", f.id,
                               f.description, "", fmt::join(f.presets, ", "), "", f.paper));
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
