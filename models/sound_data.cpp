#include "models/sound_data.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "core/corpus/corpus_files.h"
#include "core/corpus/sha256.h"
#include "core/rng.h"
#include "models/note_windows.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr double kClipSeconds = 30;
constexpr double kLeastSeconds = 2;  // of a clip that is worth it
constexpr std::size_t kBlock = 16384;
constexpr float kFullScale = 32767;

bool isSoundFile(const fs::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".wav" || ending == ".flac" || ending == ".ogg";
}

std::vector<fs::path> soundFilesIn(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  if (fs::is_regular_file(folder, error) && isSoundFile(folder)) return {folder};
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && isSoundFile(it->path())) out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Reads and stores what both readers have of the next `most` samples; how many there were.
Result<std::int64_t> storeClip(SoundReader& wanted, SoundReader* heard, std::int64_t most,
                               SoundData& into) {
  std::vector<float> block(kBlock);
  for (std::int64_t done = 0; done < most;) {
    const auto want =
        static_cast<std::size_t>(std::min<std::int64_t>(std::ssize(block), most - done));
    const auto part = std::span(block).first(want);
    std::size_t have = 0;
    for (auto [reader, store] : {std::pair{&wanted, &into.wanted},
                                 std::pair{heard, into.heard ? &*into.heard : nullptr}}) {
      if (reader == nullptr) continue;
      std::fill(part.begin(), part.end(), 0.0F);
      const auto got = reader->read(part);
      if (!got) return tl::unexpected(got.error());
      if (reader == &wanted) have = *got;
      if (auto stored = store->append(part.first(have)); !stored) {
        return tl::unexpected(stored.error());
      }
    }
    done += static_cast<std::int64_t>(have);
    if (have < want) return done;
  }
  return most;
}

class Renderer {
 public:
  Renderer(const fs::path& folder, SoundStudio& studio, const SoundRecipe& recipe,
           const std::stop_token& stop, SoundData& into)
      : files_(folder), studio_(studio), recipe_(recipe), stop_(stop), into_(into) {}

  // Pieces of a split in a fixed, mixed order until there is enough.
  Result<void> render(const Corpus& corpus, Split split, double minutes,
                      std::vector<SoundClip>& clips) {
    double seconds = 0;
    for (const std::uint32_t i : permutation(corpus.pieces.size(), Rng(30))) {
      if (seconds >= 60 * minutes) break;
      if (stop_.stop_requested()) {
        into_.cancelled = true;
        return {};
      }
      if (corpus.pieces[i].split != split) continue;
      auto clip = piece(corpus.pieces[i].file);
      if (!clip) return tl::unexpected(clip.error());
      if (clip->frames == 0) continue;
      seconds += static_cast<double>(clip->frames) / recipe_.sampleRate;
      clips.push_back(std::move(*clip));
    }
    return {};
  }

 private:
  // No frames where the piece cannot be heard; fails where nothing can.
  Result<SoundClip> piece(const std::string& name) {
    const auto midi = files_.readMidi(name);
    if (!midi) return SoundClip{};
    const auto document = std::make_shared<const Document>(midi->document);
    auto wanted = studio_.render(document, recipe_.program, recipe_.sampleRate);
    if (!wanted) return silent(wanted.error());
    std::unique_ptr<SoundReader> heard;
    if (into_.heard) {
      const int program = recipe_.programs[turn_++ % recipe_.programs.size()];
      auto other = studio_.render(document, program, recipe_.sampleRate);
      if (!other) return silent(other.error());
      heard = std::move(*other);
    }
    SoundClip clip{into_.wanted.frames(), 0, {}};
    const auto stored = storeClip(
        **wanted, heard.get(), static_cast<std::int64_t>(kClipSeconds * recipe_.sampleRate), into_);
    if (!stored) return tl::unexpected(stored.error());
    if (static_cast<double>(*stored) < kLeastSeconds * recipe_.sampleRate) return SoundClip{};
    clip.frames = *stored;
    for (const SoundNote& n : soundNotes(*document)) {
      if (n.on < kClipSeconds) clip.notes.push_back(n);
    }
    failures_ = 0;
    return clip;
  }
  // A piece may hold nothing to hear; many in a row mean that no music can be rendered at all.
  Result<SoundClip> silent(const Error& error) {
    constexpr int kMost = 20;
    if (++failures_ >= kMost) return tl::unexpected(error);
    return SoundClip{};
  }

  CorpusFiles files_;
  SoundStudio& studio_;
  const SoundRecipe& recipe_;
  const std::stop_token& stop_;
  SoundData& into_;
  std::size_t turn_ = 0;
  int failures_ = 0;
};

Result<void> fromMusic(const fs::path& folder, CorpusOptions options, SoundStudio& studio,
                       const SoundRecipe& recipe, const std::stop_token& stop, SoundData& out) {
  options.sequences = false;
  const auto corpus = readCorpus(folder, options, {}, stop);
  if (!corpus) return tl::unexpected(corpus.error());
  out.cancelled = corpus->cancelled;
  if (out.cancelled) return {};
  out.hash = corpus->manifestHash;
  out.licence = dataLicences(*corpus);
  if (!recipe.programs.empty()) {
    auto store = SoundStore::make();
    if (!store) return tl::unexpected(store.error());
    out.heard = std::move(*store);
  }
  Renderer renderer(folder, studio, recipe, stop, out);
  for (const auto& [split, minutes, clips] :
       {std::tuple{Split::kTrain, recipe.trainMinutes, &out.train},
        std::tuple{Split::kValid, recipe.validMinutes, &out.valid},
        std::tuple{Split::kTest, recipe.testMinutes, &out.test}}) {
    if (out.cancelled || minutes <= 0) continue;
    auto rendered = renderer.render(*corpus, split, minutes, *clips);
    if (!rendered) return rendered;
  }
  return {};
}

// Of each file an even share; its last tenths are for validation and test.
Result<void> fromFiles(const std::vector<fs::path>& files, SoundStudio& studio,
                       const SoundRecipe& recipe, TrainSink& sink, const std::stop_token& stop,
                       SoundData& out) {
  constexpr double kHeldOut = 0.1;
  const double minutes = recipe.trainMinutes + recipe.validMinutes + recipe.testMinutes;
  const auto share = static_cast<std::int64_t>(60 * minutes * recipe.sampleRate /
                                               static_cast<double>(files.size()));
  Sha256 hash;
  const auto say = [&](const std::string& line) { sink.message(line); };
  for (const fs::path& file : files) {
    if (stop.stop_requested()) {
      out.cancelled = true;
      return {};
    }
    auto reader = studio.open(file, recipe.sampleRate, say);
    if (!reader) {
      sink.message(reader.error().message + "; left out");
      continue;
    }
    const std::int64_t all = (*reader)->frames();
    hash.update(fmt::format("{}\t{}\n", file.filename().string(), all));
    if (all > share) {
      sink.message(fmt::format("{}: its first {:.0f} of {:.0f} seconds are learnt from",
                               file.string(), static_cast<double>(share) / recipe.sampleRate,
                               static_cast<double>(all) / recipe.sampleRate));
    }
    const std::int64_t at = out.wanted.frames();
    const auto stored = storeClip(**reader, nullptr, std::min(all, share), out);
    if (!stored) return tl::unexpected(stored.error());
    if (static_cast<double>(*stored) < kLeastSeconds * recipe.sampleRate) continue;
    const auto held = static_cast<std::int64_t>(kHeldOut * static_cast<double>(*stored));
    out.train.push_back({at, *stored - 2 * held, {}});
    out.valid.push_back({at + *stored - 2 * held, held, {}});
    out.test.push_back({at + *stored - held, held, {}});
  }
  out.hash = hash.hex();
  return {};
}

double minutesOf(const std::vector<SoundClip>& clips, int sampleRate) {
  double frames = 0;
  for (const SoundClip& c : clips) frames += static_cast<double>(c.frames);
  return frames / sampleRate / 60;
}

}  // namespace

Result<SoundStore> SoundStore::make() {
  SoundStore store;
  store.file_.reset(std::tmpfile());
  if (store.file_ == nullptr) {
    return fail(
        fmt::format("no temporary file can be made for the sound: {}", std::strerror(errno)));
  }
  return store;
}

Result<void> SoundStore::append(std::span<const float> samples) {
  std::vector<std::int16_t> block(samples.size());
  std::transform(samples.begin(), samples.end(), block.begin(), [](float s) {
    return static_cast<std::int16_t>(std::lrint(std::clamp(s, -1.0F, 1.0F) * kFullScale));
  });
  if (std::fwrite(block.data(), sizeof(block[0]), block.size(), file_.get()) != block.size() ||
      std::fflush(file_.get()) != 0) {
    return fail(
        fmt::format("the sound cannot be kept in the folder for temporary files: {}; learn "
                    "from fewer minutes",
                    std::strerror(errno)));
  }
  frames_ += std::ssize(samples);
  return {};
}

void SoundStore::read(std::int64_t at, std::span<float> into) const {
  std::vector<std::int16_t> block(into.size());
  auto* bytes = reinterpret_cast<char*>(block.data());
  const std::size_t all = block.size() * sizeof(block[0]);
  for (std::size_t have = 0; have < all;) {
    const auto got =
        pread(fileno(file_.get()), bytes + have, all - have,
              at * static_cast<std::int64_t>(sizeof(block[0])) + static_cast<std::int64_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  std::transform(block.begin(), block.end(), into.begin(),
                 [](std::int16_t s) { return static_cast<float>(s) / kFullScale; });
}

std::vector<SoundNote> soundNotes(const Document& document) {
  std::vector<SoundNote> out;
  for (const TrackPtr& t : document.tracks) {
    if (t->channel == kDrumChannel) continue;
    for (const Note& n : t->notes) {
      out.push_back(
          {document.tempo.seconds(n.start), document.tempo.seconds(n.end()), n.pitch, n.velocity});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const SoundNote& a, const SoundNote& b) { return a.on < b.on; });
  return out;
}

Result<SoundData> readSoundData(const fs::path& data, const CorpusOptions& options,
                                SoundStudio* studio, const SoundRecipe& recipe, TrainSink& sink,
                                const std::stop_token& stop) {
  if (studio == nullptr) {
    return fail("this build has no sound (INCIPIT_PLAYBACK is off): models of sound need it");
  }
  SoundData out;
  auto store = SoundStore::make();
  if (!store) return tl::unexpected(store.error());
  out.wanted = std::move(*store);
  const auto files = soundFilesIn(data);
  if (files.empty()) {
    sink.message(fmt::format("rendering up to {:g} minutes of music",
                             recipe.trainMinutes + recipe.validMinutes + recipe.testMinutes));
  }
  auto read = files.empty() ? fromMusic(data, options, *studio, recipe, stop, out)
                            : fromFiles(files, *studio, recipe, sink, stop, out);
  if (!read) return tl::unexpected(read.error());
  if (out.cancelled) return out;
  if (out.train.empty() && recipe.trainMinutes > 0) {
    return fail(fmt::format("{}: holds no sound of {} seconds or more to learn from", data.string(),
                            kLeastSeconds));
  }
  sink.message(fmt::format("{} {}: {:.1f} minutes to train on, {:.1f} to validate",
                           out.train.size() + out.valid.size() + out.test.size(),
                           files.empty() ? "clips rendered" : "clips read",
                           minutesOf(out.train, recipe.sampleRate),
                           minutesOf(out.valid, recipe.sampleRate)));
  return out;
}

}  // namespace incipit
