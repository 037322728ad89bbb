#include "app/incipit_cli/bench_live_phases.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>

#include "core/edit/edits.h"
#include "core/playback/audio/fluid_synth.h"
#include "core/rng.h"

namespace incipit {
namespace {

using std::chrono::milliseconds;

constexpr int kClickProgram = 115;  // wood block: begins at once
constexpr int kClickPitch = 72;
constexpr int kClickVelocity = 110;
constexpr float kSound = 1e-3F;  // the peer's threshold
constexpr double kFramesPerMs = kLiveRate / 1000.0;

DocumentPtr share(Document d) { return std::make_shared<const Document>(std::move(d)); }

Note noteAt(std::int64_t start, std::int64_t length, int pitch, int velocity = kClickVelocity) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

Document withProgram(const Document& d, int program) {
  Track t = *d.tracks.front();
  t.program = program;
  return replaceTrack(d, t);
}

// Clicks that are far enough apart to be told from each other, at times of no regularity.
struct Clicks {
  Document document;
  std::vector<double> frames;  // where the plan has them
};
Clicks clicks(int count) {
  Clicks c{withProgram(newDocument(), kClickProgram), {}};
  Rng rng(3);
  std::vector<Note> notes;
  std::int64_t at = c.document.ppq;
  for (int i = 0; i < count; ++i) {
    notes.push_back(noteAt(at, c.document.ppq / 4, kClickPitch));
    c.frames.push_back(c.document.tempo.seconds({at}) * kLiveRate);
    at += c.document.ppq * 9 / 10 + static_cast<std::int64_t>(rng.below(200));
  }
  c.document = addNotes(c.document, c.document.tracks.front()->id, notes).document;
  return c;
}

std::vector<std::uint32_t> onsetsAmong(const std::vector<PeerEvent>& events) {
  std::vector<std::uint32_t> frames;
  for (const PeerEvent& e : events) {
    if (e.kind == PeerEvent::Kind::kOnset) frames.push_back(e.frame);
  }
  return frames;
}

// The tail of what was heard last is over.
void waitForSilence(LiveRig& rig, const std::stop_token& stop) {
  rig.peer().ask("level");
  rig.wait(
      [&] {
        std::this_thread::sleep_for(milliseconds(30));
        const std::string answer = rig.peer().ask("level");
        return answer.starts_with("level ") && std::stof(answer.substr(6)) < kSound / 2;
      },
      milliseconds(5000), stop);
  rig.peer().events();
}

void play(LiveRig& rig, Document d) {
  MeasuredPlayer& p = rig.player();
  p.stop();
  p.setLoop(std::nullopt);
  p.setDocument(share(std::move(d)));
  p.seek({0});
  rig.peer().events();
  p.play();
}

// Plays clicks to the end and gives where the peer heard them.
Result<std::vector<std::uint32_t>> hearClicks(LiveRig& rig, const Clicks& c,
                                              const std::stop_token& stop) {
  waitForSilence(rig, stop);
  play(rig, c.document);
  std::vector<std::uint32_t> heard;
  const double seconds = c.frames.back() / kLiveRate + 5;
  const bool all = rig.wait(
      [&] {
        const auto more = onsetsAmong(rig.peer().events());
        heard.insert(heard.end(), more.begin(), more.end());
        return heard.size() >= c.frames.size();
      },
      milliseconds(static_cast<int>(seconds * 1000)), stop);
  rig.player().stop();
  if (!all) return fail(fmt::format("{} of {} clicks were heard", heard.size(), c.frames.size()));
  return heard;
}

// The difference of JACK's frame times and the plan's for sounds that were heard.
double offsetOf(const Clicks& c, const std::vector<std::uint32_t>& heard) {
  std::vector<double> offsets;
  for (std::size_t i = 0; i < c.frames.size(); ++i) offsets.push_back(heard[i] - c.frames[i]);
  return median(std::move(offsets));
}

// Frames from a note-on to the first sample that the peer takes for sound.
Result<double> attackOfClick(LiveRig& rig) {
  auto synth = FluidSynth::make(rig.audio(), rig.player().status().soundfont);
  if (!synth) return fail(synth.error().message);
  (*synth)->programRt(0, kClickProgram, false);
  (*synth)->noteOnRt(0, kClickPitch, kClickVelocity);
  std::array<float, kQuantum> left{};
  std::array<float, kQuantum> right{};
  for (int frame = 0; frame < kLiveRate; frame += kQuantum) {
    (*synth)->renderRt(left.data(), right.data(), kQuantum);
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (std::max(std::abs(left[i]), std::abs(right[i])) > kSound) {
        return static_cast<double>(frame) + static_cast<double>(i);
      }
    }
  }
  return fail("the click makes no sound with this soundfont");
}

bool inputIsOpen(const MidiStatus& status, const std::string& name) {
  return std::any_of(status.inputs.begin(), status.inputs.end(),
                     [&](const MidiPort& p) { return p.name == name && p.open; });
}
Result<void> waitForInput(LiveRig& rig, const std::stop_token& stop) {
  const bool open =
      rig.wait([&] { return inputIsOpen(rig.player().midiStatus(), LiveRig::kPeerInput); },
               milliseconds(10000), stop);
  if (!open) return fail("the peer's output was not opened: " + rig.player().midiStatus().problem);
  return {};
}

double greatest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

}  // namespace

Result<Figures> measureOnsets(LiveRig& rig, const std::stop_token& stop) {
  constexpr int kClicks = 60;
  const Clicks c = clicks(kClicks);
  auto heard = hearClicks(rig, c, stop);
  if (!heard) return fail("onsets: " + heard.error().message);
  double earliest = 1e18;
  double latest = -1e18;
  for (int i = 0; i < kClicks; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double d = (*heard)[at] - c.frames[at];
    earliest = std::min(earliest, d);
    latest = std::max(latest, d);
  }
  return Figures{{"sound: onsets against the plan, spread of 60", latest - earliest, "frames"}};
}

Result<Figures> measureKeys(LiveRig& rig, const std::stop_token& stop) {
  constexpr int kKeys = 60;
  if (auto open = waitForInput(rig, stop); !open) return fail(open.error().message);
  const auto attack = attackOfClick(rig);
  if (!attack) return fail(attack.error().message);
  const Document d = withProgram(newDocument(), kClickProgram);
  rig.player().stop();
  rig.player().setDocument(share(d));
  rig.player().setLiveTrack(d.tracks.front()->id);
  std::vector<double> frames;
  Rng rng(5);
  for (int i = 0; i < kKeys && !stop.stop_requested(); ++i) {
    waitForSilence(rig, stop);
    rig.peer().ask(
        fmt::format("after {} 90{:02x}{:02x}", 2000 + rng.below(997), kClickPitch, kClickVelocity));
    std::uint32_t sent = 0;
    std::optional<std::uint32_t> heard;
    rig.wait(
        [&] {
          for (const PeerEvent& e : rig.peer().events()) {
            if (e.kind == PeerEvent::Kind::kSent) sent = e.frame;
            if (e.kind == PeerEvent::Kind::kOnset) heard = e.frame;
          }
          return heard.has_value();
        },
        milliseconds(3000), stop);
    rig.peer().ask(fmt::format("after 4800 80{:02x}40", kClickPitch));
    if (!heard) {
      return fail(fmt::format("key {} was not heard ({}, driver {}, xruns {})", i,
                              sent == 0 ? "nor sent" : "but sent", rig.player().status().driver,
                              rig.player().status().xruns));
    }
    frames.push_back(static_cast<double>(static_cast<std::int32_t>(*heard - sent)) - *attack);
  }
  rig.player().setLiveTrack(0);
  rig.player().takeLiveEvents();
  if (frames.empty()) return Figures{};
  return Figures{{"key press to sound, longest of 60", greatest(frames), "frames"},
                 {"key press to sound, median", median(frames), "frames"}};
}

Result<Figures> measureRecording(LiveRig& rig, const std::stop_token& stop) {
  constexpr int kKeys = 120;
  constexpr int kPitch = 60;
  if (auto open = waitForInput(rig, stop); !open) return fail(open.error().message);
  const auto attack = attackOfClick(rig);
  if (!attack) return fail(attack.error().message);
  const Clicks c = clicks(60);
  rig.player().setLiveTrack(0);  // keys are recorded, not heard
  rig.player().takeLiveEvents();
  waitForSilence(rig, stop);
  play(rig, c.document);
  std::vector<std::uint32_t> heard;
  std::vector<std::uint32_t> pressed;
  std::vector<LiveEvent> recorded;
  Rng rng(7);
  int asked = 0;
  const auto seconds = c.frames.back() / kLiveRate + 5;
  const auto began = std::chrono::steady_clock::now();
  rig.wait(
      [&] {
        const std::chrono::duration<double> since = std::chrono::steady_clock::now() - began;
        if (asked < kKeys && since.count() > 1 + asked * 0.2) {
          rig.peer().ask(
              fmt::format("after {} 90{:02x}{:02x}", 1000 + rng.below(3001), kPitch, 100));
          ++asked;
        }
        for (const PeerEvent& e : rig.peer().events()) {
          if (e.kind == PeerEvent::Kind::kSent) pressed.push_back(e.frame);
          if (e.kind == PeerEvent::Kind::kOnset) heard.push_back(e.frame);
        }
        for (const LiveEvent& e : rig.player().takeLiveEvents()) {
          if (e.message.noteOn()) recorded.push_back(e);
        }
        return heard.size() >= c.frames.size() && recorded.size() >= kKeys;
      },
      milliseconds(static_cast<int>(seconds * 1000)), stop);
  rig.player().stop();
  if (stop.stop_requested()) return Figures{};
  if (recorded.size() != pressed.size() || heard.size() != c.frames.size()) {
    return fail(fmt::format("recording: {} keys pressed, {} recorded; {} of {} clicks heard",
                            pressed.size(), recorded.size(), heard.size(), c.frames.size()));
  }
  // The peer stands for a person, who hears what is given to the server so much later.
  const std::string latency = rig.peer().ask("latency");
  if (!latency.starts_with("latency ")) return fail("the peer knows no latency");
  const double later = std::stod(latency.substr(8));
  const double offset = offsetOf(c, heard) - *attack + later;
  std::vector<double> errors;
  std::vector<double> distances;
  for (std::size_t i = 0; i < pressed.size(); ++i) {
    const double truth = pressed[i] - offset;
    errors.push_back(c.document.tempo.seconds(recorded[i].at) * kLiveRate - truth);
    distances.push_back(std::abs(errors.back()));
  }
  return Figures{
      {"latency of the server, taken off", later, "frames"},

      {"recorded note against its true time, farthest of 120", greatest(distances), "frames"},
      {"recorded note against its true time, median", median(errors), "frames"}};
}

}  // namespace incipit
