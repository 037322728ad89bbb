#include "core/playback/audio/sound_file.h"

#include <samplerate.h>
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <vector>

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBlock = 4096;  // frames
constexpr double kMostRatio = 200;    // libsamplerate's own limit is 256
constexpr int kMostChannels = 64;

struct CloseFile {
  void operator()(SNDFILE* f) const { sf_close(f); }
};
struct DeleteConverter {
  void operator()(SRC_STATE* s) const { src_delete(s); }
};

// The samples of a file, mixed to mono.
class MonoFile {
 public:
  MonoFile(fs::path name, SNDFILE* file, const SF_INFO& info)
      : name_(std::move(name)), file_(file), info_(info) {}
  const SF_INFO& info() const { return info_; }

  // Fewer than asked for at the end alone.
  Result<std::size_t> read(std::span<float> into) {
    const auto channels = static_cast<std::size_t>(info_.channels);
    std::size_t have = 0;
    while (have < into.size()) {
      const std::size_t want = std::min(kBlock, into.size() - have);
      frames_.resize(want * channels);
      const auto got = static_cast<std::size_t>(std::max<sf_count_t>(
          0, sf_readf_float(file_.get(), frames_.data(), static_cast<sf_count_t>(want))));
      mix(got, channels, into.subspan(have));
      have += got;
      read_ += static_cast<sf_count_t>(got);
      if (got < want) break;
    }
    if (have < into.size() && read_ < info_.frames) {
      return fail(name_.string() + ": breaks off after " +
                  std::to_string(read_ / std::max(1, info_.samplerate)) + " of " +
                  std::to_string(info_.frames / std::max(1, info_.samplerate)) +
                  " seconds; is the file whole?");
    }
    return have;
  }

 private:
  void mix(std::size_t frames, std::size_t channels, std::span<float> into) const {
    const float share = 1.0F / static_cast<float>(channels);
    for (std::size_t i = 0; i < frames; ++i) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += frames_[i * channels + c];
      // A float file may hold anything.
      into[i] = std::isfinite(sum) ? sum * share : 0.0F;
    }
  }

  fs::path name_;
  std::unique_ptr<SNDFILE, CloseFile> file_;
  SF_INFO info_;
  std::vector<float> frames_;
  sf_count_t read_ = 0;
};

class PlainReader final : public SoundReader {
 public:
  explicit PlainReader(MonoFile file) : file_(std::move(file)) {}
  int sampleRate() const override { return file_.info().samplerate; }
  std::int64_t frames() const override { return file_.info().frames; }
  Result<std::size_t> read(std::span<float> into) override { return file_.read(into); }

 private:
  MonoFile file_;
};

class ResampledReader final : public SoundReader {
 public:
  ResampledReader(MonoFile file, int sampleRate, SRC_STATE* converter)
      : file_(std::move(file)),
        converter_(converter),
        sampleRate_(sampleRate),
        ratio_(static_cast<double>(sampleRate) / file_.info().samplerate),
        frames_(std::llround(static_cast<double>(file_.info().frames) * ratio_)) {}
  int sampleRate() const override { return sampleRate_; }
  std::int64_t frames() const override { return frames_; }

  Result<std::size_t> read(std::span<float> into) override {
    const auto want =
        std::min<std::size_t>(into.size(), static_cast<std::size_t>(frames_ - given_));
    std::size_t have = 0;
    while (have < want) {
      if (waiting_.empty() && !ended_) {
        input_.resize(kBlock);
        const auto got = file_.read(input_);
        if (!got) return got;
        ended_ = *got < kBlock;
        waiting_ = std::span(input_).first(*got);
      }
      SRC_DATA d{};
      d.data_in = waiting_.data();
      d.input_frames = static_cast<long>(waiting_.size());
      d.data_out = into.data() + have;
      d.output_frames = static_cast<long>(want - have);
      d.end_of_input = ended_ ? 1 : 0;
      d.src_ratio = ratio_;
      if (const int error = src_process(converter_.get(), &d); error != 0) {
        return fail(std::string("resampling failed: ") + src_strerror(error));
      }
      waiting_ = waiting_.subspan(static_cast<std::size_t>(d.input_frames_used));
      have += static_cast<std::size_t>(d.output_frames_gen);
      if (ended_ && waiting_.empty() && d.output_frames_gen == 0) {
        // The converter may round down by a sample or two.
        std::fill(into.begin() + static_cast<std::ptrdiff_t>(have),
                  into.begin() + static_cast<std::ptrdiff_t>(want), 0.0F);
        have = want;
      }
    }
    given_ += static_cast<std::int64_t>(have);
    return have;
  }

 private:
  MonoFile file_;
  std::unique_ptr<SRC_STATE, DeleteConverter> converter_;
  int sampleRate_;
  double ratio_;
  std::int64_t frames_;
  std::int64_t given_ = 0;
  std::vector<float> input_;
  std::span<const float> waiting_;  // of input_
  bool ended_ = false;
};

Result<MonoFile> openMono(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return fail(file.string() + ": no such sound file");
  SF_INFO info{};
  SNDFILE* opened = sf_open(file.c_str(), SFM_READ, &info);
  if (opened == nullptr) {
    return fail(file.string() + ": cannot be read as sound (" + sf_strerror(nullptr) +
                "); use .wav, .flac or .ogg");
  }
  MonoFile mono(file, opened, info);
  if (info.frames <= 0) return fail(file.string() + ": holds no sound");
  if (info.channels < 1 || info.channels > kMostChannels || info.samplerate < 1) {
    return fail(file.string() + ": " + std::to_string(info.channels) + " channels at " +
                std::to_string(info.samplerate) + " Hz cannot be read");
  }
  return mono;
}

}  // namespace

Result<std::unique_ptr<SoundReader>> openSoundFile(
    const fs::path& file, int sampleRate, const std::function<void(const std::string&)>& say) {
  auto mono = openMono(file);
  if (!mono) return tl::unexpected(mono.error());
  const SF_INFO info = mono->info();
  const bool resampled = info.samplerate != sampleRate;
  if (say && (resampled || info.channels != 1)) {
    say(file.string() + ": " +
        (info.channels != 1 ? std::to_string(info.channels) + " channels mixed to mono" : "") +
        (resampled && info.channels != 1 ? ", " : "") +
        (resampled ? "resampled from " + std::to_string(info.samplerate) + " to " +
                         std::to_string(sampleRate) + " Hz"
                   : ""));
  }
  if (!resampled) return std::make_unique<PlainReader>(std::move(*mono));
  const double ratio = static_cast<double>(sampleRate) / info.samplerate;
  if (ratio > kMostRatio || ratio < 1 / kMostRatio) {
    return fail(file.string() + ": " + std::to_string(info.samplerate) +
                " Hz cannot be resampled to " + std::to_string(sampleRate) + " Hz");
  }
  int problem = 0;
  SRC_STATE* converter = src_new(SRC_SINC_MEDIUM_QUALITY, 1, &problem);
  if (converter == nullptr) {
    return fail(file.string() + ": cannot be resampled: " + src_strerror(problem));
  }
  return std::make_unique<ResampledReader>(std::move(*mono), sampleRate, converter);
}

}  // namespace incipit
