#include "core/corpus/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace incipit {
namespace {

struct ProgramRange {
  int first, last;
  PitchRange range;
};

// Sounding pitches. Programs that are not listed play everything.
constexpr ProgramRange kRanges[] = {
    {0, 5, {21, 108}},   {6, 6, {29, 89}},    {7, 7, {36, 96}},    {8, 8, {60, 108}},
    {9, 9, {72, 108}},   {10, 10, {60, 108}}, {11, 11, {53, 89}},  {12, 12, {45, 96}},
    {13, 13, {65, 108}}, {14, 14, {60, 77}},  {15, 15, {60, 84}},  {16, 20, {24, 108}},
    {21, 23, {41, 96}},  {24, 31, {40, 88}},  {32, 37, {23, 67}},  {40, 40, {55, 103}},
    {41, 41, {48, 91}},  {42, 42, {36, 84}},  {43, 43, {23, 67}},  {44, 45, {28, 103}},
    {46, 46, {24, 103}}, {47, 47, {36, 57}},  {48, 49, {28, 103}}, {52, 53, {36, 84}},
    {56, 56, {52, 84}},  {57, 57, {34, 75}},  {58, 58, {26, 65}},  {59, 59, {52, 84}},
    {60, 60, {34, 77}},  {61, 61, {34, 84}},  {64, 64, {56, 88}},  {65, 65, {49, 81}},
    {66, 66, {44, 76}},  {67, 67, {36, 69}},  {68, 68, {58, 91}},  {69, 69, {52, 81}},
    {70, 70, {34, 75}},  {71, 71, {50, 94}},  {72, 72, {74, 108}}, {73, 73, {59, 98}},
    {74, 74, {60, 96}},  {75, 75, {60, 96}}};

bool melodic(const Track& t) { return t.channel != kDrumChannel && !t.notes.empty(); }

std::uint8_t clampedVelocity(int velocity) {
  return static_cast<std::uint8_t>(std::clamp(velocity, 1, 127));
}

int noisySemitones(Rng& rng, bool rounded) {
  const double z = standardNormal(rng);
  return static_cast<int>(rounded ? std::round(z) : std::trunc(z));
}

Track augmentedTrack(const Track& track, const Augmentation& a, Rng& noise) {
  Track out = track;
  const bool pitched = melodic(track);
  const PitchRange range = instrumentRange(track.program);
  std::vector<Note> notes = track.notes.toVector();
  for (Note& n : notes) {
    n.velocity = clampedVelocity(n.velocity + a.velocity);
    if (!pitched) continue;
    int pitch = n.pitch + a.transpose;
    if (a.noisyNotes > 0 && noise.uniform() < a.noisyNotes) {
      const int semitones = noisySemitones(noise, a.roundNoise);
      // A note that is outside its range already may come nearer, not go further.
      const int low = std::min(range.low, pitch);
      const int high = std::max(range.high, pitch);
      pitch = std::clamp(pitch + semitones, low, high);
    }
    n.pitch = static_cast<std::uint8_t>(std::clamp(pitch, kLowestPitch, kHighestPitch));
  }
  out.notes = NoteList(std::move(notes));
  return out;
}

}  // namespace

PitchRange instrumentRange(int program) {
  for (const ProgramRange& r : kRanges) {
    if (program >= r.first && program <= r.last) return r.range;
  }
  return {};
}

PitchRange transpositionRange(const Document& document, const AugmentOptions& options) {
  PitchRange by{-std::max(options.transposeDown, 0), std::max(options.transposeUp, 0)};
  for (const TrackPtr& t : document.tracks) {
    if (!melodic(*t)) continue;
    const PitchRange range = instrumentRange(t->program);
    const auto [low, high] =
        std::minmax_element(t->notes.begin(), t->notes.end(),
                            [](const Note& a, const Note& b) { return a.pitch < b.pitch; });
    const int down = low->pitch < range.low ? low->pitch : low->pitch - range.low;
    const int up =
        high->pitch > range.high ? kHighestPitch - high->pitch : range.high - high->pitch;
    by.low = std::max(by.low, -down);
    by.high = std::min(by.high, up);
  }
  return by;
}

Augmentation drawAugmentation(const Document& document, const AugmentOptions& options, Rng& rng) {
  Augmentation a;
  const PitchRange by = transpositionRange(document, options);
  a.transpose =
      by.low + static_cast<int>(rng.below(static_cast<std::uint32_t>(by.high - by.low + 1)));
  a.speed = 1 + options.tempoStretch * (2 * rng.uniform() - 1);
  const int offset = std::clamp(options.velocityOffset, 0, 126);
  a.velocity = static_cast<int>(rng.below(static_cast<std::uint32_t>(2 * offset + 1))) - offset;
  a.noisyNotes = options.noisyNotes;
  a.roundNoise = options.roundNoise;
  a.noiseSeed = std::uint64_t{rng.next()} << 32U | rng.next();
  return a;
}

Document augmented(const Document& document, const Augmentation& augmentation) {
  Document out = document;
  std::vector<TempoChange> tempo = document.tempo.changes();
  for (TempoChange& t : tempo)
    t.microsPerQuarter = microsPerQuarterOf(t.bpm() * augmentation.speed);
  if (augmentation.speed != 1) out.tempo = TempoMap(document.ppq, std::move(tempo));
  Rng noise(augmentation.noiseSeed);
  for (TrackPtr& t : out.tracks) {
    t = std::make_shared<const Track>(augmentedTrack(*t, augmentation, noise));
  }
  return out;
}

double standardNormal(Rng& rng) {
  const double radius = std::sqrt(-2 * std::log(1 - rng.uniform()));
  return radius * std::cos(2 * std::numbers::pi * rng.uniform());
}

}  // namespace incipit
