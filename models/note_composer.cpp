#include "models/note_composer.h"

#include <algorithm>
#include <array>

#include "models/note_decoder.h"
#include "models/sampler.h"

namespace incipit {
namespace {

constexpr int kLowestFirst = 48;
constexpr int kHighestFirst = 84;
constexpr int kMostChord = 10;
// The network saw windows of 128 notes: what it remembers is kept near that length.
constexpr std::size_t kPrimeNotes = 96;
constexpr std::size_t kMostWindow = 192;
class ImprovedTake {
 public:
  ImprovedTake(Take& take, std::shared_ptr<const NoteWeights> weights)
      : take_(take), bars_(take.meter), decoder_(std::move(weights)), notes_(take.context.seed) {
    const ComposeContext& c = take.context;
    from_ = unitsOf(c.range.from, c.ppq);
    if (tickOf(from_, c.ppq) < c.range.from) ++from_;
    // A seed further back than the longest step is no beginning of what follows.
    constexpr int kLongestStep = 768;
    if (!notes_.empty() && from_ - notes_.back().onset > kLongestStep) notes_.clear();
    rest_ = longestRest();
    lowestVelocity_ = highestVelocity_ = kDefaultVelocity;
    if (!notes_.empty()) {
      const auto [low, high] = std::minmax_element(
          notes_.begin(), notes_.end(),
          [](const EncodedNote& a, const EncodedNote& b) { return a.velocity < b.velocity; });
      constexpr int kVelocityRoom = 8;
      lowestVelocity_ = std::max(1, low->velocity - kVelocityRoom);
      highestVelocity_ = std::min(127, high->velocity + kVelocityRoom);
    }
  }

  // Whether it was stopped.
  bool run() {
    if (!prime()) return true;
    while (!take_.full() && !take_.stopped()) {
      EncodedNote next;
      if (!compose(next)) return false;
      notes_.push_back(next);
      soundingEnd_ = std::max(soundingEnd_, next.onset + next.duration);
      if (notes_.size() - first_ >= kMostWindow) {
        if (!prime()) return true;
      } else {
        decoder_.advance(inputs());
      }
    }
    return take_.stopped();
  }

 private:
  std::int64_t longestRest() {
    const BarCursor::Place bar = bars_.at(take_.context.range.from);
    std::int64_t rest = bar.length;
    for (std::size_t i = 1; i < notes_.size(); ++i) {
      rest = std::max<std::int64_t>(rest, notes_[i].onset - notes_[i - 1].onset);
    }
    return std::min<std::int64_t>(rest, 2LL * bar.length);
  }

  NoteInputs inputs() const { return inputsBefore(notes_, first_, start_, soundingEnd_, Shift{}); }

  // Shows the network the last notes from their bar line on. False where it was stopped.
  bool prime() {
    first_ = notes_.size() > kPrimeNotes ? notes_.size() - kPrimeNotes : 0;
    soundingEnd_ = 0;
    if (notes_.empty()) {
      const BarCursor::Place bar = bars_.at(take_.context.range.from);
      start_ = {static_cast<std::int32_t>(from_ - bar.position), bar.length, bar.meter};
    } else {
      const EncodedNote& n = notes_[first_];
      start_ = {n.onset - n.barPosition, n.barLength, n.meter};
    }
    decoder_.reset();
    const std::span<const EncodedNote> all(notes_);
    for (std::size_t i = first_; i <= notes_.size(); ++i) {
      if (take_.stopped()) return false;
      decoder_.advance(inputsBefore(all.first(i), first_, start_, soundingEnd_, Shift{}));
      if (i < notes_.size()) {
        soundingEnd_ = std::max(soundingEnd_, notes_[i].onset + notes_[i].duration);
      }
    }
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

  // False at the end of the range.
  bool compose(EncodedNote& next) {
    const ComposeContext& c = take_.context;
    const double temperature = take_.settings.temperature;
    const std::int64_t before = notes_.empty() ? start_.onset : notes_.back().onset;
    const std::int64_t earliest = std::max(before, from_);
    NoteTargets chosen;
    chosen.pitchBefore = notes_.empty() ? 60 : notes_.back().pitch;
    const bool chordRoom = !notes_.empty() && chordSize() < kMostChord && canAscend();
    const auto stepAllowed = [&](int bin) {
      const std::int64_t onset = onsetAfter(before, bin);
      // What comes from nothing begins at once.
      if (notes_.empty() || mustStart()) return onset == earliest;
      if (onset < earliest || onset > earliest + rest_) return false;
      return bin > 0 || chordRoom;
    };
    chosen.step = sampler_.draw(decoder_.stepLogits(), rhythmTemperature(temperature), kRhythmTopP,
                                stepAllowed, take_.rng);
    const std::int64_t onset = chosen.step < 0 ? earliest : onsetAfter(before, chosen.step);
    if (chosen.step < 0) chosen.step = stepBin(onset - before);
    const Tick start = tickOf(onset, c.ppq);
    if (start >= c.range.to && !take_.empty()) return false;
    // An empty range gets its first note wherever the network would have put it later.
    const Tick at = start >= c.range.to ? c.range.from : start;
    const BarCursor::Place place = bars_.at(at);
    chosen.subBeat = subBeatOf(place.position);
    chosen.beat = beatOf(place.position);
    if (!choosePitch(chosen, at, onset == before && !notes_.empty()))
      return skip(onset, place, next);
    fill(chosen, at, place, next);
    return true;
  }

  // Everything that could sound there is taken by kept notes: goes on after them.
  bool skip(std::int64_t onset, const BarCursor::Place& place, EncodedNote& next) {
    next = notes_.empty() ? EncodedNote{} : notes_.back();
    next.onset = static_cast<std::int32_t>(onset + kUnitsPerQuarter);
    next.barLength = static_cast<std::uint16_t>(place.length);
    next.barPosition =
        static_cast<std::uint16_t>((place.position + kUnitsPerQuarter) % place.length);
    next.meter = static_cast<std::uint8_t>(place.meter);
    return tickOf(next.onset, take_.context.ppq) < take_.context.range.to;
  }

  bool choosePitch(NoteTargets& chosen, Tick at, bool chord) {
    const int lowest = notes_.empty() ? kLowestFirst : kLowestKey;
    const int highest = notes_.empty() ? kHighestFirst : kHighestKey;
    const int above = chord ? notes_.back().pitch : -1;
    const auto allowed = [&](int p) {
      return p >= lowest && p <= highest && p > above && take_.pitchFree(p, at);
    };
    const std::span<float> logits = decoder_.pitchLogits(chosen);
    chosen.pitch =
        sampler_.draw(logits, take_.settings.temperature, take_.settings.topP, allowed, take_.rng);
    if (chosen.pitch < 0) return false;
    probability_ = logits[static_cast<std::size_t>(chosen.pitch)];
    return true;
  }

  void fill(NoteTargets& chosen, Tick at, const BarCursor::Place& place, EncodedNote& next) {
    const ComposeContext& c = take_.context;
    const double temperature = rhythmTemperature(take_.settings.temperature);
    const auto any = [](int) { return true; };
    chosen.duration =
        sampler_.draw(decoder_.durationLogits(chosen), temperature, kRhythmTopP, any, take_.rng);
    const int velocityBefore = notes_.empty() ? kDefaultVelocity : notes_.back().velocity;
    const auto velocityOf = [&](int index) {
      return velocityBefore + 4 * (index - (kVelocityBins - 1));
    };
    const auto velocityAllowed = [&](int index) {
      const int v = velocityOf(index);
      return v >= lowestVelocity_ && v <= highestVelocity_;
    };
    chosen.velocity =
        sampler_.draw(decoder_.velocityLogits(chosen), std::min(1.0, take_.settings.temperature),
                      kRhythmTopP, velocityAllowed, take_.rng);
    next.onset = static_cast<std::int32_t>(unitsOf(at, c.ppq));
    next.duration = static_cast<std::uint16_t>(durationUnits(chosen.duration));
    next.barLength = static_cast<std::uint16_t>(place.length);
    next.barPosition = static_cast<std::uint16_t>(place.position);
    next.meter = static_cast<std::uint8_t>(place.meter);
    next.pitch = static_cast<std::uint8_t>(chosen.pitch);
    next.velocity = static_cast<std::uint8_t>(
        chosen.velocity < 0 ? velocityBefore : std::clamp(velocityOf(chosen.velocity), 1, 127));
    Note note;
    note.start = std::max(at, c.range.from);
    note.length = tickOf(next.onset + next.duration, c.ppq) - note.start;
    note.pitch = next.pitch;
    note.velocity = next.velocity;
    take_.emit(note, probability_);
  }

  bool mustStart() const { return take_.settings.startOnBeat && take_.empty(); }

  int chordSize() const {
    int n = 0;
    for (std::size_t i = notes_.size(); i-- > 0 && notes_[i].onset == notes_.back().onset;) ++n;
    return n;
  }

  bool canAscend() const {
    const Tick at = tickOf(notes_.back().onset, take_.context.ppq);
    for (int p = notes_.back().pitch + 1; p <= kHighestKey; ++p) {
      if (take_.pitchFree(p, at)) return true;
    }
    return false;
  }

  static constexpr double kRhythmTopP = 0.95;
  static double rhythmTemperature(double temperature) { return temperature; }

  Take& take_;
  BarCursor bars_;
  ImprovedDecoder decoder_;
  Sampler sampler_;
  std::vector<EncodedNote> notes_;
  std::size_t first_ = 0;  // of the network's window
  BarStart start_;
  std::int32_t soundingEnd_ = 0;
  std::int64_t from_ = 0;
  std::int64_t rest_ = 0;
  float probability_ = 0;  // of the pitch chosen last
  int lowestVelocity_ = 1;
  int highestVelocity_ = 127;
};

class PublishedTake {
 public:
  PublishedTake(Take& take, std::shared_ptr<const NoteWeights> weights)
      : take_(take), decoder_(std::move(weights)) {
    const auto& seed = take.context.seed;
    velocity_ = seed.empty() ? kDefaultVelocity : seed.back().velocity;
    now_ = take_.tempo.seconds(take_.context.range.from);
    last_ = seed.empty() ? now_ : double{seed.back().startSeconds};
    showHistory();
    const auto bar = take_.meter.barLength(take_.meter.at(take_.context.range.from));
    rest_ = take_.tempo.seconds(take_.context.range.from + bar) - now_;
  }

  // Whether it was stopped.
  bool run() {
    const TickRange range = take_.context.range;
    bool first = true;
    while (!take_.full()) {
      if (take_.stopped()) return true;
      const PublishedDecoder::Answer answer = decoder_.answer();
      double step = std::clamp<double>(answer.step, 0, rest_);
      if (first) step = std::max(step, now_ - last_);
      if (first && take_.settings.startOnBeat) step = now_ - last_;
      const double at = last_ + step;
      Tick start = std::max(take_.tempo.tick(at), range.from);
      if (first && start >= range.to) start = range.from;
      if (start >= range.to) return false;
      const auto allowed = [&](int p) { return take_.pitchFree(p, start); };
      const int pitch = sampler_.draw(answer.pitchLogits, take_.settings.temperature,
                                      take_.settings.topP, allowed, take_.rng);
      const double duration = std::max<double>(answer.duration, kShortest);
      if (pitch >= 0) {
        Note note;
        note.start = start;
        note.length = take_.tempo.tick(at + duration) - start;
        note.pitch = static_cast<std::uint8_t>(pitch);
        note.velocity = static_cast<std::uint8_t>(velocity_);
        take_.emit(note, answer.pitchLogits[static_cast<std::size_t>(pitch)]);
      }
      // With every key taken the clock must still go on.
      last_ = pitch >= 0 ? at : at + kShortest;
      decoder_.push({static_cast<float>(pitch >= 0 ? pitch : 60) / 128.0F,
                     static_cast<float>(first ? std::min(step, rest_) : step),
                     static_cast<float>(duration)});
      first = false;
    }
    return false;
  }

 private:
  static constexpr std::size_t kHistory = kPublishedNotes;
  static constexpr double kShortest = 0.05;  // seconds

  // Shows the network the last 25 notes; fewer are repeated in front of themselves, and where there
  // is none a scale in even half seconds stands in, because the network has never seen a shorter
  // past.
  void showHistory() {
    const auto& seed = take_.context.seed;
    std::vector<PublishedDecoder::Input> own;
    const std::size_t begin = seed.size() > kHistory ? seed.size() - kHistory : 0;
    for (std::size_t i = begin; i < seed.size(); ++i) {
      const float step = i > 0 ? seed[i].startSeconds - seed[i - 1].startSeconds : 0.0F;
      own.push_back({static_cast<float>(seed[i].pitch) / 128.0F, step, seed[i].lengthSeconds});
    }
    if (own.empty()) {
      for (const int p : {60, 62, 64, 65, 67, 65, 64, 62}) {
        own.push_back({static_cast<float>(p) / 128.0F, 0.5F, 0.5F});
      }
    }
    for (std::size_t i = 0; i < kHistory; ++i) {
      decoder_.push(own[(i + own.size() - kHistory % own.size()) % own.size()]);
    }
  }

  Take& take_;
  PublishedDecoder decoder_;
  Sampler sampler_;
  double now_ = 0;   // where the range starts, in seconds
  double last_ = 0;  // the last onset
  double rest_ = 0;  // the longest step
  int velocity_ = kDefaultVelocity;
};

}  // namespace

Result<std::shared_ptr<const Composer>> loadNoteComposer(TensorFile checkpoint) {
  const auto whole = noteCheckpoint(std::move(checkpoint));
  if (!whole) return fail(whole.error().message);
  return composerOf([weights = makeWeights(*whole)](Take& take) {
    return weights->preset.published() ? PublishedTake(take, weights).run()
                                       : ImprovedTake(take, weights).run();
  });
}

}  // namespace incipit
