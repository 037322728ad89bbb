#include "models/token_composer.h"

#include <algorithm>
#include <bitset>

#include "models/sampler.h"
#include "models/token_data.h"
#include "models/token_decoder.h"

namespace incipit {
namespace {

constexpr int kLowestFirst = 48;
constexpr int kHighestFirst = 84;

bool mostProbable(const ComposeSettings& settings, const TokenPreset& preset) {
  const std::string& choose = settings.values.choice("choose");
  if (choose == "trained") return preset.published() && !preset.lstm();
  return choose == "probable";
}

// What both presets do: words drawn among those that may sound, and their notes.
class WordTake {
 public:
  WordTake(Take& take, const TokenWeights& weights)
      : take_(take),
        words_(weights.words),
        topP_(mostProbable(take.settings, weights.preset) ? 0 : take.settings.topP) {
    if (!take.context.seed.empty()) velocity_ = take.context.seed.back().velocity;
  }

  double topP() const { return topP_; }
  template <typename Allowed>
  int draw(std::span<float> logits, const Allowed& allowed) {
    return sampler_.draw(logits, take_.settings.temperature, topP_, allowed, take_.rng);
  }

  // A word that may start at `at`, of logits whose first is the word `first`; -1 where there is
  // none. Its pitches lie within lowest..highest.
  int drawWord(std::span<float> logits, int first, Tick at, int lowest, int highest) {
    std::bitset<128> free;
    for (int p = lowest; p <= highest; ++p) {
      free[static_cast<std::size_t>(p)] = take_.pitchFree(p, at);
    }
    const int index = draw(logits, [&](int i) {
      const std::vector<int>& pitches = words_.pitches(first + i);
      return !pitches.empty() && std::all_of(pitches.begin(), pitches.end(), [&](int p) {
        return free[static_cast<std::size_t>(p)];
      });
    });
    if (index < 0) return -1;
    probability_ = logits[static_cast<std::size_t>(index)];
    return first + index;
  }

  void emit(int word, Tick start, TickDelta length) {
    for (const int pitch : words_.pitches(word)) {
      Note note;
      note.start = start;
      note.length = length;
      note.pitch = static_cast<std::uint8_t>(pitch);
      note.velocity = static_cast<std::uint8_t>(velocity_);
      take_.emit(note, probability_);
    }
  }

 private:
  Take& take_;
  const TokenWords& words_;
  double topP_;
  Sampler sampler_;
  int velocity_ = kDefaultVelocity;
  float probability_ = 0;  // of the word drawn last
};

class PublishedTake {
 public:
  PublishedTake(Take& take, const std::shared_ptr<const TokenWeights>& weights)
      : take_(take),
        words_(take, *weights),
        vocabulary_(weights->words.vocabulary()),
        length_(static_cast<std::size_t>(weights->preset.length)),
        decoder_(weights) {
    readSeed();
  }

  // Whether it was stopped.
  bool run() {
    const ComposeContext& c = take_.context;
    const int perWhole = std::stoi(take_.settings.values.choice("step"));
    const TickDelta step{std::max<std::int64_t>(1, std::int64_t{4} * c.ppq / perWhole)};
    for (Tick at = c.range.from; at < c.range.to && !take_.full(); at += step) {
      if (!prime()) return true;
      const int word = words_.drawWord(decoder_.logits(), ChordVocabulary::kFirstWord, at,
                                       kLowestKey, kHighestKey);
      if (word < 0) continue;
      words_.emit(word, at, step);
      history_.push_back(word);
    }
    return take_.stopped();
  }

 private:
  void readSeed() {
    std::vector<std::string> words = chordWords(take_.context.seed, vocabulary_.options().spelling);
    if (words.empty()) words = {"C4", "D4", "E4", "F4", "G4", "F4", "E4", "D4"};
    const std::size_t begin = words.size() > length_ ? words.size() - length_ : 0;
    const std::span<const std::string> last = std::span(words).subspan(begin);
    // These are words, so that there is a nearest.
    std::vector<int> ids = vocabulary_.encodeSeed(last)->ids;
    ids.erase(ids.begin());  // kBegin
    for (std::size_t i = 0; i < length_; ++i) {
      history_.push_back(ids[(i + ids.size() - length_ % ids.size()) % ids.size()]);
    }
  }

  // Shows the network what it has not seen. An LSTM's memory is begun anew after twice the words
  // that it was trained on. False where it was stopped.
  bool prime() {
    if (shown_ == 0 || shown_ >= 2 * length_) {
      decoder_.reset();
      shown_ = 0;
      next_ = history_.size() - length_;
    }
    for (; next_ < history_.size(); ++next_, ++shown_) {
      if (take_.stopped()) return false;
      decoder_.push(history_[next_]);
    }
    return !take_.stopped();
  }

  Take& take_;
  WordTake words_;
  const ChordVocabulary& vocabulary_;
  std::size_t length_;
  PublishedTokenDecoder decoder_;
  std::vector<int> history_;
  std::size_t next_ = 0;   // of the history, to be shown
  std::size_t shown_ = 0;  // words since the decoder was reset
};

class ImprovedTake {
 public:
  ImprovedTake(Take& take, const std::shared_ptr<const TokenWeights>& weights)
      : take_(take),
        weights_(*weights),
        words_(take, *weights),
        bars_(take.meter),
        decoder_(weights),
        history_(weights->words) {
    const ComposeContext& c = take.context;
    from_ = unitsOf(c.range.from, c.ppq);
    if (tickOf(from_, c.ppq) < c.range.from) ++from_;
    // A seed further back than the longest step is no beginning of what follows.
    constexpr int kLongestStep = 768;
    if (!c.seed.empty() && from_ - c.seed.back().onset <= kLongestStep) {
      const Onsets seed = onsetsOf(c.seed);
      for (std::size_t i = 0; i < seed.notes.size(); ++i) {
        history_.push(seed.notes[i], weights_.words.wordOf(seed.pitches[i]));
      }
    }
    rest_ = longestRest();
    earliest_ = from_;
  }

  // Whether it was stopped.
  bool run() {
    if (!prime()) return true;
    while (!take_.full() && !take_.stopped()) {
      const std::size_t before = history_.size();
      if (!compose()) return false;
      if (history_.size() == before) continue;
      // The network saw windows: what it remembers is kept near their length.
      if (history_.size() - first_ >= (weights_.preset.lstm() ? 192U : 640U)) {
        if (!prime()) return true;
      } else {
        advance();
      }
    }
    return take_.stopped();
  }

 private:
  std::int64_t longestRest() {
    const BarCursor::Place bar = bars_.at(take_.context.range.from);
    std::int64_t rest = bar.length;
    for (std::size_t i = 1; i < history_.size(); ++i) {
      rest = std::max<std::int64_t>(rest, history_[i].onset - history_[i - 1].onset);
    }
    return std::min<std::int64_t>(rest, 2LL * bar.length);
  }

  void advance() {
    moment_ = history_.before(first_, start_, 0);
    decoder_.advance(moment_);
  }

  // Shows the network the last tokens from their bar line on. False where it was stopped.
  bool prime() {
    const std::size_t most = weights_.preset.lstm() ? 96 : 256;
    first_ = history_.size() > most ? history_.size() - most : 0;
    if (history_.size() == 0) {
      const BarCursor::Place bar = bars_.at(take_.context.range.from);
      start_ = {static_cast<std::int32_t>(from_ - bar.position), bar.length, bar.meter};
    } else {
      const EncodedNote& n = history_[first_];
      start_ = {n.onset - n.barPosition, n.barLength, n.meter};
    }
    decoder_.reset();
    TokenHistory past(weights_.words);
    for (std::size_t i = first_ > kTokenMemory ? first_ - kTokenMemory : 0; i < first_; ++i) {
      past.push(history_[i], history_.word(i));
    }
    const std::size_t first = past.size();
    for (std::size_t i = first_; i < history_.size(); ++i) {
      if (take_.stopped()) return false;
      decoder_.advance(past.before(first, start_, 0));
      past.push(history_[i], history_.word(i));
    }
    advance();
    return true;
  }

  // Long steps are bins of more than a unit: what they reach is put on the grid of their width.
  std::int64_t onsetAfter(std::int64_t before, int step) const {
    constexpr int kExact = 48;
    const int units = stepUnits(step);
    const std::int64_t onset = before + units;
    if (units <= kExact) return onset;
    const int grid = units <= 96 ? 6 : 12;
    const Tick tick = tickOf(onset, take_.context.ppq);
    const std::int64_t bar = unitsOf(take_.meter.barStartAt(tick), take_.context.ppq);
    return bar + (onset - bar + grid / 2) / grid * grid;
  }

  // Whether the next chord is to stand where the range starts, on the grid or not.
  bool must() const {
    return take_.empty() && earliest_ == from_ &&
           (take_.settings.startOnBeat || history_.size() == 0);
  }

  int drawStep(std::int64_t before) {
    const bool mayEnd = take_.settings.values.on("end") && !take_.empty();
    return words_.draw(decoder_.stepLogits(), [&](int bin) {
      if (bin == kEndOfPiece) return mayEnd;
      const std::int64_t onset = onsetAfter(before, bin);
      if (must()) return onset == earliest_;
      if (onset < earliest_ || onset > earliest_ + rest_) return false;
      return bin > 0 || take_.empty();
    });
  }

  // One token. False at the end.
  bool compose() {
    const ComposeContext& c = take_.context;
    const std::int64_t before = history_.size() == 0 ? start_.onset : history_.back().onset;
    earliest_ = std::max(earliest_, before);
    int step = drawStep(before);
    if (step == kEndOfPiece) return false;
    const std::int64_t onset = step < 0 ? earliest_ : onsetAfter(before, step);
    if (step < 0) step = stepBin(onset - before);
    Tick at = must() ? c.range.from : tickOf(onset, c.ppq);
    if (at >= c.range.to) {
      // An empty range gets its first chord wherever the network would have put it later.
      if (!take_.empty() || earliest_ > from_) return false;
      at = c.range.from;
    }
    at = std::max(at, c.range.from);
    const BarCursor::Place place = bars_.at(at);
    const TokenPlace chosen{step, place.position};
    const bool first = history_.size() == 0;
    const int word =
        words_.drawWord(decoder_.wordLogits(chosen), 0, at, first ? kLowestFirst : kLowestKey,
                        first ? kHighestFirst : kHighestKey);
    // Where every word is taken by kept notes the time goes on.
    earliest_ = onset + (word < 0 ? kUnitsPerQuarter : 1);
    if (word < 0) return tickOf(earliest_, c.ppq) < c.range.to;
    sound(word, at, chosen, place);
    return true;
  }

  void sound(int word, Tick at, const TokenPlace& chosen, const BarCursor::Place& place) {
    const ComposeContext& c = take_.context;
    const int length = words_.draw(decoder_.lengthLogits(chosen, word), [](int) { return true; });
    EncodedNote onset;
    onset.onset = static_cast<std::int32_t>(unitsOf(at, c.ppq));
    onset.duration = static_cast<std::uint16_t>(durationUnits(length));
    onset.barLength = static_cast<std::uint16_t>(place.length);
    onset.barPosition = static_cast<std::uint16_t>(place.position);
    onset.meter = static_cast<std::uint8_t>(place.meter);
    onset.pitch = static_cast<std::uint8_t>(weights_.words.top(word));
    words_.emit(word, at, tickOf(onset.onset + onset.duration, c.ppq) - at);
    history_.push(onset, word);
  }

  Take& take_;
  const TokenWeights& weights_;
  WordTake words_;
  BarCursor bars_;
  ImprovedTokenDecoder decoder_;
  TokenHistory history_;
  TokenMoment moment_;
  std::size_t first_ = 0;  // of the network's window
  BarStart start_;
  std::int64_t from_ = 0;
  std::int64_t earliest_ = 0;  // where the next onset may stand
  std::int64_t rest_ = 0;
};

}  // namespace

std::vector<SettingInfo> tokenComposeSettings() {
  return {
      choiceSetting(
          "choose", "Choose", "Whether chords are drawn by chance or always the most probable one",
          {{"trained", "As trained"}, {"sampled", "By chance"}, {"probable", "The most probable"}}),
      choiceSetting("step", "Step",
                    "How far apart the chords of a model without time stand, and how long",
                    {{"8", "Eighths"}, {"4", "Quarters"}, {"16", "Sixteenths"}}),
      switchSetting("end", "May end early",
                    "Whether a model that knows where pieces end may leave the rest empty", false)};
}

Result<std::shared_ptr<const Composer>> loadTokenComposer(const TensorFile& checkpoint) {
  auto whole = tokenCheckpoint(checkpoint);
  if (!whole) return fail(whole.error().message);
  return composerOf([weights = tokenWeights(checkpoint, std::move(*whole))](Take& take) {
    return weights->preset.published() ? PublishedTake(take, weights).run()
                                       : ImprovedTake(take, weights).run();
  });
}

}  // namespace incipit
