// A small corpus of several tracks with something to learn: a tune, its chords, a bass on their
// roots and a steady beat.
#pragma once

#include <filesystem>
#include <string>

#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "core/rng.h"

namespace incipit {

// Tracks: flute, guitar, bass, drums, in 4/4.
inline Document toyBand(std::uint64_t seed, int bars, bool drums = true) {
  Rng rng(seed);
  Document d;
  d = addTrack(d, "flute", 73).document;
  d = addTrack(d, "guitar", 24).document;
  d = addTrack(d, "bass", 33).document;
  if (drums) d = addTrack(d, "drums", 0, true).document;
  const int key = 48 + static_cast<int>(rng.below(7));
  constexpr int kRoots[4] = {0, 5, 7, 0};
  const auto add = [&](std::size_t track, int start, int length, int pitch) {
    Note n;
    n.start = {start};
    n.length = {length};
    n.pitch = static_cast<std::uint8_t>(pitch);
    d = addNotes(d, d.tracks[track]->id, std::span(&n, 1)).document;
  };
  for (int bar = 0; bar < bars; ++bar) {
    const int at = bar * 3840;
    const int root = key + kRoots[bar % 4];
    for (int i = 0; i < 4; ++i) add(0, at + i * 960, 960, root + 24 + (i % 3) * 4);
    for (const int third : {0, 4, 7}) add(1, at, 3840, root + 12 + third);
    add(2, at, 1920, root - 12);
    add(2, at + 1920, 1920, root - 5);
    for (int i = 0; drums && i < 4; ++i) add(3, at + i * 960, 240, i % 2 == 0 ? 36 : 38);
  }
  return d;
}

inline void writeToyBands(const std::filesystem::path& folder, int pieces, bool drums = true) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < pieces; ++i) {
    const auto written = writeMidiFile(toyBand(static_cast<std::uint64_t>(i), 6 + i, drums),
                                       folder / ("band" + std::to_string(i) + ".mid"));
    if (!written) qFatal("%s", written.error().message.c_str());
  }
}

}  // namespace incipit
