// The presets of the family note-lstm: sizes of the network and how it is trained.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace incipit {

struct NotePreset {
  std::string name;
  // Network.
  int hidden = 0;
  int embedding = 0;  // width of the summed input embedding; 0: three numbers a note
  int head = 0;       // units of each head's hidden layer; 0: linear heads
  int layers = 1;
  double dropout = 0;
  // Training.
  int window = 0;  // notes predicted in one example
  int batch = 0;   // examples
  int epochs = 0;
  std::int64_t examples = 0;    // an epoch
  bool freshEachEpoch = false;  // a new draw of windows each epoch, else the same ones shuffled
  bool augment = false;
  double rate = 0;
  double warmUpSteps = 0;  // 0: the rate is constant; else it then falls along a cosine to 2 %
  double weightDecay = 0;
  double epsilon = 1e-8;
  double clip = 0;  // greatest norm of the gradient; 0: none

  bool published() const { return embedding == 0; }
};

// "published" or "improved"; empty is the first.
Result<NotePreset> presetNamed(const std::string& name);

// The network's sizes as the JSON of a checkpoint's metadata, and back. Fails on what is not of
// this family or beyond reason.
std::string presetConfig(const NotePreset& preset);
Result<NotePreset> presetOfConfig(const std::string& name, const std::string& config);

// What the integers of the `improved` tables mean, as JSON for the checkpoint's metadata.
std::string vocabularyJson(const NotePreset& preset);

}  // namespace incipit
