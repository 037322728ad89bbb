#include "models/family.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/compose/safetensors_header.h"
#include "models/checkpoint.h"

namespace incipit {
namespace {

class TakeComposer final : public Composer {
 public:
  TakeComposer(std::function<bool(Take&)> run,
               std::function<Result<void>(const ComposeContext&)> check)
      : run_(std::move(run)), check_(std::move(check)) {}
  Result<void> check(const ComposeContext& context) const override {
    return check_ ? check_(context) : Result<void>();
  }
  Composed compose(const ComposeContext& context, const ComposeSettings& settings,
                   const NoteSink& sink, const std::stop_token& stop) const override {
    Take take(context, settings, sink, stop);
    const bool cancelled = run_(take);
    return take.finish(cancelled);
  }

 private:
  std::function<bool(Take&)> run_;
  std::function<Result<void>(const ComposeContext&)> check_;
};

}  // namespace

std::shared_ptr<const Composer> composerOf(
    std::function<bool(Take&)> run, std::function<Result<void>(const ComposeContext&)> check) {
  return std::make_shared<const TakeComposer>(std::move(run), std::move(check));
}

Result<std::shared_ptr<const Timbre>> Family::loadTimbre(TensorFile) const {
  return fail(info().id + " makes no sound: choose a model of sound, such as hilbert-ae");
}

Result<std::shared_ptr<const PictureModel>> Family::loadPictures(TensorFile) const {
  return fail(info().id + " draws no pictures: choose a model of pictures, such as roll-vae");
}

const std::vector<const Family*>& families() {
  static const std::vector<const Family*> all{
      &noteFamily(),     &eventLstmFamily(),   &frameGruFamily(),   &frameWavenetFamily(),
      &rollLstmFamily(), &rollSeq2seqFamily(), &tokenLstmFamily(),  &wavenetFamily(),
      &rollGanFamily(),  &rollDcganFamily(),   &rollWganGpFamily(), &rollVaeFamily(),
      &hilbertFamily(),  &wavenetAudioFamily()};
  return all;
}

Result<const Family*> familyNamed(const std::string& id) {
  std::vector<std::string> known;
  for (const Family* f : families()) {
    known.push_back(f->info().id);
    if (known.back() == id) return f;
  }
  return fail(fmt::format("there is no family \"{}\": use {}", id, fmt::join(known, ", ")));
}

Result<Checkpoint> readCheckpoint(const std::filesystem::path& file) {
  auto tensors = readTensors(file);
  if (!tensors) return fail(tensors.error().message);
  if (metadataOf(*tensors, "format") != kCheckpointFormat) {
    return fail(fmt::format("{}: is not a checkpoint of Incipit", file.string()));
  }
  auto family = familyNamed(metadataOf(*tensors, "family"));
  if (!family) return fail(fmt::format("{}: {}", file.string(), family.error().message));
  return Checkpoint{*family, std::move(*tensors)};
}

}  // namespace incipit
