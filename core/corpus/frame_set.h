// The polyphonic benchmark sets (JSB chorales, Nottingham, MuseData, Piano-midi.de) with the splits
// of Boulanger-Lewandowski, Bengio and Vincent (2012), as JSON: an object of "train", "valid" and
// "test", each a list of pieces, a piece a list of frames, a frame the list of sounding MIDI
// pitches in any order.
//
// The sets are transposed to one key: training on them needs no transposition. Results are stated
// as nats a frame: the negative log-likelihood of frames 2 to T of each piece given those before,
// summed over a split and divided by how many there are (predictedFrames).
//
// Thread safety: values and a free function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/corpus/corpus.h"
#include "core/encoding/serial_frames.h"
#include "core/result.h"

namespace incipit {

using FramePiece = std::vector<Frame>;

struct FrameSet {
  std::vector<FramePiece> train;
  std::vector<FramePiece> valid;
  std::vector<FramePiece> test;

  const std::vector<FramePiece>& of(Split split) const;
};

std::int64_t frameCount(const std::vector<FramePiece>& pieces);
// Frames that have one before them in their piece.
std::int64_t predictedFrames(const std::vector<FramePiece>& pieces);

// Fails with the file and the split, piece and frame of what is wrong: no JSON, a split that is
// missing or empty, a pitch outside 21..108.
Result<FrameSet> readFrameSet(const std::filesystem::path& file);

}  // namespace incipit
