// The two C functions by which the desktop program takes an engine from the module.
#include "models/engine.h"

#define INCIPIT_EXPORT __attribute__((visibility("default")))

extern "C" {

INCIPIT_EXPORT int incipit_engine_version() { return incipit::kEngineVersion; }

// The caller owns the engine.
INCIPIT_EXPORT incipit::Engine* incipit_engine_create() { return incipit::makeEngine().release(); }
}
