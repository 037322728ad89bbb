// In front of the synth: keeps what the scheduler sends ahead of the sound until its frame is
// rendered. What is played live and previewed passes at once.
//
// A full line hands its oldest messages over early; nothing is lost, and their order stays.
//
// Thread safety: one thread calls everything; nothing allocates or waits after construction. The
// sink must outlive its use here.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "core/playback/sinks.h"

namespace incipit {

class SynthDelay final : public MidiSink {
 public:
  explicit SynthDelay(MidiSink& sink);

  // What waits goes to the new one.
  void setSinkRt(MidiSink& sink) noexcept { sink_ = &sink; }
  // That what is sent from now on belongs to; falls by takeBackRt alone.
  void setFrameRt(std::int64_t frame) noexcept { frame_ = frame; }
  // Hands over what belongs to the frame and before. For how many quanta (1..most) from there
  // nothing more does.
  int passRt(std::int64_t frame, int most) noexcept;
  // Nothing that waits is begun any more: note-ons are dropped, each with its note-off; the rest is
  // handed over now. The note-offs of all of them must have been sent.
  void takeBackRt() noexcept;

  void noteOnRt(int channel, int key, int velocity) noexcept override;
  void noteOffRt(int channel, int key) noexcept override;
  void controlRt(int channel, int controller, int value) noexcept override;
  void pitchBendRt(int channel, int value) noexcept override;
  void pressureRt(int channel, int value) noexcept override;
  void keyPressureRt(int channel, int key, int value) noexcept override;
  void programRt(int channel, int program, bool drums) noexcept override;

 private:
  enum class Kind : std::uint8_t {
    kNoteOn,
    kNoteOff,
    kControl,
    kPitchBend,
    kPressure,
    kKeyPressure,
    kProgram
  };
  struct Message {
    std::int64_t frame = 0;
    Kind kind = Kind::kNoteOff;
    std::uint8_t channel = 0;
    std::int16_t a = 0;
    std::int16_t b = 0;
  };

  void putRt(Kind kind, int channel, int a, int b) noexcept;
  Message takeRt() noexcept;
  void handOverRt(const Message& m) noexcept;

  // More than the lead holds of any music; a power of two.
  static constexpr std::size_t kLength = 32768;

  MidiSink* sink_;
  std::int64_t frame_ = 0;
  std::vector<Message> messages_;
  std::size_t first_ = 0;  // both grow for ever, and are taken modulo kLength
  std::size_t last_ = 0;
  std::bitset<kSynthChannels * 128> dropped_;  // keys whose note-on was
};

}  // namespace incipit
