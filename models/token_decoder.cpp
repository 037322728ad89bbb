#include "models/token_decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace incipit {
namespace {

constexpr float kNever = -1e9F;

Dense denseNamed(const TensorFile& file, const std::string& name) {
  return denseOf(file, name + ".weight", name + ".bias");
}

void relu(std::span<float> x) {
  for (float& v : x) v = std::max(v, 0.0F);
}

}  // namespace

std::shared_ptr<const TokenWeights> tokenWeights(const TensorFile& file,
                                                 TokenCheckpoint checkpoint) {
  auto w = std::make_shared<TokenWeights>(std::move(checkpoint.vocabulary));
  w->preset = checkpoint.preset;
  const TokenPreset& p = w->preset;
  if (p.embedding > 0 || !p.published()) w->embedding = valuesOf(file, "embedding");
  for (int i = 1; i <= p.layers; ++i) {
    if (p.lstm()) {
      w->lstms.push_back(recurrentOf(file, fmt::format("lstm{}", i)));
    } else if (p.published()) {
      w->convolutions.push_back(denseNamed(file, fmt::format("convolution{}", i)));
    } else {
      const std::string name = fmt::format("block{}.", i);
      w->blocks.push_back({denseOf(file, name + "gates", name + "gates_bias"),
                           denseOf(file, name + "out", name + "out_bias"),
                           std::int64_t{1} << (i - 1)});
    }
  }
  if (p.published()) {
    w->dense = denseNamed(file, "dense");
    w->out = denseNamed(file, "out");
    return w;
  }
  w->heads = denseNamed(file, "heads");
  w->favour = denseNamed(file, "favour");
  w->step = denseNamed(file, "step");
  w->length = denseNamed(file, "length");
  w->wordGiven = valuesOf(file, "word.given");
  w->lengthGiven = valuesOf(file, "length.given");
  // The words' own rows of the embedding choose them too.
  const auto words = static_cast<std::size_t>(p.words);
  const auto hidden = static_cast<std::size_t>(p.hidden);
  w->word = {p.hidden, p.words, std::vector<float>(words * hidden), valuesOf(file, "word.bias")};
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t k = 0; k < hidden; ++k) {
      w->word.weights[k * words + i] = w->embedding[i * hidden + k];
    }
  }
  return w;
}

PublishedTokenDecoder::PublishedTokenDecoder(std::shared_ptr<const TokenWeights> weights)
    : weights_(std::move(weights)) {
  const TokenPreset& p = weights_->preset;
  for (const RecurrentWeights& w : weights_->lstms) cells_.emplace_back(w);
  dense_.resize(static_cast<std::size_t>(weights_->dense.outs));
  logits_.resize(static_cast<std::size_t>(weights_->out.outs));
  top_.resize(static_cast<std::size_t>(weights_->dense.ins));
  // A layer's positions lie 2^i words apart, its taps 4^i; its pooled ones reach one position more.
  std::int64_t pooled = 0;
  const auto length = static_cast<std::size_t>(p.length);
  for (std::size_t i = 0; i < weights_->convolutions.size(); ++i) {
    const Dense& c = weights_->convolutions[i];
    const auto filters = static_cast<std::size_t>(c.outs);
    Layer& layer = layers_.emplace_back();
    layer.interior = pooled + (kPublishedKernel - 1) * (std::int64_t{1} << (2 * i));
    pooled = layer.interior + (std::int64_t{1} << i);
    layer.kept.resize(length * filters);
    layer.keptAt.resize(length);
    layer.inputs.resize((length >> i) * static_cast<std::size_t>(c.ins / kPublishedKernel));
    layer.outputs.resize((length >> i) * filters);
    taps_.resize(std::max(taps_.size(), static_cast<std::size_t>(c.ins)));
  }
  reset();
}

void PublishedTokenDecoder::reset() {
  for (RecurrentCell& cell : cells_) cell.reset();
  for (Layer& layer : layers_) std::fill(layer.keptAt.begin(), layer.keptAt.end(), -1);
  window_.assign(static_cast<std::size_t>(weights_->preset.length), 0);
  time_ = 0;
}

void PublishedTokenDecoder::push(int word) {
  const int index = word - ChordVocabulary::kFirstWord;
  ++time_;
  if (!weights_->preset.lstm()) {
    window_.erase(window_.begin());
    window_.push_back(index);
    return;
  }
  const float scaled = static_cast<float>(index) / static_cast<float>(weights_->out.outs);
  std::span<const float> x(&scaled, 1);
  for (RecurrentCell& cell : cells_) x = cell.step(x.data());
  std::copy(x.begin(), x.end(), top_.begin());
}

void PublishedTokenDecoder::convolve() {
  const auto length = static_cast<std::int64_t>(window_.size());
  const std::int64_t start = time_ - length;  // the time of the window's first word
  const auto embedding = static_cast<std::size_t>(weights_->preset.embedding);
  for (std::size_t i = 0; i < window_.size(); ++i) {
    const float* row =
        weights_->embedding.data() + static_cast<std::size_t>(window_[i]) * embedding;
    std::copy_n(row, embedding,
                layers_.front().inputs.begin() + static_cast<std::ptrdiff_t>(i * embedding));
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const Dense& c = weights_->convolutions[i];
    const std::int64_t ins = c.ins / kPublishedKernel;
    const std::int64_t spacing = std::int64_t{1} << i;  // words between positions; the dilation too
    const std::int64_t positions = length / spacing;
    for (std::int64_t k = 0; k < positions; ++k) {
      const std::int64_t at = start + (k + 1) * spacing - 1;
      const auto slot = static_cast<std::size_t>(at % length);
      float* out = layer.outputs.data() + k * c.outs;
      float* kept = layer.kept.data() + static_cast<std::int64_t>(slot) * c.outs;
      const bool interior = at - start >= layer.interior;
      if (interior && layer.keptAt[slot] == at) {
        std::copy_n(kept, c.outs, out);
        continue;
      }
      for (std::int64_t tap = 0; tap < kPublishedKernel; ++tap) {
        const std::int64_t from = k - (kPublishedKernel - 1 - tap) * spacing;
        float* into = taps_.data() + tap * ins;
        if (from < 0) {
          std::fill_n(into, ins, 0.0F);
        } else {
          std::copy_n(layer.inputs.data() + from * ins, ins, into);
        }
      }
      c(taps_.data(), out);
      relu({out, static_cast<std::size_t>(c.outs)});
      if (!interior) continue;
      std::copy_n(out, c.outs, kept);
      layer.keptAt[slot] = at;
    }
    // Pooled in pairs into the next layer's inputs; the last layer's maximum is over all.
    const bool last = i + 1 == layers_.size();
    if (last) std::copy_n(layer.outputs.begin(), c.outs, top_.begin());
    for (std::int64_t k = 0; k < positions; ++k) {
      float* into = last ? top_.data() : layers_[i + 1].inputs.data() + k / 2 * c.outs;
      const float* out = layer.outputs.data() + k * c.outs;
      const bool first = !last && k % 2 == 0;
      for (std::int64_t f = 0; f < c.outs; ++f)
        into[f] = first ? out[f] : std::max(into[f], out[f]);
    }
  }
}

std::span<float> PublishedTokenDecoder::logits() {
  if (!layers_.empty()) convolve();
  weights_->dense(top_.data(), dense_.data());
  relu(dense_);
  weights_->out(dense_.data(), logits_.data());
  return logits_;
}

ImprovedTokenDecoder::ImprovedTokenDecoder(std::shared_ptr<const TokenWeights> weights)
    : weights_(std::move(weights)) {
  for (const RecurrentWeights& w : weights_->lstms) cells_.emplace_back(w);
  for (const GatedCellWeights& w : weights_->blocks) blocks_.emplace_back(w);
  const TokenPreset& p = weights_->preset;
  x_.resize(static_cast<std::size_t>(p.hidden));
  sum_.resize(x_.size());
  heads_.resize(static_cast<std::size_t>(p.hidden + 2 * p.head));
  step_.resize(kStepAnswers);
  word_.resize(static_cast<std::size_t>(p.words));
  length_.resize(kDurationBins);
}

void ImprovedTokenDecoder::reset() {
  for (RecurrentCell& cell : cells_) cell.reset();
  for (GatedCell& cell : blocks_) cell.reset();
}

void ImprovedTokenDecoder::advance(const TokenMoment& moment) {
  moment_ = moment;
  std::fill(x_.begin(), x_.end(), 0.0F);
  addRows(weights_->embedding, moment.rows, x_);
  sum_ = x_;
  for (RecurrentCell& cell : cells_) {
    const std::span<const float> out = cell.step(x_.data());
    std::copy(out.begin(), out.end(), x_.begin());
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += x_[i];
  }
  for (GatedCell& cell : blocks_) cell.step(x_, sum_);
  weights_->heads(sum_.data(), heads_.data());
}

std::span<float> ImprovedTokenDecoder::stepLogits() {
  inner_.assign(heads_.begin(), heads_.begin() + weights_->preset.head);
  relu(inner_);
  weights_->step(inner_.data(), step_.data());
  return step_;
}

std::span<float> ImprovedTokenDecoder::wordLogits(const TokenPlace& place) {
  inner_.assign(heads_.begin() + 2 * weights_->preset.head, heads_.end());
  addRows(weights_->wordGiven, wordGiven(moment_, place), inner_);
  relu(inner_);
  weights_->word(inner_.data(), word_.data());
  std::array<float, kTokenProposals> favour{};
  weights_->favour(inner_.data(), favour.data());
  for (std::size_t k = 0; k < kTokenProposals; ++k) {
    const int word = moment_.proposals[k].word;
    if (word != ChordVocabulary::kUnknown) word_[static_cast<std::size_t>(word)] += favour[k];
  }
  std::fill_n(word_.begin(), ChordVocabulary::kFirstWord, kNever);
  return word_;
}

std::span<float> ImprovedTokenDecoder::lengthLogits(const TokenPlace& place, int word) {
  const auto head = static_cast<std::ptrdiff_t>(weights_->preset.head);
  inner_.assign(heads_.begin() + head, heads_.begin() + 2 * head);
  addRows(weights_->lengthGiven, lengthGiven(place, weights_->words.pitches(word)), inner_);
  relu(inner_);
  weights_->length(inner_.data(), length_.data());
  return length_;
}

}  // namespace incipit
