// The presets of the families frame-gru and frame-wavenet.
//
// Both predict a frame of keys from those before it. A core reads one sum of embeddings a frame
// (frame_features.h): GRU layers, or gated causal convolutions (van den Oord et al. 2016,
// "WaveNet"). `independent`: each key sounds or not, independently of the others given the past.
// `serialised`: the keys one after another, descending, each knowing those above it
// (core/encoding/serial_frames.h), as RNN-NADE (Boulanger-Lewandowski et al. 2012) does; the
// likelihood of a frame is exact in both.
#pragma once

#include <string>

#include "core/result.h"
#include "models/checkpoint.h"

namespace incipit {

inline constexpr const char* kFrameGru = "frame-gru";
inline constexpr const char* kFrameWavenet = "frame-wavenet";

struct FramePreset {
  std::string family;
  std::string name;  // "serialised" or "independent"
  int hidden = 256;  // width of the embedding and of every layer
  int layers = 2;    // GRU layers, or convolutions with dilations 1, 2, 4 ...
  int head = 192;
  int unitsPerFrame = 6;  // of the beat grid
  // Training.
  double dropout = 0.5;
  int window = 128;  // frames
  int batch = 8;
  int epochs = 80;

  bool serial() const { return name == "serialised"; }
  bool gru() const { return family == kFrameGru; }
};

Result<FramePreset> framePresetNamed(const std::string& family, const std::string& name);
std::string frameConfig(const FramePreset& preset);
// The preset of a whole checkpoint. One line for what is none.
Result<FramePreset> frameCheckpoint(const TensorFile& file);
TensorShapes frameTensors(const FramePreset& preset);

}  // namespace incipit
