// Dense music through a MIDI output, and what the callback and the server did meanwhile.
#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "app/incipit_cli/bench_live_load.h"
#include "app/incipit_cli/bench_live_phases.h"
#include "core/edit/edits.h"
#include "core/playback/midi/midi_out.h"
#include "core/playback/thread_priority.h"
#include "core/playback/waker.h"

namespace incipit {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// What the kernel alone does with a deadline: sleeps to one every few milliseconds, at the priority
// of the MIDI-out thread.
class BareSleeper {
 public:
  BareSleeper() : thread_([this] { run(); }) { raisePriority(thread_); }
  // Nanoseconds late, each; ends it.
  std::vector<double> finish() {
    stop_ = true;
    thread_.join();
    return std::move(late_);
  }

 private:
  void run() {
    nameThread("bare-sleeper");
    constexpr std::size_t kRoom = 1'000'000;
    constexpr std::int64_t kEvery = 7'800'000;
    late_.reserve(kRoom);
    std::int64_t due = steadyNanoseconds();
    while (!stop_) {
      due += kEvery;
      const timespec until{due / 1'000'000'000, due % 1'000'000'000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
      if (late_.size() < kRoom) {
        late_.push_back(static_cast<double>(steadyNanoseconds() - due));
      }
    }
  }

  std::vector<double> late_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Four voices in 32nds on two channels: 256 messages a second.
Document denseMusic(double seconds) {
  Document d = newDocument();
  d = addTrack(d, "second", 0).document;
  int channel = 0;
  for (const TrackPtr& t : std::vector<TrackPtr>(d.tracks)) {
    Track external = *t;
    external.output = LiveRig::kPeerOutput;
    external.channel = channel++;
    d = replaceTrack(d, external);
    std::vector<Note> notes;
    const std::int64_t step = d.ppq / 8;
    const auto steps = static_cast<std::int64_t>(seconds * 2 * static_cast<double>(d.ppq)) / step;
    for (std::int64_t i = 0; i < steps; ++i) {
      for (int voice = 0; voice < 4; ++voice) {
        Note n;
        n.start = {i * step};
        n.length = {step * 3 / 4};
        n.pitch = static_cast<std::uint8_t>(36 + 12 * voice + i % 7);
        notes.push_back(n);
      }
    }
    d = addNotes(d, t->id, notes).document;
  }
  return d;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(
      std::min(static_cast<double>(values.size() - 1), share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

// How far each message left from the straight line through those of its stretch. A new stretch
// begins where the device lost frames: what was planned moved with them.
std::vector<double> fromTheLine(const std::vector<MidiOut::Sent>& sent) {
  constexpr double kNanosecondsPerFrame = 1e9 / kLiveRate;
  constexpr double kJump = 1e6;
  constexpr std::size_t kLongest = 2000;  // some ten seconds: clocks may differ in speed
  std::vector<double> away;
  std::vector<double> stretch;
  const auto finish = [&] {
    if (stretch.empty()) return;
    const double middle = median(stretch);
    for (const double d : stretch) away.push_back(std::abs(d - middle));
    stretch.clear();
  };
  double before = 0;
  for (const MidiOut::Sent& s : sent) {
    const double planned = static_cast<double>(s.frame) * kNanosecondsPerFrame;
    const double shift = static_cast<double>(s.when) - planned;
    if (std::abs(shift - before) > kJump || stretch.size() >= kLongest) finish();
    before = shift;
    stretch.push_back(static_cast<double>(s.began) - planned);
  }
  finish();
  return away;
}

}  // namespace

Result<Figures> measureJitter(LiveRig& rig, const std::string& name,
                              std::chrono::duration<double> length, LiveLoad* load,
                              const std::stop_token& stop) {
  MeasuredPlayer& player = rig.player();
  player.configure(rig.audio());  // figures are counted from here
  player.setLoop(std::nullopt);
  player.setDocument(std::make_shared<const Document>(denseMusic(length.count() + 5)));
  const bool open = rig.wait(
      [&] {
        const MidiStatus s = player.midiStatus();
        return std::any_of(s.outputs.begin(), s.outputs.end(), [](const MidiPort& p) {
          return p.name == LiveRig::kPeerOutput && p.open;
        });
      },
      milliseconds(10000), stop);
  if (!open) return fail("the peer's input was not opened");

  std::vector<MidiOut::Sent> sent;
  sent.reserve(static_cast<std::size_t>(length.count() * 400) + 10000);
  player.midiOut().setProbe([&sent](const MidiOut::Sent& s) {
    if (sent.size() < sent.capacity()) sent.push_back(s);
  });
  player.seek({0});
  rig.peer().events();
  const PeerFigures silentBefore = rig.silent().figures();
  const PeerFigures peerBefore = rig.peer().figures();
  const std::int64_t stepsBefore = load == nullptr ? 0 : load->trainedSteps();
  const int takesBefore = load == nullptr ? 0 : load->composedTakes();
  BareSleeper sleeper;
  std::vector<double> arrived;
  const auto began = Clock::now();
  player.play();
  rig.wait(
      [&] {
        if (load != nullptr) load->keepBusy();
        for (const PeerEvent& e : rig.peer().events()) {
          if (e.kind == PeerEvent::Kind::kMidi && (e.bytes[0] & 0xF0U) == 0x90U) {
            arrived.push_back(e.frame);
          }
        }
        return Clock::now() - began > length;
      },
      std::chrono::duration_cast<milliseconds>(length) + milliseconds(1000), stop);
  const PlaybackFigures callback = player.figures();
  player.stop();
  player.midiOut().drain();
  const std::vector<double> bare = sleeper.finish();
  player.midiOut().setProbe({});
  for (const PeerEvent& e : rig.peer().events(milliseconds(300))) {
    if (e.kind == PeerEvent::Kind::kMidi && (e.bytes[0] & 0xF0U) == 0x90U) {
      arrived.push_back(e.frame);
    }
  }
  const PeerFigures silentAfter = rig.silent().figures();
  const PeerFigures peerAfter = rig.peer().figures();
  if (stop.stop_requested()) return Figures{};

  std::vector<double> frames;
  std::vector<double> late;
  std::erase_if(sent, [](const MidiOut::Sent& s) { return !s.message.noteOn(); });
  for (const MidiOut::Sent& s : sent) {
    frames.push_back(static_cast<double>(s.frame));
    late.push_back(static_cast<double>(s.began - s.when));
  }
  if (frames.empty()) return fail("no note was sent");
  const std::vector<double> plan = fromTheLine(sent);
  std::vector<double> atPeer;
  // What was planned already goes out after the stop, unseen by the probe.
  if (arrived.size() >= frames.size() && !rig.peer().lost()) {
    for (std::size_t i = 0; i < frames.size(); ++i) atPeer.push_back(arrived[i] - frames[i]);
    const double middle = median(atPeer);
    for (double& d : atPeer) d = std::abs(d - middle);
  }
  constexpr double kPerMs = 1e-6;
  constexpr double kShare = 0.999;
  const auto what = [&](const char* text) { return fmt::format("{}: {}", name, text); };
  Figures f{
      {what("note-ons sent"), static_cast<double>(frames.size()), ""},
      {what("note-ons that the peer got"), static_cast<double>(arrived.size()), ""},
      {what("sendMessage against the plan, 99.9 %"), quantile(plan, kShare) * kPerMs, "ms"},
      {what("sendMessage against the plan, farthest"), quantile(plan, 1) * kPerMs, "ms"},
      {what("sendMessage after its deadline, 99.9 %"), quantile(late, kShare) * kPerMs, "ms"},
      {what("a bare sleeper after its deadline, 99.9 %"), quantile(bare, kShare) * kPerMs, "ms"},
      {what("a bare sleeper after its deadline, farthest"), quantile(bare, 1) * kPerMs, "ms"},
      {what("our callback, longest"), callback.longestPercent, "% of the period"},
      {what("our callback, 99.9 %"), callback.p999Percent, "% of the period"},
      {what("our callbacks longer than the period"), static_cast<double>(callback.overruns), ""},
      {what("xruns that JACK told of"), static_cast<double>(peerAfter.xruns - peerBefore.xruns),
       ""},
      {what("callbacks late, ours"), static_cast<double>(callback.late), ""},
      {what("callbacks late, silent client"),
       static_cast<double>(silentAfter.late - silentBefore.late), ""}};
  // Where the server lost some, which is which is not known.
  if (!atPeer.empty()) {
    f.push_back({what("at the peer against the plan, 99.9 %"), quantile(atPeer, kShare), "frames"});
    f.push_back({what("at the peer against the plan, farthest"), quantile(atPeer, 1), "frames"});
  }
  if (load != nullptr) {
    f.push_back({what("training steps meanwhile"),
                 static_cast<double>(load->trainedSteps() - stepsBefore), ""});
    f.push_back({what("takes composed meanwhile"),
                 static_cast<double>(load->composedTakes() - takesBefore), ""});
  }
  return f;
}

}  // namespace incipit
