// Where a model gets sound from: files, or music that is rendered for it. core and models know only
// these interfaces; app gives what implements them (core/playback).
//
// Thread safety: a SoundReader belongs to one thread; a SoundStudio may be used by several.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

// Mono samples, full scale -1..1, one after another, however long the sound: it is never in memory
// whole.
class SoundReader {
 public:
  virtual ~SoundReader() = default;
  virtual int sampleRate() const = 0;
  virtual std::int64_t frames() const = 0;  // in all
  // Fills as much as there is, which is less than asked for only at the end. Fails with one line
  // for a file that breaks off.
  virtual Result<std::size_t> read(std::span<float> into) = 0;
};

// A sound file that is being written: it appears under its name with commit(), and one that was
// there before survives anything that goes wrong.
class SoundWriter {
 public:
  virtual ~SoundWriter() = default;
  virtual Result<void> write(std::span<const float> samples) = 0;
  virtual Result<void> commit() = 0;
};

class SoundStudio {
 public:
  virtual ~SoundStudio() = default;
  // A sound file of any rate and number of channels, mixed to mono and resampled to `sampleRate`;
  // `say` gets one line where it was. Fails with one line for what is no sound file.
  virtual Result<std::unique_ptr<SoundReader>> open(
      const std::filesystem::path& file, int sampleRate,
      const std::function<void(const std::string&)>& say) = 0;
  // A document, its melodic tracks played by the program (0..127; drums are left out; -1: all
  // tracks, each by its own), without reverb and chorus. Same document, same samples. Fails where
  // no note is to be heard.
  virtual Result<std::unique_ptr<SoundReader>> render(const DocumentPtr& document, int program,
                                                      int sampleRate) = 0;
  // Two equal channels of 24 bits; the ending (.wav, .flac, .ogg) decides the format. `frames` are
  // to be expected.
  virtual Result<std::unique_ptr<SoundWriter>> create(const std::filesystem::path& file,
                                                      int sampleRate, std::int64_t frames) = 0;
};

}  // namespace incipit
