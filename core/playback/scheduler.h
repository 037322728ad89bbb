// The one scheduler: walks a plan quantum by quantum and sends its events, each part's to the synth
// or to its MIDI port. Live playback and audio files hear the same.
//
// What sounds is known at every moment, so that stop, seek, loop, an edit, a mute or another output
// ends exactly the notes that must end, where they were begun. Starting anywhere first brings every
// controller, program and pitch bend to what it would be there (the chase); only differences are
// sent.
//
// Thread safety: one thread calls everything; the functions ending in Rt may be called from the
// audio callback. Sink and bus must outlive their use here.
#pragma once

#include <cstdint>
#include <optional>

#include "core/playback/channel_bank.h"
#include "core/playback/clock_out.h"
#include "core/playback/live/live_play.h"
#include "core/playback/metronome.h"
#include "core/playback/plan.h"

namespace incipit {

// Where a transport is, and what it does there.
struct TransportPlace {
  std::int64_t position = 0;  // quanta
  std::int64_t countIn = 0;   // quanta left of it
  std::uint32_t wraps = 0;
  bool playing = false;
  bool ended = false;
};

class Scheduler {
 public:
  explicit Scheduler(MidiSink& sink);
  // Ports for what is routed there; null: it is not heard.
  void setBus(MidiBus* bus) { bank_.setBus(bus); }

  // Takes the plan to play from now on (not owned; null for none) and gives back the one before.
  // While playing the position stays at its tick; notes that the new plan does not hold as they
  // were started are ended, others sound on to the new plan's end of them.
  Plan* adoptRt(Plan* plan) noexcept;

  // Plays on through another sink, which knows nothing yet: what sounds there is forgotten,
  // controllers and programs are sent again.
  void changeSinkRt(MidiSink& sink) noexcept;
  // When what is sent from now on is heard, and the device's frame that it belongs to.
  void setTimeRt(std::int64_t when, std::int64_t frame) noexcept { bank_.setTimeRt(when, frame); }

  // Clicks so many bars first; playing() is true meanwhile, the position stands.
  void playRt(std::int64_t quantum, int countInBars = 0) noexcept;
  // Back to a place that was passed: what was sent since has been taken back, after its notes had
  // been ended. Playing goes on with the playRt, seekRt, panicRt or changeSinkRt that must follow.
  void returnRt(const TransportPlace& place) noexcept;
  void endNotesRt() noexcept;  // that the plan started, and the click
  void stopRt() noexcept;      // ends what the plan started; previews and live keys sound on
  void seekRt(std::int64_t quantum) noexcept;
  void panicRt() noexcept;  // silences every channel at once, and plays on
  void previewOnRt(int program, bool drums, int pitch, int velocity, Route route = {}) noexcept;
  void previewOffRt(int pitch) noexcept;
  void setLiveTrackRt(TrackId track) noexcept { live_.setTrackRt(track, plan_); }
  // With the instrument that the live track has at the position, which is heard now.
  void playLiveRt(const MidiMessage& message, std::int64_t position) noexcept {
    live_.playRt(message, plan_, position);
  }
  // Everything that sounds on ports, as before the device is closed.
  void releasePortsRt() noexcept;

  // Sends what is due now and says for how many quanta (1..most) nothing more is.
  int dueRt(int most) noexcept;
  // Moves on by at most what dueRt returned; wraps at the loop's end, stops at the plan's.
  void advanceRt(int quanta) noexcept;

  // An outer clock leads: each quantum of sound moves the position by `rate` quanta, without loop
  // and end. Quanta are then to be played one by one. nullopt: by one again.
  void leadRt(std::optional<double> rate) noexcept;
  double rate() const noexcept { return rate_; }
  double exactPosition() const noexcept { return static_cast<double>(position_) + fraction_; }

  bool playing() const noexcept { return playing_; }
  std::int64_t position() const noexcept { return position_; }
  std::int64_t countInLeft() const noexcept { return metronome_.countInLeft(); }  // quanta
  int countInBeats() const noexcept { return metronome_.countInBeats(); }
  std::uint32_t wraps() const noexcept { return wraps_; }  // of the loop since playRt or seekRt
  // True once the transport has stopped by itself since playRt.
  bool ended() const noexcept { return ended_; }
  // Grows with whatever breaks the steady advance of the position.
  std::uint32_t jumps() const noexcept { return jumps_; }
  const Plan* plan() const noexcept { return plan_; }
  int soundingNotes() const noexcept { return bank_.soundingNotes(); }

 private:
  void sendRt(const PlanPart& part, const PlanEvent& e) noexcept;
  void placeRt() noexcept;
  void resumeRt() noexcept;
  void chaseRt(const PlanPart& part) noexcept;
  void chaseLanesRt(const PlanPart& part) noexcept;
  void reconcileRt() noexcept;
  bool heldRt(int channel, int pitch) noexcept;
  void moveRt(std::int64_t quantum) noexcept;
  bool loopsRt() const noexcept;
  bool endsRt() const noexcept;

  ChannelBank bank_;
  Metronome metronome_{bank_};
  ClockOut clock_{bank_};
  LivePlay live_{bank_};
  Plan* plan_ = nullptr;
  bool playing_ = false;
  bool ended_ = false;
  bool startedBeforeStop_ = false;
  bool led_ = false;
  double rate_ = 1;
  double fraction_ = 0;  // of a quantum beyond position_; 0 unless led
  std::int64_t position_ = 0;
  std::uint32_t wraps_ = 0;
  std::uint32_t jumps_ = 0;
};

}  // namespace incipit
