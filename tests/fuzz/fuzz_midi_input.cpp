// Any bytes of a MIDI device: what comes out are whole and sound messages, no more than the bytes
// can hold, and they are read again as they are.
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/playback/midi/midi_parse.h"
#include "tests/fuzz/check.h"

using namespace incipit;

namespace {

std::size_t lengthOf(const MidiMessage& m) {
  if (m.channelMessage()) return (m.status() & 0xE0) == 0xC0 ? 2 : 3;
  return m.status() == kMidiSongPosition ? 3 : 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MidiParser parser(std::span(data, size));
  std::size_t messages = 0;
  for (MidiMessage m; parser.next(m);) {
    fuzz::require(++messages <= size, "more messages than bytes");
    fuzz::require(m.status() >= 0x80, "a message without a status");
    fuzz::require(m.channelMessage() || m.status() == kMidiSongPosition ||
                      (m.status() >= kMidiClock && m.status() != 0xF9 && m.status() < 0xFD),
                  "a system message that nobody asked for");
    fuzz::require(m.size == lengthOf(m), "a message that is cut");
    fuzz::require(m.bytes[1] < 0x80 && m.bytes[2] < 0x80, "a data byte above 127");
    MidiParser again(std::span(m.bytes.data(), m.size));
    MidiMessage same;
    fuzz::require(again.next(same) && same == m && !again.next(same), "read again, it is another");
  }
  return 0;
}
