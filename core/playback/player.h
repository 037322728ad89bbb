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
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

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
  // One line for the banner: why there is no sound, or which soundfont was refused; empty if fine.
  std::string problem;
};

class Player {
 public:
  virtual ~Player() = default;

  // (Re)opens the synth and the device; stops the transport first. Failing leaves a silent player
  // whose status says why.
  virtual void configure(const AudioSettings& settings) = 0;
  virtual AudioStatus status() const = 0;
  virtual std::vector<std::string> drivers() const = 0;

  // What play() plays from now on; compiled on the calling thread, heard at once while playing. A
  // sounding note that is gone or changed is ended.
  virtual void setDocument(const DocumentPtr& document) = 0;
  // Notes played with the document and not part of it (a take being auditioned), on `track`'s
  // instrument.
  virtual void setOverlay(TrackId track, const std::vector<Note>& notes) = 0;
  virtual void clearOverlay() = 0;

  virtual void play() = 0;  // from position()
  virtual void stop() = 0;  // ends every note; the position stays
  virtual void seek(Tick t) = 0;
  virtual void setLoop(std::optional<TickRange> loop) = 0;
  virtual void setMetronome(bool on) = 0;
  virtual bool playing() const = 0;
  // The position that is being heard, extrapolated between audio callbacks.
  virtual Tick position() const = 0;

  // Sounds a key now on a channel of its own, whatever plays, until previewOff.
  virtual void previewOn(int program, bool drums, int pitch, int velocity) = 0;
  virtual void previewOff(int pitch) = 0;
  virtual void panic() = 0;  // ends everything that sounds
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
