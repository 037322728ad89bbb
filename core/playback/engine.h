// The audio engine: what runs in the audio callback. It owns the scheduler and turns any callback
// size into whole quanta, takes commands and plans from the GUI thread, lets keyboards sound, and
// tells the GUI the position and what was played.
//
// Live playback and files are rendered by the same processRt. With a device the scheduler walks a
// lead ahead of the sound, so that messages for MIDI ports are planned long before their time and
// one callback that comes late makes none of them late; what it sends to the synth waits for its
// frame. So an edit is heard a lead later. Whoever works the transport does not wait: play, seek,
// stop and panic take back what is planned and not yet heard. What comes out depends on the
// commands and the frames before them, never on how the frames are cut into callbacks (but while an
// outer clock leads: then on that clock).
//
// Thread safety: one GUI thread (everything not ending in Rt), one audio thread (processRt).
// Neither waits for the other. connect(), openDevice(), setSynth() and the destructor need the
// audio thread to be stopped.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/playback/device_clock.h"
#include "core/playback/live/held_keys.h"
#include "core/playback/live/live_input.h"
#include "core/playback/live/outer_clock.h"
#include "core/playback/load_histogram.h"
#include "core/playback/player.h"
#include "core/playback/scheduler.h"
#include "core/playback/synth_delay.h"
#include "core/playback/transport_history.h"

namespace incipit {

// Where the transport is heard, as the audio thread last told.
struct EnginePosition {
  std::uint32_t run = 0;         // of the last play, seek or stop that it knows
  std::uint32_t start = 0;       // grows with every start and jump, an outer clock's too
  std::uint32_t wraps = 0;       // of the loop, since that start
  std::int64_t tick = 0;         // at the first frame of the last callback
  std::int64_t ppq = 0;          // that tick counts in
  std::int64_t nanoseconds = 0;  // steady clock, when that frame is heard
  double rate = 1;               // seconds of the piece a second
  int countIn = 0;               // beats, begun and to come
  bool playing = false;
  bool ended = false;     // stopped by itself, at the plan's end
  bool led = false;       // by an outer clock
  double clockTempo = 0;  // quarters a minute of an outer clock; 0: none comes
};

class SoundDeck;

struct DeviceFormat {
  int sampleRate = 48000;
  int period = 256;  // frames
};

class AudioEngine {
 public:
  AudioEngine();
  ~AudioEngine();
  AudioEngine(const AudioEngine&) = delete;
  AudioEngine& operator=(const AudioEngine&) = delete;

  // --- GUI thread
  // The ports to play on, what is played live, and recordings; each may be null. They outlive the
  // engine.
  void connect(MidiBus* bus, LiveInput* input, SoundDeck* deck = nullptr);
  // A device is about to call. Before the first one the lead is 0. The transport must stand where
  // the sample rate is another than before.
  void openDevice(const DeviceFormat& format);
  // Frames from the start of a callback until its first frame is heard; a period until it is set.
  void setLatency(int frames);
  void setSynth(Synth* synth);  // null: silence; what sounds is forgotten, the transport stops
  // The audio thread goes over to this one, playing on. It and the one before are used until
  // setSynth() or destruction.
  void offerSynth(Synth* synth);
  void setPlan(std::unique_ptr<Plan> plan);
  // Frees what the audio thread is done with. Called by setPlan and position.
  void collect();
  // A full queue (the audio thread has stood still for thousands of commands) drops the command.
  void play(std::uint32_t run, Tick from, int countInBars = 0);
  void seek(std::uint32_t run, Tick to);  // nothing while an outer clock leads
  void stop(std::uint32_t run);
  void panic();
  void previewOn(int program, bool drums, int pitch, int velocity, Route route = {});
  void previewOff(int pitch);
  void setLiveTrack(TrackId track);
  // What was played live since the last call. Some thousands are kept.
  void takeLiveEvents(std::vector<LiveEvent>& events);
  EnginePosition position();
  // The longest callback since the last call of this, in nanoseconds.
  std::int64_t longestCallback();
  PlaybackFigures figures() const { return load_.figures(); }  // since openDevice
  int xruns() const { return load_.xruns(); }

  // --- audio thread
  void processRt(float* left, float* right, int frames) noexcept;
  // As if the callback had come at `now` (steady clock, nanoseconds).
  void processRt(float* left, float* right, int frames, std::int64_t now) noexcept;
  const Scheduler& scheduler() const { return *scheduler_; }  // for an offline renderer and tests

 private:
  struct Command;
  struct Queue;

  void send(const Command& c);
  void takePlanRt() noexcept;
  void commandsRt() noexcept;
  void runRt(const Command& c) noexcept;
  void liveRt(std::int64_t now) noexcept;
  void liveMessageRt(const TimedMessage& m) noexcept;
  void releaseSourceRt(int source, std::int64_t now) noexcept;
  LiveEvent stampedRt(const TimedMessage& m) noexcept;
  void obeyRt(const OuterClock::Wish& wish) noexcept;
  std::int64_t renderedRt() const noexcept { return frames_ + rest_; }
  std::int64_t heardAtRt(std::int64_t frame) const noexcept;
  void setTimeRt() noexcept;
  void walkRt(int quanta) noexcept;
  void gainLeadRt(std::int64_t frame) noexcept;
  void takeBackRt() noexcept;
  void followRt(std::int64_t now) noexcept;
  void rememberRt(bool always = false) noexcept;
  void renderRt(float* left, float* right, int frames, std::int64_t now) noexcept;
  void publishRt(std::int64_t now) noexcept;

  std::unique_ptr<Queue> queue_;
  SilentSynth silence_;
  Synth* synth_ = &silence_;  // the audio thread's while it runs
  std::atomic<Synth*> offered_{nullptr};
  SynthDelay delay_{silence_};
  std::unique_ptr<Scheduler> scheduler_;
  MidiBus* bus_ = nullptr;
  LiveInput* input_ = nullptr;
  SoundDeck* deck_ = nullptr;

  // The hand-over of plans: the GUI puts a plan into next_, the audio thread takes it and puts the
  // one before into the list used_, from where the GUI frees it.
  std::atomic<Plan*> next_{nullptr};
  std::atomic<Plan*> used_{nullptr};

  // Frames of the last quantum that no callback has asked for yet.
  std::array<float, kQuantum> restLeft_{};
  std::array<float, kQuantum> restRight_{};
  int rest_ = 0;

  // The audio thread's.
  DeviceFormat format_;
  DeviceClock clock_;
  std::atomic<std::int64_t> latency_{0};  // nanoseconds; a figure on its own
  int lead_ = 0;                          // quanta; 0 without a device
  std::int64_t frames_ = 0;               // given to devices
  std::int64_t walked_ = 0;               // the frame that the scheduler has come to
  std::int64_t when_ = 0;                 // of the last event; falls by takeBackRt alone
  TransportHistory history_;
  std::uint32_t jumps_ = 0;      // of the scheduler, as remembered in history_
  int countInBeats_ = 0;         // likewise
  std::int64_t remembered_ = 0;  // the frame of the last stretch there
  HeldKeys held_;
  OuterClock outer_;
  int clockSource_ = -1;
  TrackId liveTrack_ = 0;
  std::uint32_t run_ = 0;
  std::uint32_t start_ = 0;

  // A sequence lock: even when what follows is whole.
  std::atomic<std::uint32_t> sequence_{0};
  std::atomic<std::uint32_t> outRun_{0};
  std::atomic<std::uint32_t> outStart_{0};
  std::atomic<std::uint32_t> outWraps_{0};
  std::atomic<std::int64_t> outTick_{0};
  std::atomic<std::int64_t> outPpq_{kDefaultPpq};
  std::atomic<std::int64_t> outTime_{0};
  std::atomic<double> outRate_{1};
  std::atomic<int> outCountIn_{0};
  std::atomic<std::uint32_t> outFlags_{0};
  std::atomic<double> outClockTempo_{0};
  std::atomic<std::int64_t> longest_{0};
  LoadHistogram load_;
};

}  // namespace incipit
