// The beat grid that models see: onsets in units of 1/24 quarter (which holds 32nds, sextuplets and
// everything coarser exactly), and the bins that steps and durations fall into: every unit up to a
// quarter, then coarser, up to eight bars of 4/4. Velocities fall into 32 bins of four.
//
// Bins are numbered from 0. Any value is accepted: it goes to the bin whose value is nearest, the
// smaller of two. The value of a bin is in that bin. Thread safety: free functions, no state.
#pragma once

#include <array>
#include <cstdint>

#include "core/time/meter_map.h"
#include "core/time/ticks.h"

namespace incipit {

inline constexpr int kUnitsPerQuarter = 24;

inline constexpr int kStepBins = 70;  // the first is 0: the same onset
inline constexpr int kDurationBins = 69;
inline constexpr int kVelocityBins = 32;

int stepBin(std::int64_t units);
int stepUnits(int bin);
int durationBin(std::int64_t units);
int durationUnits(int bin);
// The units from which a bin reaches (the first reaches from -infinity, the last to infinity): what
// a continuous density is integrated between.
double stepBinLow(int bin);
double durationBinLow(int bin);

inline int velocityBin(int velocity) { return velocity / 4; }
inline int velocityOf(int bin) { return bin == 0 ? 1 : bin * 4; }

// Kinds of bar, as models see them.
inline constexpr int kMeterClasses = 12;
int meterClass(int numerator, int denominator);  // the last for any that has no class of its own
struct BarMeter {
  int numerator = 4;
  int denominator = 4;
};
BarMeter meterOfClass(int meter);  // 4/4 for the last

// Where in its bar a unit lies. Bars longer than 8 quarters show the position modulo 8 quarters.
inline constexpr int kBarBeats = 8;

// Units of a position, rounded to the nearest, and back to the tick that is nearest.
std::int64_t unitsOf(Tick t, int ppq);
Tick tickOf(std::int64_t units, int ppq);

}  // namespace incipit
