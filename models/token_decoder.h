// The token networks one word at a time, without LibTorch: see cells.h. Tested against LibTorch's
// forward pass over whole sequences.
//
// `improved`, both cores: exact, from kept state. `published` token-lstm: exact over all words
// since reset(). `published` wavenet: exact over the last `length` words. A column of its
// convolutions that does not depend on where the window begins is kept until it leaves the window,
// of both phases of each pooling; those near the beginning, where the network was trained to see
// zeros, are computed anew for each word (at 32 words that is all of the last layer and a third of
// the second).
//
// Thread safety: weights are immutable and may be shared; a decoder is one thread's.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/cells.h"
#include "models/token_features.h"
#include "models/token_presets.h"

namespace incipit {

struct TokenWeights {
  explicit TokenWeights(ChordVocabulary vocabulary) : words(std::move(vocabulary)) {}

  TokenPreset preset;
  TokenWords words;
  std::vector<float> embedding;
  std::vector<RecurrentWeights> lstms;
  std::vector<GatedCellWeights> blocks;
  struct Convolution {
    std::vector<Panels> taps;  // the earliest first
    std::vector<float> bias;
  };
  std::vector<Convolution> convolutions;
  Dense dense, out;                           // of `published`
  Dense heads, word, favour, step, length;    // of `improved`
  std::vector<float> wordGiven, lengthGiven;  // tables
};
std::shared_ptr<const TokenWeights> tokenWeights(const TensorFile& file,
                                                 TokenCheckpoint checkpoint);

// `published`.
class PublishedTokenDecoder {
 public:
  explicit PublishedTokenDecoder(std::shared_ptr<const TokenWeights> weights);

  void reset();
  void push(int word);  // kFirstWord <= word < size
  // Of the words from kFirstWord on; valid until the next call. At least `length` words were pushed
  // since reset() where the network is a wavenet.
  std::span<float> logits();

 private:
  // Of the layers, and of one the columns [begin, end) of the window.
  void convolve();
  void convolve(std::size_t layer, std::int64_t begin, std::int64_t end);
  void pool(std::size_t layer);

  std::shared_ptr<const TokenWeights> weights_;
  std::vector<RecurrentCell> cells_;
  std::vector<float> top_, dense_, logits_;
  // Of the convolutions.
  struct Layer {
    std::int64_t interior = 0;         // words after the window's first from which columns are kept
    std::vector<float> kept;           // [length][filters], by time modulo length
    std::vector<std::int64_t> keptAt;  // the time of each, or -1
    std::vector<float> inputs, outputs;  // of the window, [positions][...]
  };
  std::vector<Layer> layers_;
  std::vector<int> window_;  // the last words
  std::int64_t time_ = 0;    // words pushed
};

// `improved`. Spans are valid until the next call of the same function.
class ImprovedTokenDecoder {
 public:
  explicit ImprovedTokenDecoder(std::shared_ptr<const TokenWeights> weights);

  void reset();
  // What is known before the next token, each moment once.
  void advance(const TokenMoment& moment);
  std::span<float> stepLogits();
  std::span<float> wordLogits(const TokenPlace& place);  // markers are -1e9
  std::span<float> lengthLogits(const TokenPlace& place, int word);

 private:
  std::shared_ptr<const TokenWeights> weights_;
  std::vector<RecurrentCell> cells_;
  std::vector<GatedCell> blocks_;
  TokenMoment moment_;
  std::vector<float> x_, sum_, heads_, inner_;
  std::vector<float> step_, word_, length_;
};

}  // namespace incipit
