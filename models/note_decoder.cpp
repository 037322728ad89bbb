#include "models/note_decoder.h"

#include <algorithm>

#include "models/cells.h"
#include "models/lstm_kernels.h"

namespace incipit {
std::shared_ptr<const NoteWeights> makeWeights(const LoadedCheckpoint& checkpoint) {
  const TensorFile& f = checkpoint.file;
  auto w = std::make_shared<NoteWeights>();
  w->preset = checkpoint.preset;
  const bool published = w->preset.published();
  const auto lstm = [&f](const std::string& name) {
    return NoteWeights::Lstm{transposed(f, name + ".input"), transposed(f, name + ".recurrent"),
                             valuesOf(f, name + ".bias")};
  };
  const auto head = [&f](const std::string& name, bool given) {
    return NoteWeights::Head{given ? valuesOf(f, name + ".given") : std::vector<float>(),
                             transposed(f, name + ".weight"), valuesOf(f, name + ".bias")};
  };
  if (published) {
    w->layers.push_back(lstm("lstm"));
  } else {
    w->layers = {lstm("lstm1"), lstm("lstm2")};
    w->embedding = valuesOf(f, "embedding");
    w->headsWeight = transposed(f, "heads.weight");
    w->headsBias = valuesOf(f, "heads.bias");
    w->velocity = head("velocity", true);
  }
  w->step = head("step", false);
  w->pitch = head("pitch", !published);
  w->duration = head("duration", !published);
  return w;
}

ImprovedDecoder::ImprovedDecoder(std::shared_ptr<const NoteWeights> weights)
    : weights_(std::move(weights)) {
  const NotePreset& p = weights_->preset;
  const auto hidden = static_cast<std::size_t>(p.hidden);
  const auto head = static_cast<std::size_t>(p.head);
  input_.resize(static_cast<std::size_t>(p.embedding));
  gates_.resize(4 * hidden);
  top_.resize(hidden);
  heads_.resize(4 * head);
  inner_.resize(head);
  stepOut_.resize(kStepBins);
  pitchRaw_.resize(kPitches + kIntervals);
  pitchOut_.resize(kPitches);
  durationOut_.resize(kDurationBins);
  velocityOut_.resize(kVelocityDeltas);
  reset();
}

void ImprovedDecoder::reset() {
  const auto hidden = static_cast<std::size_t>(weights_->preset.hidden);
  for (std::size_t i = 0; i < 2; ++i) {
    output_[i].assign(hidden, 0.0F);
    cell_[i].assign(hidden, 0.0F);
  }
}

void ImprovedDecoder::layer(int index, const float* in, std::int64_t ins) {
  const std::int64_t hidden = weights_->preset.hidden;
  const auto i = static_cast<std::size_t>(index);
  const NoteWeights::Lstm& l = weights_->layers[i];
  multiplyAdd(in, l.input.data(), l.bias.data(), gates_.data(), ins, 4 * hidden);
  multiplyAdd(output_[i].data(), l.recurrent.data(), gates_.data(), gates_.data(), hidden,
              4 * hidden);
  lstmForward(gates_.data(), cell_[i].data(), cell_[i].data(), output_[i].data(), 1, hidden);
}

void ImprovedDecoder::advance(const NoteInputs& inputs) {
  const NotePreset& p = weights_->preset;
  std::fill(input_.begin(), input_.end(), 0.0F);
  for (const std::int32_t row : inputs) {
    const float* values = weights_->embedding.data() + std::int64_t{row} * p.embedding;
    for (std::size_t i = 0; i < input_.size(); ++i) input_[i] += values[i];
  }
  layer(0, input_.data(), p.embedding);
  layer(1, output_[0].data(), p.hidden);
  for (std::size_t i = 0; i < top_.size(); ++i) top_[i] = output_[0][i] + output_[1][i];
  multiplyAdd(top_.data(), weights_->headsWeight.data(), weights_->headsBias.data(), heads_.data(),
              p.hidden, std::int64_t{4} * p.head);
}

std::span<float> ImprovedDecoder::head(int index, const NoteWeights::Head& head,
                                       std::span<const int> rows, std::vector<float>& out) {
  const std::int64_t units = weights_->preset.head;
  const float* share = heads_.data() + index * units;
  std::copy(share, share + units, inner_.begin());
  for (const int row : rows) {
    const float* values = head.given.data() + row * units;
    for (std::size_t i = 0; i < inner_.size(); ++i) inner_[i] += values[i];
  }
  for (float& x : inner_) x = std::max(x, 0.0F);
  multiplyAdd(inner_.data(), head.weight.data(), head.bias.data(), out.data(), units,
              static_cast<std::int64_t>(out.size()));
  return out;
}

std::span<float> ImprovedDecoder::stepLogits() { return head(0, weights_->step, {}, stepOut_); }

std::span<float> ImprovedDecoder::pitchLogits(const NoteTargets& t) {
  using H = HeadRows;
  const std::array rows{H::kStep + t.step, H::kSubBeat + t.subBeat, H::kBeat + t.beat};
  head(1, weights_->pitch, rows, pitchRaw_);
  const std::span<const float> intervals = std::span(pitchRaw_).subspan(kPitches);
  for (std::size_t p = 0; p < kPitches; ++p) {
    const int interval = intervalIndex(static_cast<int>(p), t.pitchBefore);
    pitchOut_[p] = pitchRaw_[p] + intervals[static_cast<std::size_t>(interval)];
  }
  return pitchOut_;
}

std::span<float> ImprovedDecoder::durationLogits(const NoteTargets& t) {
  using H = HeadRows;
  const std::array rows{H::kStep + t.step, H::kSubBeat + t.subBeat, H::kBeat + t.beat,
                        H::kPitch + t.pitch};
  return head(2, weights_->duration, rows, durationOut_);
}

std::span<float> ImprovedDecoder::velocityLogits(const NoteTargets& t) {
  using H = HeadRows;
  const std::array rows{H::kStep + t.step, H::kSubBeat + t.subBeat, H::kBeat + t.beat,
                        H::kPitch + t.pitch, H::kDuration + t.duration};
  return head(3, weights_->velocity, rows, velocityOut_);
}

PublishedDecoder::PublishedDecoder(std::shared_ptr<const NoteWeights> weights)
    : weights_(std::move(weights)) {
  const auto hidden = static_cast<std::size_t>(weights_->preset.hidden);
  gates_.resize(4 * hidden);
  output_.resize(hidden);
  cell_.resize(hidden);
  pitchOut_.resize(kPitches);
}

PublishedDecoder::Answer PublishedDecoder::predict(std::span<const Input> history) {
  const std::int64_t hidden = weights_->preset.hidden;
  const NoteWeights::Lstm& l = weights_->layers.front();
  std::fill(output_.begin(), output_.end(), 0.0F);
  std::fill(cell_.begin(), cell_.end(), 0.0F);
  for (const Input& in : history) {
    const std::array values{in.pitch, in.step, in.duration};
    multiplyAdd(values.data(), l.input.data(), l.bias.data(), gates_.data(), 3, 4 * hidden);
    multiplyAdd(output_.data(), l.recurrent.data(), gates_.data(), gates_.data(), hidden,
                4 * hidden);
    lstmForward(gates_.data(), cell_.data(), cell_.data(), output_.data(), 1, hidden);
  }
  Answer answer;
  const auto linear = [&](const NoteWeights::Head& head, float* out, std::int64_t outs) {
    multiplyAdd(output_.data(), head.weight.data(), head.bias.data(), out, hidden, outs);
  };
  linear(weights_->pitch, pitchOut_.data(), kPitches);
  linear(weights_->step, &answer.step, 1);
  linear(weights_->duration, &answer.duration, 1);
  answer.pitchLogits = pitchOut_;
  return answer;
}

}  // namespace incipit
