// Pictures of the real window, made without a display: for the documentation and for eyes that
// check it.
//
// Thread safety: main thread.
#pragma once

#include "options.h"

namespace incipit {

// Builds the scene, waits for what it needs (a composed take, some training), writes the PNG file
// options.screenshot. Returns the exit status.
int takeScreenshot(const Options& options, int& argc, char** argv);

}  // namespace incipit
