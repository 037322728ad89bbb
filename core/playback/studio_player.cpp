#include "core/playback/studio_player.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <set>
#include <utility>

#include "core/playback/audio/audio_driver.h"
#include "core/playback/audio/fluid_synth.h"
#include "core/playback/audio/jack_watch.h"
#include "core/playback/audio/sound_deck.h"
#include "core/playback/audio/synth_loader.h"
#include "core/playback/midi/midi_ports.h"
#include "core/playback/waker.h"

namespace incipit {
namespace {

AudioSettings withinRange(AudioSettings s) {
  s.sampleRate = std::clamp(s.sampleRate, 8000, 96000);
  s.period = std::clamp(s.period, 64, 4096);
  return s;
}

class StudioPlayer final : public MeasuredPlayer {
 public:
  StudioPlayer() {
    engine_.connect(&midiOut_, &liveInput_, &deck_);
    openSilence({}, "");
  }
  ~StudioPlayer() override {
    driver_.reset();
    engine_.setSynth(nullptr);
  }

  void configure(const AudioSettings& wished) override;
  AudioStatus status() const override { return upToDate().look(); }
  std::vector<std::string> drivers() const override { return audioDrivers(); }
  std::vector<std::string> devices(const std::string& driver) const override {
    return audioDevices(driver);
  }

  void setDocument(const DocumentPtr& document) override;
  void setOverlay(const std::vector<TrackNotes>& overlay) override {
    overlay_ = overlay;
    compile();
  }
  void clearOverlay() override {
    if (overlay_.empty()) return;
    overlay_.clear();
    compile();
  }

  void play() override { playAfterCountIn(0); }
  void playAfterCountIn(int bars) override;
  int countInBeats() const override { return upToDate().countIn_; }
  void stop() override;
  void seek(Tick t) override;
  void setLoop(std::optional<TickRange> loop) override {
    if (options_.loop == loop) return;
    options_.loop = loop;
    compile();
  }
  void setMetronome(bool on) override {
    if (options_.metronome == on) return;
    options_.metronome = on;
    compile();
  }
  void setEndless(bool on) override {
    if (options_.endless == on) return;
    options_.endless = on;
    compile();
  }
  bool playing() const override { return upToDate().playing_; }
  Tick position() const override {
    const StudioPlayer& p = upToDate();
    return p.playing_ ? p.heard_ : p.stopped_;
  }

  void previewOn(const Track& track, int pitch, int velocity) override;
  void previewOff(int pitch) override { engine_.previewOff(pitch); }
  void panic() override { engine_.panic(); }

  void playSound(std::unique_ptr<SoundReader> sound, std::unique_ptr<SoundReader> other) override {
    deck_.play(std::move(sound), std::move(other));
  }
  void hearOther(bool other) override { deck_.hearOther(other); }
  void stopSound() override { deck_.stop(); }
  SoundStatus soundStatus() const override { return deck_.status(); }

  void configureMidi(const MidiSettings& settings) override {
    midi_ = settings;
    openPorts();
  }
  MidiStatus midiStatus() const override { return upToDate().lookAtMidi(); }
  void setLiveTrack(TrackId track) override { engine_.setLiveTrack(track); }
  void playLive(const MidiMessage& message) override {
    liveInput_.push({message, steadyNanoseconds(), LiveInput::kKeyboard});
  }
  std::vector<LiveEvent> takeLiveEvents() override;

  PlaybackFigures figures() const override { return engine_.figures(); }
  MidiOut& midiOut() override { return midiOut_; }

 private:
  void compile() { engine_.setPlan(compiler_.compile(document_, overlay_, options_)); }
  void openSilence(const AudioSettings& settings, std::string problem);
  void openPorts();
  void routeTracks();  // gives the outputs that the document's tracks use their slots
  // Opens the first device that works and plays nothing yet; what it runs at, or why none does.
  Result<AudioSettings> openDevice(const AudioSettings& wished);
  std::unique_ptr<AudioDriver> open(const std::string& name, AudioSettings& settings,
                                    std::string& refused);
  // Takes what the loader has made, waiting for it at most so long.
  void installSynth(std::chrono::milliseconds patience);
  void replaceLostDriver();
  void refresh();
  void collectPlayed();
  AudioStatus look();
  MidiStatus lookAtMidi();
  // Whoever asks for something brings the player up to date first: what its threads have done has
  // no other way to the GUI thread.
  StudioPlayer& upToDate() const {
    auto& self = const_cast<StudioPlayer&>(*this);
    self.refresh();
    return self;
  }
  std::uint32_t newRun() {
    asked_ = true;
    return ++run_;
  }
  Tick toldTick(const EnginePosition& p) const;
  Tick heardTick(const EnginePosition& p, std::int64_t& wraps) const;

  MidiOut midiOut_;
  LiveInput liveInput_;
  MidiPorts ports_{midiOut_, liveInput_};
  std::optional<MidiSettings> midi_;  // once configured
  std::set<std::string> outputs_;     // that tracks use

  SoundDeck deck_;
  AudioEngine engine_;
  std::unique_ptr<FluidSynth> synth_;
  std::filesystem::path soundfont_;
  std::string soundfontProblem_;
  SynthLoader loader_;
  AudioSettings synthSettings_;          // what synth_ is or will be made with
  std::unique_ptr<AudioDriver> driver_;  // after what its thread uses
  AudioSettings wished_;
  std::unique_ptr<JackWatch> returning_;  // while a server that was lost may come back
  AudioStatus status_;

  DocumentPtr document_;
  PlanOverlay overlay_;
  PlanOptions options_;
  PlanCompiler compiler_{AudioSettings{}.sampleRate};

  // The transport as asked for; the audio thread follows. Or the other way round, when it is led by
  // an outer clock.
  bool playing_ = false;
  Tick stopped_{0};
  std::uint32_t run_ = 0;    // of what was asked last
  bool asked_ = false;       // and has not been seen done
  std::uint32_t start_ = 0;  // of the audio thread, as seen last
  int countIn_ = 0;
  std::deque<LiveEvent> played_;
  Tick runStart_{0};
  Tick heard_{0};
  std::int64_t heardWraps_ = 0;

  std::int64_t windowStart_ = 0;
  std::int64_t windowLongest_ = 0;
  std::int64_t lastLongest_ = 0;
};

std::unique_ptr<AudioDriver> StudioPlayer::open(const std::string& name, AudioSettings& settings,
                                                std::string& refused) {
  if (name == "jack") {
    const JackServer server = findJackServer();
    if (!server.running) {
      if (refused.empty()) refused = "jack: no JACK server is running";
      return nullptr;
    }
    settings.sampleRate = server.sampleRate;
    settings.period = server.period;
  }
  auto driver = openAudioDriver(name, settings, engine_);
  if (driver) return std::move(*driver);
  // A server that is not there is no news beside a device that is and fails.
  if (refused.empty() || refused.starts_with("jack: no")) refused = driver.error().message;
  return nullptr;
}

Result<AudioSettings> StudioPlayer::openDevice(const AudioSettings& wished) {
  std::string refused;
  const std::vector<std::string> known = audioDrivers();
  if (!wished.driver.empty() &&
      std::find(known.begin(), known.end(), wished.driver) == known.end()) {
    refused = wished.driver + ": FluidSynth has no such audio driver";
  }
  for (const std::string& name : driversToTry(wished.driver)) {
    AudioSettings settings = wished;
    if (name != wished.driver) settings.device.clear();
    driver_ = open(name, settings, refused);
    if (driver_ == nullptr) continue;
    settings.driver = name;
    // What was not asked for and did not work is nobody's problem.
    if (!wished.driver.empty() && name != wished.driver) {
      status_.problem = refused + "; playing through " + name;
    }
    return settings;
  }
  return fail("No sound: " + (refused.empty() ? "no audio driver works" : refused) +
              "; the transport runs in silence. Choose a device in the preferences");
}

void StudioPlayer::openSilence(const AudioSettings& settings, std::string problem) {
  if (compiler_.sampleRate() != settings.sampleRate) compiler_ = PlanCompiler(settings.sampleRate);
  compile();
  driver_ = openSilentDriver(settings, engine_);
  status_.sampleRate = settings.sampleRate;
  status_.period = settings.period;
  status_.problem = std::move(problem);
}

void StudioPlayer::configure(const AudioSettings& wished) {
  const AudioSettings settings = withinRange(wished);
  wished_ = settings;
  deck_.stop();                            // it may have another rate than the device will
  auto returning = std::move(returning_);  // what it has found is held until it is opened
  stop();
  if (returning_ != nullptr) returning = std::move(returning_);
  driver_.reset();
  engine_.setSynth(nullptr);
  status_ = {};
  const auto opened = openDevice(settings);
  if (!opened) {
    loader_.cancel();
    openSilence(settings, opened.error().message);
    openPorts();
    if (returning != nullptr) returning_ = std::make_unique<JackWatch>();
    return;
  }
  status_.driver = opened->driver;
  openPorts();
  status_.sampleRate = opened->sampleRate;
  status_.period = opened->period;
  compiler_ = PlanCompiler(opened->sampleRate);
  compile();

  AudioSettings sound = *opened;  // what a synth depends on
  sound.driver.clear();
  sound.device.clear();
  sound.period = 0;
  if (synth_ != nullptr && sound == synthSettings_) {
    loader_.cancel();
    engine_.offerSynth(synth_.get());
    status_.sounding = true;
    status_.soundfont = soundfont_;
    if (status_.problem.empty()) status_.problem = soundfontProblem_;
    return;
  }
  synth_.reset();
  synthSettings_ = sound;
  loader_.start(sound);
  // Usually it is there in 50 ms; the window need not wait for a large one.
  constexpr std::chrono::milliseconds kPatience{400};
  installSynth(kPatience);
}

void StudioPlayer::installSynth(std::chrono::milliseconds patience) {
  auto loaded = loader_.take(patience);
  if (!loaded) return;
  synth_ = std::move(loaded->synth);
  soundfont_ = loaded->soundfont;
  soundfontProblem_ = std::move(loaded->problem);
  if (status_.problem.empty()) status_.problem = soundfontProblem_;
  if (synth_ == nullptr) return;
  engine_.offerSynth(synth_.get());
  status_.sounding = true;
  status_.soundfont = soundfont_;
}

// A sound server that has ended calls the engine no more: a timer goes on where it stopped, until
// one runs again.
void StudioPlayer::replaceLostDriver() {
  if (returning_ != nullptr && returning_->found()) {
    configure(AudioSettings(wished_));
    return;
  }
  const std::string why = driver_->lost();
  if (why.empty()) return;
  loader_.cancel();
  driver_.reset();
  AudioSettings settings;
  settings.sampleRate = status_.sampleRate;
  settings.period = status_.period;
  driver_ = openSilentDriver(settings, engine_);
  status_.problem = "No sound: " + why +
                    "; the transport runs in silence until a server runs. It stops when the sound "
                    "comes back";
  status_.driver.clear();
  status_.sounding = false;
  returning_ = std::make_unique<JackWatch>();
}

AudioStatus StudioPlayer::look() {
  constexpr std::int64_t kWindow = 1000000000;
  const std::int64_t now = steadyNanoseconds();
  windowLongest_ = std::max(windowLongest_, engine_.longestCallback());
  if (now - windowStart_ > kWindow) {
    lastLongest_ = windowLongest_;
    windowLongest_ = 0;
    windowStart_ = now;
    engine_.setLatency(driver_->latency());  // a JACK server's changes with its connections
  }
  AudioStatus s = status_;
  if (!s.driver.empty()) s.xruns = engine_.xruns();
  if (s.sampleRate > 0 && s.period > 0) {
    const double period = 1e9 * s.period / s.sampleRate;
    s.loadPercent = 100.0 * static_cast<double>(std::max(lastLongest_, windowLongest_)) / period;
  }
  return s;
}

void StudioPlayer::setDocument(const DocumentPtr& document) {
  // Positions that are kept as ticks follow a change of resolution.
  const int before = document_ == nullptr ? kDefaultPpq : document_->ppq;
  const int after = document == nullptr ? kDefaultPpq : document->ppq;
  if (before != after) {
    for (Tick* t : {&stopped_, &runStart_, &heard_}) t->count = t->count * after / before;
  }
  document_ = document;
  routeTracks();
  compile();
}

void StudioPlayer::openPorts() {
  // JACK's ports where the sound goes through it: both then run on one clock.
  if (midi_) ports_.configure(*midi_, status_.driver == "jack" ? "jack" : "");
}

void StudioPlayer::routeTracks() {
  std::set<std::string> outputs;
  if (document_ != nullptr) {
    for (const TrackPtr& track : document_->tracks) {
      if (!track->output.empty()) outputs.insert(track->output);
    }
  }
  if (outputs == outputs_) return;
  outputs_ = std::move(outputs);
  const std::vector<std::string> names(outputs_.begin(), outputs_.end());
  const std::vector<int> slots = ports_.use(names);
  options_.slots.clear();
  for (std::size_t i = 0; i < names.size(); ++i) options_.slots[names[i]] = slots[i];
}

void StudioPlayer::previewOn(const Track& track, int pitch, int velocity) {
  installSynth({});
  Route route;
  if (const auto slot = options_.slots.find(track.output); slot != options_.slots.end()) {
    route = {slot->second, track.channel & 15};
  }
  engine_.previewOn(track.program, track.channel == kDrumChannel, pitch, velocity, route);
}

MidiStatus StudioPlayer::lookAtMidi() {
  MidiStatus status = ports_.status();
  status.clockTempo = engine_.position().clockTempo;
  return status;
}

void StudioPlayer::collectPlayed() {
  constexpr std::size_t kMost = 65536;
  std::vector<LiveEvent> fresh;
  engine_.takeLiveEvents(fresh);
  for (LiveEvent& e : fresh) {
    if (!e.rolling) e.at = playing_ ? runStart_ : stopped_;
    played_.push_back(e);
  }
  while (played_.size() > kMost) played_.pop_front();
}

std::vector<LiveEvent> StudioPlayer::takeLiveEvents() {
  refresh();
  std::vector<LiveEvent> events(played_.begin(), played_.end());
  played_.clear();
  return events;
}

void StudioPlayer::playAfterCountIn(int bars) {
  refresh();
  if (playing_) return;
  constexpr int kMostBars = 4;
  runStart_ = heard_ = stopped_;
  heardWraps_ = 0;
  playing_ = true;
  engine_.play(newRun(), runStart_, std::clamp(bars, 0, kMostBars));
}

void StudioPlayer::stop() {
  refresh();
  if (playing_) stopped_ = heard_;
  playing_ = false;
  countIn_ = 0;
  engine_.stop(newRun());
}

void StudioPlayer::seek(Tick t) {
  refresh();
  t = std::max(t, Tick{0});
  stopped_ = runStart_ = heard_ = t;
  heardWraps_ = 0;
  engine_.seek(newRun(), t);
}

// Follows what the audio thread has done since.
void StudioPlayer::refresh() {
  replaceLostDriver();
  installSynth({});
  collectPlayed();
  const EnginePosition p = engine_.position();
  if (p.run != run_) return;
  countIn_ = p.countIn;
  const bool ours = std::exchange(asked_, false);
  if (std::exchange(start_, p.start) != p.start && !ours) {
    // An outer clock has started or moved it.
    stopped_ = runStart_ = heard_ = toldTick(p);
    heardWraps_ = 0;
  }
  if (!p.playing && !playing_) return;
  std::int64_t wraps = 0;
  const Tick t = heardTick(p, wraps);
  if (!p.playing) {
    playing_ = false;
    stopped_ = std::max(t, heard_);
    return;
  }
  playing_ = true;
  // An expected wrap did not come: the loop was set or lifted where the music is planned already.
  const bool beyond = !options_.loop || toldTick(p) >= options_.loop->to;
  if (beyond && p.wraps < heardWraps_) heardWraps_ = wraps;
  // Never backwards, but for the loop and an outer clock: callbacks come in bursts and clocks
  // drift.
  if (p.led || wraps > heardWraps_ || (wraps == heardWraps_ && t > heard_)) {
    heard_ = t;
    heardWraps_ = wraps;
  }
}

Tick StudioPlayer::toldTick(const EnginePosition& p) const {
  const int ppq = document_ == nullptr ? kDefaultPpq : document_->tempo.ppq();
  return Tick{p.ppq == ppq ? p.tick : p.tick * ppq / p.ppq};
}

// `wraps`: how often the loop has been heard to start again.
Tick StudioPlayer::heardTick(const EnginePosition& p, std::int64_t& wraps) const {
  static const TempoMap kDefault;
  const TempoMap& tempo = document_ == nullptr ? kDefault : document_->tempo;
  wraps = p.wraps;
  const Tick told = toldTick(p);
  if (!p.playing) return told;
  if (p.countIn > 0) return runStart_;
  // A callback that does not come (the device was pulled out) must not let the playhead run away.
  constexpr int kPeriodsAhead = 8;
  const double rate = status_.sampleRate;
  const double longest = kPeriodsAhead * status_.period / rate;
  const double since =
      std::min(static_cast<double>(steadyNanoseconds() - p.nanoseconds) * 1e-9, longest);
  double seconds = tempo.seconds(told) + since * p.rate;
  if (options_.loop && !options_.loop->empty()) {
    const double from = tempo.seconds(options_.loop->from);
    const double to = tempo.seconds(options_.loop->to);
    if (told < options_.loop->to && seconds >= to) {
      seconds = std::min(seconds - (to - from), to);
      ++wraps;
    } else if (p.wraps > 0 && seconds < from) {
      seconds = std::max(seconds + (to - from), from);
      --wraps;
    }
  }
  Tick t = tempo.tick(seconds);
  if (wraps == 0) t = std::max(t, runStart_);
  return std::max(t, Tick{0});
}

}  // namespace

std::unique_ptr<MeasuredPlayer> makePlayer() { return std::make_unique<StudioPlayer>(); }

}  // namespace incipit
