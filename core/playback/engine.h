// The audio engine: what runs in the audio callback. It owns the scheduler and turns any callback
// size into whole quanta, takes commands and plans from the GUI thread, and tells it the position.
//
// Live playback and files are rendered by the same processRt; what comes out depends on the
// commands and the frames before them, never on how the frames are cut into callbacks.
//
// Thread safety: one GUI thread (everything not ending in Rt), one audio thread (processRt).
// Neither waits for the other. setSynth() and the destructor need the audio thread to be stopped.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "core/playback/scheduler.h"

namespace incipit {

// Where the transport is, as the audio thread last told.
struct EnginePosition {
  std::uint32_t run = 0;         // of the play or seek that it belongs to
  std::uint32_t wraps = 0;       // of the loop, in this run
  std::int64_t tick = 0;         // at the first frame of the last callback
  std::int64_t ppq = 0;          // that tick counts in
  std::int64_t nanoseconds = 0;  // steady clock, when that callback began
  bool playing = false;
  bool ended = false;  // stopped by itself, at the plan's end
};

class AudioEngine {
 public:
  AudioEngine();
  ~AudioEngine();
  AudioEngine(const AudioEngine&) = delete;
  AudioEngine& operator=(const AudioEngine&) = delete;

  // --- GUI thread
  void setSynth(Synth* synth);  // null: silence; what sounds is forgotten, the transport stops
  // The audio thread goes over to this one, playing on. It and the one before are used until
  // setSynth() or destruction.
  void offerSynth(Synth* synth);
  void setPlan(std::unique_ptr<Plan> plan);
  // Frees what the audio thread is done with. Called by setPlan and position.
  void collect();
  // A full queue (the audio thread has stood still for thousands of commands) drops the command.
  void play(std::uint32_t run, Tick from);
  void seek(std::uint32_t run, Tick to);
  void stop();
  void panic();
  void previewOn(int program, bool drums, int pitch, int velocity);
  void previewOff(int pitch);
  EnginePosition position();
  // The longest callback since the last call of this, in nanoseconds.
  std::int64_t longestCallback();

  // --- audio thread
  void processRt(float* left, float* right, int frames) noexcept;
  const Scheduler& scheduler() const { return *scheduler_; }  // for an offline renderer and tests

 private:
  struct Command;
  struct Queue;

  void send(const Command& c);
  void commandsRt() noexcept;
  void publishRt(std::int64_t now) noexcept;

  std::unique_ptr<Queue> queue_;
  SilentSynth silence_;
  Synth* synth_ = &silence_;  // the audio thread's while it runs
  std::atomic<Synth*> offered_{nullptr};
  std::unique_ptr<Scheduler> scheduler_;

  // The hand-over of plans: the GUI puts a plan into next_, the audio thread takes it and puts the
  // one before into used_, from where the GUI frees it. The audio thread takes a plan only when
  // used_ is empty.
  std::atomic<Plan*> next_{nullptr};
  std::atomic<Plan*> used_{nullptr};

  // Frames of the last quantum that no callback has asked for yet.
  std::array<float, kQuantum> restLeft_{};
  std::array<float, kQuantum> restRight_{};
  int rest_ = 0;

  std::uint32_t run_ = 0;

  // A sequence lock: even when what follows is whole.
  std::atomic<std::uint32_t> sequence_{0};
  std::atomic<std::uint32_t> outRun_{0};
  std::atomic<std::uint32_t> outWraps_{0};
  std::atomic<std::int64_t> outTick_{0};
  std::atomic<std::int64_t> outPpq_{kDefaultPpq};
  std::atomic<std::int64_t> outTime_{0};
  std::atomic<std::uint32_t> outFlags_{0};
  std::atomic<std::int64_t> longest_{0};
};

}  // namespace incipit
