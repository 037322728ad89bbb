#include "core/encoding/overlap_add.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace incipit {
namespace {

// Rises from 0 to 1; at i it and its mirror image add up to 1.
std::vector<float> risingFade(std::size_t length) {
  std::vector<float> fade(length);
  for (std::size_t i = 0; i < length; ++i) {
    const double turn = (static_cast<double>(i) + 0.5) / static_cast<double>(length);
    fade[i] = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * turn));
  }
  return fade;
}

// Reads until `into` is full or the source is at its end.
Result<std::size_t> fill(SoundReader& source, std::span<float> into) {
  std::size_t have = 0;
  while (have < into.size()) {
    const auto got = source.read(into.subspan(have));
    if (!got) return got;
    if (*got == 0) break;
    have += *got;
  }
  return have;
}

}  // namespace

Result<Streamed> overlapAdd(SoundReader& source, const FrameLayout& layout,
                            const FrameTransform& transform, const SoundSink& sink,
                            const std::function<void(double)>& progress,
                            const std::stop_token& stop) {
  const std::size_t hop = layout.hop();
  const std::vector<float> fade = risingFade(layout.overlap);
  std::vector<float> input(layout.length);
  std::vector<float> frame(layout.length);
  std::vector<float> tail;  // what the frame before says of the samples it shares with this one
  const auto all = static_cast<double>(std::max<std::int64_t>(1, source.frames()));
  Streamed out;
  auto have = fill(source, input);
  if (!have) return tl::unexpected(have.error());
  while (*have > 0) {
    if (stop.stop_requested()) {
      out.cancelled = true;
      return out;
    }
    std::fill(input.begin() + static_cast<std::ptrdiff_t>(*have), input.end(), 0.0F);
    frame = input;
    transform(frame);
    for (std::size_t i = 0; i < tail.size(); ++i) {
      frame[i] = tail[i] + fade[i] * (frame[i] - tail[i]);
    }
    const bool last = *have < layout.length;
    const std::size_t ready = last ? *have : hop;
    if (auto taken = sink(std::span(frame).first(ready)); !taken) {
      return tl::unexpected(taken.error());
    }
    out.frames += static_cast<std::int64_t>(ready);
    if (progress) progress(std::min(1.0, static_cast<double>(out.frames) / all));
    if (last) break;
    tail.assign(frame.begin() + static_cast<std::ptrdiff_t>(hop), frame.end());
    std::copy(input.begin() + static_cast<std::ptrdiff_t>(hop), input.end(), input.begin());
    const auto more = fill(source, std::span(input).subspan(layout.overlap));
    if (!more) return tl::unexpected(more.error());
    have = layout.overlap + *more;
  }
  if (progress) progress(1);
  return out;
}

}  // namespace incipit
