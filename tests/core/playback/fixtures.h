// What the playback tests share: small documents, and a synth that writes down what it is told and
// renders something that depends on all of it.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/edit/edits.h"
#include "core/playback/sinks.h"
#include "core/rng.h"
#include "core/score/document.h"

namespace incipit::fixtures {

inline Note note(std::int64_t start, std::int64_t length, int pitch, int velocity = 80) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

inline Document withNotes(const Document& d, const std::vector<Note>& notes, TrackId track = 1) {
  return addNotes(d, track, notes).document;
}

inline DocumentPtr share(Document d) { return std::make_shared<const Document>(std::move(d)); }

inline Document edited(const Document& d, TrackId id, const std::function<void(Track&)>& change) {
  Track t = *d.track(id);
  change(t);
  return replaceTrack(d, t);
}

// A track to preview: a program on the first channel.
inline Track voice(int program) {
  Track t;
  t.program = program;
  return t;
}

// A few tracks with random notes (many overlapping), lanes, tempo and meter changes.
inline Document randomDocument(Rng& rng, int tracks, int notesEach, std::int64_t ticks) {
  Document d = newDocument();
  while (static_cast<int>(d.tracks.size()) < tracks) {
    d = addTrack(d, "more", static_cast<int>(rng.below(128)), rng.below(5) == 0).document;
  }
  for (const TrackPtr& track : std::vector<TrackPtr>(d.tracks)) {
    std::vector<Note> notes;
    for (int i = 0; i < notesEach; ++i) {
      const auto start = static_cast<std::int64_t>(rng.below(static_cast<std::uint32_t>(ticks)));
      notes.push_back(note(start, 1 + rng.below(2000), 48 + static_cast<int>(rng.below(24)),
                           1 + static_cast<int>(rng.below(127))));
    }
    d = withNotes(d, notes, track->id);
    for (const Controller c : {kSustain, kVolume, kPitchBend, kProgramChange, Controller{0}}) {
      if (rng.below(2) == 0) continue;
      Lane lane;
      for (int i = 0; i < 8; ++i) {
        const auto at = static_cast<std::int64_t>(rng.below(static_cast<std::uint32_t>(ticks)));
        const int value = static_cast<int>(rng.below(128));
        lane.push_back({{at}, c == kPitchBend ? value * 64 : c == 0 ? value % 3 : value});
      }
      d = setLane(d, track->id, c, lane);
    }
  }
  d = setTempo(d, {{ticks / 3}, 400000});
  d = setTempo(d, {{ticks / 2}, 700001});
  d = setMeter(d, {{3840 * 2}, 3, 4});
  return d;
}

struct Told {
  enum Kind { kOn, kOff, kControl, kBend, kPressure, kKeyPressure, kProgram } kind;
  std::int64_t quantum;  // since the sink was made
  int channel;
  int a;
  int b;
  bool operator==(const Told&) const = default;
};

class RecordingSynth : public Synth {
 public:
  std::vector<Told> told;
  std::map<std::pair<int, int>, int> sounding;  // (channel, key) -> note-ons less note-offs
  std::map<std::pair<int, int>, int> controls;  // (channel, controller) -> value
  std::map<int, int> programs;
  std::vector<std::string> faults;
  std::int64_t quantum = 0;

  void noteOnRt(int channel, int key, int velocity) noexcept override {
    told.push_back({Told::kOn, quantum, channel, key, velocity});
    if (++sounding[{channel, key}] > 1) faults.emplace_back("a note-on for a key that sounds");
    hash_ = hash_ * 31 + static_cast<unsigned>(channel * 128 + key);
  }
  void noteOffRt(int channel, int key) noexcept override {
    told.push_back({Told::kOff, quantum, channel, key, 0});
    if (--sounding[{channel, key}] < 0) faults.emplace_back("a note-off for a key that is silent");
    hash_ = hash_ * 37 + static_cast<unsigned>(channel * 128 + key);
  }
  void controlRt(int channel, int controller, int value) noexcept override {
    told.push_back({Told::kControl, quantum, channel, controller, value});
    controls[{channel, controller}] = value;
  }
  void pitchBendRt(int channel, int value) noexcept override {
    told.push_back({Told::kBend, quantum, channel, value, 0});
    controls[{channel, kPitchBend}] = value;
  }
  void pressureRt(int channel, int value) noexcept override {
    told.push_back({Told::kPressure, quantum, channel, value, 0});
    controls[{channel, kChannelPressure}] = value;
  }
  void keyPressureRt(int channel, int key, int value) noexcept override {
    told.push_back({Told::kKeyPressure, quantum, channel, key, value});
  }
  void programRt(int channel, int program, bool drums) noexcept override {
    told.push_back({Told::kProgram, quantum, channel, program, drums ? 1 : 0});
    programs[channel] = program;
  }
  // Each quantum's samples say which events it follows.
  void renderRt(float* left, float* right, int frames) noexcept override {
    for (int i = 0; i < frames; ++i) {
      left[i] = static_cast<float>(hash_ & 0xFFFFU);
      right[i] = static_cast<float>(quantum + i / kQuantum);
    }
    quantum += frames / kQuantum;
  }

  int soundingNotes() const {
    int n = 0;
    for (const auto& [key, count] : sounding) n += count;
    return n;
  }
  std::vector<Told> only(Told::Kind kind) const {
    std::vector<Told> found;
    for (const Told& t : told) {
      if (t.kind == kind) found.push_back(t);
    }
    return found;
  }
  void forget() {
    told.clear();
    faults.clear();
  }

 private:
  unsigned hash_ = 1;
};

// Ports that write down what they are sent.
class RecordingBus : public MidiBus {
 public:
  struct Sent {
    int slot;
    MidiMessage message;
    std::int64_t when;
    std::int64_t frame;
    std::int64_t now = 0;  // as set when it was sent
  };
  std::int64_t now = 0;
  std::vector<Sent> sent;
  std::map<std::tuple<int, int, int>, int> sounding;  // (slot, channel, key) -> ons less offs
  std::map<std::tuple<int, int, int>, int> controls;  // (slot, channel, controller) -> value
  std::map<std::pair<int, int>, int> programs;
  std::vector<std::string> faults;
  int ons = 0;
  int offs = 0;
  std::int64_t latest = INT64_MIN;  // of the planned ones

  void sendRt(int slot, const MidiMessage& m, std::int64_t when,
              std::int64_t frame) noexcept override {
    sent.push_back({slot, m, when, frame, now});
    if (when != kAtOnce) {
      if (when < latest) faults.emplace_back("a time that falls");
      latest = when;
    }
    if (!m.channelMessage()) {
      if (slot != kClockSlots) faults.emplace_back("a clock message to one slot");
      return;
    }
    if (slot < 0 || slot >= kMidiSlots) faults.emplace_back("a note to no slot");
    const std::tuple<int, int, int> key{slot, m.channel(), m.data1()};
    if (m.noteOn()) {
      ++ons;
      ++sounding[key];
    } else if (m.noteOff()) {
      ++offs;
      if (--sounding[key] < 0) faults.emplace_back("a note-off for a key that is silent");
    } else if (m.kind() == 0xB0) {
      controls[key] = m.data2();
    } else if (m.kind() == 0xC0) {
      programs[{slot, m.channel()}] = m.data1();
    }
  }
  // What is taken back was not sent.
  void takeBackRt(std::int64_t when, std::int64_t frame) noexcept override {
    auto first = sent.end();
    while (first != sent.begin() && std::prev(first)->frame >= frame) --first;
    std::map<std::tuple<int, int, int>, int> dropped;
    for (auto s = first; s != sent.end(); ++s) {
      if (s->when == kAtOnce) continue;
      s->when = when;
      s->frame = frame;
      const MidiMessage& m = s->message;
      const std::tuple<int, int, int> key{s->slot, m.channel(), m.data1()};
      if (m.channelMessage() && m.noteOn()) {
        ++dropped[key];
        --ons;
        --sounding[key];
        s->slot = kTaken;
      } else if (m.channelMessage() && m.noteOff() && dropped[key] > 0) {
        --dropped[key];
        --offs;
        ++sounding[key];
        s->slot = kTaken;
      } else if (m == midiRealtime(kMidiClock)) {
        s->slot = kTaken;
      }
    }
    for (const auto& [key, count] : dropped) {
      if (count != 0) faults.emplace_back("a note taken back before it was ended");
    }
    sent.erase(std::remove_if(first, sent.end(), [](const Sent& s) { return s.slot == kTaken; }),
               sent.end());
    latest = when;
  }
  int soundingNotes() const {
    int n = 0;
    for (const auto& [key, count] : sounding) n += count;
    return n;
  }
  std::vector<Sent> clock() const {
    std::vector<Sent> found;
    for (const Sent& s : sent) {
      if (s.slot == kClockSlots) found.push_back(s);
    }
    return found;
  }

 private:
  static constexpr int kTaken = -100;
};

}  // namespace incipit::fixtures
