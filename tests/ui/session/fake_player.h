// A Player for tests: keeps what it was told, moves only when told.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "core/playback/player.h"

namespace incipit {

class FakePlayer final : public Player {
 public:
  struct Preview {
    int program;
    bool drums;
    int pitch;
    int velocity;
  };

  DocumentPtr document;
  int documentsSet = 0;
  TrackId overlayTrack = 0;
  std::vector<Note> overlay;
  bool isPlaying = false;
  Tick now;
  std::optional<TickRange> loop;
  bool metronome = false;
  int panics = 0;
  std::vector<Preview> previews;
  std::vector<int> sounding;  // previewed pitches without their off
  AudioSettings settings;

  void configure(const AudioSettings& s) override {
    isPlaying = false;
    settings = s;
  }
  AudioStatus status() const override { return {true, "test", {}, 48000, 256, 0, {}}; }
  std::vector<std::string> drivers() const override { return {"test"}; }
  std::vector<std::string> devices(const std::string&) const override { return {}; }
  void setDocument(const DocumentPtr& d) override {
    document = d;
    ++documentsSet;
  }
  void setOverlay(TrackId track, const std::vector<Note>& notes) override {
    overlayTrack = track;
    overlay = notes;
  }
  void clearOverlay() override { overlay.clear(); }
  void play() override { isPlaying = true; }
  void playAfterCountIn(int bars) override {
    countIn = bars;
    play();
  }
  int countInBeats() const override { return 0; }
  void stop() override { isPlaying = false; }
  void seek(Tick t) override { now = t; }
  void setLoop(std::optional<TickRange> l) override { loop = l; }
  void setMetronome(bool on) override { metronome = on; }
  bool playing() const override { return isPlaying; }
  Tick position() const override { return now; }
  void previewOn(const Track& t, int pitch, int velocity) override {
    previews.push_back({t.program, t.channel == kDrumChannel, pitch, velocity});
    sounding.push_back(pitch);
  }
  void previewOff(int pitch) override { std::erase(sounding, pitch); }
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
};

}  // namespace incipit
