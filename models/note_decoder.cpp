#include "models/note_decoder.h"

#include <algorithm>
#include <array>

namespace incipit {
namespace {

// Matrices one below the other.
Dense joined(const TensorFile& f, std::span<const char* const> names) {
  std::vector<float> rows;
  Dense d;
  for (const std::string name : names) {
    const auto& values = f.find(name + ".weight")->values;
    rows.insert(rows.end(), values.begin(), values.end());
    const auto bias = valuesOf(f, name + ".bias");
    d.bias.insert(d.bias.end(), bias.begin(), bias.end());
  }
  const auto outs = static_cast<std::int64_t>(d.bias.size());
  const auto ins = static_cast<std::int64_t>(rows.size()) / outs;
  d.weights = Panels(rows.data(), outs, ins, ins);
  return d;
}

}  // namespace

std::shared_ptr<const NoteWeights> makeWeights(const LoadedCheckpoint& checkpoint) {
  const TensorFile& f = checkpoint.file;
  auto w = std::make_shared<NoteWeights>();
  w->preset = checkpoint.preset;
  if (w->preset.published()) {
    w->layers.push_back(recurrentOf(f, "lstm"));
    w->out = joined(f, std::array{"pitch", "step", "duration"});
    return w;
  }
  const auto head = [&f](const std::string& name, bool given) {
    return NoteWeights::Head{given ? valuesOf(f, name + ".given") : std::vector<float>(),
                             denseOf(f, name + ".weight", name + ".bias")};
  };
  w->layers = {recurrentOf(f, "lstm1"), recurrentOf(f, "lstm2")};
  w->embedding = valuesOf(f, "embedding");
  w->heads = denseOf(f, "heads.weight", "heads.bias");
  w->step = head("step", false);
  w->pitch = head("pitch", true);
  w->duration = head("duration", true);
  w->velocity = head("velocity", true);
  return w;
}

ImprovedDecoder::ImprovedDecoder(std::shared_ptr<const NoteWeights> weights)
    : weights_(std::move(weights)) {
  const NotePreset& p = weights_->preset;
  for (const RecurrentWeights& w : weights_->layers) cells_.emplace_back(w);
  const auto head = static_cast<std::size_t>(p.head);
  input_.resize(static_cast<std::size_t>(p.embedding));
  top_.resize(static_cast<std::size_t>(p.hidden));
  heads_.resize(4 * head);
  inner_.resize(head);
  stepOut_.resize(kStepBins);
  pitchRaw_.resize(kPitches + kIntervals);
  pitchOut_.resize(kPitches);
  durationOut_.resize(kDurationBins);
  velocityOut_.resize(kVelocityDeltas);
}

void ImprovedDecoder::reset() {
  for (RecurrentCell& cell : cells_) cell.reset();
}

void ImprovedDecoder::advance(const NoteInputs& inputs) {
  std::fill(input_.begin(), input_.end(), 0.0F);
  rows_.assign(inputs.begin(), inputs.end());
  addRows(weights_->embedding, rows_, input_);
  const auto first = cells_[0].step(input_.data());
  const auto second = cells_[1].step(first.data());
  for (std::size_t i = 0; i < top_.size(); ++i) top_[i] = first[i] + second[i];
  weights_->heads(top_.data(), heads_.data());
}

std::span<float> ImprovedDecoder::head(int index, const NoteWeights::Head& head,
                                       std::span<const std::int64_t> rows,
                                       std::vector<float>& out) {
  std::copy_n(heads_.begin() + index * weights_->preset.head, inner_.size(), inner_.begin());
  addRows(head.given, rows, inner_);
  relu(inner_);
  head.out(inner_.data(), out.data());
  return out;
}

std::span<float> ImprovedDecoder::stepLogits() { return head(0, weights_->step, {}, stepOut_); }

std::span<float> ImprovedDecoder::pitchLogits(const NoteTargets& t) {
  using H = HeadRows;
  const std::array<std::int64_t, 3> rows{H::kStep + t.step, H::kSubBeat + t.subBeat,
                                         H::kBeat + t.beat};
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
  const std::array<std::int64_t, 4> rows{H::kStep + t.step, H::kSubBeat + t.subBeat,
                                         H::kBeat + t.beat, H::kPitch + t.pitch};
  return head(2, weights_->duration, rows, durationOut_);
}

std::span<float> ImprovedDecoder::velocityLogits(const NoteTargets& t) {
  using H = HeadRows;
  const std::array<std::int64_t, 5> rows{H::kStep + t.step, H::kSubBeat + t.subBeat,
                                         H::kBeat + t.beat, H::kPitch + t.pitch,
                                         H::kDuration + t.duration};
  return head(3, weights_->velocity, rows, velocityOut_);
}

PublishedDecoder::PublishedDecoder(std::shared_ptr<const NoteWeights> weights)
    : weights_(std::move(weights)), lstm_(weights_->layers.front(), kPublishedNotes, 1) {
  out_.resize(static_cast<std::size_t>(weights_->out.outs()));
}

void PublishedDecoder::push(const Input& note) {
  const std::array values{note.pitch, note.step, note.duration};
  lstm_.push(values.data());
}

PublishedDecoder::Answer PublishedDecoder::answer() {
  weights_->out(lstm_.output().data(), out_.data());
  return {std::span(out_).first(kPitches), out_[kPitches], out_[kPitches + 1]};
}

}  // namespace incipit
