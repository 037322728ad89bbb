// A sound file as a stream of mono samples at a rate of one's choice.
//
// Thread safety: one thread.
#pragma once

#include <memory>

#include "core/compose/sound.h"

namespace incipit {

// Contract: SoundStudio::open.
Result<std::unique_ptr<SoundReader>> openSoundFile(
    const std::filesystem::path& file, int sampleRate,
    const std::function<void(const std::string&)>& say);

}  // namespace incipit
