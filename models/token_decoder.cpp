#include "models/token_decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace incipit {
namespace {

constexpr float kNever = -1e9F;

Dense denseNamed(const TensorFile& file, const std::string& name) {
  return denseOf(file, name + ".weight", name + ".bias");
}

TokenWeights::Convolution convolutionOf(const TensorFile& file, const std::string& name) {
  const NamedTensor& t = *file.find(name + ".weight");
  const std::int64_t ins = t.shape[1] / kPublishedKernel;
  TokenWeights::Convolution c;
  for (std::int64_t tap = 0; tap < kPublishedKernel; ++tap) {
    c.taps.emplace_back(t.values.data() + tap * ins, t.shape[0], ins, t.shape[1]);
  }
  c.bias = valuesOf(file, name + ".bias");
  return c;
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
      w->convolutions.push_back(convolutionOf(file, fmt::format("convolution{}", i)));
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
  w->word = {Panels(w->embedding.data(), p.words, p.hidden, p.hidden), valuesOf(file, "word.bias")};
  return w;
}

PublishedTokenDecoder::PublishedTokenDecoder(std::shared_ptr<const TokenWeights> weights)
    : weights_(std::move(weights)) {
  const TokenPreset& p = weights_->preset;
  for (const RecurrentWeights& w : weights_->lstms) cells_.emplace_back(w);
  dense_.resize(static_cast<std::size_t>(weights_->dense.outs()));
  logits_.resize(static_cast<std::size_t>(weights_->out.outs()));
  top_.resize(static_cast<std::size_t>(weights_->dense.ins()));
  // A layer's positions lie 2^i words apart, its taps 4^i; its pooled ones reach one position more.
  std::int64_t pooled = 0;
  const auto length = static_cast<std::size_t>(p.length);
  for (std::size_t i = 0; i < weights_->convolutions.size(); ++i) {
    const TokenWeights::Convolution& c = weights_->convolutions[i];
    const std::size_t filters = c.bias.size();
    Layer& layer = layers_.emplace_back();
    layer.interior = pooled + (kPublishedKernel - 1) * (std::int64_t{1} << (2 * i));
    pooled = layer.interior + (std::int64_t{1} << i);
    layer.kept.resize(length * filters);
    layer.keptAt.resize(length);
    layer.inputs.resize((length >> i) * static_cast<std::size_t>(c.taps.front().ins()));
    layer.outputs.resize((length >> i) * filters);
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
  const float scaled = static_cast<float>(index) / static_cast<float>(weights_->out.outs());
  std::span<const float> x(&scaled, 1);
  for (RecurrentCell& cell : cells_) x = cell.step(x.data());
  std::copy(x.begin(), x.end(), top_.begin());
}

void PublishedTokenDecoder::convolve(std::size_t index, std::int64_t begin, std::int64_t end) {
  Layer& layer = layers_[index];
  const TokenWeights::Convolution& c = weights_->convolutions[index];
  const auto filters = static_cast<std::int64_t>(c.bias.size());
  float* out = layer.outputs.data();
  for (std::int64_t k = begin; k < end; ++k) {
    std::copy(c.bias.begin(), c.bias.end(), out + k * filters);
  }
  for (std::int64_t tap = 0; tap < kPublishedKernel; ++tap) {
    const Panels& weights = c.taps[static_cast<std::size_t>(tap)];
    // What lies before the window is zero.
    const std::int64_t back = (kPublishedKernel - 1 - tap) << index;
    const std::int64_t from = std::max(begin, back);
    if (from >= end) continue;
    float* into = out + from * filters;
    multiplyAdd(weights, end - from, layer.inputs.data() + (from - back) * weights.ins(), into,
                filters, into);
  }
  relu(std::span(layer.outputs)
           .subspan(static_cast<std::size_t>(begin * filters),
                    static_cast<std::size_t>((end - begin) * filters)));
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
    const std::size_t filters = weights_->convolutions[i].bias.size();
    const std::int64_t positions = length >> i;
    // A layer's positions lie 2^i words apart, and so do its taps.
    const auto timeOf = [&](std::int64_t k) { return start + ((k + 1) << i) - 1; };
    const auto keptAt = [&](std::int64_t k) -> std::int64_t& {
      return layer.keptAt[static_cast<std::size_t>(timeOf(k) % length)];
    };
    const auto kept = [&](std::int64_t k) {
      return layer.kept.begin() + timeOf(k) % length * static_cast<std::ptrdiff_t>(filters);
    };
    const auto interior = [&](std::int64_t k) { return timeOf(k) - start >= layer.interior; };
    const auto known = [&](std::int64_t k) { return interior(k) && keptAt(k) == timeOf(k); };
    const auto column = [&](std::int64_t k) {
      return layer.outputs.begin() + k * static_cast<std::ptrdiff_t>(filters);
    };
    for (std::int64_t k = 0; k < positions;) {
      if (known(k)) {
        std::copy_n(kept(k), filters, column(k));
        ++k;
        continue;
      }
      // Neighbours that are not known, together.
      const std::int64_t begin = k;
      while (k < positions && !known(k)) ++k;
      convolve(i, begin, k);
      for (std::int64_t own = begin; own < k; ++own) {
        if (!interior(own)) continue;
        std::copy_n(column(own), filters, kept(own));
        keptAt(own) = timeOf(own);
      }
    }
    pool(i);
  }
}

// In pairs into the next layer's inputs; the last layer's maximum is over all.
void PublishedTokenDecoder::pool(std::size_t index) {
  const bool last = index + 1 == layers_.size();
  std::vector<float>& into = last ? top_ : layers_[index + 1].inputs;
  const std::vector<float>& from = layers_[index].outputs;
  const std::size_t filters = weights_->convolutions[index].bias.size();
  for (std::size_t k = 0; k < from.size() / filters; ++k) {
    float* own = into.data() + (last ? 0 : k / 2 * filters);
    const float* values = from.data() + k * filters;
    if (last ? k == 0 : k % 2 == 0) {
      std::copy_n(values, filters, own);
    } else {
      raiseTo({own, filters}, values);
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
