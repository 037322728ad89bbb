// The presets of the families token-lstm and wavenet: networks that continue a sequence of notes
// and chords as words (core/encoding/chord_tokens.h), one word an onset.
//
// `published`, the widely copied networks: words of pitch classes, no time.
//  * token-lstm: 100 words in, one out; a word enters as one number, its index over the size of the
//    vocabulary; two LSTM layers of 128 units, a dense layer of 256 with relu, softmax. The texts
//    give no sizes: they are our reconstruction.
//  * wavenet: 32 words in, one out; an embedding of 100; three causal convolutions of 64, 128 and
//    256 filters, kernel 3, dilations 1, 2 and 4, with relu, each followed by dropout 0.2 and max
//    pooling of 2; the maximum over time, a dense layer of 256 with relu, softmax. Neither residual
//    nor skip connections: a WaveNet by name. Pooling is counted from the newest word.
//
// `improved`, the same in both but for the core: words with octaves, each with its step from the
// onset before and its length, in a bar; a beginning and an end; see token_features.h. The core is
// two LSTM layers, or the block of van den Oord et al. 2016 ("WaveNet: a generative model for raw
// audio"): causal convolutions of kernel 2 with dilations 1, 2, 4 ... 512, tanh times sigmoid
// gates, residual and skip connections.
//
// Thread safety: values and free functions.
#pragma once

#include <string>

#include "core/encoding/chord_tokens.h"
#include "core/result.h"
#include "models/checkpoint.h"

namespace incipit {

inline constexpr const char* kTokenLstm = "token-lstm";
inline constexpr const char* kWavenet = "wavenet";

struct TokenPreset {
  std::string family;
  std::string name;  // "published" or "improved"
  // Network.
  int hidden = 128;   // units of each layer; of the first convolution of `published`
  int layers = 2;     // LSTM layers, or convolutions with dilations 1, 2, 4 ...
  int embedding = 0;  // of `published` wavenet; `improved` has `hidden`
  int head = 0;       // of `improved`: units of the layers that choose step and length
  int words = 0;      // the vocabulary's size
  int length = 100;   // words that `published` looks back on
  // Training.
  int leastCount = 50;  // of a word in `published`'s vocabulary
  int mostWords = 0;    // of `improved`'s
  int window = 0;       // words predicted in one example of `improved`
  double dropout = 0;
  bool augment = false;
  int batch = 128;
  int epochs = 50;
  std::int64_t examples = 6'000;  // an epoch

  bool published() const { return name == "published"; }
  bool lstm() const { return family == kTokenLstm; }
  // Units of `published`'s dense layer.
  int dense() const { return lstm() ? 2 * hidden : 4 * hidden; }
  // Filters of a convolution of `published`.
  int filters(int layer) const { return hidden << layer; }
  ChordSpelling spelling() const {
    return published() ? ChordSpelling::kPitchClasses : ChordSpelling::kPitches;
  }
};

inline constexpr int kPublishedKernel = 3;

// Words that one answer depends on: the newest and what lies before it. Of an LSTM without a window
// there is no bound: 0.
std::int64_t receptiveField(const TokenPreset& preset);
// Of a stack of causal convolutions with dilations 1, `growth`, growth^2 ...
std::int64_t receptiveField(int kernel, int layers, int growth);

// "published" or "improved"; empty is the first.
Result<TokenPreset> tokenPresetNamed(const std::string& family, const std::string& name);
std::string tokenConfig(const TokenPreset& preset);

struct TokenCheckpoint {
  TokenPreset preset;
  ChordVocabulary vocabulary;
};
// Of a whole checkpoint. One line for what is none.
Result<TokenCheckpoint> tokenCheckpoint(const TensorFile& file);
// Names and shapes of a network, in the order of its parameters.
TensorShapes tokenTensors(const TokenPreset& preset);

}  // namespace incipit
