#include "models/roll_composer.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

#include "models/roll_windows.h"
#include "models/sampler.h"

namespace incipit {
namespace {

constexpr int kLowestFirst = 48 - kRollLowest;
constexpr int kHighestFirst = 84 - kRollLowest;

// The columns around and in a range: when each begins and where it stands.
class RollTime {
 public:
  RollTime(Take& take, int unitsPerColumn)
      : take_(take), units_(unitsPerColumn), bars_(take.meter) {
    const Tick from = take.context.range.from;
    first_ = units_ == 0 ? columnOf(from, take.tempo) : unitsOf(from, take.context.ppq) / units_;
    while (first_ > 0 && tick(first_) > from) --first_;
  }

  std::int64_t first() const { return first_; }  // the column that the range starts in
  // At least those that the range has.
  std::int64_t columns() const {
    const Tick to = take_.context.range.to;
    const std::int64_t last =
        units_ == 0 ? columnOf(to, take_.tempo) : unitsOf(to, take_.context.ppq) / units_;
    return last + 1 - first_;
  }
  Tick tick(std::int64_t column) const {
    return units_ == 0 ? tickOfColumn(column, take_.tempo)
                       : tickOf(column * units_, take_.context.ppq);
  }
  ColumnPlace place(std::int64_t column) {
    if (units_ == 0) return {};
    const BarCursor::Place p = bars_.at(std::max(tick(column), Tick{0}));
    if (column >= 0) return columnPlace(p.length, p.position, p.meter, units_);
    const std::int64_t position = column * units_ % p.length;
    return columnPlace(p.length, static_cast<int>((position + p.length) % p.length), p.meter,
                       units_);
  }

 private:
  Take& take_;
  int units_;
  BarCursor bars_;
  std::int64_t first_ = 0;
};

class RollTake {
 public:
  RollTake(Take& take, const std::shared_ptr<const RollWeights>& weights)
      : take_(take),
        preset_(weights->preset),
        time_(take, preset_.unitsPerColumn),
        decoder_(makeRollDecoder(weights, time_.columns())),
        threshold_(static_cast<float>(take.settings.values.number("threshold"))) {
    const ComposeContext& c = take.context;
    if (!c.seed.empty()) velocity_ = c.seed.back().velocity;
    kept_ = encodeNotes(c.kept, take.tempo, take.meter);
    readPast();
    const TickDelta bar = take.meter.barLength(take.meter.at(c.range.from));
    mostLength_ = bar * 2;
    for (const EncodedNote& n : c.seed) {
      mostLength_ = std::max(mostLength_, tickOf(n.duration, c.ppq) - Tick{0});
    }
    const Tick rested = c.range.from + TickDelta{std::min(bar.count, c.range.length().count / 2)};
    while (time_.tick(time_.first() + mostSilence_ + 1) <= rested) ++mostSilence_;
  }

  // Whether it was stopped.
  bool run() {
    const ComposeContext& c = take_.context;
    if (!warmUp()) return true;
    for (std::int64_t column = time_.first(); !take_.full(); ++column) {
      const Tick start = std::max(time_.tick(column), c.range.from);
      if (start >= c.range.to) break;
      if (take_.stopped()) {
        finishAll(start);
        return true;
      }
      if (column > time_.first()) decoder_->advance(history());
      compose(column, start);
      sound(start);
      cells_.insert(cells_.end(), next_.begin(), next_.end());
      places_.push_back(time_.place(column + 1));
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

  RollHistory history() const { return {cells_, places_}; }

  // The columns before the range, as far as any network looks back.
  void readPast() {
    constexpr int kColumns = kRollHistory + kRollPast + 2 * kImprovedRollContext;
    const std::array known{take_.context.seed, kept_};
    const std::vector<EncodedNote> notes = mergeSequences(known);
    const std::int64_t from = time_.first() - kColumns;
    cells_ = rollOf(notes, preset_.unitsPerColumn, from, kColumns).cells();
    for (std::int64_t c = from; c <= time_.first(); ++c) places_.push_back(time_.place(c));
    seeded_ = !take_.context.seed.empty();
    begin_ = seeded_ ? rollNoteOf(take_.context.seed.front(), preset_.unitsPerColumn).from
                     : time_.first();
  }

  // Shows the network the seed. False where it was stopped.
  bool warmUp() {
    const std::int64_t warm =
        std::clamp<std::int64_t>(time_.first() - begin_ - 1, 0, decoder_->warmUp());
    for (std::int64_t left = warm; left >= 0; --left) {
      if (take_.stopped()) return false;
      const auto hidden = static_cast<std::size_t>(left);
      decoder_->advance({std::span(cells_).first(cells_.size() - hidden * kRollKeys),
                         std::span(places_).first(places_.size() - hidden)});
    }
    return true;
  }

  const Pending* running(int key) const {
    const auto found = std::find_if(pending_.begin(), pending_.end(), [key](const Pending& p) {
      return !p.ended && p.note.pitch == key + kRollLowest;
    });
    return found == pending_.end() ? nullptr : &*found;
  }

  bool nothingYet() const { return take_.empty() && pending_.empty(); }

  // Whether a note may begin on this key now.
  bool mayBegin(int key, Tick start) const {
    if (onsets_ >= kMostRollOnsets) return false;
    if (!seeded_ && nothingYet() && (key < kLowestFirst || key > kHighestFirst)) return false;
    const Pending* now = running(key);
    if (now != nullptr && start <= now->note.start) return false;
    return freeFrom_[static_cast<std::size_t>(key)] <= start &&
           take_.pitchFree(key + kRollLowest, start);
  }
  bool mayGoOn(int key, Tick start) const {
    const Pending* now = running(key);
    return now != nullptr && start - now->note.start < mostLength_;
  }

  // Chooses the cells of a column.
  void compose(std::int64_t column, Tick start) {
    next_.fill(RollCell::kSilent);
    onsets_ = 0;
    likeliest_ = -1;
    force(column);
    if (preset_.classes == kRollClasses) {
      drawColumn(start);
    } else {
      readColumn(start);
    }
    const bool first = nothingYet() && (take_.settings.startOnBeat || !seeded_);
    const bool silent =
        std::all_of(next_.begin(), next_.end(), [](RollCell c) { return c == RollCell::kSilent; });
    const bool must = (first && onsets_ == 0) || (silent && silence_ >= mostSilence_);
    if (must && likeliest_ >= 0) {
      begin(likeliest_, std::max(likeliestProbability_, std::numeric_limits<float>::min()));
    }
    silence_ = silent && !must ? silence_ + 1 : 0;
  }

  // What the kept notes play.
  void force(std::int64_t column) {
    forced_.fill(false);
    for (const EncodedNote& k : kept_) {
      const RollNote n = rollNoteOf(k, preset_.unitsPerColumn);
      if (column < n.from || column >= n.to || n.key < 0 || n.key >= kRollKeys) continue;
      forced_[static_cast<std::size_t>(n.key)] = true;
      RollCell& cell = next_[static_cast<std::size_t>(n.key)];
      if (cell != RollCell::kOnset) {
        cell = column == n.from ? RollCell::kOnset : RollCell::kSustained;
      }
    }
  }

  void begin(int key, float probability) {
    next_[static_cast<std::size_t>(key)] = RollCell::kOnset;
    probability_[static_cast<std::size_t>(key)] = probability;
    ++onsets_;
  }

  // Remembers the key to begin where one must.
  void consider(int key, float probability) {
    if (likeliest_ >= 0 && probability <= likeliestProbability_) return;
    likeliest_ = key;
    likeliestProbability_ = probability;
  }

  bool fixed(int key) const {
    return forced_[static_cast<std::size_t>(key)] || running(key) != nullptr;
  }

  void drawColumn(Tick start) {
    for (int key = kRollKeys - 1; key >= 0;) {
      const auto i = static_cast<std::size_t>(key);
      if (!fixed(key)) {
        int low = key;
        while (low > 0 && !fixed(low - 1)) --low;
        key = drawOnset(key, low, start);
        continue;
      }
      if (!forced_[i]) drawRunning(key, start);
      if (next_[i] != RollCell::kSilent) decoder_->choose(key, next_[i]);
      --key;
    }
  }

  void drawRunning(int key, Tick start) {
    auto logits = decoder_->logits(key);
    const auto allowed = [&](int cell) {
      if (cell == static_cast<int>(RollCell::kOnset)) return mayBegin(key, start);
      return cell == static_cast<int>(RollCell::kSilent) || mayGoOn(key, start);
    };
    const int drawn = sampler_.draw(logits, take_.settings.temperature, 1, allowed, take_.rng);
    const auto cell = static_cast<RollCell>(drawn);
    if (cell == RollCell::kOnset) {
      begin(key, logits[1]);
    } else {
      next_[static_cast<std::size_t>(key)] = cell;
    }
  }

  // The highest key from `high` down to `low` that begins; returns the key to go on from.
  int drawOnset(int high, int low, Tick start) {
    const double temperature = take_.settings.temperature;
    const auto keys = static_cast<std::size_t>(high - low + 1);
    std::vector<float> logs(keys, -std::numeric_limits<float>::infinity());
    double silent = 0;  // log of the probability that none so far begins
    double highest = -std::numeric_limits<double>::infinity();
    for (int key = high; key >= low; --key) {
      if (!mayBegin(key, start)) continue;
      const auto l = decoder_->logits(key);
      // Sustained is no choice here.
      const double odds = double{l[1]} - l[0];
      const double onset =
          odds > 0 ? -std::log1p(std::exp(-odds)) : odds - std::log1p(std::exp(odds));
      consider(key, static_cast<float>(std::exp(onset)));
      logs[static_cast<std::size_t>(key - low)] = static_cast<float>(silent + onset);
      highest = std::max(highest, silent + onset);
      silent += onset - odds;
    }
    double some = 0;
    highest = std::max(highest, silent);
    for (const float l : logs) some += std::exp((l - highest) / temperature);
    const double share = some / (some + std::exp((silent - highest) / temperature));
    if (take_.rng.uniform() >= share) return low - 1;
    const auto mayDraw = [&](int i) { return mayBegin(low + i, start); };
    const int drawn = sampler_.draw(logs, temperature, take_.settings.topP, mayDraw, take_.rng);
    if (drawn < 0) return low - 1;
    const int key = low + drawn;
    begin(key, static_cast<float>(share * logs[static_cast<std::size_t>(drawn)]));
    decoder_->choose(key, RollCell::kOnset);
    return key - 1;
  }

  void readColumn(Tick start) {
    for (int key = kRollKeys - 1; key >= 0; --key) {
      const auto i = static_cast<std::size_t>(key);
      const float value = decoder_->value(key);
      const bool sounds = value >= threshold_;
      // What was cut for its length stays silent until the network lets go of it.
      hangs_[i] = hangs_[i] && sounds;
      if (forced_[i]) continue;
      if (!sounds && likeliest_ >= 0 && value <= likeliestProbability_) continue;
      const bool may = mayBegin(key, start);
      if (may) consider(key, value);
      if (!sounds) continue;
      const bool onset = value < 0.5F * (rollValue(RollCell::kOnset) + 1);
      if (!onset && mayGoOn(key, start)) {
        next_[i] = RollCell::kSustained;
      } else if (!onset && running(key) != nullptr) {
        hangs_[i] = true;
      } else if (may && (onset || !hangs_[i])) {
        begin(key, value);
      }
    }
  }

  // Begins and ends notes; hands on those that are final.
  void sound(Tick start) {
    for (Pending& p : pending_) {
      const auto key = static_cast<std::size_t>(p.note.pitch - kRollLowest);
      if (p.ended || (next_[key] == RollCell::kSustained && !forced_[key])) continue;
      end(p, start);
    }
    for (std::size_t key = 0; key < kRollKeys; ++key) {
      if (next_[key] != RollCell::kOnset || forced_[key]) continue;
      Note note;
      note.start = start;
      note.pitch = static_cast<std::uint8_t>(kRollLowest + key);
      note.velocity = static_cast<std::uint8_t>(velocity_);
      pending_.push_back({note, probability_[key]});
    }
    handOn();
  }

  void end(Pending& p, Tick at) {
    p.note.length = std::max(at - p.note.start, TickDelta{1});
    p.ended = true;
    freeFrom_[static_cast<std::size_t>(p.note.pitch - kRollLowest)] = p.note.end();
  }

  void finishAll(Tick at) {
    for (Pending& p : pending_) {
      if (!p.ended) end(p, at);
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
  RollPreset preset_;
  RollTime time_;
  std::unique_ptr<RollDecoder> decoder_;
  float threshold_;
  Sampler sampler_;
  std::vector<EncodedNote> kept_;
  std::vector<RollCell> cells_;
  std::vector<ColumnPlace> places_;  // of all columns so far and the next
  std::int64_t begin_ = 0;           // column of the seed's first note
  bool seeded_ = false;
  TickDelta mostLength_;
  std::int64_t mostSilence_ = 0;
  std::int64_t silence_ = 0;
  int velocity_ = kDefaultVelocity;
  // Of the column that is being composed.
  std::array<RollCell, kRollKeys> next_{};
  std::array<bool, kRollKeys> forced_{};
  std::array<float, kRollKeys> probability_{};
  int onsets_ = 0;
  int likeliest_ = -1;
  float likeliestProbability_ = 0;
  std::array<bool, kRollKeys> hangs_{};
  std::array<Tick, kRollKeys> freeFrom_{};
  std::deque<Pending> pending_;  // in order of start
};

}  // namespace

std::vector<SettingInfo> rollComposeSettings() {
  return {numberSetting("threshold", "Threshold",
                        "Least value that sounds, where the network answers with numbers", 0.25,
                        0.01, 0.99)};
}

Result<std::shared_ptr<const Composer>> loadRollComposer(const TensorFile& checkpoint) {
  const auto preset = rollCheckpoint(checkpoint);
  if (!preset) return fail(preset.error().message);
  return composerOf([weights = rollWeights(checkpoint, *preset)](Take& take) {
    return RollTake(take, weights).run();
  });
}

}  // namespace incipit
