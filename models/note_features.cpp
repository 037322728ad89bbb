#include "models/note_features.h"

#include <algorithm>

namespace incipit {
namespace {

constexpr int kVelocityWithout = 80;

// The note that followed the moment `moment` (a position, and how many of its chord were already
// there), or null.
const EncodedNote* following(std::span<const EncodedNote> notes, std::int64_t moment,
                             std::size_t passed) {
  const auto begin =
      std::lower_bound(notes.begin(), notes.end(), moment,
                       [](const EncodedNote& n, std::int64_t onset) { return n.onset < onset; });
  auto at = begin;
  while (at != notes.end() && passed > 0 && at->onset == moment) {
    ++at;
    --passed;
  }
  return at == notes.end() ? nullptr : &*at;
}

}  // namespace

int shiftedPitch(int pitch, const Shift& s) { return std::clamp(pitch + s.semitones, 0, 127); }
int shiftedVelocityBin(int velocity, const Shift& s) {
  return std::clamp(velocityBin(velocity) + s.velocityBins, 0, kVelocityBins - 1);
}

int intervalIndex(int pitch, int pitchBefore) {
  return std::clamp(pitch - pitchBefore, -(kIntervals / 2), kIntervals / 2) + kIntervals / 2;
}

NoteInputs inputsBefore(std::span<const EncodedNote> notes, std::size_t first,
                        const BarStart& start, std::int32_t soundingEnd, const Shift& shift) {
  using R = InputRows;
  NoteInputs in{R::kPitch + kPitches,
                R::kStep + kStepBins,
                R::kDuration + kDurationBins,
                R::kVelocity + kVelocityBins,
                R::kSubBeat,
                R::kBeat,
                R::kMeter + start.meter,
                R::kSounding + kDurationBins};
  std::int64_t now = start.onset;
  int bar = start.length;
  std::size_t passed = 0;  // notes of the present chord
  if (notes.size() > first) {
    const EncodedNote& last = notes.back();
    const int step = notes.size() > first + 1 ? last.onset - notes[notes.size() - 2].onset
                                              : last.onset - start.onset;
    now = last.onset;
    bar = last.barLength;
    in[0] = R::kPitch + shiftedPitch(last.pitch, shift);
    in[1] = R::kStep + stepBin(step);
    in[2] = R::kDuration + durationBin(last.duration);
    in[3] = R::kVelocity + shiftedVelocityBin(last.velocity, shift);
    in[4] = R::kSubBeat + subBeatOf(last.barPosition);
    in[5] = R::kBeat + beatOf(last.barPosition);
    in[6] = R::kMeter + last.meter;
    if (soundingEnd > last.onset) in[7] = R::kSounding + durationBin(soundingEnd - last.onset);
    for (std::size_t i = notes.size(); i-- > 0 && notes[i].onset == last.onset;) ++passed;
  }
  for (int k = 0; k < kLookbacks; ++k) {
    const std::int64_t moment = now - std::int64_t{k + 1} * bar;
    const EncodedNote* found = moment < 0 ? nullptr : following(notes, moment, passed);
    const int base = R::kLookback + k * R::kLookbackSize;
    const int steps = base + kPitches + 1;
    const int durations = steps + kStepBins + 1;
    const auto at = static_cast<std::size_t>(8 + 3 * k);
    // What lies after the present moment is no memory of a bar ago.
    const bool known = found != nullptr && found->onset - moment < 2LL * bar;
    in[at] = base + (known ? shiftedPitch(found->pitch, shift) : kPitches);
    in[at + 1] = steps + (known ? stepBin(found->onset - moment) : kStepBins);
    in[at + 2] = durations + (known ? durationBin(found->duration) : kDurationBins);
  }
  return in;
}

NoteTargets targetsOf(const EncodedNote* before, const EncodedNote& note, const Shift& shift) {
  NoteTargets t;
  t.step = stepBin(before != nullptr ? note.onset - before->onset : note.barPosition);
  t.subBeat = subBeatOf(note.barPosition);
  t.beat = beatOf(note.barPosition);
  t.pitch = shiftedPitch(note.pitch, shift);
  t.duration = durationBin(note.duration);
  const int velocityBefore = before != nullptr ? shiftedVelocityBin(before->velocity, shift)
                                               : velocityBin(kVelocityWithout);
  t.velocity = shiftedVelocityBin(note.velocity, shift) - velocityBefore + kVelocityBins - 1;
  if (before != nullptr) {
    t.pitchBefore = shiftedPitch(before->pitch, shift);
    if (t.step == 0 && t.pitchBefore < t.pitch) t.excluded = t.pitchBefore;
  }
  return t;
}

}  // namespace incipit
