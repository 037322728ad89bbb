// What families of sound learn from: the sound files of a folder, or its music, rendered by a
// program, and by others beside it for pairs of the same notes.
//
// Sound is made once and kept as 16-bit samples in a temporary file that has no name, so that
// memory does not grow with it and nothing is left behind. A piece gives its first half minute, a
// sound file an even share of what is asked for.
//
// Thread safety: a SoundStore is read by several threads; making it is one thread's.
#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/compose/sound.h"
#include "core/corpus/split.h"
#include "models/training_data.h"

namespace incipit {

class SoundStore {
 public:
  // Fails where there is no temporary file to be had, or no room.
  static Result<SoundStore> make();
  Result<void> append(std::span<const float> samples);
  // Samples from `at` on; silence beyond the end.
  void read(std::int64_t at, std::span<float> into) const;
  std::int64_t frames() const { return frames_; }

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::int64_t frames_ = 0;
};

struct SoundNote {
  double on = 0;  // seconds from the clip's start
  double off = 0;
  int pitch = 0;
  int velocity = 0;
};
// Of the melodic tracks, by onset.
std::vector<SoundNote> soundNotes(const Document& document);

// A stretch of the stores that is heard as one.
struct SoundClip {
  std::int64_t at = 0;
  std::int64_t frames = 0;
  std::vector<SoundNote> notes;  // none of a sound file
};

struct SoundRecipe {
  int sampleRate = 44100;
  int program = 0;            // of the sound that is wanted
  std::vector<int> programs;  // of what is heard instead, by turns; empty: the wanted sound itself
  double trainMinutes = 30;
  double validMinutes = 2;
  double testMinutes = 0;
};

struct SoundData {
  SoundStore wanted;
  std::optional<SoundStore> heard;  // none: as wanted
  std::vector<SoundClip> train, valid, test;
  std::string hash;
  std::string licence;
  bool cancelled = false;
  const SoundStore& heardOrWanted() const { return heard ? *heard : wanted; }
};

// Says what it reads and what it leaves out. Fails with one line where there is nothing to learn
// from, or no studio to hear it with.
Result<SoundData> readSoundData(const std::filesystem::path& data, const CorpusOptions& options,
                                SoundStudio* studio, const SoundRecipe& recipe, TrainSink& sink,
                                const std::stop_token& stop);

}  // namespace incipit
