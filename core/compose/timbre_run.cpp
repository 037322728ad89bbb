#include "core/compose/timbre_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace incipit {
namespace {

// Hands a sound on and keeps how loud it was.
class Watched final : public SoundReader {
 public:
  Watched(std::unique_ptr<SoundReader> sound, float& peak)
      : sound_(std::move(sound)), peak_(peak) {}
  int sampleRate() const override { return sound_->sampleRate(); }
  std::int64_t frames() const override { return sound_->frames(); }
  Result<std::size_t> read(std::span<float> into) override {
    auto count = sound_->read(into);
    if (!count) return count;
    for (const float v : into.first(*count)) peak_ = std::max(peak_, std::abs(v));
    return count;
  }

 private:
  std::unique_ptr<SoundReader> sound_;
  float& peak_;
};

Result<Spectrogram> pictureOf(std::unique_ptr<SoundReader> sound, const std::stop_token& stop) {
  return spectrogramOf(*sound, kTimbreColumns, kTimbreBands, stop);
}

}  // namespace

Result<std::unique_ptr<SoundReader>> TimbreSource::open(
    SoundStudio& studio, int sampleRate, const std::function<void(const std::string&)>& say) const {
  if (!file.empty()) return studio.open(file, sampleRate, say);
  return studio.render(document, program, sampleRate);
}

DocumentPtr trackAlone(const Document& document, TrackId track) {
  Document d = document;
  std::erase_if(d.tracks, [track](const TrackPtr& t) { return t->id != track; });
  for (TrackPtr& t : d.tracks) {
    Track own = *t;
    own.mute = false;
    t = std::make_shared<const Track>(std::move(own));
  }
  return std::make_shared<const Document>(std::move(d));
}

Result<TimbreOutcome> runTimbre(Lab& lab, SoundStudio& studio,
                                const std::filesystem::path& checkpoint, const TimbreSource& source,
                                const std::filesystem::path& out, const LabProgress& progress,
                                const std::stop_token& stop) {
  constexpr double kSpectrumShare = 0.1;  // of the work, for each of the two pictures
  const auto told = [&](double fraction) {
    if (progress) progress(fraction);
  };
  TimbreOutcome outcome;
  const auto rate = lab.timbreRate(checkpoint);
  if (!rate) return tl::unexpected(rate.error());
  outcome.sampleRate = *rate;
  auto sound = source.open(studio, *rate,
                           [&](const std::string& line) { outcome.messages.push_back(line); });
  if (!sound) return tl::unexpected(sound.error());
  outcome.soundSeconds = static_cast<double>((*sound)->frames()) / *rate;
  auto writer = studio.create(out, *rate, (*sound)->frames());
  if (!writer) return tl::unexpected(writer.error());

  float peak = 0;
  TimbreRequest request;
  request.checkpoint = checkpoint;
  request.source = std::make_shared<Watched>(std::move(*sound), peak);
  request.notes = source.document;
  request.sink = [&](std::span<const float> samples) { return (*writer)->write(samples); };
  const auto timbred = lab.timbre(
      request, [&](double f) { told((1 - 2 * kSpectrumShare) * f); }, stop);
  if (!timbred) return tl::unexpected(timbred.error());
  outcome.seconds = timbred->seconds;
  outcome.cancelled = timbred->cancelled || stop.stop_requested();
  if (outcome.cancelled) return outcome;
  // A model that plays notes by itself does not hear the rendering.
  if (peak == 0 && request.notes == nullptr) {
    return fail(source.file.string() + ": is silent from beginning to end; nothing was written");
  }
  if (auto written = (*writer)->commit(); !written) return tl::unexpected(written.error());

  for (const bool after : {false, true}) {
    TimbreSource own = source;
    if (after) own.file = out;
    auto reader = own.open(studio, *rate, {});
    if (!reader) return tl::unexpected(reader.error());
    auto picture = pictureOf(std::move(*reader), stop);
    if (!picture) return tl::unexpected(picture.error());
    (after ? outcome.after : outcome.before) = std::move(*picture);
    told(1 - (after ? 0 : kSpectrumShare));
  }
  return outcome;
}

}  // namespace incipit
