#include "models/frame_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/compose/catalogue.h"
#include "models/training_data.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

// The file of frames that a request means; empty where it means a folder of MIDI files.
Result<fs::path> frameFile(const fs::path& data, const std::string& sets) {
  std::error_code ignored;
  if (fs::is_regular_file(data, ignored)) return data;
  if (!fs::is_directory(data, ignored) || fs::exists(data / "manifest.jsonl", ignored)) {
    return fs::path();
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(data, ignored)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  if (names.empty()) return fs::path();
  const std::string wanted = sets.empty() && names.size() == 1 ? names.front() : sets;
  if (std::find(names.begin(), names.end(), wanted) == names.end()) {
    return fail(fmt::format("{}: holds sets of frames: choose one of them: {}", data.string(),
                            fmt::join(names, ", ")));
  }
  return data / (wanted + ".json");
}

Result<FrameData> fromFrameSet(const fs::path& file) {
  auto set = readFrameSet(file);
  if (!set) return fail(set.error().message);
  FrameData out;
  const auto sequences = [](std::vector<FramePiece>& pieces) {
    std::vector<FrameSequence> list;
    for (FramePiece& p : pieces) {
      if (!p.empty()) list.push_back({std::move(p), 0});
    }
    return list;
  };
  out.train = sequences(set->train);
  out.valid = sequences(set->valid);
  out.test = sequences(set->test);
  // The chorales have a frame a quarter, the other sets one an eighth; no set says so itself.
  out.unitsPerFrame = file.stem() == "jsb" ? kUnitsPerQuarter : kUnitsPerQuarter / 2;
  auto hash = fileSha256(file);
  if (!hash) return fail(hash.error().message);
  out.hash = std::move(*hash);
  return out;
}

Result<FrameData> fromCorpus(const Corpus& corpus, int unitsPerFrame) {
  FrameData out;
  out.unitsPerFrame = unitsPerFrame;
  out.hash = corpus.manifestHash;
  out.licence = dataLicences(corpus);
  out.cancelled = corpus.cancelled;
  for (const CorpusSequence& s : corpus.sequences) {
    auto frames = framesOf(s.notes, unitsPerFrame);
    if (!frames) return fail(frames.error().message);
    const auto first =
        std::find_if(frames->begin(), frames->end(), [](const Frame& f) { return !f.empty(); });
    if (first == frames->end()) continue;
    const Split split = corpus.pieces[s.piece].split;
    (split == Split::kTrain   ? out.train
     : split == Split::kValid ? out.valid
                              : out.test)
        .push_back({FramePiece(first, frames->end()), first - frames->begin()});
  }
  return out;
}

}  // namespace

const std::vector<FrameSequence>& FrameData::of(Split split) const {
  return split == Split::kTrain ? train : split == Split::kValid ? valid : test;
}

Result<FrameData> readFrameData(const fs::path& data, const std::string& sets, bool shippableOnly,
                                int unitsPerFrame, const std::stop_token& stop) {
  auto file = frameFile(data, sets);
  if (!file) return fail(file.error().message);
  if (!file->empty()) return fromFrameSet(*file);
  CorpusOptions options;
  options.sets = sets;
  options.shippableOnly = shippableOnly;
  auto corpus = readCorpus(data, options, {}, stop);
  if (!corpus) return fail(corpus.error().message);
  auto out = fromCorpus(*corpus, unitsPerFrame);
  if (out && !out->cancelled && out->train.empty()) {
    return fail(fmt::format("{}: holds no melodic track to train on", data.string()));
  }
  return out;
}

}  // namespace incipit
