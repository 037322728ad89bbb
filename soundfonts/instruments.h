// The built-in soundfont's melodic instruments and which General MIDI program plays which.
// Thread safety: a free function; the Rng is the caller's.
#pragma once

#include "core/rng.h"
#include "soundfonts/sf2_writer.h"

namespace incipit::tones {

// Adds about twenty instruments and the 128 presets of bank 0.
void addInstruments(sf2::Bank& bank, Rng& rng);

}  // namespace incipit::tones
