// A MIDI message of one to three bytes, as a value: what keyboards send, what ports are sent.
// System exclusive is not among them. This header is part of core (see player.h).
//
// Thread safety: values and constexpr functions.
#pragma once

#include <array>
#include <cstdint>

namespace incipit {

struct MidiMessage {
  std::array<std::uint8_t, 3> bytes{};
  std::uint8_t size = 0;  // 1..3; 0: none

  constexpr std::uint8_t status() const { return bytes[0]; }
  constexpr bool channelMessage() const { return size > 0 && bytes[0] < 0xF0; }
  constexpr int kind() const { return bytes[0] & 0xF0; }  // of a channel message
  constexpr int channel() const { return bytes[0] & 0x0F; }
  constexpr int data1() const { return bytes[1]; }  // key, controller, program
  constexpr int data2() const { return bytes[2]; }  // velocity, value
  constexpr bool noteOn() const { return kind() == 0x90 && bytes[2] > 0; }
  constexpr bool noteOff() const { return kind() == 0x80 || (kind() == 0x90 && bytes[2] == 0); }
  constexpr bool operator==(const MidiMessage&) const = default;
};

inline constexpr std::uint8_t kMidiSongPosition = 0xF2;  // in sixteenths, low 7 bits first
inline constexpr std::uint8_t kMidiClock = 0xF8;         // 24 a quarter
inline constexpr std::uint8_t kMidiStart = 0xFA;
inline constexpr std::uint8_t kMidiContinue = 0xFB;
inline constexpr std::uint8_t kMidiStop = 0xFC;

constexpr MidiMessage midiNoteOn(int channel, int key, int velocity) {
  return {{static_cast<std::uint8_t>(0x90 | (channel & 15)), static_cast<std::uint8_t>(key & 127),
           static_cast<std::uint8_t>(velocity & 127)},
          3};
}
constexpr MidiMessage midiNoteOff(int channel, int key, int velocity = 64) {
  return {{static_cast<std::uint8_t>(0x80 | (channel & 15)), static_cast<std::uint8_t>(key & 127),
           static_cast<std::uint8_t>(velocity & 127)},
          3};
}
constexpr MidiMessage midiControl(int channel, int controller, int value) {
  return {{static_cast<std::uint8_t>(0xB0 | (channel & 15)),
           static_cast<std::uint8_t>(controller & 127), static_cast<std::uint8_t>(value & 127)},
          3};
}
constexpr MidiMessage midiProgram(int channel, int program) {
  return {{static_cast<std::uint8_t>(0xC0 | (channel & 15)),
           static_cast<std::uint8_t>(program & 127), 0},
          2};
}
constexpr MidiMessage midiPressure(int channel, int value) {
  return {
      {static_cast<std::uint8_t>(0xD0 | (channel & 15)), static_cast<std::uint8_t>(value & 127), 0},
      2};
}
constexpr MidiMessage midiKeyPressure(int channel, int key, int value) {
  return {{static_cast<std::uint8_t>(0xA0 | (channel & 15)), static_cast<std::uint8_t>(key & 127),
           static_cast<std::uint8_t>(value & 127)},
          3};
}
// value: -8192..8191
constexpr MidiMessage midiPitchBend(int channel, int value) {
  const int v = value + 8192;
  return {{static_cast<std::uint8_t>(0xE0 | (channel & 15)), static_cast<std::uint8_t>(v & 127),
           static_cast<std::uint8_t>((v >> 7) & 127)},
          3};
}
constexpr MidiMessage midiRealtime(std::uint8_t status) { return {{status, 0, 0}, 1}; }
// sixteenths from the start of the song, 0..16383
constexpr MidiMessage midiSongPosition(int sixteenths) {
  return {{kMidiSongPosition, static_cast<std::uint8_t>(sixteenths & 127),
           static_cast<std::uint8_t>((sixteenths >> 7) & 127)},
          3};
}

}  // namespace incipit
