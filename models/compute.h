// What there is to compute with, and how fast it is.
#pragma once

#include "core/compose/engine.h"

namespace incipit {

// Takes a fraction of a second (seconds with the reference BLAS).
ComputeReport measureCompute();

}  // namespace incipit
