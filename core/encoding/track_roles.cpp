#include <algorithm>
#include <array>

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

// Programs whose tracks mostly play several notes at once.
bool isChordal(int program) {
  constexpr int kLastOrgan = 23;
  constexpr int kLastGuitar = 31;
  constexpr int kHarp = 46;
  return isPiano(program) || (program >= 16 && program <= kLastOrgan) ||
         (program > kLastOrgan && program <= kLastGuitar) || program == kHarp;
}

// Of a track by itself.
TrackRole roleAlone(const Track& t) {
  constexpr double kMostlyChords = 1.5;
  if (t.channel == kDrumChannel) return TrackRole::kDrums;
  if (isBass(t.program)) return TrackRole::kBass;
  if (isPad(t.program)) return TrackRole::kPad;
  if (t.notes.empty()) return isChordal(t.program) ? TrackRole::kChords : TrackRole::kMelody;
  return shapeOf(t.notes).notesPerOnset >= kMostlyChords ? TrackRole::kChords : TrackRole::kMelody;
}

// How high a track lies; where it has no notes as its role does.
double heightOf(const Track& t, TrackRole role) {
  if (!t.notes.empty()) return shapeOf(t.notes).meanPitch;
  constexpr double kBassHeight = 43;
  constexpr double kMiddleHeight = 60;
  constexpr double kMelodyHeight = 72;
  if (role == TrackRole::kBass) return kBassHeight;
  return role == TrackRole::kMelody ? kMelodyHeight : kMiddleHeight;
}

// Those of `role`, the highest first.
std::vector<std::size_t> sharing(std::span<const TrackPtr> tracks,
                                 const std::vector<TrackRole>& roles, TrackRole role) {
  std::vector<std::pair<double, std::size_t>> found;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i] == role) found.emplace_back(-heightOf(*tracks[i], role), i);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::size_t> out;
  for (const auto& [height, i] : found) out.push_back(i);
  return out;
}

}  // namespace

std::vector<TrackRole> partRoles(std::span<const TrackPtr> tracks) {
  std::vector<TrackRole> roles;
  std::vector<std::size_t> pianos;
  for (const TrackPtr& t : tracks) {
    roles.push_back(roleAlone(*t));
    const bool piano = isPiano(t->program) && roles.back() != TrackRole::kDrums;
    if (piano && !t->notes.empty()) pianos.push_back(roles.size() - 1);
  }
  if (pianos.size() == 2) {
    const bool firstIsHigher =
        shapeOf(tracks[pianos[0]]->notes).meanPitch >= shapeOf(tracks[pianos[1]]->notes).meanPitch;
    roles[pianos[0]] = firstIsHigher ? TrackRole::kPianoRight : TrackRole::kPianoLeft;
    roles[pianos[1]] = firstIsHigher ? TrackRole::kPianoLeft : TrackRole::kPianoRight;
  }
  const auto taken = [&](TrackRole role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  constexpr std::array kFree{TrackRole::kOther, TrackRole::kChords, TrackRole::kPad,
                             TrackRole::kPianoRight, TrackRole::kPianoLeft};
  for (int r = 0; r < kTrackRoles; ++r) {
    const auto role = static_cast<TrackRole>(r);
    if (role == TrackRole::kDrums) continue;
    std::vector<std::size_t> group = sharing(tracks, roles, role);
    if (group.size() < 2) continue;
    group.erase(group.begin());
    if (!taken(TrackRole::kBass)) {
      roles[group.back()] = TrackRole::kBass;
      group.pop_back();
    }
    for (const std::size_t i : group) {
      const auto free = std::find_if_not(kFree.begin(), kFree.end(), taken);
      if (free != kFree.end()) roles[i] = *free;
    }
  }
  return roles;
}

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
