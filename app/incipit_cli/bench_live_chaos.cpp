// What must never leave a note behind: random actions while playing, and devices that come and go.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <thread>
#include <tuple>

#include "app/incipit_cli/bench_live_phases.h"
#include "core/edit/edits.h"
#include "core/playback/midi/midi_out.h"
#include "core/rng.h"

namespace incipit {
namespace {

using std::chrono::milliseconds;

// Three tracks, two of them on the peer's port and one on the synth, with overlapping notes.
Document crowd() {
  Document d = newDocument();
  d = addTrack(d, "", 40).document;
  d = addTrack(d, "", 80).document;
  Rng rng(9);
  int index = 0;
  for (const TrackPtr& t : std::vector<TrackPtr>(d.tracks)) {
    Track changed = *t;
    if (index < 2) changed.output = LiveRig::kPeerOutput;
    changed.channel = index++;
    d = replaceTrack(d, changed);
    std::vector<Note> notes;
    for (int i = 0; i < 1500; ++i) {
      Note n;
      n.start = {static_cast<std::int64_t>(rng.below(60'000))};
      n.length = {1 + rng.below(2500)};
      n.pitch = static_cast<std::uint8_t>(48 + rng.below(20));
      notes.push_back(n);
    }
    d = addNotes(d, t->id, notes).document;
  }
  return d;
}

class Chaos {
 public:
  Chaos(LiveRig& rig, std::uint64_t seed) : rig_(rig), rng_(seed), document_(crowd()) {}

  void act() {
    MeasuredPlayer& p = rig_.player();
    const auto tick = [&] { return Tick{static_cast<std::int64_t>(rng_.below(60'000))}; };
    switch (rng_.below(16)) {
      case 0:
        p.stop();
        break;
      case 1:
      case 2:
        p.seek(tick());
        break;
      case 3: {
        const Tick from = tick();
        p.setLoop(TickRange{from, from + TickDelta{1 + rng_.below(4000)}});
        break;
      }
      case 4:
        p.setLoop(std::nullopt);
        break;
      case 5:
        p.setMetronome(rng_.below(2) == 0);
        break;
      case 6:
        if (rng_.below(10) == 0) p.panic();
        break;
      case 7:
        rig_.peer().ask(
            fmt::format("after 0 {}0{:02x}40", rng_.below(2) == 0 ? 9 : 8, 60 + rng_.below(8)));
        break;
      case 8:
        p.setLiveTrack(document_.tracks[rng_.below(3)]->id);
        break;
      case 9:
        p.previewOn(*document_.tracks[rng_.below(3)], 60 + static_cast<int>(rng_.below(12)), 90);
        break;
      case 10:
        p.previewOff(60 + static_cast<int>(rng_.below(12)));
        break;
      default:
        edit();
        p.setDocument(std::make_shared<const Document>(document_));
        break;
    }
    if (!p.playing()) p.play();
  }

  // Lets go of everything that a person holds down.
  void release() {
    MeasuredPlayer& p = rig_.player();
    for (int pitch = 60; pitch < 72; ++pitch) p.previewOff(pitch);
    for (int key = 60; key < 68; ++key) rig_.peer().ask(fmt::format("after 0 80{:02x}40", key));
    p.stop();
    p.setLoop(std::nullopt);
    p.setMetronome(false);
  }

 private:
  void edit() {
    Track t = *document_.tracks[rng_.below(3)];
    switch (rng_.below(6)) {
      case 0:
        t.mute = !t.mute;
        break;
      case 1:
        t.solo = !t.solo;
        break;
      case 2:
        t.program = static_cast<int>(rng_.below(128));
        break;
      case 3:
        t.output = rng_.below(3) == 0 ? std::string() : std::string(LiveRig::kPeerOutput);
        break;
      case 4:
        t.channel = static_cast<int>(rng_.below(4));
        break;
      default: {
        const std::vector<Note> notes = t.notes.toVector();
        if (notes.empty()) break;
        const Note n = notes[rng_.below(static_cast<std::uint32_t>(notes.size()))];
        document_ = moveNotes(document_, t.id, std::array{n},
                              {static_cast<std::int64_t>(rng_.below(960))}, 1)
                        .document;
        return;
      }
    }
    document_ = replaceTrack(document_, t);
  }

  LiveRig& rig_;
  Rng rng_;
  Document document_;
};

// Note-ons without their note-off.
class Balance {
 public:
  void add(int port, int status, int key, int velocity) {
    ++messages_;
    int& open = open_[{port, status & 0x0F, key}];
    if ((status & 0xF0) == 0x90 && velocity > 0) {
      ++ons_;
      ++open;
    } else if ((status & 0xF0) == 0x80 || (status & 0xF0) == 0x90) {
      --open;
    }
  }
  void hear(const std::vector<PeerEvent>& events) {
    for (const PeerEvent& e : events) {
      if (e.kind == PeerEvent::Kind::kMidi && e.bytes.size() == 3) {
        add(0, e.bytes[0], e.bytes[1], e.bytes[2]);
      }
    }
  }
  long messages() const { return messages_; }
  long ons() const { return ons_; }
  long stuck() const {
    long sum = 0;
    for (const auto& [key, open] : open_) sum += std::max(open, 0);
    return sum;
  }

 private:
  std::map<std::tuple<int, int, int>, int> open_;  // by port, channel, key
  long messages_ = 0;                              // of three bytes
  long ons_ = 0;
};

bool peerIsOpen(LiveRig& rig) {
  const MidiStatus s = rig.player().midiStatus();
  return std::any_of(s.outputs.begin(), s.outputs.end(),
                     [](const MidiPort& p) { return p.name == LiveRig::kPeerOutput && p.open; });
}

}  // namespace

Result<Figures> measureStuckNotes(LiveRig& rig, const std::stop_token& stop) {
  constexpr int kActions = 10'000;
  rig.player().setDocument(std::make_shared<const Document>(crowd()));
  if (!rig.wait([&] { return peerIsOpen(rig); }, milliseconds(10000), stop)) {
    return fail("the peer's input was not opened");
  }
  Balance heard;
  rig.peer().events();
  constexpr std::size_t kMostMessages = 1'000'000;
  std::vector<MidiOut::Sent> sent;
  sent.reserve(kMostMessages);
  rig.player().midiOut().setProbe([&sent](const MidiOut::Sent& s) {
    if (s.message.size == 3 && sent.size() < sent.capacity()) sent.push_back(s);
  });
  const PeerFigures before = rig.peer().figures();
  Chaos chaos(rig, 1);
  for (int i = 0; i < kActions && !stop.stop_requested(); ++i) {
    chaos.act();
    heard.hear(rig.peer().events());
    std::this_thread::sleep_for(milliseconds(3));
  }
  chaos.release();
  const auto quiet = [&] {
    const auto events = rig.peer().events(milliseconds(200));
    heard.hear(events);
    return events.empty();
  };
  rig.wait(quiet, milliseconds(10000), stop);
  rig.player().setLiveTrack(0);
  rig.player().takeLiveEvents();
  rig.player().midiOut().setProbe({});
  if (rig.peer().lost()) return fail("the peer could not keep up");
  Balance out;
  for (const MidiOut::Sent& s : sent) {
    out.add(s.slot, s.message.status(), s.message.data1(), s.message.data2());
  }
  const long xruns = rig.peer().figures().xruns - before.xruns;
  return Figures{{"random actions while playing", kActions, ""},
                 {"note-ons sent meanwhile", static_cast<double>(out.ons()), ""},
                 {"note-ons without their note-off", static_cast<double>(out.stuck()), ""},
                 {"messages that the server lost, in its xruns",
                  static_cast<double>(out.messages() - heard.messages()), ""},
                 {"xruns of the server meanwhile", static_cast<double>(xruns), ""},
                 {"note-ons without their note-off where they arrived",
                  static_cast<double>(heard.stuck()), ""},
                 {"keys that sound, as the MIDI-out thread knows",
                  static_cast<double>(rig.player().midiOut().soundingNotes()), ""}};
}

Result<Figures> measureUnplugging(LiveRig& rig, const std::stop_token& stop) {
  constexpr int kTimes = 100;
  rig.player().setDocument(std::make_shared<const Document>(crowd()));
  rig.player().seek({0});
  rig.player().setLoop(TickRange{{0}, {60'000}});
  rig.player().play();
  int reopened = 0;
  double slowest = 0;
  for (int i = 0; i < kTimes && !stop.stop_requested(); ++i) {
    if (!rig.wait([&] { return peerIsOpen(rig); }, milliseconds(5000), stop)) break;
    rig.peer().ask("close");
    rig.wait([&] { return !peerIsOpen(rig); }, milliseconds(5000), stop);
    rig.peer().ask("open");
    rig.peer().events();
    const auto began = std::chrono::steady_clock::now();
    const bool back = rig.wait(
        [&] {
          const auto events = rig.peer().events();
          return std::any_of(events.begin(), events.end(),
                             [](const PeerEvent& e) { return e.kind == PeerEvent::Kind::kMidi; });
        },
        milliseconds(5000), stop);
    if (back) ++reopened;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    slowest = std::max(slowest, took.count());
  }
  const bool playing = rig.player().playing();
  rig.player().stop();
  rig.player().setLoop(std::nullopt);
  rig.peer().insist("hear ^Incipit:");
  if (!playing) return fail("the transport stopped while devices came and went");
  return Figures{{"unplugged and plugged in again", kTimes, ""},
                 {"times that notes arrived again", static_cast<double>(reopened), ""},
                 {"longest time until they did", slowest * 1000, "ms"}};
}

}  // namespace incipit
