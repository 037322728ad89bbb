// Sound for models: files through libsndfile, music through the scheduler and FluidSynth as an
// audio export has it. All of it is streamed: memory does not grow with the length.
//
// Files are resampled by libsamplerate's sinc of medium quality (-97 dB and better).
// Music has gain 0.5, no effects, and two seconds after its last note.
//
// Thread safety: the studio may be used by several threads; a reader by one.
#pragma once

#include <memory>

#include "core/compose/sound.h"

namespace incipit {

// An empty soundfont is the first that is found.
std::shared_ptr<SoundStudio> makeSoundStudio(std::filesystem::path soundfont = {});

}  // namespace incipit
