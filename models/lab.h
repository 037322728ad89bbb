// The Lab (core/compose/lab.h) of all families. Thread safety: as Engine.
#pragma once

#include <memory>

#include "core/compose/lab.h"

namespace incipit {

std::unique_ptr<Lab> makeLab();

}  // namespace incipit
