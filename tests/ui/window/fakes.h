// A player without sound and an engine without networks, both scripted, for tests of the window.
#pragma once

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <utility>

#include "core/compose/request_json.h"
#include "ui/roll/roll_editor.h"
#include "ui/window/main_window.h"

namespace incipit::test {

// Remembers what it was told; the position moves only by seek().
class FakePlayer : public Player {
 public:
  void configure(const AudioSettings& s) override {
    settings = s;
    ++configured;
  }
  AudioStatus status() const override { return statusNow; }
  std::vector<std::string> drivers() const override { return {"alpha", "beta"}; }
  std::vector<std::string> devices(const std::string&) const override { return {}; }
  void setDocument(const DocumentPtr& d) override { document = d; }
  void setOverlay(TrackId, const std::vector<Note>& notes) override { overlay = notes; }
  void clearOverlay() override { overlay.clear(); }
  void play() override { playingNow = true; }
  void playAfterCountIn(int bars) override {
    countIn = bars;
    play();
  }
  int countInBeats() const override { return 0; }
  void stop() override { playingNow = false; }
  void seek(Tick t) override { at = t; }
  void setLoop(std::optional<TickRange> l) override { loop = l; }
  void setMetronome(bool on) override { metronome = on; }
  bool playing() const override { return playingNow; }
  Tick position() const override { return at; }
  void previewOn(const Track&, int pitch, int) override { previewed.push_back(pitch); }
  void previewOff(int) override {}
  void panic() override { ++panics; }
  void configureMidi(const MidiSettings& s) override { midi = s; }
  MidiStatus midiStatus() const override { return midiNow; }
  void setLiveTrack(TrackId t) override { liveTrack = t; }
  void playLive(const MidiMessage& m) override { played.push_back(m); }
  std::vector<LiveEvent> takeLiveEvents() override { return std::exchange(liveEvents, {}); }

  int countIn = 0;
  MidiSettings midi;
  MidiStatus midiNow;
  TrackId liveTrack = 0;
  std::vector<MidiMessage> played;
  std::vector<LiveEvent> liveEvents;  // the next to be taken

  AudioSettings settings;
  AudioStatus statusNow{.sounding = true, .driver = "alpha", .sampleRate = 48000, .period = 256};
  DocumentPtr document;
  std::vector<Note> overlay;
  std::optional<TickRange> loop;
  std::vector<int> previewed;
  bool playingNow = false;
  bool metronome = false;
  int configured = 0;
  int panics = 0;
  Tick at;
};

// What the engine does, shared between the test and the engine that the runner owns.
struct Script {
  int notes = 4;
  std::string error;  // composing fails with it
  // With it set, composing stands still after the first note until open() or a stop.
  bool gated = false;
  std::atomic<int> composing{0};
  std::atomic<int> mostComposing{0};
  std::atomic<int> composed{0};
  int trainPoints = 6;
  bool trainUntilStopped = false;

  void open() {
    const std::lock_guard lock(mutex);
    opened = true;
    wake.notify_all();
  }
  void waitForOpening(std::stop_token stop) {
    std::unique_lock lock(mutex);
    wake.wait(lock, stop, [this] { return opened; });
  }

  std::mutex mutex;
  std::condition_variable_any wake;
  bool opened = false;
};

class FakeEngine : public Engine {
 public:
  explicit FakeEngine(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  std::vector<FamilyInfo> families() const override {
    return {{"note-lstm", "notes one by one", "", {"published", "improved"}}};
  }

  // Quarter notes up from middle C; the seed's lowest bits transpose them, the take too.
  Result<ComposeResult> compose(const ComposeRequest& request, ComposeSink& sink,
                                std::stop_token stop) override {
    if (!script_->error.empty()) return fail(script_->error);
    const int now = ++script_->composing;
    script_->mostComposing = std::max(script_->mostComposing.load(), now);
    ComposeResult result;
    for (int i = 0; i < script_->notes; ++i) {
      Note n;
      n.start = request.from + TickDelta{request.document->ppq} * i;
      n.length = {request.document->ppq};
      n.pitch =
          static_cast<std::uint8_t>(60 + i + static_cast<int>(request.seed % 12) + request.take);
      sink.note(n);
      result.notes.push_back(n);
      sink.progress((i + 1.0) / script_->notes);
      if (script_->gated) script_->waitForOpening(stop);
      if (stop.stop_requested()) {
        result.cancelled = true;
        break;
      }
    }
    const MeterMap& meter = request.document->meter;
    result.region.range = {request.from,
                           meter.barStart(meter.barBeat(request.from).bar + request.bars)};
    result.region.track = request.track;
    result.region.modelHash = fileSha256(request.checkpoint).value_or("");
    result.region.settings = settingsJson(request);
    --script_->composing;
    ++script_->composed;
    return result;
  }

  Result<TrainResult> train(const TrainRequest& request, TrainSink& sink,
                            std::stop_token stop) override {
    sink.message("reading " + request.data.string());
    for (int i = 1; i <= script_->trainPoints && !stop.stop_requested(); ++i) {
      TrainPoint p;
      p.epoch = i;
      p.step = i * 10;
      p.trainLoss = 4.0 / i;
      p.validationLoss = 5.0 / i;
      p.examplesPerSecond = 1234;
      p.secondsLeft = 75;
      p.fraction = static_cast<double>(i) / script_->trainPoints;
      sink.point(p);
    }
    if (script_->trainUntilStopped) script_->waitForOpening(stop);
    TrainResult result;
    result.best = request.out;
    result.last = request.out;
    result.cancelled = stop.stop_requested();
    return result;
  }

  Result<Evaluation> evaluate(const EvaluateRequest&, TrainSink&, std::stop_token) override {
    return Evaluation{};
  }
  ComputeReport compute() override { return {}; }

 private:
  std::shared_ptr<Script> script_;
};

// A shown window over the fakes, with every file in a folder of its own.
class Studio {
 public:
  explicit Studio(std::function<void(Services&)> change = {}) {
    qputenv("XDG_CONFIG_HOME", folder.path().toUtf8());
    qputenv("XDG_DATA_HOME", folder.path().toUtf8());
    qputenv("XDG_STATE_HOME", folder.path().toUtf8());
    jobs = std::make_unique<JobRunner>([script = script]() -> Result<std::unique_ptr<Engine>> {
      return std::make_unique<FakeEngine>(script);
    });
    Services s;
    s.player = &player;
    s.jobs = jobs.get();
    std::ofstream(file("fake.safetensors")) << "a checkpoint";
    s.models = [path = file("fake.safetensors")] {
      CheckpointInfo info;
      info.path = path;
      info.title = "Fake";
      info.family = "note-lstm";
      info.parameters = 84354;
      return Catalogue{{info}, {}};
    };
    s.settingsFile = file("settings.ini");
    s.autosaveFolder = file("autosave");
    s.warmUpAfter = std::chrono::milliseconds(-1);
    if (change) change(s);
    window = std::make_unique<MainWindow>(s);
    window->show();
    window->activateWindow();
    window->roll().setFocus();
    [[maybe_unused]] const bool shown = QTest::qWaitForWindowActive(window.get());
  }
  ~Studio() {
    script->open();
    window->closeForSignal();
    window.reset();
  }

  std::filesystem::path file(const char* name) const {
    return (folder.path() + "/" + name).toStdString();
  }
  Session& session() { return window->session(); }
  std::vector<Note> notes() { return session().track()->notes.toVector(); }
  // Puts notes {start, length, pitch} in quarters into the active track and selects them.
  void draw(std::initializer_list<std::tuple<double, double, int>> quarters) {
    const int ppq = session().document()->ppq;
    std::vector<Note> drawn;
    for (const auto& [start, length, pitch] : quarters) {
      Note n;
      n.start = {static_cast<std::int64_t>(start * ppq)};
      n.length = {static_cast<std::int64_t>(length * ppq)};
      n.pitch = static_cast<std::uint8_t>(pitch);
      drawn.push_back(n);
    }
    session().commit("Draw", addNotes(*session().document(), session().activeTrack(), drawn));
  }
  // As the window system sends it, to whatever has the focus.
  void key(Qt::Key k, Qt::KeyboardModifiers m = Qt::NoModifier) {
    QTest::keyClick(window->windowHandle(), k, m);
  }
  template <typename T>
  T* find(const char* name) {
    return window->findChild<T*>(name);
  }
  void click(const char* button) {
    QTest::mouseClick(find<QAbstractButton>(button), Qt::LeftButton);
  }
  std::int64_t quarter() { return session().document()->ppq; }

  QTemporaryDir folder;
  FakePlayer player;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::unique_ptr<JobRunner> jobs;
  std::unique_ptr<MainWindow> window;
};

}  // namespace incipit::test
