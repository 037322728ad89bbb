// What is opened and closed as devices, settings and MIDI systems come and go, with a system whose
// devices do as they are told.
#include <QtTest>
#include <map>
#include <mutex>

#include "core/playback/midi/midi_port_table.h"
#include "core/playback/midi/midi_ports.h"
#include "core/rng.h"
#include "tests/core/playback/midi/midi_room.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

const MidiPort* find(const std::vector<MidiPort>& ports, const std::string& name) {
  for (const MidiPort& p : ports) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

std::vector<TimedMessage> taken(LiveInput& in) {
  std::vector<TimedMessage> all;
  for (TimedMessage m; in.takeRt(m);) all.push_back(m);
  return all;
}

MidiWishes using_(const std::vector<std::string>& outputs) {
  MidiWishes w;
  w.slots[kVirtualMidiPort] = 0;
  for (const std::string& name : outputs) {
    w.used.insert(name);
    w.slots[name] = static_cast<int>(w.slots.size());
  }
  return w;
}

QString unpaired(const std::vector<MidiMessage>& sent) {
  std::map<std::pair<int, int>, int> sounding;
  for (const MidiMessage& m : sent) {
    int& count = sounding[{m.channel(), m.data1()}];
    if (m.noteOn() && ++count > 1) return "a key began twice";
    if (m.noteOff() && --count < 0) return "a key ended that did not sound";
  }
  for (const auto& [key, count] : sounding) {
    if (count != 0) return QString("key %1 of channel %2 sounds").arg(key.second).arg(key.first);
  }
  return {};
}

}  // namespace

class TestMidiPorts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void inputsAreOpenAndOutputsWhenUsed() {
    Room room;
    room.inputs = {"Keys 20:0", "Incipit out:midi 129:0", "Midi Through:Port-0 14:0", "Pads 24:0"};
    room.outputs = {"Keys 20:0", "Box 28:0", "Midi Through:Port-0 14:0"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    MidiWishes w = using_({"Box"});
    w.settings.inputs["Pads"].enabled = false;
    const MidiStatus s = table.look(w);
    QCOMPARE(s.system, midiSystems().front());
    const std::vector<MidiPort> inputs{
        {"Incipit", true, true, ""}, {"Keys", true, true, ""}, {"Pads", true, false, ""}};
    QVERIFY(s.inputs == inputs);
    const std::vector<MidiPort> outputs{{"Incipit", true, true, ""},
                                        {"Box", true, true, ""},
                                        {"Keys", true, false, ""},
                                        {"Midi Through:Port-0", true, false, ""}};
    QVERIFY(s.outputs == outputs);
    QVERIFY(out.works(0) && out.works(1));

    // Settings take effect at the next look; what stays is left alone.
    w.settings.virtualPorts = false;
    w.settings.outputs["Keys"].clock = true;
    w.slots["Keys"] = 2;
    w.settings.inputs["Pads"].enabled = true;
    w.used.clear();
    const MidiStatus t = table.look(w);
    QVERIFY(find(t.inputs, "Incipit") == nullptr && find(t.outputs, "Incipit") == nullptr);
    QVERIFY(find(t.inputs, "Pads")->open && find(t.outputs, "Keys")->open);
    QVERIFY(!find(t.outputs, "Box")->open);
    QVERIFY(!out.works(0) && !out.works(1) && out.works(2));
    QCOMPARE(room.sent["Keys 20:0"].size(), std::size_t(1));
  }

  void whatArrivesIsPushed() {
    Room room;
    room.inputs = {"Keys", "Clock"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    MidiWishes w = using_({});
    table.look(w);
    room.play("Keys", {0x90, 60, 100, 0xF8, 0xF0, 1, 2});
    room.play("virtual", {0x80, 60, 0});
    QCOMPARE(in.clockSource.load(), -1);
    std::vector<TimedMessage> all = taken(in);
    QCOMPARE(all.size(), std::size_t(2));
    QVERIFY(all[0].source != all[1].source);

    w.settings.followClock = "Clock";
    table.look(w);
    for (const char* name : {"Keys", "Clock"}) room.play(name, {0xFA, 0xF8, 0xF2, 1, 2});
    all = taken(in);
    QCOMPARE(all.size(), std::size_t(3));
    QCOMPARE(all[0].source, in.clockSource.load());
    QVERIFY(all[2].message == midiSongPosition(257));

    room.inputs = {"Keys"};
    table.look(w);
    QCOMPARE(in.clockSource.load(), -1);
  }

  void latencyIsTakenOff() {
    Room room;
    room.inputs = {"Early", "Late"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    MidiWishes w = using_({});
    w.settings.inputs["Early"].latencyMs = 500;
    table.look(w);
    room.play("Late", {0x90, 60, 1});
    room.play("Early", {0x90, 61, 1});  // after it, and yet played before
    std::map<int, std::int64_t> times;
    for (const TimedMessage& m : taken(in)) times[m.message.data1()] = m.nanoseconds;
    QVERIFY(times.at(61) < times.at(60));
    w.settings.inputs.clear();
    table.look(w);
    room.play("Late", {0x90, 62, 1});
    room.play("Early", {0x90, 63, 1});
    for (const TimedMessage& m : taken(in)) times[m.message.data1()] = m.nanoseconds;
    QVERIFY(times.at(63) >= times.at(62));
  }

  // Notes recorded through JACK were half a period early on average, at most a whole one.
  void whatASystemHandsOverTooEarlyIsPlayedLater() {
    Room room;
    room.inputs = {"At once", "In periods"};
    room.advance["In periods"] = 1000000000;
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    table.look(using_({}));
    room.play("In periods", {0x90, 60, 1});
    room.play("At once", {0x90, 61, 1});
    std::map<int, std::int64_t> times;
    for (const TimedMessage& m : taken(in)) times[m.message.data1()] = m.nanoseconds;
    QVERIFY(times.at(60) > times.at(61));
  }

  void aPortThatVanishesIsOpenedWhenItReturns() {
    Room room;
    room.inputs = {"Keys"};
    room.outputs = {"Box"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    const MidiWishes w = using_({"Box"});
    table.look(w);
    room.play("Keys", {0x90, 60, 100});
    const int source = taken(in).at(0).source;
    out.sendRt(1, midiNoteOn(0, 60, 100), kAtOnce, 0);
    out.drain();

    room.inputs.clear();
    room.outputs.clear();
    MidiStatus s = table.look(w);
    QVERIFY(*find(s.inputs, "Keys") == (MidiPort{"Keys", false, false, "it is not connected"}));
    QVERIFY(*find(s.outputs, "Box") == (MidiPort{"Box", false, false, "it is not connected"}));
    const std::vector<TimedMessage> gone = taken(in);
    QCOMPARE(gone.size(), std::size_t(1));
    QCOMPARE(static_cast<int>(gone[0].message.size), 0);
    QCOMPARE(gone[0].source, source);
    QVERIFY(!out.works(1));
    QCOMPARE(unpaired(room.sent["Box"].at(0)), QString());

    room.inputs = {"Other", "Keys"};
    room.outputs = {"Other", "Box"};
    s = table.look(w);
    QVERIFY(find(s.inputs, "Keys")->open && find(s.outputs, "Box")->open);
    room.play("Keys", {0x90, 60, 100});
    QCOMPARE(taken(in).at(0).source, source);
    QVERIFY(out.works(1));
  }

  void aPortThatWentAndCameBetweenTwoLooksIsOpenedAgain() {
    Room room;
    room.inputs = {"Keys"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    table.look(using_({}));
    room.unplugged = {"Keys"};
    const MidiStatus s = table.look(using_({}));
    QVERIFY(find(s.inputs, "Keys")->open);
    QCOMPARE(static_cast<int>(taken(in).at(0).message.size), 0);
    room.play("Keys", {0x90, 60, 100});
    QCOMPARE(taken(in).size(), std::size_t(1));
  }

  void aPortThatIsRefusedSaysSo() {
    Room room;
    room.inputs = {"Keys"};
    room.outputs = {"Box"};
    room.refused = {"Keys", "Box"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    const MidiWishes w = using_({"Box"});
    MidiStatus s = table.look(w);
    const std::string why = "it is used by another program";
    QVERIFY(*find(s.inputs, "Keys") == (MidiPort{"Keys", true, false, why}));
    QVERIFY(*find(s.outputs, "Box") == (MidiPort{"Box", true, false, why}));
    room.refused.clear();
    s = table.look(w);
    QVERIFY(find(s.inputs, "Keys")->open && find(s.outputs, "Box")->open);

    // One that stops taking messages.
    room.refused = {"Box"};
    out.sendRt(1, midiNoteOn(0, 60, 1), kAtOnce, 0);
    out.drain();
    s = table.look(w);
    QVERIFY(*find(s.outputs, "Box") == (MidiPort{"Box", true, false, why}));
    room.refused.clear();
    s = table.look(w);
    QVERIFY(find(s.outputs, "Box")->open && out.works(1));
  }

  void equalNamesAreTold() {
    Room room;
    room.inputs = {"Keys 20:0", "Keys 24:0"};
    MidiOut out;
    LiveInput in;
    MidiPortTable table(out, in, opener(room));
    MidiWishes w = using_({});
    w.settings.virtualPorts = false;
    w.settings.inputs["Keys (2)"].enabled = false;
    const MidiStatus s = table.look(w);
    const std::vector<MidiPort> expected{{"Keys", true, true, ""}, {"Keys (2)", true, false, ""}};
    QVERIFY(s.inputs == expected);
  }

  void tooManyPortsAreRefusedOneByOne() {
    Room room;
    std::vector<std::string> used;
    for (int i = 0; i < 40; ++i) {
      room.inputs.push_back(QString("Port %1").arg(i, 2, 10, QChar('0')).toStdString());
      used.push_back(room.inputs.back());
    }
    room.outputs = room.inputs;
    MidiOut out;
    LiveInput in;
    MidiPorts ports(out, in, opener(room));
    const std::vector<int> slots = ports.use(used);
    ports.configure({}, "");
    ports.settle();
    const MidiStatus s = ports.status();
    int openInputs = 0;
    int openOutputs = 0;
    for (const MidiPort& p : s.inputs) {
      openInputs += p.open ? 1 : 0;
      QVERIFY(p.open == p.problem.empty());
    }
    for (const MidiPort& p : s.outputs) {
      openOutputs += p.open ? 1 : 0;
      QVERIFY(p.open == p.problem.empty());
    }
    QCOMPARE(openInputs, LiveInput::kPorts);
    QCOMPARE(openOutputs, kMidiSlots - 1);
    QCOMPARE(slots.front(), 1);  // our own has the first
    QCOMPARE(slots.back(), kMidiSlots - 1);
    QVERIFY(!out.works(kMidiSlots - 1));
    QVERIFY(ports.use({used[5]}) == std::vector{slots[5]});
  }

  void aSystemThatEndsIsOpenedWhenItRunsAgain() {
    Room room;
    room.inputs = {"Keys"};
    room.outputs = {"Box"};
    {
      MidiOut out;
      LiveInput in;
      MidiPortTable table(out, in, opener(room));
      MidiWishes w = using_({"Box"});
      w.preferred = "jack";
      QCOMPARE(table.look(w).system, std::string("jack"));
      room.server = false;
      MidiStatus s = table.look(w);
      QCOMPARE(s.system, std::string());
      QVERIFY(s.problem.starts_with("No MIDI: jack: nothing runs"));
      QVERIFY(s.problem.find('\n') == std::string::npos);
      QVERIFY(!find(s.inputs, "Keys")->present && !find(s.outputs, "Box")->present);
      QCOMPARE(room.systems, 0);
      QCOMPARE(static_cast<int>(taken(in).at(0).message.size), 0);
      room.server = true;
      s = table.look(w);
      QCOMPARE(s.system, std::string("jack"));
      QVERIFY(find(s.inputs, "Keys")->open && find(s.outputs, "Box")->open);

      // The one that the settings name, and no other.
      w.settings.system = "alsa";
      QCOMPARE(table.look(w).system, std::string("alsa"));
      QCOMPARE(room.systems, 1);
      room.server = false;
      room.asked.clear();
      table.look(w);
      QVERIFY(room.asked == std::vector<std::string>{"alsa"});
      room.server = true;
      table.look(w);
    }
    QCOMPARE(room.systems, 0);
    QVERIFY(room.orderly);
  }

  void theWatchNoticesByItself() {
    Room room;
    MidiOut out;
    LiveInput in;
    MidiPorts ports(out, in, opener(room));
    ports.use({"Box"});
    QVERIFY(ports.status() == MidiStatus());
    ports.configure({}, "");
    ports.settle();
    QVERIFY(!find(ports.status().outputs, "Box")->present);
    {
      const std::scoped_lock lock(room.mutex);
      room.inputs = {"Keys"};
      room.outputs = {"Box"};
    }
    QTRY_VERIFY(find(ports.status().inputs, "Keys") != nullptr &&
                find(ports.status().inputs, "Keys")->open);
    QVERIFY(find(ports.status().outputs, "Box")->open);
  }

  // Ports, settings and systems come and go while music goes out: on every port each note-on has
  // its note-off, and every key that was held is told to be gone.
  void randomActionsLeaveNothingSounding() {
    Rng rng(4711);
    Room room;
    const std::vector<std::string> devices{"A", "B", "C", "D"};
    room.inputs = room.outputs = devices;
    {
      MidiOut out;
      LiveInput in;
      MidiPortTable table(out, in, opener(room));
      MidiWishes w = using_({"A", "B", "C"});
      w.slots["D"] = 4;
      table.look(w);
      for (int action = 0; action < 10000; ++action) {
        const std::string& device = devices[rng.below(4)];
        switch (rng.below(40)) {
          case 0: {
            const std::scoped_lock lock(room.mutex);
            auto& list = rng.below(2) == 0 ? room.inputs : room.outputs;
            if (std::erase(list, device) == 0) list.push_back(device);
            break;
          }
          case 1:
            if (w.used.erase(device) == 0) w.used.insert(device);
            break;
          case 2:
            w.settings.outputs[device].clock = rng.below(2) == 0;
            w.settings.outputs[device].latencyMs = rng.below(3);
            break;
          case 3:
            w.settings.virtualPorts = !w.settings.virtualPorts;
            break;
          case 4: {
            const std::scoped_lock lock(room.mutex);
            room.server = rng.below(4) != 0;
            break;
          }
          case 5:
          case 6:
          case 7:
            table.look(w);
            taken(in);
            break;
          default: {
            const int slot = static_cast<int>(rng.below(5));
            const int key = static_cast<int>(rng.below(20));
            const std::int64_t when = rng.below(2) == 0 ? kAtOnce : 1;
            out.sendRt(slot, rng.below(2) == 0 ? midiNoteOn(0, key, 1) : midiNoteOff(0, key), when,
                       action);
          }
        }
      }
    }
    QVERIFY(room.orderly);
    QCOMPARE(room.openPorts, 0);
    std::size_t openings = 0;
    for (const auto& [name, times] : room.sent) {
      openings += times.size();
      for (const auto& sent : times) QCOMPARE(unpaired(sent), QString());
    }
    QVERIFY(openings > 100);
  }
};

QTEST_GUILESS_MAIN(TestMidiPorts)
#include "test_midi_ports.moc"
