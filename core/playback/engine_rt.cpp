// The audio thread's half of AudioEngine.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/playback/audio/sound_deck.h"
#include "core/playback/engine.h"
#include "core/playback/engine_queue.h"
#include "core/playback/waker.h"

namespace incipit {
namespace {

constexpr int kLongestSpan = 16;       // quanta rendered at once
constexpr int kLongestStretch = 1024;  // frames
constexpr int kMostMessages = 4096;    // taken at once, should a keyboard never cease

double secondsOf(const Plan& plan, double quanta) { return quanta * kQuantum / plan.sampleRate; }

}  // namespace

void AudioEngine::takePlanRt() noexcept {
  // acquire: see setPlan.
  Plan* plan = next_.exchange(nullptr, std::memory_order_acquire);
  if (plan == nullptr) return;
  Plan* old = scheduler_->adoptRt(plan);
  if (old == nullptr) return;
  if (!(old->tempo == plan->tempo) || old->sampleRate != plan->sampleRate) {
    history_.movePlacesRt(static_cast<double>(walked_), [&](double quanta) {
      Tick at = old->tempo.tick(secondsOf(*old, quanta));
      at.count = at.count * plan->tempo.ppq() / old->tempo.ppq();
      return plan->tempo.seconds(at) * plan->sampleRate / kQuantum;
    });
  }
  // relaxed: only this thread puts anything there. Fails once for each time that the GUI collects.
  old->chain = used_.load(std::memory_order_relaxed);
  // release: the GUI may free it once it sees it.
  while (!used_.compare_exchange_weak(old->chain, old, std::memory_order_release,
                                      std::memory_order_relaxed)) {
  }
}

void AudioEngine::commandsRt() noexcept {
  // acquire: see offerSynth.
  if (Synth* synth = offered_.exchange(nullptr, std::memory_order_acquire)) {
    takeBackRt();
    synth_ = synth;
    delay_.setSinkRt(*synth);
    scheduler_->changeSinkRt(delay_);
  }
  takePlanRt();  // before the commands that were sent after it
  Command c;
  while (queue_->commands.try_dequeue(c)) runRt(c);
}

void AudioEngine::runRt(const Command& c) noexcept {
  const Plan* plan = scheduler_->plan();
  const std::int64_t quantum = plan == nullptr ? 0 : plan->quantumAt(Tick{c.tick});
  switch (c.kind) {
    case Command::Kind::kPlay:
      run_ = c.run;
      ++start_;
      takeBackRt();
      outer_.releaseRt(*scheduler_);
      scheduler_->playRt(quantum, c.bars);
      break;
    case Command::Kind::kSeek:
      run_ = c.run;
      if (outer_.leading()) break;
      ++start_;
      takeBackRt();
      scheduler_->seekRt(quantum);
      break;
    case Command::Kind::kStop:
      run_ = c.run;
      takeBackRt();
      outer_.releaseRt(*scheduler_);
      scheduler_->stopRt();
      break;
    case Command::Kind::kPanic:
      takeBackRt();
      scheduler_->panicRt();
      break;
    case Command::Kind::kPreviewOn:
      scheduler_->previewOnRt(c.program, c.drums, c.pitch, c.velocity, c.route);
      break;
    case Command::Kind::kPreviewOff:
      scheduler_->previewOffRt(c.pitch);
      break;
    case Command::Kind::kLiveTrack:
      liveTrack_ = c.track;
      scheduler_->setLiveTrackRt(c.track);
      break;
  }
}

void AudioEngine::liveRt(std::int64_t now) noexcept {
  if (input_ == nullptr) return;
  // relaxed: a number on its own.
  const int clockSource = input_->clockSource.load(std::memory_order_relaxed);
  if (clockSource != clockSource_) outer_.forgetRt(*scheduler_);
  clockSource_ = clockSource;
  TimedMessage m;
  for (int i = 0; i < kMostMessages && input_->takeRt(m); ++i) {
    if (m.source < 0 || m.source >= LiveInput::kSources) continue;
    if (m.message.size == 0) {
      releaseSourceRt(m.source, now);
    } else if (m.message.channelMessage()) {
      liveMessageRt(m);
    } else if (m.source == clockSource) {
      outer_.takeRt(m.message, m.nanoseconds);
    }
  }
  if (input_->overflowedRt()) {
    for (int source = 0; source < LiveInput::kSources; ++source) releaseSourceRt(source, now);
  }
  if (clockSource_ < 0) return;
  const bool playing = history_.holdingRt(static_cast<double>(renderedRt())).rolling;
  obeyRt(outer_.beginRt(*scheduler_, now, playing));
}

void AudioEngine::obeyRt(const OuterClock::Wish& wish) noexcept {
  if (wish.kind == OuterClock::Wish::Kind::kNone) return;
  takeBackRt();
  if (wish.kind == OuterClock::Wish::Kind::kStop) {
    scheduler_->stopRt();
    return;
  }
  ++start_;
  if (wish.kind == OuterClock::Wish::Kind::kPlay) {
    scheduler_->playRt(wish.quantum);
  } else {
    scheduler_->seekRt(wish.quantum);
  }
}

void AudioEngine::liveMessageRt(const TimedMessage& m) noexcept {
  if (m.message.status() < 0x80 || ((m.message.bytes[1] | m.message.bytes[2]) & 0x80) != 0) return;
  if (held_.takeRt(m.message, m.source)) {
    const auto now = static_cast<double>(renderedRt());
    const double position = history_.holdingRt(now).positionAt(now);
    scheduler_->playLiveRt(m.message, static_cast<std::int64_t>(position));
  }
  queue_->played.try_enqueue(stampedRt(m));
}

// As if the player had let go.
void AudioEngine::releaseSourceRt(int source, std::int64_t now) noexcept {
  held_.releaseRt(source, [&](const MidiMessage& m) { liveMessageRt({m, now, source}); });
}

LiveEvent AudioEngine::stampedRt(const TimedMessage& m) noexcept {
  const double frame = clock_.frameRt(m.nanoseconds - latency_.load(std::memory_order_relaxed));
  const TransportStretch& s = history_.holdingRt(frame);
  LiveEvent e;
  e.message = m.message;
  e.nanoseconds = m.nanoseconds;
  e.rolling = s.rolling;
  e.run = s.run;
  e.pass = s.pass;
  const Plan* plan = scheduler_->plan();
  if (plan == nullptr) return e;
  const double at = std::max(frame, s.frame);
  if (s.countIn > 0) {
    const Tick start = plan->tempo.tick(secondsOf(*plan, s.position));
    const double perTick = plan->tempo.at(start).microsPerQuarter * 1e-6 / plan->tempo.ppq();
    const double left = secondsOf(*plan, s.countInAt(at));
    e.at = start - TickDelta{std::llround(left / perTick)};
  } else {
    e.at = plan->tempo.tick(secondsOf(*plan, s.positionAt(at)));
  }
  return e;
}

std::int64_t AudioEngine::heardAtRt(std::int64_t frame) const noexcept {
  return clock_.timeRt(static_cast<double>(frame)) + latency_.load(std::memory_order_relaxed);
}

// Of what is sent from now on: it takes effect where the scheduler has come to.
void AudioEngine::setTimeRt() noexcept {
  when_ = std::max(when_, heardAtRt(walked_));
  scheduler_->setTimeRt(when_, walked_);
  delay_.setFrameRt(walked_);
}

// Goes on with the scheduler, to which nothing is due meanwhile.
void AudioEngine::walkRt(int quanta) noexcept {
  walked_ += std::int64_t{quanta} * kQuantum;
  setTimeRt();
  scheduler_->advanceRt(quanta);
  rememberRt();
}

// Plans a lead ahead of the frame that is rendered next; after a start that is the whole of it.
void AudioEngine::gainLeadRt(std::int64_t frame) noexcept {
  for (;;) {
    const std::int64_t ahead = (walked_ - frame) / kQuantum;
    if (ahead >= lead_) return;
    walkRt(scheduler_->dueRt(static_cast<int>(lead_ - ahead)));
  }
}

// Back to the frame that is rendered next: what is planned from there on will not be heard.
void AudioEngine::takeBackRt() noexcept {
  if (walked_ == renderedRt()) return;
  scheduler_->endNotesRt();
  walked_ = renderedRt();
  when_ = heardAtRt(walked_);
  delay_.takeBackRt();
  if (bus_ != nullptr) bus_->takeBackRt(when_, walked_);
  setTimeRt();
  const auto frame = static_cast<double>(walked_);
  history_.forgetAfterRt(frame);
  const TransportStretch& s = history_.holdingRt(frame);
  // A place of a plan with another tempo lies between two quanta.
  constexpr double kRounding = 1e-6;
  TransportPlace place;
  place.position = static_cast<std::int64_t>(std::floor(s.positionAt(frame) + kRounding));
  place.countIn = s.countIn > 0 ? std::max(std::llround(s.countInAt(frame)), 1LL) : 0;
  place.wraps = s.pass;
  place.playing = s.rolling;
  place.ended = s.ended;
  scheduler_->returnRt(place);
}

void AudioEngine::followRt(std::int64_t now) noexcept {
  if (outer_.quantumRt(*scheduler_, now, when_ - now)) ++start_;
}

// A stretch is short, so that another tempo bends it but little; see movePlacesRt.
void AudioEngine::rememberRt(bool always) noexcept {
  const bool same = jumps_ == scheduler_->jumps() && countInBeats_ == scheduler_->countInBeats();
  if (!always && same && walked_ - remembered_ < kLongestStretch) return;
  jumps_ = scheduler_->jumps();
  countInBeats_ = scheduler_->countInBeats();
  remembered_ = walked_;
  TransportStretch s;
  s.frame = static_cast<double>(walked_);
  s.position = scheduler_->exactPosition();
  s.rolling = scheduler_->playing();
  s.countIn = static_cast<double>(scheduler_->countInLeft());
  s.countInBeats = countInBeats_;
  s.ended = scheduler_->ended();
  s.rate = s.rolling && s.countIn == 0 ? scheduler_->rate() : 0;
  s.run = start_;
  s.pass = scheduler_->wraps();
  history_.beginRt(s);
}

void AudioEngine::publishRt(std::int64_t now) noexcept {
  const Plan* plan = scheduler_->plan();
  const TransportStretch& s = history_.holdingRt(static_cast<double>(renderedRt()));
  std::int64_t tick = 0;
  if (plan != nullptr) {
    const double position = s.positionAt(static_cast<double>(frames_));
    tick = std::max<std::int64_t>(plan->tempo.tick(secondsOf(*plan, position)).count, 0);
  }
  const std::uint32_t sequence = sequence_.load(std::memory_order_relaxed);
  // relaxed, because each store below is a release: none of them is seen before the odd number.
  sequence_.store(sequence + 1, std::memory_order_relaxed);
  outRun_.store(run_, std::memory_order_release);
  outStart_.store(start_, std::memory_order_release);
  outWraps_.store(s.pass, std::memory_order_release);
  outTick_.store(tick, std::memory_order_release);
  outPpq_.store(plan == nullptr ? kDefaultPpq : plan->tempo.ppq(), std::memory_order_release);
  outTime_.store(heardAtRt(frames_), std::memory_order_release);
  outRate_.store(s.rate, std::memory_order_release);
  outCountIn_.store(s.countInBeats, std::memory_order_release);
  outClockTempo_.store(outer_.tempo(now), std::memory_order_release);
  outFlags_.store((s.rolling ? Queue::kPlayingFlag : 0U) | (s.ended ? Queue::kEndedFlag : 0U) |
                      (outer_.leading() ? Queue::kLedFlag : 0U),
                  std::memory_order_release);
  // release: the even number is seen after everything above.
  sequence_.store(sequence + 2, std::memory_order_release);
}

void AudioEngine::renderRt(float* left, float* right, int frames, std::int64_t now) noexcept {
  std::int64_t frame = frames_;
  const std::int64_t end = frame + frames;
  bool first = true;
  while (frame < end) {
    const int wanted = static_cast<int>(end - frame);
    if (rest_ > 0) {
      const int n = std::min(rest_, wanted);
      std::copy_n(restLeft_.data() + kQuantum - rest_, n, left);
      std::copy_n(restRight_.data() + kQuantum - rest_, n, right);
      rest_ -= n;
      left += n;
      right += n;
      frame += n;
      continue;
    }
    setTimeRt();
    if (outer_.leading()) {
      followRt(now);
      rememberRt(std::exchange(first, false));  // its speed is never the same
    } else {
      gainLeadRt(frame);
    }
    const int whole = std::clamp(wanted / kQuantum, 1, outer_.leading() ? 1 : kLongestSpan);
    const int span = delay_.passRt(frame, scheduler_->dueRt(whole));
    if (wanted < kQuantum) {
      synth_->renderRt(restLeft_.data(), restRight_.data(), kQuantum);
      rest_ = kQuantum;
    } else {
      const int rendered = span * kQuantum;
      synth_->renderRt(left, right, rendered);
      left += rendered;
      right += rendered;
      frame += rendered;
    }
    walkRt(span);
  }
  frames_ = end;
}

void AudioEngine::processRt(float* left, float* right, int frames) noexcept {
  processRt(left, right, frames, steadyNanoseconds());
}

void AudioEngine::processRt(float* left, float* right, int frames, std::int64_t now) noexcept {
  const std::int64_t began = steadyNanoseconds();
  // relaxed: a figure on its own.
  clock_.callbackRt(frames_, frames, now, latency_.load(std::memory_order_relaxed));
  setTimeRt();
  commandsRt();
  rememberRt();
  liveRt(now);
  rememberRt(outer_.leading());
  publishRt(now);
  renderRt(left, right, frames, now);
  if (deck_ != nullptr) deck_->mixRt(left, right, frames);
  const std::int64_t took = steadyNanoseconds() - began;
  load_.noteRt(took, clock_.lateness(), std::int64_t{1000000000} * frames / format_.sampleRate);
  // relaxed: a figure on its own; a reset that comes between is overwritten at worst once.
  if (took > longest_.load(std::memory_order_relaxed)) {
    longest_.store(took, std::memory_order_relaxed);
  }
}

}  // namespace incipit
