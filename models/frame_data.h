// What the frame families train on: one of the benchmark sets (core/corpus/frame_set.h), or a
// folder of MIDI files cut into frames.
//
// Thread safety: free functions.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/corpus/frame_set.h"

namespace incipit {

struct FrameSequence {
  FramePiece frames;
  std::int64_t position = 0;  // of the first frame, counted from the start of the document
};

struct FrameData {
  std::vector<FrameSequence> train, valid, test;
  int unitsPerFrame = 6;
  std::string hash;
  std::string licence;
  bool cancelled = false;

  const std::vector<FrameSequence>& of(Split split) const;
};

// `data` is a file of frames, a folder of such files of which `sets` names one (jsb for jsb.json),
// or a folder of MIDI files, cut into frames of `unitsPerFrame`. One line for what is none, and
// where the training split is empty.
Result<FrameData> readFrameData(const std::filesystem::path& data, const std::string& sets,
                                bool shippableOnly, int unitsPerFrame, const std::stop_token& stop);

}  // namespace incipit
