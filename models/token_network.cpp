#include "models/token_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

constexpr float kNever = -1e9F;
constexpr std::int64_t kSteps = 8;  // that words are summed over

at::Tensor pickedOf(const at::Tensor& logits, const at::Tensor& truth) {
  return at::log_softmax(logits, 1).gather(1, truth.unsqueeze(1)).squeeze(1);
}

at::Tensor correctOf(const at::Tensor& logits, const at::Tensor& truth) {
  return (logits.argmax(1) == truth).sum();
}

int drawSemitones(const TokenWords& vocabulary, std::span<const std::int32_t> words, Rng& rng) {
  int lowest = kHighestKey;
  int highest = kLowestKey;
  for (const std::int32_t word : words) {
    const std::vector<int>& pitches = vocabulary.pitches(word);
    if (pitches.empty()) continue;
    lowest = std::min(lowest, pitches.front());
    highest = std::max(highest, pitches.back());
  }
  const int drawn = static_cast<int>(rng.below(kTransposeDown + kTransposeUp + 1)) - kTransposeDown;
  return std::clamp(drawn, std::min(0, kLowestKey - lowest), std::max(0, kHighestKey - highest));
}

}  // namespace

TokenNetwork::Matrix TokenNetwork::addDense(const std::string& name, std::int64_t in,
                                            std::int64_t out, Rng& rng) {
  return {add(name + ".weight", {out, in}, glorot(in, out), rng),
          add(name + ".bias", {out}, 0, rng)};
}

std::unique_ptr<TokenNetwork> makeTokenNetwork(const TokenPreset& preset, std::uint64_t seed,
                                               at::Device device) {
  if (preset.published()) return std::make_unique<PublishedTokens>(preset, seed, device);
  return std::make_unique<ImprovedTokens>(preset, seed, device);
}

PublishedTokens::PublishedTokens(const TokenPreset& preset, std::uint64_t seed, at::Device device)
    : TokenNetwork(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t classes = preset.words - ChordVocabulary::kFirstWord;
  std::int64_t width = preset.embedding;
  if (!preset.lstm()) embedding_ = add("embedding", {classes, width}, 0.05, rng);
  for (int i = 0; i < preset.layers; ++i) {
    if (preset.lstm()) {
      const std::int64_t in = i == 0 ? 1 : width;
      lstms_.push_back(
          addLstm(fmt::format("lstm{}", i + 1), in, preset.hidden, glorot(in, preset.hidden), rng));
      width = preset.hidden;
    } else {
      convolutions_.push_back(addDense(fmt::format("convolution{}", i + 1),
                                       kPublishedKernel * width, preset.filters(i), rng));
      width = preset.filters(i);
    }
  }
  dense_ = addDense("dense", width, preset.dense(), rng);
  out_ = addDense("out", preset.dense(), classes, rng);
}

at::Tensor PublishedTokens::logits(std::vector<std::int64_t>& histories, std::int64_t examples,
                                   std::optional<std::uint64_t> dropout) {
  const at::Tensor words =
      tensorOf(histories, {preset_.length, examples}, device_) - ChordVocabulary::kFirstWord;
  at::Tensor x;
  if (preset_.lstm()) {
    const auto classes = static_cast<double>(preset_.words - ChordVocabulary::kFirstWord);
    x = (words.to(at::kFloat) / classes).unsqueeze(2);
    for (const RecurrentLayer& l : lstms_) x = lstm(x, l);
    x = x[preset_.length - 1];
  } else {
    x = at::embedding(embedding_, words);
    const double rate = dropout ? preset_.dropout : 0;
    std::int64_t dilation = 1;
    for (const Matrix& c : convolutions_) {
      x = at::relu(causalConvolution(x, c.weight, c.bias, dilation));
      x = drop(x, rate, dropout.value_or(0) * 4 + static_cast<std::uint64_t>(dilation));
      x = pairMaximum(x);
      dilation *= 2;
    }
    x = x.amax(0);
  }
  return linear(at::relu(linear(x, dense_.weight, dense_.bias)), out_.weight, out_.bias);
}

BatchLoss PublishedTokens::loss(const TokenCorpus& data, std::span<const NoteWindow> windows,
                                Rng* /*augment*/, std::optional<std::uint64_t> dropout) {
  const std::size_t n = windows.size();
  const auto length = static_cast<std::size_t>(preset_.length);
  std::vector<std::int64_t> histories(length * n);
  std::vector<std::int64_t> targets;
  for (std::size_t b = 0; b < n; ++b) {
    const auto words = data.wordsOf(windows[b]);
    for (std::size_t i = 0; i < length; ++i) histories[i * n + b] = words[i];
    targets.push_back(words[length] - ChordVocabulary::kFirstWord);
  }
  const auto examples = static_cast<std::int64_t>(n);
  const at::Tensor out = logits(histories, examples, dropout);
  const at::Tensor truth = tensorOf(targets, {examples}, device_);
  return {at::cross_entropy_loss(out, truth), examples, correctOf(out, truth)};
}

// --- improved ---

// A row of the network is step * windows + window; the heads answer for some of them.
struct ImprovedTokens::Batch {
  std::int64_t windows = 0, steps = 0;
  std::vector<std::int64_t> inputs;             // kTokenInputs a row
  std::vector<std::int64_t> stepRow, step;      // where a step is to be answered
  std::vector<std::int64_t> row, word, length;  // where a word is
  std::vector<std::int64_t> stepAt;             // of each word, its index among the steps
  std::vector<std::int64_t> wordGiven, lengthGiven, proposals;
  // For summing over steps.
  std::vector<TokenMoment> moments;
  std::vector<std::pair<int, int>> before;  // position of the onset before in its bar, bar length
};

ImprovedTokens::ImprovedTokens(const TokenPreset& preset, std::uint64_t seed, at::Device device)
    : TokenNetwork(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  const std::int64_t k = preset.head;
  embedding_ = add("embedding", {preset.words + TokenRows::kRows, h}, 0.15, rng);
  for (int i = 1; i <= preset.layers; ++i) {
    if (preset.lstm()) {
      lstms_.push_back(addLstm(fmt::format("lstm{}", i), h, h, glorot(h, h), rng));
    } else {
      const std::string name = fmt::format("block{}.", i);
      GatedWeights block;
      block.gates = add(name + "gates", {2 * h, 2 * h}, glorot(2 * h, 2 * h), rng);
      block.gatesBias = add(name + "gates_bias", {2 * h}, 0, rng);
      block.out = add(name + "out", {2 * h, h}, glorot(h, 2 * h), rng);
      block.outBias = add(name + "out_bias", {2 * h}, 0, rng);
      blocks_.push_back(block);
    }
  }
  heads_ = addDense("heads", h, h + 2 * k, rng);
  constexpr double kTable = 0.1;
  wordGiven_ = add("word.given", {TokenGivenRows::kWordRows, h}, kTable, rng);
  lengthGiven_ = add("length.given", {TokenGivenRows::kRows, k}, kTable, rng);
  wordBias_ = add("word.bias", {preset.words}, 0, rng);
  favour_ = addDense("favour", h, kTokenProposals, rng);
  step_ = addDense("step", k, kStepAnswers, rng);
  length_ = addDense("length", k, kDurationBins, rng);
  markers_ = at::arange(preset.words, at::device(device_)) < ChordVocabulary::kFirstWord;
}

ImprovedTokens::Batch ImprovedTokens::batchOf(const TokenCorpus& data,
                                              std::span<const NoteWindow> windows, Rng* augment,
                                              std::uint32_t from) const {
  Batch b;
  b.windows = static_cast<std::int64_t>(windows.size());
  const auto ends = [](const NoteWindow& w) {
    return w.first + w.count == w.sequence->notes.size();
  };
  for (const NoteWindow& w : windows) {
    b.steps = std::max<std::int64_t>(b.steps, w.count + (ends(w) ? 1 : 0));
  }
  b.inputs.resize(static_cast<std::size_t>(b.steps * b.windows * kTokenInputs));
  for (std::size_t k = 0; k < windows.size(); ++k) {
    const NoteWindow& w = windows[k];
    const std::span<const EncodedNote> notes(w.sequence->notes);
    const auto words = data.wordsOf(*w.sequence);
    const int semitones =
        augment != nullptr ? drawSemitones(*data.vocabulary, data.wordsOf(w), *augment) : 0;
    const EncodedNote& head = notes[w.first];
    const BarStart start{head.onset - head.barPosition, head.barLength, head.meter};
    TokenHistory history(*data.vocabulary);
    const std::size_t memory = std::min<std::size_t>(w.first, kTokenMemory);
    for (std::size_t i = w.first - memory; i < w.first; ++i) history.push(notes[i], words[i]);
    for (std::uint32_t i = 0; i < w.count + (ends(w) ? 1 : 0); ++i) {
      const TokenMoment moment = history.before(memory, start, semitones);
      const std::int64_t row = i * b.windows + static_cast<std::int64_t>(k);
      std::copy(moment.rows.begin(), moment.rows.end(), b.inputs.begin() + row * kTokenInputs);
      const bool end = i == w.count;
      if (i >= from) {
        b.stepRow.push_back(row);
        b.step.push_back(kEndOfPiece);
      }
      if (end) break;
      const EncodedNote& note = notes[w.first + i];
      const std::int32_t before = i > 0 ? history.back().onset : start.onset;
      const std::pair<int, int> place =
          i > 0 ? std::pair<int, int>{history.back().barPosition, history.back().barLength}
                : std::pair<int, int>{0, start.length};
      history.push(note, words[w.first + i]);
      if (i < from) continue;
      const TokenPlace chosen{stepBin(note.onset - before), note.barPosition};
      const int word = data.vocabulary->transposed(words[w.first + i], semitones);
      b.step.back() = chosen.step;
      b.stepAt.push_back(static_cast<std::int64_t>(b.step.size()) - 1);
      b.row.push_back(row);
      b.word.push_back(word);
      b.length.push_back(durationBin(note.duration));
      for (const std::int64_t r : wordGiven(moment, chosen)) b.wordGiven.push_back(r);
      for (const std::int64_t r : lengthGiven(chosen, data.vocabulary->pitches(word))) {
        b.lengthGiven.push_back(r);
      }
      for (const TokenProposal& p : moment.proposals) {
        b.proposals.push_back(p.word == ChordVocabulary::kUnknown ? preset_.words : p.word);
      }
      if (from > 0) {
        b.moments.push_back(moment);
        b.before.push_back(place);
      }
    }
  }
  return b;
}

at::Tensor ImprovedTokens::core(const at::Tensor& input, double rate, std::uint64_t seed) {
  at::Tensor x = drop(input, rate, seed);
  at::Tensor sum = x;
  for (std::size_t i = 0; i < lstms_.size(); ++i) {
    x = lstm(drop(x, i > 0 ? rate : 0, seed + 1 + i), lstms_[i]);
    sum = sum + x;
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const GatedOutput out = gatedConvolution(drop(x, i > 0 ? rate / 2 : 0, seed + 1 + i),
                                             blocks_[i], std::int64_t{1} << i);
    x = out.next;
    sum = sum + out.skip;
  }
  return drop(sum, rate, seed + 20);
}

at::Tensor ImprovedTokens::heads(Batch& b, std::optional<std::uint64_t> dropout) {
  const double rate = dropout ? preset_.dropout : 0;
  const at::Tensor inputs = tensorOf(b.inputs, {b.steps * b.windows, kTokenInputs}, device_);
  const at::Tensor x = bag(embedding_, inputs).view({b.steps, b.windows, preset_.hidden});
  const at::Tensor top = core(x, rate, dropout.value_or(0) * 32).reshape({-1, preset_.hidden});
  const at::Tensor rows =
      tensorOf(b.stepRow, {static_cast<std::int64_t>(b.stepRow.size())}, device_);
  return linear(top.index_select(0, rows), heads_.weight, heads_.bias);
}

at::Tensor ImprovedTokens::wordLogits(const at::Tensor& base, const at::Tensor& given,
                                      const at::Tensor& proposals, double rate,
                                      std::uint64_t seed) {
  const at::Tensor z = drop(at::relu(base + bag(wordGiven_, given)), rate, seed);
  const at::Tensor own = linear(z, embedding_.slice(0, 0, preset_.words), wordBias_);
  // One column more takes what is said of proposals that are not there.
  return at::constant_pad_nd(own, {0, 1})
      .scatter_add(1, proposals, linear(z, favour_.weight, favour_.bias))
      .slice(1, 0, preset_.words)
      .masked_fill(markers_, kNever);
}

ImprovedTokens::Logits ImprovedTokens::logitsOf(Batch& b, const at::Tensor& heads,
                                                std::optional<std::uint64_t> dropout) {
  const double rate = dropout ? preset_.dropout : 0;
  const std::uint64_t seed = dropout.value_or(0) * 32 + 24;
  const auto n = static_cast<std::int64_t>(b.word.size());
  const auto parts = heads.split_with_sizes({preset_.head, preset_.head, preset_.hidden}, 1);
  const at::Tensor at = tensorOf(b.stepAt, {n}, device_);
  const at::Tensor length =
      at::relu(parts[1].index_select(0, at) +
               bag(lengthGiven_, tensorOf(b.lengthGiven, {n, kLengthGiven}, device_)));
  return {linear(at::relu(parts[0]), step_.weight, step_.bias),
          wordLogits(parts[2].index_select(0, at), tensorOf(b.wordGiven, {n, kWordGiven}, device_),
                     tensorOf(b.proposals, {n, kTokenProposals}, device_), rate, seed),
          linear(length, length_.weight, length_.bias)};
}

BatchLoss ImprovedTokens::loss(const TokenCorpus& data, std::span<const NoteWindow> windows,
                               Rng* augment, std::optional<std::uint64_t> dropout) {
  Batch b = batchOf(data, windows, augment, 0);
  const Logits out = logitsOf(b, heads(b, dropout), dropout);
  const auto n = static_cast<std::int64_t>(b.word.size());
  const auto steps = static_cast<std::int64_t>(b.step.size());
  const at::Tensor word = tensorOf(b.word, {n}, device_);
  const at::Tensor sum = pickedOf(out.step, tensorOf(b.step, {steps}, device_)).sum() +
                         pickedOf(out.word, word).sum() +
                         pickedOf(out.length, tensorOf(b.length, {n}, device_)).sum();
  return {-sum / static_cast<double>(n), n, correctOf(out.word, word)};
}

ImprovedTokens::Logits ImprovedTokens::logits(const TokenCorpus& data,
                                              std::span<const NoteWindow> windows) {
  const at::NoGradGuard noGrad;
  Batch b = batchOf(data, windows, nullptr, 0);
  return logitsOf(b, heads(b, std::nullopt), std::nullopt);
}

at::Tensor ImprovedTokens::wordsWithoutStep(Batch& b, const at::Tensor& base,
                                            const at::Tensor& steps) {
  const auto n = static_cast<std::int64_t>(b.word.size());
  // Neither the same onset nor the end.
  const auto [share, bins] = at::topk(steps.slice(1, 1, kStepBins), kSteps, 1);
  const at::Tensor weight = share / share.sum(1, true);
  const at::Tensor bin = (bins + 1).to(at::kCPU).contiguous();
  const at::Tensor proposals = tensorOf(b.proposals, {n, kTokenProposals}, device_);
  at::Tensor sum = at::zeros({n, preset_.words}, base.options());
  for (std::int64_t s = 0; s < kSteps; ++s) {
    std::vector<std::int64_t> given;
    for (std::int64_t i = 0; i < n; ++i) {
      const auto [position, bar] = b.before[static_cast<std::size_t>(i)];
      const auto step = static_cast<int>(bin.data_ptr<std::int64_t>()[i * kSteps + s]);
      const TokenPlace place{step, (position + stepUnits(step)) % bar};
      for (const auto r : wordGiven(b.moments[static_cast<std::size_t>(i)], place)) {
        given.push_back(r);
      }
    }
    const at::Tensor logits =
        wordLogits(base, tensorOf(given, {n, kWordGiven}, device_), proposals, 0, 0);
    sum += weight.slice(1, s, s + 1) * at::softmax(logits, 1);
  }
  return sum;
}

ImprovedTokens::Scores ImprovedTokens::score(const TokenCorpus& data,
                                             std::span<const NoteWindow> windows,
                                             std::uint32_t from) {
  const at::NoGradGuard noGrad;
  Batch b = batchOf(data, windows, nullptr, from);
  const auto n = static_cast<std::int64_t>(b.word.size());
  const at::Tensor shares = heads(b, std::nullopt);
  const Logits out = logitsOf(b, shares, std::nullopt);
  const at::Tensor at = tensorOf(b.stepAt, {n}, device_);
  const at::Tensor step = out.step.index_select(0, at);
  Scores s;
  s.step = pickedOf(
      step,
      tensorOf(b.step, {static_cast<std::int64_t>(b.step.size())}, device_).index_select(0, at));
  s.word = pickedOf(out.word, tensorOf(b.word, {n}, device_));
  s.length = pickedOf(out.length, tensorOf(b.length, {n}, device_));
  s.words = wordsWithoutStep(b, shares.slice(1, 2 * preset_.head).index_select(0, at),
                             at::softmax(step, 1));
  return s;
}

}  // namespace incipit
