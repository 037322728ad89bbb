// A studio that needs no synthesizer: notes as sines, brighter for a higher program.
#pragma once

#include "core/compose/sound.h"
#include "models/sound_data.h"
#include "tests/core/encoding/sounds.h"

namespace incipit {

inline std::vector<float> toySound(const Document& document, int program, int sampleRate) {
  const auto notes = soundNotes(document);
  double end = 0;
  for (const SoundNote& n : notes) end = std::max(end, n.off);
  std::vector<float> out(static_cast<std::size_t>(end * sampleRate));
  for (const SoundNote& n : notes) {
    const double hertz = 440 * std::exp2((n.pitch - 69) / 12.0);
    const auto from = static_cast<std::size_t>(n.on * sampleRate);
    const auto to = std::min(out.size(), static_cast<std::size_t>(n.off * sampleRate));
    for (std::size_t i = from; i < to; ++i) {
      const double age = static_cast<double>(i - from) / sampleRate;
      const double turn = 2 * std::numbers::pi * hertz * age;
      const double bright = program > 0 ? 0.5 * std::sin(3 * turn) : 0;
      out[i] += static_cast<float>(0.3 * std::exp(-3 * age) * (std::sin(turn) + bright));
    }
  }
  return out;
}

class ToyStudio final : public SoundStudio {
 public:
  Result<std::unique_ptr<SoundReader>> open(
      const std::filesystem::path& file, int sampleRate,
      const std::function<void(const std::string&)>&) override {
    if (file.stem() == "broken") return fail(file.string() + ": is broken");
    return std::make_unique<MemoryReader>(sine(330, seconds, sampleRate), sampleRate);
  }
  Result<std::unique_ptr<SoundReader>> render(const DocumentPtr& document, int program,
                                              int sampleRate) override {
    return std::make_unique<MemoryReader>(toySound(*document, program, sampleRate), sampleRate);
  }
  Result<std::unique_ptr<SoundWriter>> create(const std::filesystem::path& file, int,
                                              std::int64_t) override {
    return fail(file.string() + ": is not written here");
  }
  double seconds = 20;  // of every file
};

}  // namespace incipit
