// Puts the program together: sound, workers, models and the window.
//
// Thread safety: main thread.
#pragma once

#include <memory>

#include "core/compose/jobs.h"
#include "core/playback/player.h"
#include "options.h"
#include "ui/window/services.h"

namespace incipit {

// What outlives the window. Destroyed before QApplication: its workers wake widgets.
struct Parts {
  std::unique_ptr<Player> player;
  std::unique_ptr<JobRunner> jobs;
};

Parts makeParts(const Options& options);
Services makeServices(const Options& options, const Parts& parts);

// Opens the window and runs until it is closed. Returns the exit status.
int runStudio(const Options& options, int& argc, char** argv);

}  // namespace incipit
