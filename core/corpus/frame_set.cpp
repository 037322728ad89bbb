#include "core/corpus/frame_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/io/atomic_file.h"

namespace incipit {
namespace {

using nlohmann::json;

Result<Frame> frameOf(const json& j) {
  if (!j.is_array()) return fail("not a list of pitches");
  Frame frame;
  for (const json& pitch : j) {
    if (!pitch.is_number_integer()) return fail("a pitch is not a whole number");
    const auto value = pitch.get<std::int64_t>();
    if (value < kFrameLowest || value >= kFrameLowest + kFrameKeys) {
      return fail(fmt::format("pitch {} is outside {} to {}", value, kFrameLowest,
                              kFrameLowest + kFrameKeys - 1));
    }
    frame.push_back(static_cast<std::uint8_t>(value));
  }
  std::sort(frame.begin(), frame.end(), std::greater<>());
  frame.erase(std::unique(frame.begin(), frame.end()), frame.end());
  return frame;
}

Result<std::vector<FramePiece>> piecesOf(const json& set, const char* split) {
  const auto it = set.find(split);
  if (it == set.end() || !it->is_array() || it->empty()) {
    return fail(fmt::format("has no list of pieces \"{}\"", split));
  }
  std::vector<FramePiece> pieces;
  for (const json& j : *it) {
    FramePiece piece;
    if (!j.is_array()) {
      return fail(fmt::format("{}, piece {}: not a list of frames", split, pieces.size()));
    }
    for (const json& f : j) {
      auto frame = frameOf(f);
      if (!frame) {
        return fail(fmt::format("{}, piece {}, frame {}: {}", split, pieces.size(), piece.size(),
                                frame.error().message));
      }
      piece.push_back(std::move(*frame));
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace

const std::vector<FramePiece>& FrameSet::of(Split split) const {
  if (split == Split::kTrain) return train;
  return split == Split::kValid ? valid : test;
}

std::int64_t frameCount(const std::vector<FramePiece>& pieces) {
  std::size_t frames = 0;
  for (const FramePiece& p : pieces) frames += p.size();
  return static_cast<std::int64_t>(frames);
}

std::int64_t predictedFrames(const std::vector<FramePiece>& pieces) {
  std::size_t frames = 0;
  for (const FramePiece& p : pieces) frames += p.empty() ? 0 : p.size() - 1;
  return static_cast<std::int64_t>(frames);
}

Result<FrameSet> readFrameSet(const std::filesystem::path& file) {
  const auto bytes = readFile(file);
  if (!bytes) return tl::unexpected(bytes.error());
  const json j = json::parse(bytes->begin(), bytes->end(), nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail(fmt::format("{}: not a JSON object", file.string()));
  FrameSet set;
  for (const Split split : {Split::kTrain, Split::kValid, Split::kTest}) {
    auto pieces = piecesOf(j, splitName(split));
    if (!pieces) return fail(fmt::format("{}: {}", file.string(), pieces.error().message));
    (split == Split::kTrain   ? set.train
     : split == Split::kValid ? set.valid
                              : set.test) = std::move(*pieces);
  }
  return set;
}

}  // namespace incipit
