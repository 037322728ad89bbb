#include "core/playback/metronome.h"

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

// General MIDI drum keys and loudness.
constexpr int kAccentKey = 76;  // high wood block
constexpr int kBeatKey = 77;    // low wood block
constexpr int kAccentVelocity = 115;
constexpr int kBeatVelocity = 85;
constexpr int kClickLength = 40;  // quanta

double quantaOf(const Plan& plan, TickDelta length, Tick at) {
  const double seconds = static_cast<double>(length.count) * plan.tempo.at(at).microsPerQuarter *
                         1e-6 / plan.tempo.ppq();
  return seconds * plan.sampleRate / kQuantum;
}

}  // namespace

void Metronome::placeRt(const Plan* plan, std::int64_t position) noexcept {
  next_ = INT64_MAX;
  if (plan == nullptr || !plan->metronome) return;
  const MeterMap& meter = plan->meter;
  const Tick here = std::max(plan->tickAt(position), Tick{0});
  Tick beat = here - meter.barBeat(here).offset;
  if (plan->quantumAt(beat) < position) {
    const auto change = std::upper_bound(meter.changes().begin(), meter.changes().end(), beat,
                                         [](Tick t, const MeterChange& c) { return t < c.at; });
    beat = beat + meter.beatLength(meter.at(beat));
    if (change != meter.changes().end()) beat = std::min(beat, change->at);
  }
  next_ = plan->quantumAt(beat);
  accent_ = meter.barBeat(beat).beat == 0;
}

void Metronome::clickRt(bool accent) noexcept {
  bank_->endNotesRt(kMetronomeChannel);
  if (bank_->at(kMetronomeChannel).of(kProgramChange) == ChannelBank::kUnknown) {
    bank_->programRt(kMetronomeChannel, 0, true);
  }
  bank_->noteOnRt(kMetronomeChannel, accent ? kAccentKey : kBeatKey,
                  accent ? kAccentVelocity : kBeatVelocity, 0);
  sounding_ = kClickLength;
}

std::int64_t Metronome::dueRt(const Plan& plan, std::int64_t position, std::int64_t free) noexcept {
  if (next_ <= position) {
    clickRt(accent_);
    placeRt(&plan, position + 1);
  }
  if (next_ != INT64_MAX) free = std::min(free, next_ - position);
  if (sounding_ > 0) free = std::min<std::int64_t>(free, sounding_);
  return free;
}

void Metronome::advanceRt(int quanta) noexcept {
  if (sounding_ == 0) return;
  sounding_ = std::max(sounding_ - quanta, 0);
  if (sounding_ == 0) bank_->endNotesRt(kMetronomeChannel);
}

void Metronome::endRt() noexcept {
  bank_->endNotesRt(kMetronomeChannel);
  sounding_ = 0;
}

void Metronome::countInRt(const Plan& plan, std::int64_t position, int bars) noexcept {
  const Tick start = std::max(plan.tickAt(position), Tick{0});
  Tick before = start - plan.meter.barBeat(start).offset;
  // A position is a whole quantum: the beat that it was rounded from may be just behind it.
  const Tick after = before + plan.meter.beatLength(plan.meter.at(before));
  if (plan.quantumAt(after) == position) before = after;
  const bool onBeat = plan.quantumAt(before) == position;
  const MeterChange& meter = plan.meter.at(before);
  const int beat = plan.meter.barBeat(before).beat;
  beatsInBar_ = std::max(meter.numerator, 1);
  beat_ = std::max(quantaOf(plan, plan.meter.beatLength(meter), before), 1.0);
  last_ = beat_;
  if (!onBeat) {
    const double exact = plan.tempo.seconds(before) * plan.sampleRate / kQuantum;
    last_ = std::max(static_cast<double>(position) - exact, 1.0);
  }
  beatInBar_ = onBeat ? beat - 1 : beat;
  clicks_ = bars * beatsInBar_;
  left_ = clicks_ > 0 ? clickAtRt(clicks_) : 0;
}

void Metronome::retimeRt(const Plan& plan, std::int64_t position) noexcept {
  const Tick start = std::max(plan.tickAt(position), Tick{0});
  const double beat =
      std::max(quantaOf(plan, plan.meter.beatLength(plan.meter.at(start)), start), 1.0);
  const double change = beat / beat_;
  beat_ = beat;
  last_ *= change;
  left_ = std::max<std::int64_t>(std::llround(static_cast<double>(left_) * change), 1);
}

std::int64_t Metronome::clickAtRt(int remaining) const noexcept {
  return std::max<std::int64_t>(std::llround(last_ + (remaining - 1) * beat_), 1);
}

void Metronome::returnCountInRt(std::int64_t left) noexcept {
  left_ = left;
  clicks_ = 0;
  while (left_ > 0 && clickAtRt(clicks_ + 1) <= left_) ++clicks_;
}

int Metronome::countInBeats() const noexcept {
  if (left_ == 0) return 0;
  return clicks_ + (clicks_ == 0 || left_ > clickAtRt(clicks_) ? 1 : 0);
}

std::int64_t Metronome::countInDueRt(std::int64_t free) noexcept {
  while (clicks_ > 0 && clickAtRt(clicks_) >= left_) {
    const int beat = (beatInBar_ - (clicks_ - 1)) % beatsInBar_;
    clickRt(beat == 0);
    --clicks_;
  }
  free = std::min(free, left_);
  if (clicks_ > 0) free = std::min(free, left_ - clickAtRt(clicks_));
  if (sounding_ > 0) free = std::min<std::int64_t>(free, sounding_);
  return free;
}

void Metronome::countInAdvanceRt(int quanta) noexcept {
  advanceRt(quanta);
  left_ = std::max<std::int64_t>(left_ - quanta, 0);
}

}  // namespace incipit
