#include <algorithm>

#include "core/encoding/event_tokens.h"

namespace incipit {
namespace {

struct Shape {
  double meanPitch = 0;
  double notesPerOnset = 0;
};

Shape shapeOf(const NoteList& notes) {
  Shape s;
  double onsets = 0;
  Tick last{-1};
  for (const Note& n : notes) {
    s.meanPitch += n.pitch;
    onsets += n.start == last ? 0 : 1;
    last = n.start;
  }
  const auto count = static_cast<double>(notes.size());
  s.meanPitch /= count;
  s.notesPerOnset = count / onsets;
  return s;
}

// General MIDI programs, counted from 0.
bool isPiano(int program) { return program <= 7; }
bool isBass(int program) {
  constexpr int kContrabass = 43;
  constexpr int kTuba = 58;
  return (program >= 32 && program <= 39) || program == kContrabass || program == kTuba;
}
bool isPad(int program) {
  return (program >= 48 && program <= 54) || (program >= 88 && program <= 95);
}

}  // namespace

std::vector<TrackRole> rolesOf(const Document& document) {
  std::vector<TrackRole> roles(document.tracks.size(), TrackRole::kOther);
  std::vector<std::pair<double, std::size_t>> pianos;  // by pitch
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const Track& t = *document.tracks[i];
    if (t.channel == kDrumChannel) {
      roles[i] = TrackRole::kDrums;
      continue;
    }
    if (t.notes.empty()) continue;
    const Shape shape = shapeOf(t.notes);
    constexpr double kMostlyChords = 1.5;
    if (isPiano(t.program)) pianos.emplace_back(shape.meanPitch, i);
    if (isBass(t.program)) {
      roles[i] = TrackRole::kBass;
    } else if (isPad(t.program)) {
      roles[i] = TrackRole::kPad;
    } else {
      roles[i] = shape.notesPerOnset >= kMostlyChords ? TrackRole::kChords : TrackRole::kMelody;
    }
  }
  if (pianos.size() >= 2) {
    std::sort(pianos.begin(), pianos.end());
    roles[pianos[pianos.size() - 1].second] = TrackRole::kPianoRight;
    roles[pianos[pianos.size() - 2].second] = TrackRole::kPianoLeft;
  }
  return roles;
}

}  // namespace incipit
