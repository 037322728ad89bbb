#include "core/encoding/serial_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace incipit {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace

std::vector<int> serialise(std::span<const Frame> frames) {
  std::vector<int> symbols;
  for (const Frame& f : frames) {
    for (const std::uint8_t pitch : f) symbols.push_back(frameSymbol(pitch));
    symbols.push_back(kFrameEnd);
  }
  return symbols;
}

Result<std::vector<Frame>> deserialise(std::span<const int> symbols) {
  std::vector<Frame> frames;
  Frame frame;
  int previous = kFrameEnd;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const int s = symbols[i];
    if (s < 0 || s >= kFrameSymbols || !mayFollow(s, previous)) {
      return fail(fmt::format("frames: symbol {} at {} may not follow {}", s, i, previous));
    }
    previous = s;
    if (s == kFrameEnd) {
      frames.push_back(std::move(frame));
      frame.clear();
    } else {
      frame.push_back(static_cast<std::uint8_t>(framePitch(s)));
    }
  }
  if (!frame.empty()) return fail("frames: the last one does not end");
  return frames;
}

double serialLogProbability(std::span<const float> logits, int symbol, int previous) {
  if (!mayFollow(symbol, previous)) return kNever;
  // END and the keys below `previous` are neighbours.
  const std::size_t allowed =
      static_cast<std::size_t>(previous == kFrameEnd ? kFrameSymbols : previous);
  const auto possible = logits.first(allowed);
  const double highest = *std::max_element(possible.begin(), possible.end());
  double sum = 0;
  for (const float l : possible) sum += std::exp(l - highest);
  return logits[static_cast<std::size_t>(symbol)] - highest - std::log(sum);
}

void maskSerial(std::span<float> logits, int previous) {
  if (previous == kFrameEnd) return;
  std::fill(logits.begin() + previous, logits.end(), -std::numeric_limits<float>::infinity());
}

Result<std::vector<Frame>> framesOf(std::span<const EncodedNote> notes, int unitsPerFrame) {
  if (unitsPerFrame < 1) return fail("frames: at least one unit each");
  std::vector<Frame> frames;
  for (const EncodedNote& n : notes) {
    if (n.pitch < kFrameLowest || n.pitch >= kFrameLowest + kFrameKeys) continue;
    const auto nearest = [&](std::int64_t units) {
      return (2 * units + unitsPerFrame) / (2 * std::int64_t{unitsPerFrame});
    };
    const std::int64_t from = nearest(n.onset);
    const std::int64_t to = std::max(nearest(std::int64_t{n.onset} + n.duration), from + 1);
    if (to > kMostFrames) return fail(fmt::format("frames: more than {}", kMostFrames));
    if (to > static_cast<std::int64_t>(frames.size())) frames.resize(static_cast<std::size_t>(to));
    for (std::int64_t f = from; f < to; ++f) frames[static_cast<std::size_t>(f)].push_back(n.pitch);
  }
  for (Frame& f : frames) {
    std::sort(f.begin(), f.end(), std::greater<>());
    f.erase(std::unique(f.begin(), f.end()), f.end());
  }
  return frames;
}

std::vector<Note> notesOfFrames(std::span<const Frame> frames, TickDelta frame, int velocity) {
  std::vector<Note> notes;
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::array<std::size_t, 128> sounding{};  // index of the note that was sounding one frame ago
  sounding.fill(kNone);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::array<std::size_t, 128> now{};
    now.fill(kNone);
    for (auto pitch = frames[i].rbegin(); pitch != frames[i].rend(); ++pitch) {
      std::size_t index = sounding[*pitch];
      if (index == kNone) {
        index = notes.size();
        Note n;
        n.start = Tick{0} + frame * static_cast<std::int64_t>(i);
        n.pitch = *pitch;
        n.velocity = static_cast<std::uint8_t>(velocity);
        notes.push_back(n);
      }
      notes[index].length += frame;
      now[*pitch] = index;
    }
    sounding = now;
  }
  return notes;
}

}  // namespace incipit
