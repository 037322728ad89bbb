#include "core/playback/channel_bank.h"

#include "core/playback/controllers.h"

namespace incipit {

ChannelBank::ChannelBank(MidiSink& sink) : sink_(&sink), channels_(kSynthChannels) {}

void ChannelBank::changeSinkRt(MidiSink& sink) noexcept {
  sink_ = &sink;
  for (Channel& c : channels_) {
    if (c.route.slot == Route::kSynth) c = Channel{};
  }
}

void ChannelBank::setTimeRt(std::int64_t when, std::int64_t frame) noexcept {
  when_ = when;
  frame_ = frame;
}

int ChannelBank::soundingNotes() const noexcept {
  std::size_t n = 0;
  for (const Channel& c : channels_) n += c.sounding.count();
  return static_cast<int>(n);
}

bool ChannelBank::routeRt(int c, Route route) noexcept {
  if (at(c).route == route) return false;
  endNotesRt(c);
  releasePedalsRt(c);
  at(c) = Channel{};
  at(c).route = route;
  return true;
}

void ChannelBank::sendRt(int c, const MidiMessage& message) noexcept {
  if (bus_ == nullptr) return;
  bus_->sendRt(at(c).route.slot, message, playedAtOnce(c) ? kAtOnce : when_, frame_);
}

void ChannelBank::clockRt(const MidiMessage& message) noexcept {
  if (bus_ != nullptr) bus_->sendRt(kClockSlots, message, when_, frame_);
}

void ChannelBank::noteOnRt(int c, int pitch, int velocity, std::int64_t tick) noexcept {
  Channel& ch = at(c);
  const auto key = static_cast<std::size_t>(pitch);
  if (ch.sounding[key]) noteOffRt(c, pitch);
  ch.sounding[key] = true;
  ch.startTick[key] = tick;
  ch.velocity[key] = static_cast<std::uint8_t>(velocity);
  ch.touched = true;
  if (onPort(c)) {
    sendRt(c, midiNoteOn(ch.route.channel, pitch, velocity));
  } else {
    sink_->noteOnRt(c, pitch, velocity);
  }
}

void ChannelBank::noteOffRt(int c, int pitch) noexcept {
  Channel& ch = at(c);
  const auto key = static_cast<std::size_t>(pitch);
  if (!ch.sounding[key]) return;
  ch.sounding[key] = false;
  if (onPort(c)) {
    sendRt(c, midiNoteOff(ch.route.channel, pitch));
  } else {
    sink_->noteOffRt(c, pitch);
  }
}

void ChannelBank::keyPressureRt(int c, int pitch, int value) noexcept {
  const Channel& ch = at(c);
  if (!ch.sounding[static_cast<std::size_t>(pitch)]) return;
  if (onPort(c)) {
    sendRt(c, midiKeyPressure(ch.route.channel, pitch, value));
  } else {
    sink_->keyPressureRt(c, pitch, value);
  }
}

void ChannelBank::controllerRt(int c, Controller controller, int value) noexcept {
  Channel& ch = at(c);
  ch.touched = true;
  ch.of(controller) = static_cast<std::int16_t>(value);
  if (controller == kPitchBend) {
    onPort(c) ? sendRt(c, midiPitchBend(ch.route.channel, value)) : sink_->pitchBendRt(c, value);
  } else if (controller == kChannelPressure) {
    onPort(c) ? sendRt(c, midiPressure(ch.route.channel, value)) : sink_->pressureRt(c, value);
  } else {
    onPort(c) ? sendRt(c, midiControl(ch.route.channel, controller, value))
              : sink_->controlRt(c, controller, value);
  }
  if (controller == kResetControllers) {
    // The receiver has put these back (RP-015), whatever was sent before.
    for (const Controller reset : {kModulation, kExpression, kSustain, Controller{65}, kSostenuto,
                                   Controller{67}, kPitchBend, kChannelPressure}) {
      ch.of(reset) = kUnknown;
    }
  }
  if (controller == kAllSoundOff || controller == kAllNotesOff) endNotesRt(c);
}

void ChannelBank::programRt(int c, int program, bool drums) noexcept {
  Channel& ch = at(c);
  ch.touched = true;
  ch.drums = drums;
  ch.of(kProgramChange) = static_cast<std::int16_t>(program);
  if (onPort(c)) {
    sendRt(c, midiProgram(ch.route.channel, program));
  } else {
    sink_->programRt(c, program, drums);
  }
}

void ChannelBank::endNotesRt(int c) noexcept {
  if (at(c).sounding.none()) return;
  for (int pitch = 0; pitch < 128; ++pitch) noteOffRt(c, pitch);
}

void ChannelBank::releasePedalsRt(int c) noexcept {
  for (const Controller pedal : {kSustain, kSostenuto}) {
    const std::int16_t sent = at(c).of(pedal);
    if (sent != kUnknown && sent != 0) controllerRt(c, pedal, 0);
  }
}

void ChannelBank::quietRt(int c) noexcept {
  if (at(c).touched && !onPort(c)) sink_->controlRt(c, kAllNotesOff, 0);
}

void ChannelBank::silenceRt(int c) noexcept {
  endNotesRt(c);
  if (!at(c).touched) return;
  for (const Controller message : {kSustain, kAllNotesOff, kAllSoundOff}) {
    controllerRt(c, message, 0);
  }
}

}  // namespace incipit
