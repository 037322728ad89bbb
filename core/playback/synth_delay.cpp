#include "core/playback/synth_delay.h"

#include <algorithm>

namespace incipit {

SynthDelay::SynthDelay(MidiSink& sink) : sink_(&sink), messages_(kLength) {}

void SynthDelay::putRt(Kind kind, int channel, int a, int b) noexcept {
  const Message m{frame_, kind, static_cast<std::uint8_t>(channel), static_cast<std::int16_t>(a),
                  static_cast<std::int16_t>(b)};
  if (playedAtOnce(channel)) {
    handOverRt(m);
    return;
  }
  if (last_ - first_ == kLength) handOverRt(takeRt());
  messages_[last_++ % kLength] = m;
}

SynthDelay::Message SynthDelay::takeRt() noexcept { return messages_[first_++ % kLength]; }

void SynthDelay::handOverRt(const Message& m) noexcept {
  switch (m.kind) {
    case Kind::kNoteOn:
      sink_->noteOnRt(m.channel, m.a, m.b);
      break;
    case Kind::kNoteOff:
      sink_->noteOffRt(m.channel, m.a);
      break;
    case Kind::kControl:
      sink_->controlRt(m.channel, m.a, m.b);
      break;
    case Kind::kPitchBend:
      sink_->pitchBendRt(m.channel, m.a);
      break;
    case Kind::kPressure:
      sink_->pressureRt(m.channel, m.a);
      break;
    case Kind::kKeyPressure:
      sink_->keyPressureRt(m.channel, m.a, m.b);
      break;
    case Kind::kProgram:
      sink_->programRt(m.channel, m.a, m.b != 0);
      break;
  }
}

int SynthDelay::passRt(std::int64_t frame, int most) noexcept {
  while (first_ != last_ && messages_[first_ % kLength].frame <= frame) handOverRt(takeRt());
  if (first_ == last_) return most;
  const std::int64_t free = (messages_[first_ % kLength].frame - frame) / kQuantum;
  return static_cast<int>(std::clamp<std::int64_t>(free, 1, most));
}

void SynthDelay::takeBackRt() noexcept {
  dropped_.reset();
  while (first_ != last_) {
    const Message m = takeRt();
    const auto key = static_cast<std::size_t>(m.channel * 128 + (m.a & 127));
    if (m.kind == Kind::kNoteOn) {
      dropped_[key] = true;
    } else if (m.kind == Kind::kNoteOff && dropped_[key]) {
      dropped_[key] = false;
    } else {
      handOverRt(m);
    }
  }
}

void SynthDelay::noteOnRt(int channel, int key, int velocity) noexcept {
  putRt(Kind::kNoteOn, channel, key, velocity);
}
void SynthDelay::noteOffRt(int channel, int key) noexcept {
  putRt(Kind::kNoteOff, channel, key, 0);
}
void SynthDelay::controlRt(int channel, int controller, int value) noexcept {
  putRt(Kind::kControl, channel, controller, value);
}
void SynthDelay::pitchBendRt(int channel, int value) noexcept {
  putRt(Kind::kPitchBend, channel, value, 0);
}
void SynthDelay::pressureRt(int channel, int value) noexcept {
  putRt(Kind::kPressure, channel, value, 0);
}
void SynthDelay::keyPressureRt(int channel, int key, int value) noexcept {
  putRt(Kind::kKeyPressure, channel, key, value);
}
void SynthDelay::programRt(int channel, int program, bool drums) noexcept {
  putRt(Kind::kProgram, channel, program, drums ? 1 : 0);
}

}  // namespace incipit
