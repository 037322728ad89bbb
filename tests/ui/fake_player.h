// The Player of the tests of ui: keeps what it was told and moves only when the test says so.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/playback/player.h"

namespace incipit {

class FakePlayer final : public Player {
 public:
  struct Preview {
    int pitch;
    int velocity;
    int program = 0;
    bool drums = false;
    bool operator==(const Preview&) const = default;
  };

  // --- What it was told.
  AudioSettings settings;
  int configured = 0;
  MidiSettings midi;
  int midiConfigured = 0;
  DocumentPtr document;
  int documentsSet = 0;
  TrackId overlayTrack = 0;
  std::vector<Note> overlay;  // of the first track
  std::vector<TrackNotes> overlays;
  std::optional<TickRange> loop;
  bool metronome = false;
  bool endless = false;
  int countIn = 0;  // bars, of the last play
  int panics = 0;
  std::vector<Preview> previews;
  std::vector<int> sounding;  // previewed pitches without their off
  TrackId liveTrack = 0;
  std::vector<MidiMessage> played;  // by playLive

  // --- What it says.
  AudioStatus statusNow{.sounding = true, .driver = "alpha", .sampleRate = 48000, .period = 256};
  MidiStatus midiNow;
  bool isPlaying = false;
  int countInLeft = 0;  // beats
  Tick now;
  std::uint32_t run = 0;
  std::uint32_t pass = 0;
  std::vector<LiveEvent> liveEvents;  // the next to be taken

  int previewing() const { return sounding.empty() ? -1 : sounding.back(); }

  // A keyboard's message, heard where the transport is.
  void receive(const MidiMessage& m) {
    liveEvents.push_back({m, 0, now, isPlaying, run, isPlaying ? pass : 0});
  }
  void press(int key, int velocity = 80) { receive(midiNoteOn(0, key, velocity)); }
  void release(int key, int velocity = 64) { receive(midiNoteOff(0, key, velocity)); }
  // The transport runs on by so much, round the loop where there is one.
  void advance(TickDelta by) {
    const bool inside = loop && loop->contains(now);
    now += by;
    while (inside && now >= loop->to) {
      now = now - loop->length();
      ++pass;
    }
  }

  // A recording.
  std::unique_ptr<SoundReader> sound, otherSound;
  SoundStatus soundNow;

  void playSound(std::unique_ptr<SoundReader> a, std::unique_ptr<SoundReader> b) override {
    sound = std::move(a);
    otherSound = std::move(b);
    soundNow.playing = true;
  }
  void hearOther(bool other) override { soundNow.other = other; }
  void stopSound() override {
    sound.reset();
    otherSound.reset();
    soundNow.playing = false;
  }
  SoundStatus soundStatus() const override { return soundNow; }

  void configure(const AudioSettings& s) override {
    isPlaying = false;
    settings = s;
    ++configured;
  }
  AudioStatus status() const override { return statusNow; }
  std::vector<std::string> drivers() const override { return {"alpha", "beta"}; }
  std::vector<std::string> devices(const std::string& /*driver*/) const override { return {}; }
  void setDocument(const DocumentPtr& d) override {
    document = d;
    ++documentsSet;
  }
  void setOverlay(const std::vector<TrackNotes>& overlay_) override {
    overlays = overlay_;
    overlayTrack = overlays.empty() ? 0 : overlays.front().track;
    overlay = overlays.empty() ? std::vector<Note>() : overlays.front().notes;
  }
  void clearOverlay() override { setOverlay({}); }
  void play() override { playAfterCountIn(0); }
  void playAfterCountIn(int bars) override {
    countIn = bars;
    isPlaying = true;
    ++run;
    pass = 0;
  }
  int countInBeats() const override { return countInLeft; }
  void stop() override {
    isPlaying = false;
    countInLeft = 0;
  }
  void seek(Tick t) override {
    now = t;
    ++run;
    pass = 0;
  }
  void setLoop(std::optional<TickRange> l) override { loop = l; }
  void setMetronome(bool on) override { metronome = on; }
  void setEndless(bool on) override { endless = on; }
  bool playing() const override { return isPlaying; }
  Tick position() const override { return now; }
  void previewOn(const Track& t, int pitch, int velocity) override {
    previews.push_back({pitch, velocity, t.program, t.channel == kDrumChannel});
    sounding.push_back(pitch);
  }
  void previewOff(int pitch) override { std::erase(sounding, pitch); }
  void panic() override { ++panics; }
  void configureMidi(const MidiSettings& s) override {
    midi = s;
    ++midiConfigured;
  }
  MidiStatus midiStatus() const override { return midiNow; }
  void setLiveTrack(TrackId t) override { liveTrack = t; }
  void playLive(const MidiMessage& m) override { played.push_back(m); }
  std::vector<LiveEvent> takeLiveEvents() override { return std::exchange(liveEvents, {}); }
};

}  // namespace incipit
