// The one scheduler: walks a plan quantum by quantum and sends its events to a sink. Live playback,
// audio files and (through other sinks) MIDI ports all hear the same.
//
// What sounds is known at every moment, so that stop, seek, loop, an edit or a mute ends exactly
// the notes that must end. Starting anywhere first brings every controller, program and pitch bend
// to what it would be there (the chase); only differences are sent.
//
// Thread safety: one thread calls everything; the functions ending in Rt may be called from the
// audio callback. A sink must outlive its use here.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "core/playback/plan.h"

namespace incipit {

class Scheduler {
 public:
  explicit Scheduler(MidiSink& sink);

  // Takes the plan to play from now on (not owned; null for none) and gives back the one before.
  // While playing the position stays at its tick; notes that the new plan does not hold as they
  // were started are ended, others sound on to the new plan's end of them.
  Plan* adoptRt(Plan* plan) noexcept;

  // Plays on through another sink, which knows nothing yet: what sounds is forgotten, controllers
  // and programs are sent again.
  void changeSinkRt(MidiSink& sink) noexcept;

  void playRt(std::int64_t quantum) noexcept;
  void stopRt() noexcept;  // ends what the plan started; previews sound on
  void seekRt(std::int64_t quantum) noexcept;
  void panicRt() noexcept;  // silences every channel at once; does not stop
  void previewOnRt(int program, bool drums, int pitch, int velocity) noexcept;
  void previewOffRt(int pitch) noexcept;

  // Sends what is due now and says for how many quanta (1..most) nothing more is.
  int dueRt(int most) noexcept;
  // Moves on by at most what dueRt returned; wraps at the loop's end, stops at the plan's.
  void advanceRt(int quanta) noexcept;

  bool playing() const noexcept { return playing_; }
  std::int64_t position() const noexcept { return position_; }
  std::uint32_t wraps() const noexcept { return wraps_; }  // of the loop since playRt or seekRt
  // True once the transport has stopped by itself since playRt.
  bool ended() const noexcept { return ended_; }
  const Plan* plan() const noexcept { return plan_; }
  int soundingNotes() const noexcept;

 private:
  static constexpr int kControllers = kProgramChange + 1;
  static constexpr std::int16_t kUnknown = INT16_MIN;

  // What each channel was told last.
  struct Channel {
    Channel() { sent.fill(kUnknown); }
    std::array<std::int16_t, kControllers> sent;
    std::array<std::int64_t, 128> startTick{};  // of the notes that sound
    std::array<std::uint8_t, 128> velocity{};
    std::bitset<128> sounding;
    bool drums = false;
    bool touched = false;
    bool parametersSent = false;
  };

  Channel& channel(int c) noexcept { return channels_[static_cast<std::size_t>(c)]; }
  void noteOnRt(int c, int pitch, int velocity, std::int64_t tick) noexcept;
  void noteOffRt(int c, int pitch) noexcept;
  void endNotesRt(int c) noexcept;
  void endTrackNotesRt() noexcept;
  void sendRt(const PlanPart& part, const PlanEvent& e) noexcept;
  void sendControllerRt(int c, Controller controller, int value) noexcept;
  void sendProgramRt(int c, int program, bool drums) noexcept;
  void placeRt() noexcept;
  void chaseRt(const PlanPart& part) noexcept;
  void chaseLanesRt(const PlanPart& part) noexcept;
  void reconcileRt() noexcept;
  void findClickRt(std::int64_t from) noexcept;
  void clickRt() noexcept;
  bool loopsRt() const noexcept;

  MidiSink* sink_;
  Plan* plan_ = nullptr;
  bool playing_ = false;
  bool ended_ = false;
  bool startedBeforeStop_ = false;
  std::int64_t position_ = 0;
  std::uint32_t wraps_ = 0;
  std::int64_t click_ = INT64_MAX;  // the quantum of the next metronome click
  bool clickAccent_ = false;
  int clickLeft_ = 0;  // quanta until the sounding click ends
  std::vector<Channel> channels_;
};

}  // namespace incipit
