// What the engine needs of a family of models, and the list of them. A family brings its data, its
// network with a loss, and its decoder; training.h has the loop that all of them share.
//
// Thread safety: families are immutable and shared; a Composer may be used by several threads.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/compose/lab.h"
#include "models/take.h"
#include "models/tensor_file.h"

namespace incipit {

class PictureModel;
class TrainingTask;

// A checkpoint, ready to compose. The same inputs give the same notes, bit for bit.
class Composer {
 public:
  virtual ~Composer() = default;
  // Why it cannot compose these tracks: one line.
  virtual Result<void> check(const ComposeContext& context) const = 0;
  // sink(note, fraction, part) is called with each note as soon as it is final, in order of start.
  virtual Composed compose(const ComposeContext& context, const ComposeSettings& settings,
                           const NoteSink& sink, const std::stop_token& stop) const = 0;
};

// Each take is made by `run`, which says whether it was stopped. What it refers to is shared by all
// takes. Without a `check` every context can be composed from.
std::shared_ptr<const Composer> composerOf(
    std::function<bool(Take&)> run, std::function<Result<void>(const ComposeContext&)> check = {});

// A checkpoint that makes or changes sound. May be used by several threads.
class Timbre {
 public:
  virtual ~Timbre() = default;
  virtual int sampleRate() const = 0;
  // Contract: Lab::timbre, whose source has this rate. May throw what LibTorch throws.
  virtual Result<Timbred> run(const TimbreRequest& request, const LabProgress& progress,
                              const std::stop_token& stop) const = 0;
};

class Family {
 public:
  virtual ~Family() = default;
  virtual FamilyInfo info() const = 0;

  // Reads the data and makes the network of a run; null where `stop` was requested. Fails with one
  // line on what cannot be trained. May throw what LibTorch throws. The preset is one of info()'s,
  // or empty; `settings` are that preset's. Where `request.startFrom` is set, the vocabulary is
  // that checkpoint's; the trainer compares the rest and loads the weights.
  virtual Result<std::unique_ptr<TrainingTask>> task(const TrainRequest& request,
                                                     const SettingValues& settings, TrainSink& sink,
                                                     const std::stop_token& stop) const = 0;
  // Loss, accuracy and figures. `checkpoint` is one of this family; errors do not name its file.
  // May throw.
  virtual Result<Evaluation> evaluate(const EvaluateRequest& request, const TensorFile& checkpoint,
                                      TrainSink& sink, const std::stop_token& stop) const = 0;
  // The same of a checkpoint to compose with. Never throws.
  virtual Result<std::shared_ptr<const Composer>> load(TensorFile checkpoint) const = 0;
  // The same of a checkpoint of sound; other families fail with one line.
  virtual Result<std::shared_ptr<const Timbre>> loadTimbre(TensorFile checkpoint) const;
  // The same of one that draws pictures.
  virtual Result<std::shared_ptr<const PictureModel>> loadPictures(TensorFile checkpoint) const;
};

// In the order to show. At least one.
const std::vector<const Family*>& families();
// Fails with one line that lists them.
Result<const Family*> familyNamed(const std::string& id);

// Each in a file of its own.
const Family& hilbertFamily();
const Family& noteFamily();
const Family& eventLstmFamily();
const Family& frameGruFamily();
const Family& frameWavenetFamily();
const Family& rollDcganFamily();
const Family& rollGanFamily();
const Family& rollLstmFamily();
const Family& rollSeq2seqFamily();
const Family& rollVaeFamily();
const Family& rollWganGpFamily();
const Family& tokenLstmFamily();
const Family& wavenetFamily();
const Family& wavenetAudioFamily();

// Reads a checkpoint, whatever its family, which is one that familyNamed knows. One line, naming
// the file, for what is none.
struct Checkpoint {
  const Family* family = nullptr;
  TensorFile file;
};
Result<Checkpoint> readCheckpoint(const std::filesystem::path& file);

}  // namespace incipit
