// What sounds on one MIDI port: which messages go out in place of the one that is to be sent, so
// that each note-on that went out gets exactly one note-off.
//
// A note-on for a key that sounds is preceded by its note-off; a key that was begun several times
// is ended by the last note-off; a note-off for a key that does not sound goes nowhere;
// all-notes-off and all-sound-off are preceded by the note-offs of their channel.
//
// Thread safety: values; one thread uses a book.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/playback/controllers.h"
#include "core/playback/midi_message.h"

namespace incipit {

// Whether the controller ends the notes of its channel.
constexpr bool endsNotes(const MidiMessage& m) {
  return m.channelMessage() && m.kind() == 0xB0 &&
         (m.data1() == kAllSoundOff || m.data1() >= kAllNotesOff);
}

class MidiKeyBook {
 public:
  // Calls send(message) for each message that goes out for `m`.
  template <typename Send>
  void pass(const MidiMessage& m, Send send) {
    if (m.channelMessage() && m.noteOn()) {
      begin(m, send);
    } else if (m.channelMessage() && m.noteOff()) {
      end(m, send);
    } else {
      if (endsNotes(m)) endKeys(m.channel(), send);
      if (m.channelMessage() && m.kind() == 0xB0) notePedal(m);
      send(m);
    }
  }

  // Ends every key and lifts the pedals.
  template <typename Send>
  void endAll(Send send) {
    for (int channel = 0; channel < kChannels; ++channel) {
      endKeys(channel, send);
      for (const int pedal : {kSustain, kSostenuto}) {
        if (!pedalOf(channel, pedal)) continue;
        pedalOf(channel, pedal) = false;
        send(midiControl(channel, pedal, 0));
      }
    }
  }

  void forget() { *this = MidiKeyBook(); }
  int sounding() const { return sounding_; }  // keys

 private:
  static constexpr int kChannels = 16;
  static constexpr int kKeys = 128;

  template <typename Send>
  void begin(const MidiMessage& m, Send& send) {
    std::uint16_t& count = countOf(m.channel(), m.data1());
    if (count > 0) {
      send(midiNoteOff(m.channel(), m.data1()));
    } else {
      ++sounding_;
    }
    if (count < UINT16_MAX) ++count;
    send(m);
  }

  template <typename Send>
  void end(const MidiMessage& m, Send& send) {
    std::uint16_t& count = countOf(m.channel(), m.data1());
    if (count == 0 || --count > 0) return;
    --sounding_;
    send(m);
  }

  template <typename Send>
  void endKeys(int channel, Send& send) {
    for (int key = 0; sounding_ > 0 && key < kKeys; ++key) {
      std::uint16_t& count = countOf(channel, key);
      if (count == 0) continue;
      count = 0;
      --sounding_;
      send(midiNoteOff(channel, key));
    }
  }

  void notePedal(const MidiMessage& m) {
    constexpr int kDown = 64;
    if (m.data1() != kSustain && m.data1() != kSostenuto) return;
    pedalOf(m.channel(), m.data1()) = m.data2() >= kDown;
  }

  std::uint16_t& countOf(int channel, int key) {
    return counts_[static_cast<std::size_t>(channel * kKeys + key)];
  }
  bool& pedalOf(int channel, int pedal) {
    return pedals_[static_cast<std::size_t>(channel * 2 + (pedal == kSustain ? 0 : 1))];
  }

  std::array<std::uint16_t, kChannels * kKeys> counts_{};  // note-ons not yet ended
  std::array<bool, kChannels * 2> pedals_{};
  int sounding_ = 0;
};

}  // namespace incipit
