// What the window asks of sound, without knowing how it is made: an abstract player and exporter.
// This header is part of core; the implementation (FluidSynth, libsndfile) is the separate target
// incipit_playback, which only the programs link.
//
// Thread safety: the GUI thread calls everything here, except where said. None of it waits for the
// audio callback.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compose/sound.h"
#include "core/playback/midi_message.h"
#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

struct AudioSettings {
  std::string driver;      // empty: the best that works
  std::string device;      // empty: the driver's default
  int sampleRate = 48000;  // 8000..96000
  int period = 256;        // frames, 64..4096
  double gain = 0.5;       // 0..10
  int polyphony = 256;
  bool reverb = true;
  bool chorus = true;
  std::filesystem::path soundfont;  // empty: the first that is found
  bool operator==(const AudioSettings&) const = default;
};

struct AudioStatus {
  bool sounding = false;  // false: no device; the transport runs in silence
  std::string driver;     // "jack", "alsa" ...
  std::filesystem::path soundfont;
  int sampleRate = 0;
  int period = 0;
  double loadPercent = 0;  // longest callback of the last second, as a share of the period
  int xruns = 0;           // callbacks more than a period late or longer than one, since configure
  // One line for the banner: why there is no sound, or which soundfont was refused; empty if fine.
  std::string problem;
};

// Our own port in either direction, which other programs connect to: its name in MidiSettings,
// MidiStatus and Track::output. Ports of others are named as the system names them, without numbers
// that change from day to day.
inline constexpr const char* kVirtualMidiPort = "Incipit";

struct MidiPortSettings {
  bool enabled = true;   // of an input: it is listened to
  double latencyMs = 0;  // -500..500; an output is sent its events so much earlier, what an input
                         // brings counts as played so much earlier
  bool clock = false;    // of an output: it is sent MIDI clock, start, stop and song position
  bool operator==(const MidiPortSettings&) const = default;
};

struct MidiSettings {
  std::string system;  // one of MidiStatus::systems; empty: JACK where the sound goes through it,
                       // else the platform's own
  bool virtualPorts = true;
  std::map<std::string, MidiPortSettings> inputs;  // by port name; others have the defaults
  std::map<std::string, MidiPortSettings> outputs;
  // The input whose MIDI clock the transport follows; empty: none. While that leads, the loop and
  // the end of the piece do not count, and seek() does nothing; stop() and play() end its lead.
  std::string followClock;
  bool operator==(const MidiSettings&) const = default;
};

struct MidiPort {
  std::string name;
  bool present = false;  // the system lists it now
  bool open = false;     // we read it, or send to it
  std::string problem;   // one line: why it is wanted and not open; empty if fine
  bool operator==(const MidiPort&) const = default;
};

struct MidiStatus {
  std::string system;                // in use; empty when none works
  std::vector<std::string> systems;  // that this program can use: "jack", "alsa" ...
  std::vector<MidiPort> inputs;  // present ones and those wanted, by name; the virtual one first
  std::vector<MidiPort> outputs;
  std::string problem;    // why there is no MIDI, or what it lacks; one line, empty if fine
  double clockTempo = 0;  // quarters a minute of the clock being followed; 0 while none comes
  bool operator==(const MidiStatus&) const = default;
};

// What came from a keyboard.
struct LiveEvent {
  MidiMessage message;           // a channel message
  std::int64_t nanoseconds = 0;  // steady clock, when it was played
  // Where the player heard the transport at that moment (its port's and the device's latency taken
  // off), in the document's resolution: before the start while counting in, the standing position
  // while stopped.
  Tick at;
  bool rolling = false;    // the transport ran or was counting in
  std::uint32_t run = 0;   // grows with every play and seek
  std::uint32_t pass = 0;  // of the loop in this run, from 0
  bool operator==(const LiveEvent&) const = default;
};

// What is heard of a recording.
struct SoundStatus {
  bool playing = false;
  bool other = false;   // the second of two is heard
  double seconds = 0;   // from its beginning
  std::string problem;  // why it broke off; one line, empty if fine
  bool operator==(const SoundStatus&) const = default;
};

class Player {
 public:
  virtual ~Player() = default;

  // (Re)opens the synth and the device; stops the transport first. Failing leaves a silent player
  // whose status says why.
  virtual void configure(const AudioSettings& settings) = 0;
  virtual AudioStatus status() const = 0;
  virtual std::vector<std::string> drivers() const = 0;
  // Values for AudioSettings::device that the driver offers; empty: only its default is known.
  virtual std::vector<std::string> devices(const std::string& driver) const = 0;

  // What play() plays from now on; compiled on the calling thread. While playing, this and all that
  // changes what is played is heard some 40 ms later, as that much is planned ahead; a sounding
  // note that is gone or changed is ended then. The transport obeys at once.
  virtual void setDocument(const DocumentPtr& document) = 0;
  // Notes played with the document and not part of it (a take being auditioned), each track's on its
  // instrument; no track twice.
  virtual void setOverlay(const std::vector<TrackNotes>& overlay) = 0;
  virtual void clearOverlay() = 0;

  virtual void play() = 0;  // from position()
  // Clicks so many bars of the meter and tempo there first (0..4), then plays.
  virtual void playAfterCountIn(int bars) = 0;
  // Beats until it plays, the present one among them: 4 3 2 1; 0 when not counting in.
  virtual int countInBeats() const = 0;
  virtual void stop() = 0;  // ends every note; the position stays
  virtual void seek(Tick t) = 0;
  virtual void setLoop(std::optional<TickRange> loop) = 0;
  virtual void setMetronome(bool on) = 0;
  // On, the transport runs on past the end of the piece instead of stopping there: for recording.
  virtual void setEndless(bool on) = 0;
  virtual bool playing() const = 0;
  // The position that is being heard, extrapolated between audio callbacks.
  virtual Tick position() const = 0;

  // Sounds a key now on the track's instrument or MIDI output, beside whatever plays, until
  // previewOff.
  virtual void previewOn(const Track& track, int pitch, int velocity) = 0;
  virtual void previewOff(int pitch) = 0;
  virtual void panic() = 0;  // ends everything that sounds, on every port

  // --- Recordings, beside the transport and through the same output.
  // At the device's rate (AudioStatus::sampleRate). Takes the place of the one that plays. With
  // `other`, two play in step, of which one is heard: the first until hearOther(true).
  virtual void playSound(std::unique_ptr<SoundReader> sound,
                         std::unique_ptr<SoundReader> other) = 0;
  virtual void hearOther(bool other) = 0;
  virtual void stopSound() = 0;
  virtual SoundStatus soundStatus() const = 0;

  // --- MIDI devices. Ports come and go by themselves; a vanished one is opened again when it
  // returns.
  virtual void configureMidi(const MidiSettings& settings) = 0;
  virtual MidiStatus midiStatus() const = 0;  // cheap; to be polled

  // The track whose instrument or output sounds what is played live; 0: none does. Keys that are
  // held are ended.
  virtual void setLiveTrack(TrackId track) = 0;
  // As if it came from a keyboard now: the computer's keys.
  virtual void playLive(const MidiMessage& message) = 0;
  // What was played since the last call, in order. Whoever does not ask loses the oldest.
  virtual std::vector<LiveEvent> takeLiveEvents() = 0;
};

struct AudioExportRequest {
  DocumentPtr document;
  std::filesystem::path file;  // .wav, .flac or .ogg decide the format
  AudioSettings audio;         // sampleRate, gain, reverb, chorus, soundfont are used
  int bits = 24;               // 16, 24, 32 (32: float in .wav, 24 in .flac)
  double longestTail = 12;     // seconds after the last event, at most; ends earlier in silence
};

struct AudioExportResult {
  double seconds = 0;  // of audio
  std::int64_t frames = 0;
  double peak = 0;         // of full scale, before clipping
  bool cancelled = false;  // the unfinished file is removed
};

// Renders through the same scheduler as live playback. Blocking; for a worker. Thread safe. The
// file appears under its name only when complete.
using AudioExporter = std::function<Result<AudioExportResult>(
    const AudioExportRequest&, const std::function<void(double)>& progress, std::stop_token)>;

}  // namespace incipit
