#include "studio.h"

#include <QApplication>
#include <QProcess>
#include <cstdio>

#include "app/common/engine_module.h"
#include "app/common/sounding_engine.h"
#include "core/compose/paths.h"
#include "soundfonts/soundfonts.h"
#include "ui/window/main_window.h"
#include "unix_signals.h"
#ifdef INCIPIT_PLAYBACK
#include "core/playback/audio/audio_export.h"
#include "core/playback/audio/sound_studio.h"
#include "core/playback/studio_player.h"
#endif

namespace incipit {
namespace {

EngineLoader noEngine() {
  return []() -> Result<std::unique_ptr<Engine>> {
    return fail("Models are off in safe mode: start incipit without --safe-mode.");
  };
}

EngineLoader soundingEngine() {
#ifdef INCIPIT_PLAYBACK
  return withSound(engineModuleLoader(), makeSoundStudio());
#else
  return engineModuleLoader();
#endif
}

std::vector<SoundfontChoice> installedSoundfonts() {
  std::vector<SoundfontChoice> list;
  for (const SoundfontInfo& s : findSoundfonts()) list.push_back({s.path, s.name, s.bytes});
  return list;
}

}  // namespace

Parts makeParts(const Options& options) {
  Parts parts;
#ifdef INCIPIT_PLAYBACK
  parts.player = makePlayer();
#endif
  parts.jobs = std::make_unique<JobRunner>(options.safeMode ? noEngine() : soundingEngine());
  return parts;
}

Services makeServices(const Options& options, const Parts& parts) {
  Services s;
  s.player = parts.player.get();
  s.jobs = parts.jobs.get();
#ifdef INCIPIT_PLAYBACK
  s.exportAudio = exportAudio;
  s.sound = makeSoundStudio(options.soundfont.value_or(std::filesystem::path()));
#endif
  s.soundfonts = installedSoundfonts;
  s.models = [] { return listModels(modelFolders()); };
  s.soundfont = options.soundfont;
  s.audioDriver = options.audioDriver;
  s.audio = !options.noAudio && !options.safeMode;
  s.restore = !options.safeMode;
  if (options.safeMode) s.warmUpAfter = std::chrono::milliseconds(-1);
  return s;
}

int runStudio(const Options& options, int& argc, char** argv) {
  QApplication app(argc, argv);
  QApplication::setApplicationName("incipit");
  QApplication::setApplicationDisplayName("Incipit");
  QApplication::setDesktopFileName("io.github.incipit.incipit");
  const Parts parts = makeParts(options);
  MainWindow window(makeServices(options, parts));
  if (!options.theme.empty()) {
    Preferences p = window.preferences();
    p.dark = options.theme == "dark";
    window.setPreferences(p);
  }
  if (!options.files.empty()) {
    window.files().open(options.files.front());
  } else if (options.demo) {
    window.files().open(resourcePath("demos/demo-seed.mid"));
  }
  for (std::size_t i = 1; i < options.files.size(); ++i) {
    // One document, one sound device and one set of workers belong to a process.
    QProcess::startDetached(QApplication::applicationFilePath(),
                            {QString::fromStdString(options.files[i].string())});
  }
  const UnixSignals signals([&window] { window.closeForSignal(); });
  window.show();
  return QApplication::exec();
}

}  // namespace incipit
