// Takes what a device sent in one piece apart into messages. Complete ones alone come out: channel
// messages, song position, clock, start, continue and stop. All else (system exclusive, active
// sensing, time code, undefined bytes, messages that are cut off, data without a status) is passed
// over. A piece is whole in itself: no running status is carried from one to the next.
//
//   MidiParser parser(bytes);
//   for (MidiMessage m; parser.next(m);) ...
//
// Thread safety: values; nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/playback/midi_message.h"

namespace incipit {

class MidiParser {
 public:
  explicit constexpr MidiParser(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  constexpr bool next(MidiMessage& m) {
    while (!rest_.empty()) {
      const std::uint8_t byte = rest_.front();
      rest_ = rest_.subspan(1);
      if (byte >= 0xF8 ? realtime(byte, m) : byte >= 0x80 ? status(byte) : data(byte, m)) {
        return true;
      }
    }
    return false;
  }

 private:
  // Data bytes after a status; 0: what follows it is passed over.
  static constexpr std::uint8_t dataBytes(std::uint8_t status) {
    if (status == kMidiSongPosition) return 2;
    if (status >= 0xF0) return 0;
    return (status & 0xE0) == 0xC0 ? 1 : 2;  // program and channel pressure have one
  }

  // Comes anywhere, also between the bytes of another message.
  static constexpr bool realtime(std::uint8_t byte, MidiMessage& m) {
    if (byte != kMidiClock && byte != kMidiStart && byte != kMidiContinue && byte != kMidiStop) {
      return false;
    }
    m = midiRealtime(byte);
    return true;
  }

  constexpr bool status(std::uint8_t byte) {
    begun_ = {{byte, 0, 0}, 1};
    wanted_ = dataBytes(byte);
    return false;
  }

  constexpr bool data(std::uint8_t byte, MidiMessage& m) {
    if (wanted_ == 0) return false;
    begun_.bytes[begun_.size++] = byte;
    if (begun_.size <= wanted_) return false;
    m = begun_;
    begun_.size = 1;  // running status
    begun_.bytes[1] = begun_.bytes[2] = 0;
    if (begun_.status() >= 0xF0) wanted_ = 0;  // which system messages do not have
    return true;
  }

  std::span<const std::uint8_t> rest_;
  MidiMessage begun_;
  std::uint8_t wanted_ = 0;
};

}  // namespace incipit
