// Numbers of MIDI controllers and channel mode messages that playback treats specially, beside
// those of core/score/document.h.
#pragma once

#include "core/score/document.h"

namespace incipit {

inline constexpr Controller kBankSelect = 0;
inline constexpr Controller kBankSelectLow = 32;
inline constexpr Controller kSostenuto = 66;
inline constexpr Controller kAllSoundOff = 120;
inline constexpr Controller kResetControllers = 121;
inline constexpr Controller kAllNotesOff = 123;  // so do the mode messages after it

}  // namespace incipit
