// An audio file being written: under a temporary name beside its own until commit(), so that an
// older file of that name survives anything that goes wrong.
//
// Thread safety: for one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/result.h"
#include "core/rng.h"

namespace incipit {

class AudioFileWriter {
 public:
  // The ending (.wav, .flac, .ogg) decides the format. bits: 16, 24 or 32; 32 is float in .wav and
  // 24 in .flac; .ogg has none. expectedFrames: a .wav beyond 4 GB is written as RF64.
  static Result<std::unique_ptr<AudioFileWriter>> create(const std::filesystem::path& file,
                                                         int sampleRate, int bits,
                                                         std::int64_t expectedFrames);
  ~AudioFileWriter();  // without commit(), removes what was written

  // Full scale is -1..1.
  Result<void> write(const float* left, const float* right, int frames);
  // The file appears under its name.
  Result<void> commit();

 private:
  struct Handle;
  explicit AudioFileWriter(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace incipit
