// Live playback under measurement: how exactly MIDI and sound leave, how soon a key is heard, how
// well a recording is placed, and whether anything drops while a model trains beside it.
#include <fmt/core.h>

#include <chrono>

#include "app/incipit_cli/bench_figures.h"
#ifdef INCIPIT_PLAYBACK
#include "app/incipit_cli/bench_live_load.h"
#include "app/incipit_cli/bench_live_phases.h"
#include "app/incipit_cli/bench_live_rig.h"
#endif

namespace incipit {
#ifdef INCIPIT_PLAYBACK

Result<Figures> benchLive(const BenchSetting& setting) {
  LiveRig rig;
  if (auto ready = rig.start(); !ready) return fail(ready.error().message);
  const std::chrono::duration<double> length(setting.minutes * 60);

  Figures figures;
  const auto add = [&](Result<Figures> part) -> Result<void> {
    if (!part) return fail(part.error().message);
    figures.insert(figures.end(), part->begin(), part->end());
    return {};
  };
  for (const auto& phase :
       {measureOnsets, measureKeys, measureRecording, measureStuckNotes, measureUnplugging}) {
    if (auto done = add(phase(rig, setting.stop)); !done) return fail(done.error().message);
    if (setting.stop.stop_requested()) return figures;
  }
  if (auto done = add(measureJitter(rig, "idle", length, nullptr, setting.stop)); !done) {
    return fail(done.error().message);
  }
  LiveLoad load;
  if (auto busy = load.start(setting.stop); !busy) {
    figures.push_back({"without a model beside it: " + busy.error().message, 0, ""});
    return figures;
  }
  if (auto done = add(measureJitter(rig, "training", length, &load, setting.stop)); !done) {
    return fail(done.error().message);
  }
  return figures;
}

#else
Result<Figures> benchLive(const BenchSetting& /*setting*/) {
  return fail("this incipit-cli is built without sound");
}
#endif

}  // namespace incipit
