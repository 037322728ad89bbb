// The studio's engine, for programs that link it; the desktop program loads the module instead.
#pragma once

#include <memory>

#include "core/compose/engine.h"

namespace incipit {

// Never null. Before any of it computes, see that OPENBLAS_NUM_THREADS is what the program wants:
// libopenblas reads it when it is loaded.
std::unique_ptr<Engine> makeEngine();

}  // namespace incipit
