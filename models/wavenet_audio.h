// What the family wavenet-audio is: presets, classes of samples, what a network is told of the
// notes, and generation, sample by sample, with what each layer saw kept in queues (Le Paine et al.
// 2016, "Fast WaveNet generation algorithm").
//
// A sample at 16 kHz is one of 256 classes, by mu-law (ITU-T G.711). An embedding of the sample
// before goes through a stack of gated causal convolutions of dilations 1, 2, 4 ... (van den Oord
// et al. 2016, "WaveNet"); their skip outputs, through a layer, choose the class.
//
// `improved` also knows the notes: to the embedding is added a layer over ten numbers of the sample
// to be chosen, made from the notes that sound then: their first eight harmonics, each summed over
// the notes, what was just struck, and how loud they are together (Wang, Takaki and Yamagishi 2019,
// "Neural source-filter-based waveform model"). So a note has its pitch from the roll; its sound is
// learnt. It does not hear the samples before: with the true ones a network foresees the next and
// needs no notes, and left alone with its own it goes on with whatever sounded last.
//
// Thread safety: values are immutable; a WavenetPlayer is one thread's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/rng.h"
#include "models/cells.h"
#include "models/checkpoint.h"
#include "models/sound_data.h"

namespace incipit {

inline constexpr const char* kWavenetAudio = "wavenet-audio";
inline constexpr int kWavenetRate = 16000;
inline constexpr int kSampleClasses = 256;
inline constexpr std::int64_t kSilentClass = 128;
inline constexpr std::size_t kHarmonics = 8;
inline constexpr std::size_t kNoteCues = kHarmonics + 2;

std::int64_t classOf(float sample);  // of full scale -1..1; what is louder is clipped
float sampleOfClass(std::int64_t c);

struct WavenetAudioPreset {
  std::string name = "improved";  // or "published"
  int width = 32;
  int layers = 10;  // dilations 1 .. 512: 1,024 samples are seen
  int head = 128;
  bool notes() const { return name == "improved"; }
  std::int64_t reach() const { return std::int64_t{1} << layers; }  // samples that are seen
};
std::string wavenetAudioConfig(const WavenetAudioPreset& preset);
TensorShapes wavenetAudioTensors(const WavenetAudioPreset& preset);
// One line for what is no whole checkpoint of the family.
Result<WavenetAudioPreset> wavenetAudioCheckpoint(const TensorFile& file);

// Of samples [from, from + out.size() / kNoteCues): harmonics, strokes, level.
void noteCues(std::span<const SoundNote> notes, std::int64_t from, std::span<float> out);

struct WavenetAudioWeights {
  WavenetAudioPreset preset;
  std::vector<float> embedding;  // [kSampleClasses][width]
  Dense cues;                    // improved alone
  std::vector<GatedCellWeights> blocks;
  Dense head, out;
};
Result<WavenetAudioWeights> wavenetAudioWeights(const TensorFile& checkpoint);

class WavenetPlayer {
 public:
  explicit WavenetPlayer(const WavenetAudioWeights& weights);  // keeps a reference
  // The logits of the next sample's class, given the one before and its cues (empty where the
  // preset has none); valid until the next call.
  std::span<const float> logits(std::int64_t before, std::span<const float> cues);
  // Draws the class from what logits() said last.
  std::int64_t draw(Rng& rng, double temperature);
  // The mean sample of what logits() said last, -1..1: without the noise of the classes.
  float mean(double temperature);

 private:
  const WavenetAudioWeights& weights_;
  std::vector<GatedCell> cells_;
  std::vector<float> x_, skip_, head_, logits_, chances_;
};

}  // namespace incipit
