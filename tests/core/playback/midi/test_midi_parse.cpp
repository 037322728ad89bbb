// Bytes of a device into messages, and the names that ports are known by.
#include <QtTest>

#include "core/playback/midi/midi_names.h"
#include "core/playback/midi/midi_parse.h"
#include "core/rng.h"

using namespace incipit;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<MidiMessage> parsed(const Bytes& bytes) {
  std::vector<MidiMessage> found;
  MidiParser parser(bytes);
  for (MidiMessage m; parser.next(m);) found.push_back(m);
  return found;
}

using Messages = std::vector<MidiMessage>;

}  // namespace

class TestMidiParse : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void takesWholeMessages() {
    QVERIFY(parsed({0x93, 60, 100}) == Messages{midiNoteOn(3, 60, 100)});
    QVERIFY(parsed({0x83, 60, 1}) == Messages{midiNoteOff(3, 60, 1)});
    QVERIFY(parsed({0xC1, 5}) == Messages{midiProgram(1, 5)});
    QVERIFY(parsed({0xD1, 5}) == Messages{midiPressure(1, 5)});
    QVERIFY(parsed({0xE0, 0, 64}) == Messages{midiPitchBend(0, 0)});
    QVERIFY(parsed({0xA0, 1, 64}) == Messages{midiKeyPressure(0, 1, 64)});
    QVERIFY(parsed({0xF2, 3, 1}) == Messages{midiSongPosition(131)});
    QVERIFY(parsed({0xFA, 0xF8, 0xFC, 0xFB}) ==
            (Messages{midiRealtime(kMidiStart), midiRealtime(kMidiClock), midiRealtime(kMidiStop),
                      midiRealtime(kMidiContinue)}));
    QVERIFY(parsed({0xB0, 64, 127, 0x90, 1, 2}) ==
            (Messages{midiControl(0, 64, 127), midiNoteOn(0, 1, 2)}));
  }

  void carriesRunningStatusWithinAPiece() {
    QVERIFY(parsed({0x90, 1, 2, 3, 4, 5}) == (Messages{midiNoteOn(0, 1, 2), midiNoteOn(0, 3, 4)}));
    QVERIFY(parsed({0xC0, 1, 2}) == (Messages{midiProgram(0, 1), midiProgram(0, 2)}));
    QVERIFY(parsed({0xF2, 1, 2, 3, 4}) == Messages{midiSongPosition(257)});  // has none
  }

  void realtimeComesBetweenAnyBytes() {
    QVERIFY(parsed({0x90, 0xF8, 60, 0xFE, 0xF8, 100}) ==
            (Messages{midiRealtime(kMidiClock), midiRealtime(kMidiClock), midiNoteOn(0, 60, 100)}));
  }

  void passesOverWhatIsNoWholeMessage() {
    for (const Bytes& bytes :
         {Bytes{}, Bytes{60, 100}, Bytes{0x90}, Bytes{0x90, 60}, Bytes{0xC0}, Bytes{0xF0, 1, 2, 3},
          Bytes{0xF0, 1, 2, 0xF7, 3, 4}, Bytes{0xF7}, Bytes{0xFE}, Bytes{0xFF}, Bytes{0xF1, 5},
          Bytes{0xF3, 5}, Bytes{0xF4, 1, 2}, Bytes{0xF5}, Bytes{0xF6}, Bytes{0xF9}, Bytes{0xFD},
          Bytes{0xF2, 1}}) {
      QVERIFY(parsed(bytes).empty());
    }
    // A new status ends what was begun, also an endless system exclusive.
    QVERIFY(parsed({0x90, 60, 0x80, 60, 0}) == Messages{midiNoteOff(0, 60, 0)});
    QVERIFY(parsed({0xF0, 1, 2, 3, 0x90, 60, 1}) == Messages{midiNoteOn(0, 60, 1)});
    QVERIFY(parsed(Bytes(100000, 0xFE)).empty());
    Bytes endless(100000, 1);
    endless[0] = 0xF0;
    QVERIFY(parsed(endless).empty());
  }

  void anyBytesGiveSoundMessagesOnly() {
    Rng rng(7);
    int messages = 0;
    for (int round = 0; round < 20000; ++round) {
      Bytes bytes(rng.below(12));
      for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(rng.below(256));
      for (const MidiMessage& m : parsed(bytes)) {
        ++messages;
        QVERIFY(m.status() >= 0x80);
        QVERIFY(m.bytes[1] < 0x80 && m.bytes[2] < 0x80);
        const int size = m.channelMessage()                ? ((m.status() & 0xE0) == 0xC0 ? 2 : 3)
                         : m.status() == kMidiSongPosition ? 3
                                                           : 1;
        QCOMPARE(static_cast<int>(m.size), size);
        QVERIFY(m.size > 2 || m.bytes[2] == 0);
        QVERIFY(m.size > 1 || m.bytes[1] == 0);
      }
    }
    QVERIFY(messages > 1000);
  }

  void namesDoNotHaveTheNumbersOfTheDay() {
    using Names = std::vector<std::string>;
    QVERIFY(stableNames({"Keystation 49:Keystation 49 MIDI 1 20:0", "peer:out",
                         "a2j:USB Keys [24] (capture): USB Keys MIDI 1", "Box 2"}) ==
            (Names{"Keystation 49:Keystation 49 MIDI 1", "peer:out",
                   "a2j:USB Keys (capture): USB Keys MIDI 1", "Box 2"}));
    QVERIFY(stableNames({"K:1 20:0", "K:1 24:0", "K:1 28:0"}) ==
            (Names{"K:1", "K:1 (2)", "K:1 (3)"}));
    QVERIFY(stableNames({"K (2)", "K 1:0", "K 2:0"}) == (Names{"K (2)", "K", "K (3)"}));
  }

  void knowsThePortsOfIncipit() {
    for (const char* own : {"Incipit in:midi", "Incipit link-01:link", "Incipit", "Incipit:x",
                            "Incipit in:midi 129:0"}) {
      QVERIFY(ownPort(own));
    }
    for (const char* other : {"incipit-peer:out", "Incipits:out", "Keystation:1", ""}) {
      QVERIFY(!ownPort(other));
    }
    QVERIFY(othersPorts({"Incipit out:midi 129:0", "Keys 20:0", "Keys 24:0"}) ==
            (std::vector<std::string>{"Keys", "Keys (2)"}));
    QVERIFY(echoPort("Midi Through:Midi Through Port-0 14:0"));
    QVERIFY(echoPort("Midi-Bridge:Midi Through:(capture_0) Midi Through Port-0"));
    QVERIFY(!echoPort("Keystation:1"));
  }
};

QTEST_GUILESS_MAIN(TestMidiParse)
#include "test_midi_parse.moc"
