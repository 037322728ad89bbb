#include "models/event_composer.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/event_decoder.h"
#include "models/event_parts.h"
#include "models/sampler.h"

namespace incipit {
namespace {

constexpr int kVelocityWidth = 16;

// Where the network begins to read: a bar line so that no more than `most` symbols follow, or the
// beginning, and no earlier than the first bar that has a note.
std::size_t readFrom(std::span<const EventToken> tokens, std::size_t most) {
  const std::size_t earliest = tokens.size() > most ? tokens.size() - most : 0;
  std::size_t from = 0;
  bool firstBar = true;
  bool notes = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    notes = notes || kEventPosition.holds(tokens[i]);
    if (tokens[i] != kEventBar) continue;
    if (!firstBar && (from < earliest || !notes)) from = i;
    firstBar = false;
  }
  return from;
}

class EventTake {
 public:
  EventTake(Take& take, const std::shared_ptr<const EventWeights>& weights)
      : take_(take),
        parts_(take, weights->checkpoint.heard),
        decoder_(weights),
        history_(parts_.roles()),
        window_(static_cast<std::size_t>(weights->checkpoint.preset.window)),
        rest_(take.settings.values.integer("rest")),
        mayEnd_(take.settings.values.on("end")) {}

  // Whether it was stopped.
  bool run() {
    if (!begin()) return true;
    while (!take_.full() && !take_.stopped()) {
      int symbol = draw();
      // Where nothing is left in a bar, the next one comes.
      if (symbol < 0 && history_.grammar().allows(kEventBar)) symbol = kEventBar;
      if (symbol < 0 || symbol == kEventEos) return false;
      if (symbol == kEventBar) {
        if (!nextBar()) return take_.stopped();
      } else {
        take(static_cast<EventToken>(symbol));
        sound(symbol);
      }
    }
    return take_.stopped();
  }

 private:
  // Reads the seed up to the bar in which the range begins. False where it was stopped.
  bool begin() {
    const ComposeContext& c = take_.context;
    const EventParts::Seed seed = parts_.seed();
    // EventComposer has asked whether these can be.
    const auto encoded = encodeEvents(seed.document, seed.roles);
    auto bars = eventBars(seed.document, {c.range.to.count - 1});
    if (!encoded || !bars) return true;
    bars_ = std::move(*bars);
    from_ = eventPosition(c.range.from, c.ppq);
    while (bar_ + 1 < bars_.size() && bars_[bar_ + 1].start <= from_) ++bar_;
    std::vector<EventToken> tokens(encoded->tokens.begin(), encoded->tokens.end() - 1);
    for (std::size_t i = encoded->bars.size(); i <= bar_; ++i) {
      tokens.insert(tokens.end(), bars_[i].head.begin(), bars_[i].head.end());
    }
    hasSeed_ = std::any_of(tokens.begin(), tokens.end(),
                           [](EventToken t) { return kEventPosition.holds(t); });
    velocity_.fill(kDefaultVelocity);
    for (std::size_t i = 0; i < seed.roles.size(); ++i) {
      const NoteList& notes = seed.document.tracks[i]->notes;
      for (const Note& n : notes) velocity_[static_cast<std::size_t>(seed.roles[i])] = n.velocity;
    }
    for (std::size_t r = 0; r < kTrackRoles; ++r) rests_[r] = parts_.silent()[r] ? rest_ : 0;
    if (!read(tokens)) return false;
    beginBar();
    return true;
  }

  // Shows the network the last of these symbols. False where it was stopped.
  bool read(const std::vector<EventToken>& tokens) {
    const std::size_t first = readFrom(tokens, 2 * window_);
    history_ = EventHistory(parts_.roles());
    decoder_.reset();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (take_.stopped()) return false;
      if (i >= first) decoder_.advance(history_);
      history_.take(tokens[i]);
    }
    decoder_.advance(history_);
    shown_ = tokens.size() - first;
    return true;
  }

  void take(EventToken token) {
    history_.take(token);
    decoder_.advance(history_);
    ++shown_;
  }

  // False at the end of the range, or where it was stopped.
  bool nextBar() {
    for (std::size_t r = 0; r < kTrackRoles; ++r) rests_[r] = wrote_[r] ? 0 : rests_[r] + 1;
    if (++bar_ >= bars_.size()) return false;
    for (const EventToken t : bars_[bar_].head) take(t);
    // The network saw windows: what it remembers is kept near their length.
    if (shown_ > 4 * window_) {
      std::vector<EventToken> tokens;
      for (std::size_t i = 0; i < history_.size(); ++i) tokens.push_back(history_[i]);
      if (!read(tokens)) return false;
    }
    beginBar();
    return true;
  }

  void beginBar() {
    wrote_.reset();
    due_.reset();
    if (history_.grammar().position() >= 0) return;
    for (std::size_t r = 0; r < kTrackRoles; ++r) {
      const bool rested = parts_.roles()[r] && rests_[r] >= rest_;
      due_[r] = rested && parts_.anyFree(static_cast<int>(r), tickOf(firstPosition()));
    }
  }

  Tick tickOf(std::int64_t position) const {
    return std::max(take_.context.range.from, tickOfPosition(position, take_.context.ppq));
  }
  std::int64_t firstPosition() const { return std::max(bars_[bar_].start, from_); }
  Tick now() const { return tickOf(bars_[bar_].start + history_.grammar().position()); }

  // Whether the next note is to stand where the range begins.
  bool must() const { return take_.empty() && (take_.settings.startOnBeat || !hasSeed_); }

  bool allowed(int symbol) const {
    if (!history_.grammar().allows(symbol)) return false;
    const int role = history_.role();
    if (symbol == kEventBar || symbol == kEventEos) {
      if (history_.grammar().position() < 0 || due_.any() || must()) return false;
      return symbol == kEventBar || (mayEnd_ && !take_.empty());
    }
    if (kEventPosition.holds(symbol)) return mayStand(symbol - kEventPosition.first);
    if (kEventTrack.holds(symbol)) return mayPlay(symbol - kEventTrack.first);
    if (kEventVelocity.holds(symbol)) return parts_.anyFree(role, now(), below_);
    if (kEventPitch.holds(symbol)) return parts_.free(role, pitchOf(symbol), now());
    if (kEventDrum.holds(symbol)) return parts_.free(role, pitchOf(symbol), now());
    return kEventDuration.holds(symbol);
  }

  bool mayStand(int inBar) const {
    const std::int64_t position = bars_[bar_].start + inBar;
    if (position < from_ || tickOf(position) >= take_.context.range.to) return false;
    if (must() && position != from_) return false;
    if (due_.any() && position != firstPosition()) return false;
    for (int r = 0; r < kTrackRoles; ++r) {
      if (parts_.roles()[static_cast<std::size_t>(r)] && parts_.anyFree(r, tickOf(position))) {
        return true;
      }
    }
    return false;
  }

  bool mayPlay(int role) const {
    for (int r = 0; r < role; ++r) {
      if (due_[static_cast<std::size_t>(r)]) return false;  // it could not any more
    }
    return parts_.roles()[static_cast<std::size_t>(role)] && parts_.anyFree(role, now());
  }

  static int pitchOf(int symbol) {
    return kEventDrum.holds(symbol) ? symbol - kEventDrum.first + kEventLowestDrum
                                    : symbol - kEventPitch.first + kEventLowestPitch;
  }

  int draw() {
    const std::span<float> logits = decoder_.logits(history_);
    const int symbol = sampler_.draw(
        logits, take_.settings.temperature, take_.settings.topP,
        [this](int s) { return allowed(s); }, take_.rng);
    if (symbol >= 0) probability_ = logits[static_cast<std::size_t>(symbol)];
    return symbol;
  }

  // Makes notes of what was taken.
  void sound(int symbol) {
    const auto role = static_cast<std::size_t>(std::max(0, history_.role()));
    if (kEventPosition.holds(symbol) || kEventTrack.holds(symbol)) {
      below_ = 128;
    } else if (kEventVelocity.holds(symbol)) {
      velocity_[role] = (symbol - kEventVelocity.first) * kVelocityWidth + kVelocityWidth / 2;
    } else if (kEventPitch.holds(symbol)) {
      below_ = pitchOf(symbol);
      pitchProbability_ = probability_;
    } else if (kEventDrum.holds(symbol)) {
      below_ = pitchOf(symbol);
      constexpr int kStroke = kPositionsPerQuarter / 4;
      emit(kStroke, probability_);
    } else if (kEventDuration.holds(symbol)) {
      emit(kEventDurations[static_cast<std::size_t>(symbol - kEventDuration.first)],
           pitchProbability_);
    }
  }

  void emit(int positions, float probability) {
    const int role = history_.role();
    const std::int64_t position = bars_[bar_].start + history_.grammar().position();
    Note note;
    note.start = now();
    note.length = tickOf(position + positions) - note.start;
    note.pitch = static_cast<std::uint8_t>(below_);
    note.velocity = static_cast<std::uint8_t>(velocity_[static_cast<std::size_t>(role)]);
    parts_.emit(role, note, probability);
    wrote_.set(static_cast<std::size_t>(role));
    due_.reset(static_cast<std::size_t>(role));
  }

  Take& take_;
  EventParts parts_;
  EventDecoder decoder_;
  EventHistory history_;
  Sampler sampler_;
  std::size_t window_;
  int rest_;
  bool mayEnd_;
  std::vector<EventBar> bars_;
  std::size_t bar_ = 0;    // that is being written
  std::int64_t from_ = 0;  // position of the range's start
  bool hasSeed_ = false;
  std::size_t shown_ = 0;   // symbols that the network has read since its state was zero
  EventRoles wrote_, due_;  // in this bar; what must still play where it begins
  std::array<int, kTrackRoles> rests_{};  // whole bars
  std::array<int, kTrackRoles> velocity_{};
  int below_ = 128;  // pitch of the note before in the chord; also of the note being written
  float probability_ = 0;
  float pitchProbability_ = 0;
};

Result<void> checkTracks(const EventRoles& heard, const ComposeContext& c) {
  std::vector<TrackRole> roles{c.role};
  for (const ContextPart& p : c.others) roles.push_back(p.role);
  for (const TrackRole role : roles) {
    if (writtenRole(role, heard)) continue;
    const char* name = role == TrackRole::kDrums ? "drums" : "instrument but drums";
    return fail(fmt::format(
        "the model has heard no {}: mute such tracks to leave them out, or choose another model",
        name));
  }
  Document d;
  d.ppq = c.ppq;
  d.meter = MeterMap(c.ppq, c.meter);
  d.tempo = TempoMap(c.ppq, c.tempo);
  if (const auto bars = eventBars(d, c.range.to); !bars) return tl::unexpected(bars.error());
  return {};
}

}  // namespace

std::vector<SettingInfo> eventComposeSettings() {
  return {integerSetting("rest", "Longest rest", "Bars after which a silent track comes in again",
                         2, 1, 64),
          switchSetting("end", "May end early",
                        "Whether a piece that has ended leaves the rest empty", false)};
}

Result<std::shared_ptr<const Composer>> loadEventComposer(const TensorFile& checkpoint) {
  auto whole = eventCheckpoint(checkpoint);
  if (!whole) return fail(whole.error().message);
  const auto weights = eventWeights(checkpoint, std::move(*whole));
  return composerOf([weights](Take& take) { return EventTake(take, weights).run(); },
                    [weights](const ComposeContext& context) {
                      return checkTracks(weights->checkpoint.heard, context);
                    });
}

}  // namespace incipit
