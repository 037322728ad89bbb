// A SoundStudio of tests: files are in memory, rendered music is a tone of three seconds.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "core/compose/sound.h"

namespace incipit {

inline constexpr int kFakeRate = 8000;

class FakeSound final : public SoundReader {
 public:
  FakeSound(std::vector<float> samples, int rate) : samples_(std::move(samples)), rate_(rate) {}
  int sampleRate() const override { return rate_; }
  std::int64_t frames() const override { return std::ssize(samples_); }
  Result<std::size_t> read(std::span<float> into) override {
    const std::size_t n = std::min(into.size(), samples_.size() - at_);
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(at_), n, into.begin());
    at_ += n;
    return n;
  }

 private:
  std::vector<float> samples_;
  int rate_;
  std::size_t at_ = 0;
};

class FakeStudio final : public SoundStudio {
 public:
  std::map<std::filesystem::path, std::vector<float>> files;
  bool full = false;  // the disk

  Result<std::unique_ptr<SoundReader>> open(
      const std::filesystem::path& file, int rate,
      const std::function<void(const std::string&)>& say) override {
    if (!files.contains(file)) return fail(file.string() + ": no such file");
    if (say) say(file.string() + ": resampled");
    return std::make_unique<FakeSound>(files[file], rate);
  }
  Result<std::unique_ptr<SoundReader>> render(const DocumentPtr&, int, int rate) override {
    return std::make_unique<FakeSound>(tone(), rate);
  }
  Result<std::unique_ptr<SoundWriter>> create(const std::filesystem::path& file, int,
                                              std::int64_t) override {
    class Writer final : public SoundWriter {
     public:
      Writer(FakeStudio& studio, std::filesystem::path file)
          : studio_(studio), file_(std::move(file)) {}
      Result<void> write(std::span<const float> samples) override {
        if (studio_.full) return fail(file_.string() + ": no space left on the disk");
        kept_.insert(kept_.end(), samples.begin(), samples.end());
        return {};
      }
      Result<void> commit() override {
        studio_.files[file_] = kept_;
        return {};
      }

     private:
      FakeStudio& studio_;
      std::filesystem::path file_;
      std::vector<float> kept_;
    };
    return std::make_unique<Writer>(*this, file);
  }
  static std::vector<float> tone() {
    std::vector<float> out(3 * kFakeRate);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = 0.5F * std::sin(0.5F * static_cast<float>(i));
    }
    return out;
  }
};

}  // namespace incipit
