// doctor: whether everything that Incipit needs is here, and how fast it is.
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "app/common/engine_module.h"
#include "app/common/machine.h"
#include "app/incipit_cli/support.h"
#include "core/compose/paths.h"
#include "soundfonts/soundfonts.h"
#ifdef INCIPIT_PLAYBACK
#include "core/playback/midi/midi_names.h"
#include "core/playback/midi/midi_ports.h"
#include "core/playback/studio_player.h"
#endif

namespace incipit {
namespace fs = std::filesystem;
namespace {

enum class State { kGood, kWarning, kMissing };

class Examination {
 public:
  explicit Examination(Console& console) : console_(console) {}

  void finding(State state, const std::string& what, const std::string& found) {
    const char* name = state == State::kGood      ? "ok"
                       : state == State::kWarning ? "warning"
                                                  : "missing";
    missing_ = missing_ || state == State::kMissing;
    console_.result({{"event", "finding"}, {"what", what}, {"state", name}, {"found", found}},
                    fmt::format("{:<8} {:<12} {}", name, what, found));
  }
  bool missing() const { return missing_; }

 private:
  Console& console_;
  bool missing_ = false;
};

void examineEngine(Examination& e) {
  const auto engine = engineModuleLoader()();
  if (!engine) {
    e.finding(State::kMissing, "engine", engine.error().message);
    return;
  }
  const ComputeReport report = (*engine)->compute();
  e.finding(State::kGood, "engine",
            fmt::format("{}, {}", report.library, engineModulePath().lexically_normal().string()));
  e.finding(State::kGood, "devices", fmt::format("{}", fmt::join(report.devices, ", ")));
  e.finding(report.warning.empty() ? State::kGood : State::kWarning, "BLAS",
            fmt::format("{}, {:.0f} GFLOP/s on {} thread{}{}{}", report.blas, report.gflops,
                        report.threads, report.threads == 1 ? "" : "s",
                        report.warning.empty() ? "" : "; ", report.warning));
}

void examineModels(Examination& e) {
  const Catalogue catalogue = listModels(modelFolders());
  for (const CheckpointInfo& m : catalogue.models) {
    e.finding(State::kGood, "model",
              fmt::format("{} ({}, {} parameters)", m.title, m.family, grouped(m.parameters)));
  }
  for (const std::string& p : catalogue.problems) e.finding(State::kWarning, "model", p);
  if (catalogue.models.empty()) {
    e.finding(State::kMissing, "model",
              fmt::format("none is installed; train one with incipit-cli train, or copy one to {}",
                          (dataFolder() / "models").string()));
  }
}

void examineSound(Examination& e) {
  const auto soundfonts = findSoundfonts();
  for (const SoundfontInfo& s : soundfonts) {
    e.finding(State::kGood, "soundfont",
              fmt::format("{} ({} presets, {})", s.path.lexically_normal().string(), s.presets,
                          byteSize(s.bytes)));
  }
  if (soundfonts.empty()) {
    e.finding(State::kMissing, "soundfont", "none found; install timgm6mb-soundfont");
  }
#ifdef INCIPIT_PLAYBACK
  const auto drivers = makePlayer()->drivers();
  e.finding(drivers.empty() ? State::kWarning : State::kGood, "audio",
            drivers.empty() ? "no driver; playing is silent, rendering to files works"
                            : fmt::format("drivers: {}", fmt::join(drivers, ", ")));
#else
  e.finding(State::kWarning, "audio", "this build has no sound (INCIPIT_PLAYBACK is off)");
#endif
}

void examineMidi(Examination& e) {
#ifdef INCIPIT_PLAYBACK
  std::vector<std::string> missing;
  bool any = false;
  for (const std::string& name : midiSystems()) {
    const auto system = openMidiSystem(name);
    if (!system) {
      missing.push_back(system.error().message);
      continue;
    }
    any = true;
    e.finding(State::kGood, "MIDI", name);
    for (const std::string& port : othersPorts((*system)->inputs())) {
      e.finding(State::kGood, "MIDI input", fmt::format("{} ({})", port, name));
    }
    for (const std::string& port : othersPorts((*system)->outputs())) {
      e.finding(State::kGood, "MIDI output", fmt::format("{} ({})", port, name));
    }
  }
  // One is enough.
  for (const std::string& why : missing) {
    e.finding(any ? State::kGood : State::kWarning, "MIDI", why);
  }
  const std::string late = MidiOut().priorityProblem();
  e.finding(late.empty() ? State::kGood : State::kWarning, "real time",
            late.empty() ? "MIDI is sent with real-time priority" : late);
#else
  e.finding(State::kWarning, "MIDI", "this build has no MIDI devices (INCIPIT_PLAYBACK is off)");
#endif
}

void examineFolders(Examination& e) {
  const std::pair<const char*, fs::path> folders[] = {{"settings", configFolder()},
                                                      {"data", dataFolder()},
                                                      {"cache", cacheFolder()},
                                                      {"state", stateFolder()}};
  for (const auto& [what, folder] : folders) {
    // The nearest folder that exists must let us in: the others are made when they are needed.
    fs::path there = folder;
    std::error_code ignored;
    while (!fs::exists(there, ignored) && there.has_relative_path()) there = there.parent_path();
    const bool writable = access(there.c_str(), W_OK | X_OK) == 0;
    e.finding(writable ? State::kGood : State::kWarning, what,
              writable ? folder.string()
                       : fmt::format("{}: {} cannot be written", folder.string(), there.string()));
  }
}

int doctor(Context& context) {
  Examination e(context.console);
  e.finding(State::kGood, "version", "Incipit " INCIPIT_VERSION);
  e.finding(State::kGood, "machine", machineLine());
  examineEngine(e);
  examineModels(e);
  examineSound(e);
  examineMidi(e);
  examineFolders(e);
  return e.missing() ? kFailed : kDone;
}

}  // namespace

Verb addDoctor(CLI::App& app) {
  CLI::App* c = app.add_subcommand("doctor",
                                   "Devices, BLAS speed, audio drivers, soundfonts, MIDI ports, "
                                   "models (status 1: one is missing)");
  return {c, doctor};
}

}  // namespace incipit
