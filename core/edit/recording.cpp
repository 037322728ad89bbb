#include "core/edit/recording.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace incipit {
namespace {

constexpr std::uint64_t kNextRun = std::uint64_t{1} << 32;

// Controllers that a hand or foot holds: they fall back when it lets go.
constexpr bool isHeld(Controller c) {
  return (c >= kSustain && c <= 67 && c != 65) || c == kPitchBend || c == kChannelPressure;
}

struct Change {
  Controller controller;
  int value;
};

// What a message changes; nothing for notes and for what is not recorded.
std::optional<Change> changeOf(const MidiMessage& m) {
  switch (m.kind()) {
    case 0xB0: {
      const int c = m.data1();
      const bool bank = c == 0 || c == 32;
      const bool parameter = c == 6 || c == 38 || (c >= 96 && c <= 101);
      if (bank || parameter || c >= 120) return std::nullopt;
      return Change{c, m.data2()};
    }
    case 0xD0:
      return Change{kChannelPressure, m.data1()};
    case 0xE0:
      return Change{kPitchBend, (m.data2() << 7 | m.data1()) - 8192};
    default:
      return std::nullopt;
  }
}

}  // namespace

// Walks over the events in order and makes passes of them.
class Recording::Reader {
 public:
  explicit Reader(const Recording& r) : r_(r) {}

  std::vector<RecordedPass> read() {
    for (const Event& e : r_.events_) {
      if (e.stretch != stretch_) leave(e.stretch);
      latest_ = std::max(latest_, e.at);
      if (e.message.size == 0) {
        endHeld(e.at);
      } else {
        play(e);
      }
    }
    // Still recording: what is held lasts until now, or to the end of the pass that is over.
    endHeld(stretch_ == r_.current_ ? std::max(latest_, r_.position_) : endOfPass(r_.current_));
    for (RecordedPass& p : passes_) std::sort(p.notes.begin(), p.notes.end(), NoteOrder{});
    std::erase_if(passes_,
                  [](const RecordedPass& p) { return p.notes.empty() && p.lanes.empty(); });
    return std::move(passes_);
  }

 private:
  struct Held {
    std::size_t note;  // of the last pass
    Tick playedAt;
  };

  bool sameRun(Stretch other) const { return stretch_ / kNextRun == other / kNextRun; }
  Tick endOfPass(Stretch next) const {
    return r_.loop_ && sameRun(next) ? std::max(latest_, r_.loop_->to) : latest_;
  }

  void leave(Stretch next) {
    endHeld(endOfPass(next));
    again_ = again_ || sameRun(next);
    entering_ = true;
    stretch_ = next;
    latest_ = Tick{INT64_MIN};
  }

  // The pass that an event at `at` belongs to. A jump forward goes on in the pass at hand.
  RecordedPass& pass(Tick at) {
    if (!entering_) return passes_.back();
    const Tick from = again_ && r_.loop_ ? std::min(at, r_.loop_->from) : at;
    if (passes_.empty() || again_ || at < passEnd_) {
      passes_.emplace_back();
      passEnd_ = Tick{INT64_MIN};
    }
    entering_ = again_ = false;
    for (const auto& [controller, value] : values_) {
      if (isHeld(controller) && value != 0) point(from, {controller, value});
    }
    return passes_.back();
  }

  void play(const Event& e) {
    const Tick at = e.early ? r_.start_ : e.at;
    RecordedPass& p = pass(at);
    const int key = e.message.channel() << 7 | e.message.data1();
    if (e.message.noteOn()) {
      end(key, e.at);
      held_[key] = {p.notes.size(), e.at};
      Note n;
      n.start = at;
      n.length = {1};
      n.pitch = static_cast<std::uint8_t>(e.message.data1());
      n.velocity = static_cast<std::uint8_t>(e.message.data2());
      p.notes.push_back(n);
      passEnd_ = std::max(passEnd_, n.end());
    } else if (e.message.noteOff()) {
      end(key, e.at, e.message.kind() == 0x80 ? e.message.data2() : 64);
    } else if (const auto change = changeOf(e.message)) {
      values_[change->controller] = change->value;
      point(at, *change);
    }
  }

  void point(Tick at, const Change& c) {
    Lane& lane = passes_.back().lanes[c.controller];
    if (!lane.empty() && lane.back().at == at) lane.pop_back();
    if (lane.empty() || lane.back().value != c.value) lane.push_back({at, c.value});
  }

  void end(int key, Tick at, int releaseVelocity = 64) {
    const auto held = held_.find(key);
    if (held == held_.end()) return;
    Note& n = passes_.back().notes[held->second.note];
    // One that was over before the start keeps its length.
    const TickDelta length = at > n.start ? at - n.start : at - held->second.playedAt;
    n.length = std::max(length, TickDelta{1});
    n.releaseVelocity = static_cast<std::uint8_t>(releaseVelocity);
    passEnd_ = std::max(passEnd_, n.end());
    held_.erase(held);
  }

  void endHeld(Tick at) {
    while (!held_.empty()) end(held_.begin()->first, at);
    if (passes_.empty()) return;
    for (auto& [controller, lane] : passes_.back().lanes) {
      if (isHeld(controller) && lane.back().value != 0) {
        lane.push_back({std::max(at, lane.back().at), 0});
      }
    }
  }

  const Recording& r_;
  std::vector<RecordedPass> passes_;
  std::map<int, Held> held_;          // by channel and key
  std::map<Controller, int> values_;  // as the player holds them
  Stretch stretch_ = r_.events_.empty() ? 0 : r_.events_.front().stretch;
  Tick latest_{INT64_MIN};   // in this stretch
  Tick passEnd_{INT64_MIN};  // of the notes of the pass
  bool entering_ = true;     // no event of the stretch was played yet
  bool again_ = false;       // the loop has begun again since the last one that was
};

Recording::Recording(Tick start, TickDelta early, std::optional<TickRange> loop)
    : start_(start), early_(early), loop_(loop), ranges_{{start, start}}, position_(start) {}

void Recording::insert(const Event& event) {
  const auto place =
      std::upper_bound(events_.begin(), events_.end(), event, [](const Event& a, const Event& b) {
        return std::tie(a.stretch, a.at) < std::tie(b.stretch, b.at);
      });
  events_.insert(place, event);
}

void Recording::enter(Stretch stretch, Tick from, Tick end) {
  insert({current_, end, {}, false});
  ranges_.back().to = std::max(ranges_.back().to, end);
  ranges_.push_back({from, from});
  position_ = from;
  current_ = stretch;
}

bool Recording::add(const LiveEvent& event) {
  const MidiMessage& m = event.message;
  if (!event.rolling || !m.channelMessage()) return false;
  if (!m.noteOn() && !m.noteOff() && !changeOf(m)) return false;
  const Stretch stretch = event.run * kNextRun | event.pass;
  const bool before = event.at < start_ - early_;
  if (!told_) {
    told_ = true;
    current_ = stretch;
    if (before && !countingIn_ && loop_) enter(stretch, loop_->from, loop_->to);
  } else if (stretch > current_) {
    if (loop_ && stretch / kNextRun == current_ / kNextRun) {
      enter(stretch, loop_->from, loop_->to);
    } else {
      enter(stretch, event.at, position_);
    }
  }
  const bool early = event.at < start_ && ranges_.size() == 1;
  if (early && before && m.noteOn()) return false;
  insert({stretch, event.at, m, early});
  if (stretch == current_) {
    position_ = std::max(position_, event.at);
    ranges_.back().to = std::max(ranges_.back().to, event.at);
  }
  return true;
}

void Recording::forget(const LiveEvent& event) {
  const Stretch stretch = event.run * kNextRun | event.pass;
  const auto it = std::find_if(events_.begin(), events_.end(), [&](const Event& e) {
    return e.stretch == stretch && e.at == event.at && e.message == event.message;
  });
  if (it != events_.end()) events_.erase(it);
}

void Recording::heard(Tick position) {
  countingIn_ = false;
  // A position that is extrapolated may tremble.
  if (position < position_ && position_ - position >= early_) {
    if (loop_ && position_ <= loop_->to) {
      enter(current_ + 1, loop_->from, loop_->to);
    } else {
      enter(current_ + kNextRun, position, position_);
    }
  }
  position_ = std::max(position_, position);
  ranges_.back().to = std::max(ranges_.back().to, position_);
}

void Recording::jumped(Tick position) {
  enter((current_ / kNextRun + 1) * kNextRun, position, position_);
}

void Recording::stop(Tick position) {
  heard(position);
  insert({current_, position_, {}, false});
}

std::vector<TickRange> Recording::ranges() const {
  std::vector<TickRange> sorted = ranges_;
  std::sort(sorted.begin(), sorted.end(),
            [](const TickRange& a, const TickRange& b) { return a.from < b.from; });
  std::vector<TickRange> out;
  for (const TickRange& r : sorted) {
    if (r.empty()) continue;
    if (!out.empty() && r.from <= out.back().to) {
      out.back().to = std::max(out.back().to, r.to);
    } else {
      out.push_back(r);
    }
  }
  return out;
}

std::vector<RecordedPass> Recording::passes() const { return Reader(*this).read(); }

std::vector<Note> Recording::notesNow() const {
  std::vector<RecordedPass> all = passes();
  return all.empty() ? std::vector<Note>{} : std::move(all.back().notes);
}

namespace {

// The value that the lane has set at or before t.
std::optional<int> valueAt(const Lane& lane, Tick t) {
  const auto after = std::upper_bound(lane.begin(), lane.end(), t,
                                      [](Tick a, const ControlPoint& p) { return a < p.at; });
  return after == lane.begin() ? std::nullopt : std::optional((after - 1)->value);
}

Lane mergedLane(Controller c, const Lane& old, const Lane& recorded,
                const std::vector<TickRange>& ranges, bool replace) {
  Lane out = old;
  const auto add = [&](const ControlPoint& p) {
    out.insert(std::upper_bound(out.begin(), out.end(), p,
                                [](const auto& a, const auto& b) { return a.at < b.at; }),
               p);
  };
  for (const TickRange& r : ranges) {
    if (!replace) break;
    std::erase_if(out, [&](const ControlPoint& p) { return r.contains(p.at); });
    if (isHeld(c) && valueAt(out, r.from).value_or(0) != 0) add({r.from, 0});
  }
  for (const ControlPoint& p : recorded) add(p);
  for (const TickRange& r : ranges) {
    std::optional<int> before = valueAt(old, r.to);
    if (!before && isHeld(c)) before = 0;
    const std::optional<int> now = valueAt(out, r.to);
    if (before && now && *before != *now) add({r.to, *before});
  }
  return out;
}

void mergeLanes(Track& t, const RecordedPass& pass, const std::vector<TickRange>& ranges,
                bool replace) {
  std::map<Controller, Lane> all = pass.lanes;
  if (replace) {
    for (const auto& [c, lane] : t.lanes) {
      if (c != kProgramChange) all.try_emplace(c);
    }
  }
  for (const auto& [c, recorded] : all) {
    const auto old = t.lanes.find(c);
    Lane lane =
        mergedLane(c, old == t.lanes.end() ? Lane{} : *old->second, recorded, ranges, replace);
    if (lane.empty()) {
      t.lanes.erase(c);
    } else {
      t.lanes[c] = std::make_shared<const Lane>(std::move(lane));
    }
  }
}

// Adds the notes of a pass to the track, quantised as the options say.
NoteEdit writeNotes(const Document& d, TrackId track, const RecordedPass& pass,
                    const std::optional<TickRange>& loop, const RecordOptions& options) {
  std::vector<Note> notes = pass.notes;
  std::map<NoteId, TickDelta> played;
  NoteId id = d.nextNoteId;  // as addNotes gives them
  for (Note& n : notes) {
    const NoteId own = id++;
    if (!options.quantise) continue;
    const TickDelta way = snapNearest(n.start, *options.quantise, d.meter) - n.start;
    const double strength = std::clamp(options.strength, 0.0, 1.0);
    const Tick start = n.start + TickDelta{std::llround(static_cast<double>(way.count) * strength)};
    // On the loop's end it would not be heard in the loop.
    if (loop && n.start < loop->to && start >= loop->to) continue;
    if (start != n.start) played[own] = n.start - start;
    n.start = start;
  }
  NoteEdit edit = addNotes(d, track, notes);
  if (played.empty()) return edit;
  Track t = *edit.document.track(track);
  if (t.played != nullptr) played.insert(t.played->begin(), t.played->end());
  t.played = std::make_shared<const std::map<NoteId, TickDelta>>(std::move(played));
  edit.document = replaceTrack(edit.document, std::move(t));
  return edit;
}

// "NAME (take 2)", the first number that no track has.
std::string takeName(const Document& d, const std::string& name) {
  for (int k = 1;; ++k) {
    std::string text = name + " (take " + std::to_string(k) + ")";
    const bool taken = std::any_of(d.tracks.begin(), d.tracks.end(),
                                   [&](const TrackPtr& t) { return t->name == text; });
    if (!taken) return text;
  }
}

// A muted track at `index` with what was played in a pass.
Document withTake(const Document& d, TrackId like, std::size_t index, const RecordedPass& pass,
                  const std::optional<TickRange>& loop, const RecordOptions& options) {
  const Track& main = *d.track(like);
  Document out = d;
  Track t;
  t.id = out.nextTrackId++;
  t.name = takeName(d, main.name);
  t.program = main.program;
  t.channel = main.channel;
  t.volume = main.volume;
  t.pan = main.pan;
  t.colour = main.colour;
  t.output = main.output;
  t.mute = true;
  for (const auto& [c, lane] : pass.lanes) t.lanes[c] = std::make_shared<const Lane>(lane);
  const TrackId id = t.id;
  out.tracks.insert(out.tracks.begin() + static_cast<std::ptrdiff_t>(index),
                    std::make_shared<const Track>(std::move(t)));
  return writeNotes(out, id, pass, loop, options).document;
}

}  // namespace

NoteEdit applyRecording(const Document& d, TrackId track, const Recording& recording,
                        const RecordOptions& options) {
  const std::vector<RecordedPass> passes = recording.passes();
  const auto place = std::find_if(d.tracks.begin(), d.tracks.end(),
                                  [&](const TrackPtr& t) { return t->id == track; });
  if (passes.empty() || place == d.tracks.end()) return {d, {}};
  const auto last = std::find_if(passes.rbegin(), passes.rend(),
                                 [](const RecordedPass& p) { return !p.notes.empty(); });
  const RecordedPass& kept = last == passes.rend() ? passes.back() : *last;
  const std::vector<TickRange> ranges = recording.ranges();

  Document out = d;
  if (options.replace) {
    std::vector<Note> gone;
    for (const TickRange& r : ranges) {
      for (const Note& n : (*place)->notes.notesStartingIn(r)) {
        if (!n.locked) gone.push_back(n);
      }
    }
    out = removeNotes(out, track, gone);
  }
  Track changed = *out.track(track);
  mergeLanes(changed, kept, ranges, options.replace);
  NoteEdit edit =
      writeNotes(replaceTrack(out, std::move(changed)), track, kept, recording.loop(), options);
  std::size_t index = static_cast<std::size_t>(place - d.tracks.begin()) + 1;
  for (const RecordedPass& p : passes) {
    if (&p == &kept || p.notes.empty()) continue;
    edit.document = withTake(edit.document, track, index++, p, recording.loop(), options);
  }
  return edit;
}

}  // namespace incipit
