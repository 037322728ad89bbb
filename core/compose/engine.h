// The interface between the studio and its neural models: what `models` implements and everybody
// else calls. No tensor crosses it; requests and results are values.
//
// The desktop program obtains an Engine by loading the models module on a worker thread; the
// command line links it. Both go through an EngineLoader.
//
// Thread safety: an Engine may compose on one thread while it trains on another. Each call blocks
// until its work is done or `stop` is requested; a stopped call returns what it has so far, with
// `cancelled` set, not an error. Sinks are called on the calling thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/compose/settings.h"
#include "core/corpus/histogram.h"
#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

class Lab;          // core/compose/lab.h
class SoundStudio;  // core/compose/sound.h

// One way to train a family: a network with its sizes, and the defaults of what may be chosen.
struct PresetInfo {
  std::string id;           // "published"
  std::string description;  // one line
  int epochs = 1;
  std::int64_t examples = 0;          // windows an epoch draws from; 0: all that there are
  std::vector<SettingInfo> settings;  // for TrainRequest::settings
};

// A kind of network and the presets that it can be trained as.
struct FamilyInfo {
  // What its models make: notes that continue a seed; pictures of music, composed as textures; or
  // sound.
  enum class Kind { kNotes, kPictures, kSound };

  std::string id;           // "note-lstm"
  std::string title;        // "Note LSTM"
  std::string description;  // one line
  std::string paper;
  std::string lossUnit;               // "nats/note"; of training and validation losses
  std::vector<PresetInfo> presets;    // the first is the default
  std::vector<SettingInfo> settings;  // for ComposeRequest::settings, beyond temperature and top-p
  Kind kind = Kind::kNotes;
  bool latents = false;        // of pictures: whether a picture has a place in a latent space
  bool severalTracks = false;  // of notes: whether it composes several tracks together
};

// The default where `id` is empty; null for a name that there is not.
inline const PresetInfo* presetOf(const FamilyInfo& family, const std::string& id) {
  for (const PresetInfo& p : family.presets) {
    if (id.empty() || p.id == id) return &p;
  }
  return nullptr;
}

// Asks for the notes after `from` on a track, or on several together.
struct ComposeRequest {
  DocumentPtr document;
  TrackId track = 0;
  // Further tracks, each once, to be composed together with `track`: each hears the others. Only
  // where FamilyInfo::severalTracks.
  std::vector<TrackId> with;
  Tick from;                 // what sounds before it on the tracks is the seed
  int bars = 4;              // counted from `from`; 1..256
  double temperature = 0.9;  // 0.05..4
  double topP = 0.9;         // 0.01..1; 1 keeps every pitch
  std::uint64_t seed = 1;    // take k draws from stream k of it
  int take = 0;
  bool startOnBeat = false;  // the first note starts at `from`, as an answer to a call must
  Settings settings;         // of the family, FamilyInfo::settings
  std::filesystem::path checkpoint;
  // Where set, the model is given exactly this instead of the document's notes (regeneration from
  // a GeneratedRegion).
  std::optional<std::string> context;
};

// What was composed for one track.
struct ComposedTrack {
  std::vector<Note> notes;  // absolute ticks, ids 0, ordered by NoteOrder; all start in the range
  GeneratedRegion region;   // complete, but for a cancelled take (its range ends where it stopped)
  // Of each note, how probable the model thought its pitch (or its whole chord) as drawn, 0..1.
  std::vector<float> probabilities;
};

struct ComposeResult : ComposedTrack {  // of ComposeRequest::track
  std::vector<ComposedTrack> others;    // of ComposeRequest::with, in its order
  bool cancelled = false;
  double secondsToFirstNote = 0;
  double seconds = 0;
};

class ComposeSink {
 public:
  virtual ~ComposeSink() = default;
  // Each note of the request's tracks once, as soon as it is final, in order of start.
  virtual void note(TrackId track, const Note& note) = 0;
  virtual void progress(double fraction) = 0;  // 0..1, never falling
};

struct TrainRequest {
  std::string family = "note-lstm";
  std::string preset;          // empty: the family's first
  std::filesystem::path data;  // a folder of MIDI files, or one with a manifest.jsonl
  std::filesystem::path out;   // NAME.safetensors is the best; NAME.last.safetensors and
                               // NAME.last.state.safetensors are what resuming needs
  std::optional<std::filesystem::path> resume;
  // A checkpoint of the same network to go on from with these data (fine-tuning): its weights and
  // vocabulary, not its state.
  std::optional<std::filesystem::path> startFrom;
  Settings settings;          // of the preset, PresetInfo::settings
  int epochs = 0;             // 0: the preset's
  std::int64_t examples = 0;  // windows an epoch draws from (a seeded subset); 0: preset's
  int threads = 1;
  std::uint64_t seed = 1;
  std::string device = "cpu";          // "cpu", "cuda", "cuda:1"
  std::string sets;                    // comma-separated set names of a manifest; empty: all
  bool shippableOnly = false;          // only what the manifest marks `ship`
  std::shared_ptr<SoundStudio> sound;  // what families of sound learn from
  bool half = false;                   // the best weights in half precision, for half the bytes
  std::int64_t shardSize = 0;          // bytes; splits checkpoint files larger than it; 0: never
};

struct TrainPoint {
  int epoch = 0;  // counted from 1
  std::int64_t step = 0;
  double trainLoss = 0;                  // mean over as many examples as an epoch has
  std::optional<double> trainAccuracy;   // share that was foreseen, 0..1, where the family has one
  std::optional<double> validationLoss;  // at the end of an epoch
  std::optional<double> validationAccuracy;  // the same, 0..1
  double learningRate = 0;
  double gradientNorm = 0;  // of the last step, before it was clipped
  double secondsLeft = 0;
  double examplesPerSecond = 0;
  double fraction = 0;  // of the whole run
  // What else the family tells, as {"critic accuracy", 0.71}; the same names at each point.
  std::vector<std::pair<std::string, double>> figures;
};

class TrainSink {
 public:
  virtual ~TrainSink() = default;
  virtual void message(const std::string& line) = 0;
  virtual void point(const TrainPoint& p) = 0;
};

struct TrainResult {
  std::filesystem::path best;  // empty when stopped before the first
  std::filesystem::path last;
  int epochs = 0;
  double bestValidationLoss = 0;
  bool cancelled = false;
  std::string warning;  // as "loss became NaN in epoch 3: stopped, kept epoch 2"
};

struct EvaluateRequest {
  std::filesystem::path checkpoint;
  std::filesystem::path data;
  std::string split = "test";
  std::int64_t examples = 0;  // at most; 0: all
  int continuations = 0;      // > 0: also composes so many, and compares them with the true ones
  std::uint64_t seed = 1;
  std::string sets;
  int threads = 1;
  std::shared_ptr<SoundStudio> sound;  // for families of sound
};

// What a comparison of models shows of one of them.
struct Evaluation {
  std::string family;
  std::string preset;
  std::int64_t parameters = 0;
  double trainingSeconds = 0;  // until these weights; 0: not known
  std::string lossUnit;        // "nats/note"
  // Of the split, as training's validation is of its own.
  std::optional<double> loss;      // negative log-likelihood
  std::optional<double> accuracy;  // top-1, 0..1
  // What else the family tells, and the overlaps of continuations, in the order to print, as
  // {"pitch NLL (nats/note)", 2.31}.
  std::vector<std::pair<std::string, double>> figures;
  // Where continuations were composed: how fast, by the time of one processor, and MusPy's metrics
  // (core/corpus/music_metrics.h), means over those for which each has a meaning, else NaN.
  std::optional<double> notesPerSecond;
  struct Metric {
    std::string name;
    double composed = 0;
    double written = 0;
  };
  std::vector<Metric> metrics;
  // Of the notes of all continuations and of those that were written in their places: pitch, step
  // (since the onset before; 0 within a chord) and duration, both in quarters. The two have the
  // same bins.
  struct Distribution {
    Histogram composed;
    Histogram written;
    bool operator==(const Distribution&) const = default;
  };
  std::vector<Distribution> distributions;
  bool cancelled = false;
};

struct ComputeReport {
  std::string library;  // "LibTorch 1.13.1"
  std::string blas;     // the file that libblas resolves to
  double gflops = 0;    // of a 1024^3 single-precision product
  int threads = 0;
  std::vector<std::string> devices;  // "cpu", "cuda:0 NVIDIA ..."
  std::string warning;               // empty, or what to install
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::vector<FamilyInfo> families() const = 0;
  virtual Result<ComposeResult> compose(const ComposeRequest& request, ComposeSink& sink,
                                        std::stop_token stop) = 0;
  virtual Result<TrainResult> train(const TrainRequest& request, TrainSink& sink,
                                    std::stop_token stop) = 0;
  virtual Result<Evaluation> evaluate(const EvaluateRequest& request, TrainSink& sink,
                                      std::stop_token stop) = 0;
  virtual ComputeReport compute() = 0;
  virtual Lab* lab() { return nullptr; }  // null where there is none; lives as long as the engine
};

// Called on a worker thread, at most once successfully; may take a second.
using EngineLoader = std::function<Result<std::unique_ptr<Engine>>()>;

// The module's two C functions. A loader refuses a module whose version differs from
// kEngineVersion.
inline constexpr int kEngineVersion = 6;
inline constexpr const char* kEngineVersionSymbol = "incipit_engine_version";  // int()
inline constexpr const char* kEngineCreateSymbol = "incipit_engine_create";    // Engine*()

}  // namespace incipit
