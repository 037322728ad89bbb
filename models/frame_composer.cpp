#include "models/frame_composer.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "models/lstm_kernels.h"
#include "models/sampler.h"

namespace incipit {
namespace {

constexpr int kLowestFirst = 48;
constexpr int kHighestFirst = 84;
constexpr std::int64_t kMostSeedFrames = 1024;

class FrameTake {
 public:
  FrameTake(Take& take, const std::shared_ptr<const FrameWeights>& weights)
      : take_(take), preset_(weights->preset), decoder_(weights) {
    const ComposeContext& c = take.context;
    first_ = unitsOf(c.range.from, c.ppq) / preset_.unitsPerFrame;
    while (tickOf(first_ * preset_.unitsPerFrame, c.ppq) > c.range.from) --first_;
    if (!c.seed.empty()) velocity_ = c.seed.back().velocity;
    readSeed();
    const TickDelta bar = take.meter.barLength(take.meter.at(c.range.from));
    const std::int64_t ticks =
        std::max<std::int64_t>(1, tickOf(preset_.unitsPerFrame, c.ppq).count);
    mostSilence_ = std::min(bar.count, c.range.length().count / 2) / ticks;
  }

  // Whether it was stopped.
  bool run() {
    const ComposeContext& c = take_.context;
    // What the network has read of the seed is its state; the frame to come is read last.
    for (std::int64_t i = 0; i <= seed_.size(); ++i) {
      if (take_.stopped()) return true;
      decoder_.advance(history_);
      if (i < seed_.size()) history_.push(seed_[i]);
    }
    for (std::int64_t f = first_; !take_.full(); ++f) {
      const Tick start = std::max(tickOf(f * preset_.unitsPerFrame, c.ppq), c.range.from);
      if (start >= c.range.to) break;
      if (take_.stopped()) {
        finishAll(start);
        return true;
      }
      const Frame frame = compose(start);
      sound(frame, start);
      history_.push(frame);
      decoder_.advance(history_);
    }
    finishAll(c.range.to);
    return false;
  }

 private:
  struct Pending {
    Note note;
    float probability;
    bool ended = false;
  };

  void readSeed() {
    const ComposeContext& c = take_.context;
    auto frames = framesOf(c.seed, preset_.unitsPerFrame);
    const std::int64_t from = std::max<std::int64_t>(0, first_ - kMostSeedFrames);
    std::int64_t begin = from;
    const auto at = [&](std::int64_t i) {
      return frames && i < static_cast<std::int64_t>(frames->size())
                 ? (*frames)[static_cast<std::size_t>(i)]
                 : Frame();
    };
    while (begin < first_ && at(begin).empty()) ++begin;
    seed_ = history_ = FrameHistory(begin);
    for (std::int64_t i = begin; i < first_; ++i) seed_.push(at(i));
  }

  bool allowed(int pitch, Tick start) const {
    if (take_.empty() && pending_.empty() && seed_.size() == 0 &&
        (pitch < kLowestFirst || pitch > kHighestFirst)) {
      return false;
    }
    return running(pitch) != nullptr || take_.pitchFree(pitch, start);
  }

  // Chooses the keys of the next frame, and remembers how probable each was.
  Frame compose(Tick start) {
    const bool nothing = take_.empty() && pending_.empty();
    const bool must =
        (nothing && (take_.settings.startOnBeat || seed_.size() == 0)) || silence_ >= mostSilence_;
    return preset_.serial() ? composeSerial(start, must) : composeIndependent(start, must);
  }

  Frame composeSerial(Tick start, bool must) {
    Frame frame;
    for (;;) {
      const std::span<float> logits = decoder_.symbolLogits(frame);
      const auto may = [&](int symbol) {
        if (symbol == kFrameEnd) return !must || !frame.empty();
        return (frame.empty() || framePitch(symbol) < frame.back()) &&
               allowed(framePitch(symbol), start);
      };
      const int symbol =
          sampler_.draw(logits, take_.settings.temperature, take_.settings.topP, may, take_.rng);
      if (symbol <= kFrameEnd) return frame;
      frame.push_back(static_cast<std::uint8_t>(framePitch(symbol)));
      probability_[frame.back()] = logits[static_cast<std::size_t>(symbol)];
    }
  }

  // Keys less probable than 1 - topP never sound.
  Frame composeIndependent(Tick start, bool must) {
    Frame frame;
    const std::span<float> logits = decoder_.keyLogits();
    int likeliest = -1;
    for (int key = kFrameKeys - 1; key >= 0; --key) {
      const auto i = static_cast<std::size_t>(key);
      const double u = take_.rng.uniform();
      const int pitch = kFrameLowest + key;
      if (!allowed(pitch, start)) continue;
      const float p = sigmoidOf(logits[i] / static_cast<float>(take_.settings.temperature));
      probability_[static_cast<std::size_t>(pitch)] = p;
      if (likeliest < 0 || logits[i] > logits[static_cast<std::size_t>(likeliest - kFrameLowest)]) {
        likeliest = pitch;
      }
      if (p > 1 - take_.settings.topP && u < p) frame.push_back(static_cast<std::uint8_t>(pitch));
    }
    if (frame.empty() && must && likeliest >= 0) {
      frame.push_back(static_cast<std::uint8_t>(likeliest));
    }
    return frame;
  }

  const Pending* running(int pitch) const {
    const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& p) {
      return !p.ended && p.note.pitch == pitch;
    });
    return found == pending_.end() ? nullptr : &*found;
  }

  // Begins and ends notes; hands on those that are final.
  void sound(const Frame& frame, Tick start) {
    silence_ = frame.empty() ? silence_ + 1 : 0;
    for (Pending& p : pending_) {
      if (p.ended || std::find(frame.begin(), frame.end(), p.note.pitch) != frame.end()) continue;
      p.ended = true;
      p.note.length = start - p.note.start;
    }
    for (auto pitch = frame.rbegin(); pitch != frame.rend(); ++pitch) {
      if (running(*pitch) != nullptr) continue;
      Note note;
      note.start = start;
      note.pitch = *pitch;
      note.velocity = static_cast<std::uint8_t>(velocity_);
      pending_.push_back({note, probability_[*pitch]});
    }
    handOn();
  }

  void finishAll(Tick end) {
    for (Pending& p : pending_) {
      if (!p.ended) p.note.length = end - p.note.start;
      p.ended = true;
    }
    handOn();
  }

  void handOn() {
    while (!pending_.empty() && pending_.front().ended) {
      take_.emit(pending_.front().note, pending_.front().probability);
      pending_.pop_front();
    }
  }

  Take& take_;
  FramePreset preset_;
  FrameDecoder decoder_;
  Sampler sampler_;
  FrameHistory seed_, history_;
  std::int64_t first_ = 0;  // frame of the range's start, on the grid of the document
  std::int64_t silence_ = 0;
  std::int64_t mostSilence_ = 0;
  int velocity_ = kDefaultVelocity;
  std::array<float, 128> probability_{};
  std::deque<Pending> pending_;  // in order of start
};

}  // namespace

std::shared_ptr<const FrameWeights> frameWeights(const TensorFile& file,
                                                 const FramePreset& preset) {
  auto w = std::make_shared<FrameWeights>();
  w->preset = preset;
  w->embedding = valuesOf(file, "embedding");
  if (preset.serial()) w->given = valuesOf(file, "head.given");
  for (int i = 1; i <= preset.layers; ++i) {
    if (preset.gru()) {
      w->grus.push_back(recurrentOf(file, fmt::format("gru{}", i)));
    } else {
      const std::string name = fmt::format("block{}.", i);
      w->blocks.push_back({denseOf(file, name + "gates", name + "gates_bias"),
                           denseOf(file, name + "out", name + "out_bias"),
                           std::int64_t{1} << (i - 1)});
    }
  }
  w->head = denseOf(file, "head.weight", "head.bias");
  w->out = denseOf(file, "out.weight", "out.bias");
  return w;
}

FrameDecoder::FrameDecoder(std::shared_ptr<const FrameWeights> weights)
    : weights_(std::move(weights)) {
  for (const RecurrentWeights& w : weights_->grus) grus_.emplace_back(w);
  for (const GatedCellWeights& w : weights_->blocks) blocks_.emplace_back(w);
  const auto hidden = static_cast<std::size_t>(weights_->preset.hidden);
  input_.resize(hidden);
  x_.resize(hidden);
  sum_.resize(hidden);
  head_.resize(static_cast<std::size_t>(weights_->preset.head));
  inner_.resize(head_.size());
  out_.resize(static_cast<std::size_t>(weights_->out.outs()));
  logits_.resize(weights_->preset.serial() ? kFrameSymbols : kFrameKeys);
}

void FrameDecoder::advance(const FrameHistory& history) {
  rows_.clear();
  history.appendInputs(rows_);
  proposals_ = history.proposals();
  std::fill(input_.begin(), input_.end(), 0.0F);
  addRows(weights_->embedding, rows_, input_);
  sum_ = x_ = input_;
  for (RecurrentCell& cell : grus_) {
    const std::span<const float> out = cell.step(x_.data());
    std::copy(out.begin(), out.end(), x_.begin());
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += x_[i];
  }
  for (GatedCell& cell : blocks_) cell.step(x_, sum_);
  weights_->head(sum_.data(), head_.data());
}

std::span<float> FrameDecoder::symbolLogits(std::span<const std::uint8_t> chosen) {
  using L = SymbolLogits;
  const SymbolContext c = symbolContext(proposals_, chosen);
  inner_ = head_;
  addRows(weights_->given, c.rows, inner_);
  relu(inner_);
  weights_->out(inner_.data(), out_.data());
  const auto out = [this](int i) { return out_[static_cast<std::size_t>(i)]; };
  for (int s = 0; s < kFrameSymbols; ++s) {
    logits_[static_cast<std::size_t>(s)] =
        out(s) + out(L::fall(s, c.last)) + out(L::move(s, c.voice));
  }
  for (int p = 0; p < kProposals; ++p) {
    const int symbol = c.proposed[static_cast<std::size_t>(p)];
    if (symbol < kFrameSymbols) logits_[static_cast<std::size_t>(symbol)] += out(L::kFavour + p);
  }
  maskSerial(logits_, c.last);
  return logits_;
}

std::span<float> FrameDecoder::keyLogits() {
  inner_ = head_;
  relu(inner_);
  weights_->out(inner_.data(), out_.data());
  std::copy_n(out_.begin(), kFrameKeys, logits_.begin());
  for (std::size_t p = 0; p < kProposals; ++p) {
    if (proposals_[p] == nullptr) continue;
    for (const std::uint8_t pitch : *proposals_[p]) {
      logits_[static_cast<std::size_t>(pitch - kFrameLowest)] += out_[kFrameKeys + p];
    }
  }
  return logits_;
}

Result<std::shared_ptr<const Composer>> loadFrameComposer(const TensorFile& checkpoint) {
  auto preset = frameCheckpoint(checkpoint);
  if (!preset) return fail(preset.error().message);
  return composerOf([weights = frameWeights(checkpoint, *preset)](Take& take) {
    return FrameTake(take, weights).run();
  });
}

}  // namespace incipit
