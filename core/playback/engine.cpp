#include "core/playback/engine.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/playback/engine_queue.h"

namespace incipit {
namespace {

void freeAll(Plan* list) {
  while (list != nullptr) delete std::exchange(list, list->chain);
}

// How far ahead of the sound the scheduler walks: longer than audio callbacks are held up by a busy
// machine, and short enough that an edit, heard so much later, seems to be heard at once.
constexpr double kLead = 0.04;  // seconds

}  // namespace

AudioEngine::AudioEngine()
    : queue_(std::make_unique<Queue>()), scheduler_(std::make_unique<Scheduler>(delay_)) {}

AudioEngine::~AudioEngine() {
  delete scheduler_->adoptRt(nullptr);
  delete next_.load(std::memory_order_relaxed);
  freeAll(used_.load(std::memory_order_relaxed));
}

void AudioEngine::connect(MidiBus* bus, LiveInput* input, SoundDeck* deck) {
  bus_ = bus;
  input_ = input;
  deck_ = deck;
  scheduler_->setBus(bus);
}

void AudioEngine::openDevice(const DeviceFormat& format) {
  format_ = format;
  clock_ = DeviceClock(format.sampleRate);
  setLatency(format.period);
  lead_ = static_cast<int>(std::lround(kLead * format.sampleRate / kQuantum));
  rememberRt(true);
  load_.clear();
}

void AudioEngine::setLatency(int frames) {
  latency_.store(std::int64_t{1000000000} * frames / format_.sampleRate, std::memory_order_relaxed);
}

void AudioEngine::setSynth(Synth* synth) {
  takeBackRt();
  scheduler_->releasePortsRt();
  auto fresh = std::make_unique<Scheduler>(delay_);
  // The plan that is being played moves over; nothing sounds on a new synth.
  Plan* plan = scheduler_->adoptRt(nullptr);
  delay_.takeBackRt();
  synth_ = synth == nullptr ? &silence_ : synth;
  delay_.setSinkRt(*synth_);
  // relaxed: the audio thread is not running.
  offered_.store(nullptr, std::memory_order_relaxed);
  delete fresh->adoptRt(plan);
  fresh->setBus(bus_);
  fresh->setLiveTrackRt(liveTrack_);
  scheduler_ = std::move(fresh);
  outer_.releaseRt(*scheduler_);
  rest_ = 0;
  walked_ = frames_;
  rememberRt(true);
}

void AudioEngine::offerSynth(Synth* synth) {
  // release: the audio thread sees a whole synth.
  offered_.store(synth, std::memory_order_release);
}

void AudioEngine::setPlan(std::unique_ptr<Plan> plan) {
  collect();
  // acq_rel: release, so that the audio thread sees the whole plan; acquire, because what comes
  // back was never taken and is freed here.
  delete next_.exchange(plan.release(), std::memory_order_acq_rel);
}

void AudioEngine::collect() {
  // acquire: the audio thread's last use of the plan happens before it is freed.
  freeAll(used_.exchange(nullptr, std::memory_order_acquire));
}

void AudioEngine::send(const Command& c) { queue_->commands.try_enqueue(c); }

void AudioEngine::play(std::uint32_t run, Tick from, int countInBars) {
  Command c;
  c.bars = countInBars;
  c.kind = Command::Kind::kPlay;
  c.run = run;
  c.tick = from.count;
  send(c);
}

void AudioEngine::seek(std::uint32_t run, Tick to) {
  Command c;
  c.kind = Command::Kind::kSeek;
  c.run = run;
  c.tick = to.count;
  send(c);
}

void AudioEngine::stop(std::uint32_t run) {
  Command c;
  c.run = run;
  send(c);
}

void AudioEngine::panic() {
  Command c;
  c.kind = Command::Kind::kPanic;
  send(c);
}

void AudioEngine::previewOn(int program, bool drums, int pitch, int velocity, Route route) {
  Command c;
  c.kind = Command::Kind::kPreviewOn;
  c.route = route;
  c.program = static_cast<std::uint8_t>(std::clamp(program, 0, 127));
  c.drums = drums;
  c.pitch = static_cast<std::uint8_t>(std::clamp(pitch, 0, 127));
  c.velocity = static_cast<std::uint8_t>(std::clamp(velocity, 1, 127));
  send(c);
}

void AudioEngine::previewOff(int pitch) {
  Command c;
  c.kind = Command::Kind::kPreviewOff;
  c.pitch = static_cast<std::uint8_t>(std::clamp(pitch, 0, 127));
  send(c);
}

void AudioEngine::setLiveTrack(TrackId track) {
  Command c;
  c.kind = Command::Kind::kLiveTrack;
  c.track = track;
  send(c);
}

void AudioEngine::takeLiveEvents(std::vector<LiveEvent>& events) {
  LiveEvent e;
  while (queue_->played.try_dequeue(e)) events.push_back(e);
}

EnginePosition AudioEngine::position() {
  collect();
  EnginePosition p;
  for (;;) {
    // acquire: what was written before this number is seen below.
    const std::uint32_t before = sequence_.load(std::memory_order_acquire);
    // acquire each: none of them may be read after the second look at the number.
    p.run = outRun_.load(std::memory_order_acquire);
    p.start = outStart_.load(std::memory_order_acquire);
    p.wraps = outWraps_.load(std::memory_order_acquire);
    p.tick = outTick_.load(std::memory_order_acquire);
    p.ppq = outPpq_.load(std::memory_order_acquire);
    p.nanoseconds = outTime_.load(std::memory_order_acquire);
    p.rate = outRate_.load(std::memory_order_acquire);
    p.countIn = outCountIn_.load(std::memory_order_acquire);
    p.clockTempo = outClockTempo_.load(std::memory_order_acquire);
    const std::uint32_t flags = outFlags_.load(std::memory_order_acquire);
    p.playing = (flags & Queue::kPlayingFlag) != 0;
    p.led = (flags & Queue::kLedFlag) != 0;
    p.ended = (flags & Queue::kEndedFlag) != 0;
    const std::uint32_t after = sequence_.load(std::memory_order_relaxed);
    if (before == after && before % 2 == 0) return p;
  }
}

std::int64_t AudioEngine::longestCallback() {
  // relaxed: a figure on its own.
  return longest_.exchange(0, std::memory_order_relaxed);
}

}  // namespace incipit
