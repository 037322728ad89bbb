#include "core/playback/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace incipit {
namespace {

constexpr Controller kBankSelect = 0;
constexpr Controller kBankSelectLow = 32;
// Channel mode messages 124..127 regroup channels; each track has its own, so they are not sent.
constexpr Controller kFirstModeMessage = 124;

bool isParameter(Controller c) { return c == 6 || c == 38 || (c >= 96 && c <= 101); }

std::int64_t nearestQuantum(std::int64_t frame) {
  const std::int64_t shifted = frame + kQuantum / 2;
  return shifted >= 0 ? shifted / kQuantum : -((-shifted + kQuantum - 1) / kQuantum);
}

std::int64_t frameOf(const TempoMap& tempo, int sampleRate, Tick t) {
  // A piece of 10^12 frames lasts half a year: what lies beyond is put there.
  constexpr double kLatest = 1e12;
  return std::llround(std::min(tempo.seconds(t) * sampleRate, kLatest));
}

// seconds() for ticks that mostly ascend: remembers the tempo it found last.
class FrameCursor {
 public:
  FrameCursor(const TempoMap& tempo, int sampleRate) : tempo_(tempo), sampleRate_(sampleRate) {}

  std::int64_t quantum(Tick t) {
    if (t < from_ || t >= to_) find(t);
    const double seconds = base_ + static_cast<double>((t - from_).count) * perTick_;
    constexpr double kLatest = 1e12;
    return nearestQuantum(std::llround(std::min(seconds * sampleRate_, kLatest)));
  }

 private:
  void find(Tick t) {
    const auto& changes = tempo_.changes();
    const TempoChange& c = tempo_.at(t);
    const auto next = static_cast<std::size_t>(&c - changes.data()) + 1;
    from_ = c.at;
    to_ = next < changes.size() ? changes[next].at : Tick{INT64_MAX};
    base_ = tempo_.seconds(c.at);
    perTick_ = c.microsPerQuarter * 1e-6 / tempo_.ppq();
  }

  const TempoMap& tempo_;
  int sampleRate_;
  Tick from_{0};
  Tick to_{-1};
  double base_ = 0;
  double perTick_ = 0;
};

struct Voice {
  std::int64_t on = 0;
  std::int64_t off = 0;
  std::int64_t tick = 0;
  std::uint8_t pitch = 0;
  std::uint8_t velocity = 0;
};

// Notes as they sound: sorted by onset, each pitch at most once at a time.
std::vector<Voice> voicesOf(const Track& track, const std::vector<Note>& overlay,
                            FrameCursor& time) {
  std::vector<Voice> voices;
  voices.reserve(track.notes.size() + overlay.size());
  const auto add = [&](const Note& n) {
    Voice v;
    v.on = time.quantum(n.start);
    v.off = std::max(time.quantum(n.end()), v.on + 1);
    v.tick = n.start.count;
    v.pitch = n.pitch;
    v.velocity = std::max<std::uint8_t>(n.velocity, 1);
    voices.push_back(v);
  };
  for (const Note& n : track.notes) add(n);
  for (const Note& n : overlay) add(n);
  if (!overlay.empty()) {
    std::stable_sort(voices.begin(), voices.end(),
                     [](const Voice& a, const Voice& b) { return a.tick < b.tick; });
  }

  constexpr std::size_t kNone = SIZE_MAX;
  std::array<std::size_t, 128> latest;
  latest.fill(kNone);
  std::size_t kept = 0;
  for (const Voice& v : voices) {
    std::size_t& before = latest[v.pitch];
    if (before != kNone && voices[before].on == v.on) {
      voices[before].velocity = std::max(voices[before].velocity, v.velocity);
      voices[before].off = std::max(voices[before].off, v.off);
      continue;
    }
    if (before != kNone) voices[before].off = std::min(voices[before].off, v.on);
    before = kept;
    voices[kept++] = v;  // kept never passes the reader
  }
  voices.resize(kept);
  return voices;
}

PlanEvent laneEvent(Controller c, std::int64_t quantum, int value) {
  PlanEvent e;
  e.quantum = quantum;
  e.data = static_cast<std::uint8_t>(c);
  e.value = static_cast<std::int16_t>(c == kPitchBend ? std::clamp(value, -8192, 8191)
                                                      : std::clamp(value, 0, 127));
  e.kind = c == kPitchBend                           ? PlanKind::kBend
           : c == kChannelPressure                   ? PlanKind::kPressure
           : c == kProgramChange                     ? PlanKind::kProgram
           : c == kBankSelect || c == kBankSelectLow ? PlanKind::kBank
                                                     : PlanKind::kControl;
  return e;
}

void addLane(Controller controller, const Lane& lane, FrameCursor& time, TrackPlan& plan) {
  PlanLane chased;
  chased.controller = controller;
  for (const ControlPoint& p : lane) {
    const PlanEvent e = laneEvent(controller, time.quantum(p.at), p.value);
    plan.events.push_back(e);
    chased.points.push_back({e.quantum, e.value});
  }
  if (!isParameter(controller)) plan.lanes.push_back(std::move(chased));
}

// The events of one time and kind keep the order in which they are added here.
void addLanes(const Track& track, FrameCursor& time, TrackPlan& plan) {
  // A parameter is chosen (98..101) before its value (6, 38) is set.
  for (Controller c = 98; c <= 101; ++c) {
    if (const auto lane = track.lanes.find(c); lane != track.lanes.end()) {
      addLane(c, *lane->second, time, plan);
    }
  }
  for (const auto& [controller, lane] : track.lanes) {
    if (controller < 0 || controller > kProgramChange) continue;
    if (controller >= kFirstModeMessage && controller < kPitchBend) continue;
    if (controller < 98 || controller > 101) addLane(controller, *lane, time, plan);
  }
  constexpr unsigned kKeyPressure = 0xA0;
  constexpr unsigned kControlChange = 0xB0;
  for (const RawEvent& raw : track.raw) {
    if (raw.bytes.size() != 3) continue;
    const unsigned status = raw.bytes[0] & 0xF0U;
    const int number = raw.bytes[1] & 0x7F;
    const int value = raw.bytes[2] & 0x7F;
    if (status == kControlChange && number < kFirstModeMessage) {
      plan.events.push_back(laneEvent(number, time.quantum(raw.at), value));
    } else if (status == kKeyPressure) {
      PlanEvent e = laneEvent(number, time.quantum(raw.at), value);
      e.kind = PlanKind::kKeyPressure;
      plan.events.push_back(e);
    }
  }
}

std::shared_ptr<const TrackPlan> compileTrack(const Track& track, const std::vector<Note>& overlay,
                                              const TempoMap& tempo, int sampleRate) {
  auto plan = std::make_shared<TrackPlan>();
  plan->track = track.id;
  plan->drums = track.channel == kDrumChannel;
  plan->program = std::clamp(track.program, 0, 127);
  plan->volume = std::clamp(track.volume, 0, 127);
  plan->pan = std::clamp(track.pan, 0, 127);

  FrameCursor time(tempo, sampleRate);
  const std::vector<Voice> voices = voicesOf(track, overlay, time);
  plan->events.reserve(2 * voices.size());
  for (const Voice& v : voices) {
    const std::int64_t length = std::min<std::int64_t>(v.off - v.on, INT32_MAX);
    plan->events.push_back(
        {v.on, v.tick, static_cast<std::int32_t>(length), PlanKind::kNoteOn, v.pitch, v.velocity});
    plan->events.push_back({v.on + length, v.tick, 0, PlanKind::kNoteOff, v.pitch, 0});
    plan->end = std::max(plan->end, v.on + length);
  }
  addLanes(track, time, *plan);
  std::stable_sort(plan->events.begin(), plan->events.end(),
                   [](const PlanEvent& a, const PlanEvent& b) {
                     return std::tie(a.quantum, a.kind) < std::tie(b.quantum, b.kind);
                   });
  for (const PlanEvent& e : plan->events) {
    if (e.kind == PlanKind::kControl && isParameter(e.data)) plan->parameters.push_back(e);
  }
  return plan;
}

}  // namespace

const PlanPoint* PlanLane::at(std::int64_t quantum) const noexcept {
  const auto after =
      std::upper_bound(points.begin(), points.end(), quantum,
                       [](std::int64_t q, const PlanPoint& p) { return q < p.quantum; });
  return after == points.begin() ? nullptr : &*(after - 1);
}

std::int64_t Plan::frameAt(Tick t) const noexcept { return frameOf(tempo, sampleRate, t); }

std::int64_t Plan::quantumAt(Tick t) const noexcept { return nearestQuantum(frameAt(t)); }

Tick Plan::tickAt(std::int64_t quantum) const noexcept {
  return tempo.tick(static_cast<double>(quantum) * kQuantum / sampleRate);
}

int PlanCompiler::freeChannel() const {
  std::array<int, kTrackChannels> users{};
  for (const auto& [id, cached] : cache_) ++users[static_cast<std::size_t>(cached.channel)];
  return static_cast<int>(std::min_element(users.begin(), users.end()) - users.begin());
}

std::unique_ptr<Plan> PlanCompiler::compile(const DocumentPtr& document, const PlanOverlay& overlay,
                                            const PlanOptions& options) {
  auto plan = std::make_unique<Plan>();
  plan->sampleRate = sampleRate_;
  if (document == nullptr) return plan;
  plan->tempo = document->tempo;
  plan->meter = document->meter;
  const bool timeChanged = !(tempo_ == document->tempo);
  tempo_ = document->tempo;

  // Channels stay with their tracks, so that an edit elsewhere does not touch what sounds.
  std::erase_if(cache_, [&](const auto& entry) { return document->track(entry.first) == nullptr; });
  bool solo = false;
  for (const TrackPtr& track : document->tracks) solo = solo || track->solo;
  static const std::vector<Note> kNoNotes;
  plan->parts.reserve(document->tracks.size());
  Tick lastEnd{0};
  for (const TrackPtr& track : document->tracks) {
    auto found = cache_.find(track->id);
    if (found == cache_.end()) {
      const int channel = freeChannel();
      found = cache_.try_emplace(track->id).first;
      found->second.channel = channel;
    }
    Cached& cached = found->second;
    const auto over = std::find_if(overlay.begin(), overlay.end(),
                                   [&](const TrackNotes& o) { return o.track == track->id; });
    const std::vector<Note>& extra = over != overlay.end() ? over->notes : kNoNotes;
    if (timeChanged || cached.track != track || cached.overlay != extra) {
      cached.plan = compileTrack(*track, extra, document->tempo, sampleRate_);
      cached.track = track;
      cached.overlay = extra;
    }
    PlanPart part;
    part.track = cached.plan;
    part.channel = cached.channel;
    const auto slot = options.slots.find(track->output);
    if (!track->output.empty() && slot != options.slots.end()) {
      part.route = {slot->second, track->channel & 15};
    }
    part.audible = !track->mute && (!solo || track->solo);
    if (part.audible && cached.plan->end > plan->notesEnd) plan->notesEnd = cached.plan->end;
    plan->parts.push_back(std::move(part));
    lastEnd = std::max(lastEnd, track->notes.latestEnd());
    for (const Note& n : extra) lastEnd = std::max(lastEnd, n.end());
  }

  plan->metronome = options.metronome;
  if (options.loop && !options.loop->empty()) {
    QuantumRange loop{plan->quantumAt(std::max(options.loop->from, Tick{0})),
                      plan->quantumAt(options.loop->to)};
    loop.to = std::max(loop.to, loop.from + 1);
    plan->loop = loop;
  }
  if (lastEnd > Tick{0} && !options.endless) {
    constexpr double kRing = 1.0;  // seconds
    const Tick rung = plan->tempo.tick(plan->tempo.seconds(lastEnd) + kRing);
    plan->stopAt = plan->quantumAt(plan->meter.barLineFrom(rung));
  }
  return plan;
}

}  // namespace incipit
