// A stream of sound through something that works on frames of one length, and together again.
//
// Frames begin hop() samples apart; what two of them share is faded from the one to the other by a
// raised cosine. The two fades add up to one, so that a transform that changes nothing gives the
// stream back, and what frames do differently at their edges comes in without a step. (Fades whose
// squares add up to one would be right for frames that have nothing to do with each other: here
// both are of the same sound.)
//
// Thread safety: free functions and values.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

#include "core/compose/sound.h"
#include "core/result.h"

namespace incipit {

struct FrameLayout {
  std::size_t length = 65536;
  std::size_t overlap = 8192;  // at most half of the length
  std::size_t hop() const { return length - overlap; }
};

// What is done to a frame, in place; the last one is filled up with silence.
using FrameTransform = std::function<void(std::span<float>)>;
using SoundSink = std::function<Result<void>(std::span<const float>)>;

struct Streamed {
  std::int64_t frames = 0;  // samples that the sink got
  bool cancelled = false;
};

// Gives the sink as many samples as the source has, in order, with memory for two frames.
// progress(0..1) may be empty. Fails where the source or the sink does.
Result<Streamed> overlapAdd(SoundReader& source, const FrameLayout& layout,
                            const FrameTransform& transform, const SoundSink& sink,
                            const std::function<void(double)>& progress,
                            const std::stop_token& stop);

}  // namespace incipit
