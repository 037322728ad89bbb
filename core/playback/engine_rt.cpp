// The audio thread's half of AudioEngine.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "core/playback/engine.h"
#include "core/playback/engine_queue.h"
#include "core/playback/waker.h"

namespace incipit {
namespace {

constexpr int kLongestSpan = 16;     // quanta rendered at once
constexpr int kMostMessages = 4096;  // taken at once, should a keyboard never cease

double secondsOf(const Plan& plan, double quanta) { return quanta * kQuantum / plan.sampleRate; }

}  // namespace

void AudioEngine::takePlanRt() noexcept {
  // acquire: see setPlan.
  Plan* plan = next_.exchange(nullptr, std::memory_order_acquire);
  if (plan == nullptr) return;
  Plan* old = scheduler_->adoptRt(plan);
  if (old == nullptr) return;
  if (!(old->tempo == plan->tempo) || old->sampleRate != plan->sampleRate) {
    history_.movePlacesRt(static_cast<double>(frames_ + rest_), [&](double quanta) {
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
    synth_ = synth;
    scheduler_->changeSinkRt(*synth);
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
      outer_.releaseRt(*scheduler_);
      scheduler_->playRt(quantum, c.bars);
      break;
    case Command::Kind::kSeek:
      run_ = c.run;
      if (outer_.leading()) break;
      ++start_;
      scheduler_->seekRt(quantum);
      break;
    case Command::Kind::kStop:
      run_ = c.run;
      outer_.releaseRt(*scheduler_);
      scheduler_->stopRt();
      break;
    case Command::Kind::kPanic:
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
  if (clockSource_ >= 0 && outer_.beginRt(*scheduler_, now)) ++start_;
}

void AudioEngine::liveMessageRt(const TimedMessage& m) noexcept {
  if (m.message.status() < 0x80 || ((m.message.bytes[1] | m.message.bytes[2]) & 0x80) != 0) return;
  if (held_.takeRt(m.message, m.source)) scheduler_->playLiveRt(m.message);
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
  const double quanta = std::max(frame - s.frame, 0.0) / kQuantum;
  if (s.countIn > 0) {
    const Tick start = plan->tempo.tick(secondsOf(*plan, s.position));
    const double perTick = plan->tempo.at(start).microsPerQuarter * 1e-6 / plan->tempo.ppq();
    const double left = secondsOf(*plan, s.countIn - quanta);
    e.at = start - TickDelta{std::llround(left / perTick)};
  } else {
    e.at = plan->tempo.tick(secondsOf(*plan, s.position + quanta * s.rate));
  }
  return e;
}

// Of what is sent from now on: it takes effect with this frame.
void AudioEngine::setTimeRt(std::int64_t frame) noexcept {
  when_ = std::max(
      when_, clock_.timeRt(static_cast<double>(frame)) + latency_.load(std::memory_order_relaxed));
  scheduler_->setTimeRt(when_, frame);
}

void AudioEngine::followRt(std::int64_t now) noexcept {
  if (outer_.quantumRt(*scheduler_, now, when_ - now)) ++start_;
}

void AudioEngine::rememberRt(std::int64_t frame, bool always) noexcept {
  if (!always && jumps_ == scheduler_->jumps()) return;
  jumps_ = scheduler_->jumps();
  TransportStretch s;
  s.frame = static_cast<double>(frame);
  s.position = scheduler_->exactPosition();
  s.rolling = scheduler_->playing();
  s.countIn = static_cast<double>(scheduler_->countInLeft());
  s.rate = s.rolling && s.countIn == 0 ? scheduler_->rate() : 0;
  s.run = start_;
  s.pass = scheduler_->wraps();
  history_.beginRt(s);
}

void AudioEngine::publishRt(std::int64_t now) noexcept {
  const Plan* plan = scheduler_->plan();
  std::int64_t tick = 0;
  if (plan != nullptr) {
    const double ahead = scheduler_->countInLeft() > 0 ? 0 : rest_ * scheduler_->rate();
    const double frame = scheduler_->exactPosition() * kQuantum - ahead;
    tick = std::max<std::int64_t>(plan->tempo.tick(frame / plan->sampleRate).count, 0);
  }
  const std::uint32_t sequence = sequence_.load(std::memory_order_relaxed);
  // relaxed, because each store below is a release: none of them is seen before the odd number.
  sequence_.store(sequence + 1, std::memory_order_relaxed);
  outRun_.store(run_, std::memory_order_release);
  outStart_.store(start_, std::memory_order_release);
  outWraps_.store(scheduler_->wraps(), std::memory_order_release);
  outTick_.store(tick, std::memory_order_release);
  outPpq_.store(plan == nullptr ? kDefaultPpq : plan->tempo.ppq(), std::memory_order_release);
  outTime_.store(
      clock_.timeRt(static_cast<double>(frames_)) + latency_.load(std::memory_order_relaxed),
      std::memory_order_release);
  outRate_.store(scheduler_->rate(), std::memory_order_release);
  outCountIn_.store(scheduler_->countInBeats(), std::memory_order_release);
  outClockTempo_.store(outer_.tempo(now), std::memory_order_release);
  outFlags_.store((scheduler_->playing() ? Queue::kPlayingFlag : 0U) |
                      (scheduler_->ended() ? Queue::kEndedFlag : 0U) |
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
    setTimeRt(frame);
    if (outer_.leading()) {
      followRt(now);
      rememberRt(frame, std::exchange(first, false));  // its speed is never the same
    }
    const int whole = std::clamp(wanted / kQuantum, 1, outer_.leading() ? 1 : kLongestSpan);
    const int span = scheduler_->dueRt(whole);
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
    setTimeRt(frame + rest_);
    scheduler_->advanceRt(span);
    rememberRt(frame + rest_);
  }
  frames_ = end;
}

void AudioEngine::processRt(float* left, float* right, int frames) noexcept {
  processRt(left, right, frames, steadyNanoseconds());
}

void AudioEngine::processRt(float* left, float* right, int frames, std::int64_t now) noexcept {
  const std::int64_t began = steadyNanoseconds();
  clock_.callbackRt(frames_, frames, now);
  setTimeRt(frames_ + rest_);
  commandsRt();
  rememberRt(frames_ + rest_);
  liveRt(now);
  rememberRt(frames_ + rest_);
  publishRt(now);
  renderRt(left, right, frames, now);
  const std::int64_t took = steadyNanoseconds() - began;
  load_.noteRt(took, clock_.lateness(), std::int64_t{1000000000} * frames / format_.sampleRate);
  // relaxed: a figure on its own; a reset that comes between is overwritten at worst once.
  if (took > longest_.load(std::memory_order_relaxed)) {
    longest_.store(took, std::memory_order_relaxed);
  }
}

}  // namespace incipit
