// What can be said of a piece at a glance, and how a whole corpus is distributed, as plain values
// for tables and plots.
//
// Thread safety: values and free functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/corpus/histogram.h"
#include "core/score/document.h"
#include "core/theory/scale.h"

namespace incipit {

struct PieceFacts {
  std::int64_t notes = 0;  // drums included
  double seconds = 0;      // to the end of the last note
  double quarters = 0;
  int tracks = 0;                      // that hold notes
  std::vector<std::uint8_t> programs;  // of melodic tracks, ascending, each once
  bool drums = false;
  Scale key;               // estimated from the melodic notes
  double bpm = 120;        // quarters a minute on average
  int meterNumerator = 4;  // the first meter
  int meterDenominator = 4;
  double density = 0;    // notes a second
  double polyphony = 0;  // melodic notes that sound at once on average, where any does
  int lowest = 0;        // melodic pitches; 0 and 0 where there is none
  int highest = 0;

  bool operator==(const PieceFacts&) const = default;
};

PieceFacts factsOf(const Document& document);

// Length, notes, tempo, density, polyphony, tracks, key, instruments: one count a
// piece (for instruments one a program of a piece).
std::vector<Histogram> histogramsOf(const std::vector<const PieceFacts*>& pieces);

}  // namespace incipit
