// Gives an engine what models of sound learn from: the program's sound studio.
//
// Thread safety: as Engine.
#pragma once

#include <memory>

#include "core/compose/engine.h"
#include "core/compose/sound.h"

namespace incipit {

// What `loader` loads, whose training and evaluation have the studio where none is named.
EngineLoader withSound(EngineLoader loader, std::shared_ptr<SoundStudio> studio);

}  // namespace incipit
