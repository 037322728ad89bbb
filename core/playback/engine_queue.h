// What passes between the two threads of an AudioEngine; for its own files.
#pragma once

#include <readerwriterqueue/readerwriterqueue.h>

#include "core/playback/engine.h"

namespace incipit {

struct AudioEngine::Command {
  enum class Kind : std::uint8_t {
    kPlay,
    kSeek,
    kStop,
    kPanic,
    kPreviewOn,
    kPreviewOff,
    kLiveTrack
  };
  Kind kind = Kind::kStop;
  bool drums = false;
  std::uint8_t pitch = 0;
  std::uint8_t velocity = 0;
  std::uint8_t program = 0;
  int bars = 0;
  std::uint32_t run = 0;
  std::int64_t tick = 0;
  TrackId track = 0;
  Route route;
};

struct AudioEngine::Queue {
  static constexpr std::size_t kLength = 4096;
  static constexpr std::uint32_t kPlayingFlag = 1;
  static constexpr std::uint32_t kEndedFlag = 2;
  static constexpr std::uint32_t kLedFlag = 4;

  moodycamel::ReaderWriterQueue<Command> commands{kLength};
  moodycamel::ReaderWriterQueue<LiveEvent> played{2 * kLength};
};

}  // namespace incipit
