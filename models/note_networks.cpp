#include "models/note_networks.h"

#include <cmath>

namespace incipit {
namespace {

constexpr float kNever = -1e9F;

}  // namespace

std::unique_ptr<NoteNetwork> makeNetwork(const NotePreset& preset, std::uint64_t seed,
                                         at::Device device) {
  if (preset.published()) return std::make_unique<PublishedNetwork>(preset, seed, device);
  return std::make_unique<ImprovedNetwork>(preset, seed, device);
}

PublishedNetwork::PublishedNetwork(const NotePreset& preset, std::uint64_t seed, at::Device device)
    : NoteNetwork(device) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  lstm_ = addLstm("lstm", 3, h, glorot(3, 4 * h), rng);
  pitchWeights_ = add("pitch.weight", {kPitches, h}, glorot(h, kPitches), rng);
  pitchBias_ = add("pitch.bias", {kPitches}, 0, rng);
  stepWeights_ = add("step.weight", {1, h}, glorot(h, 1), rng);
  stepBias_ = add("step.bias", {1}, 0, rng);
  durationWeights_ = add("duration.weight", {1, h}, glorot(h, 1), rng);
  durationBias_ = add("duration.bias", {1}, 0, rng);
}

void PublishedNetwork::fillInput(std::span<const EncodedNote> history, const EncodedNote* before,
                                 float* out, std::int64_t stride) {
  for (const EncodedNote& n : history) {
    out[0] = static_cast<float>(n.pitch) / 128.0F;
    out[1] = before != nullptr ? n.startSeconds - before->startSeconds : 0.0F;
    out[2] = n.lengthSeconds;
    before = &n;
    out += stride;
  }
}

PublishedNetwork::Output PublishedNetwork::forward(const at::Tensor& input) {
  const at::Tensor h = lstm(input, lstm_)[input.size(0) - 1];
  return {linear(h, pitchWeights_, pitchBias_), linear(h, stepWeights_, stepBias_).squeeze(1),
          linear(h, durationWeights_, durationBias_).squeeze(1)};
}

BatchLoss PublishedNetwork::loss(std::span<const NoteWindow> windows, Rng* /*augment*/,
                                 std::optional<std::uint64_t> /*dropout*/) {
  const auto n = static_cast<std::int64_t>(windows.size());
  std::vector<float> input(static_cast<std::size_t>(kHistory * n * 3));
  std::vector<std::int64_t> pitch;
  std::vector<float> step;
  std::vector<float> duration;
  for (std::int64_t i = 0; i < n; ++i) {
    const NoteWindow& w = windows[static_cast<std::size_t>(i)];
    const auto notes = w.notes();
    const EncodedNote* before = w.first > 0 ? &w.sequence->notes[w.first - 1] : nullptr;
    fillInput(notes.first(kHistory), before, input.data() + i * 3, n * 3);
    const EncodedNote& target = notes[kHistory];
    pitch.push_back(target.pitch);
    step.push_back(target.startSeconds - notes[kHistory - 1].startSeconds);
    duration.push_back(target.lengthSeconds);
  }
  const Output out = forward(tensorOf(input, {kHistory, n, 3}, device_));
  const auto positive = [](const at::Tensor& predicted, const at::Tensor& truth) {
    return (at::square(truth - predicted) + 10 * at::relu(-predicted)).mean();
  };
  constexpr double kPitchWeight = 0.05;
  const at::Tensor total =
      kPitchWeight * at::cross_entropy_loss(out.pitch, tensorOf(pitch, {n}, device_)) +
      positive(out.step, tensorOf(step, {n}, device_)) +
      positive(out.duration, tensorOf(duration, {n}, device_));
  return {total, n};
}

// --- improved ---

struct ImprovedNetwork::Batch {
  std::int64_t windows = 0;
  std::int64_t steps = 0;
  at::Tensor inputs;  // [rows, kInputs]
  at::Tensor pitchRows, durationRows, velocityRows;
  at::Tensor step, pitch, duration, velocity, pitchBefore, excluded;  // [rows]
  at::Tensor position, barLength;  // of the note before (or the bar line), in units, [rows]
  at::Tensor valid;                // [rows], 0 or 1
};

ImprovedNetwork::ImprovedNetwork(const NotePreset& preset, std::uint64_t seed, at::Device device)
    : NoteNetwork(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  const std::int64_t e = preset.embedding;
  const std::int64_t k = preset.head;
  embedding_ = add("embedding", {InputRows::kRows, e}, 0.2, rng);
  for (int layer = 0; layer < 2; ++layer) {
    const std::string name = "lstm" + std::to_string(layer + 1);
    const std::int64_t in = layer == 0 ? e : h;
    lstm_[layer] = addLstm(name, in, h, glorot(in, 4 * h), rng);
  }
  headWeights_ = add("heads.weight", {4 * k, h}, glorot(h, k), rng);
  headBias_ = add("heads.bias", {4 * k}, 0, rng);
  constexpr double kTable = 0.1;
  pitchTable_ = add("pitch.given", {HeadRows::kPitch, k}, kTable, rng);
  durationTable_ = add("duration.given", {HeadRows::kDuration, k}, kTable, rng);
  velocityTable_ = add("velocity.given", {HeadRows::kRows, k}, kTable, rng);
  const auto head = [&](const std::string& name, std::int64_t outs, at::Tensor& w, at::Tensor& b) {
    w = add(name + ".weight", {outs, k}, glorot(k, outs), rng);
    b = add(name + ".bias", {outs}, 0, rng);
  };
  head("step", kStepBins, stepWeights_, stepBias_);
  head("pitch", kPitches + kIntervals, pitchWeights_, pitchBias_);
  head("duration", kDurationBins, durationWeights_, durationBias_);
  head("velocity", kVelocityDeltas, velocityWeights_, velocityBias_);
}

namespace {

Shift drawShift(const NoteWindow& w, Rng& rng) {
  int lowest = 127;
  int highest = 0;
  for (const EncodedNote& n : w.notes()) {
    lowest = std::min<int>(lowest, n.pitch);
    highest = std::max<int>(highest, n.pitch);
  }
  constexpr int kDown = 5;
  constexpr int kUp = 6;
  const int semitones = static_cast<int>(rng.below(kDown + kUp + 1)) - kDown;
  const int velocity = static_cast<int>(rng.below(13)) - 6;
  return {std::clamp(semitones, std::min(0, 21 - lowest), std::max(0, 108 - highest)), velocity};
}

// Column vectors of a batch as they are filled.
struct Columns {
  std::vector<std::int64_t> inputs, pitchRows, durationRows, velocityRows;
  std::vector<std::int64_t> step, pitch, duration, velocity, before, excluded, position, barLength;
  std::vector<float> valid;
  explicit Columns(std::size_t rows)
      : inputs(rows * kInputs),
        pitchRows(rows * 3),
        durationRows(rows * 4),
        velocityRows(rows * 5),
        step(rows),
        pitch(rows),
        duration(rows),
        velocity(rows),
        before(rows, 60),
        excluded(rows, -1),
        position(rows),
        barLength(rows, 96),
        valid(rows) {}

  void set(std::size_t row, const NoteInputs& in, const NoteTargets& t) {
    using H = HeadRows;
    std::copy(in.begin(), in.end(), inputs.begin() + static_cast<std::ptrdiff_t>(row * kInputs));
    const std::int64_t given[5] = {H::kStep + t.step, H::kSubBeat + t.subBeat, H::kBeat + t.beat,
                                   H::kPitch + t.pitch, H::kDuration + t.duration};
    std::copy_n(given, 3, pitchRows.begin() + static_cast<std::ptrdiff_t>(row * 3));
    std::copy_n(given, 4, durationRows.begin() + static_cast<std::ptrdiff_t>(row * 4));
    std::copy_n(given, 5, velocityRows.begin() + static_cast<std::ptrdiff_t>(row * 5));
    step[row] = t.step;
    pitch[row] = t.pitch;
    duration[row] = t.duration;
    velocity[row] = t.velocity;
    before[row] = t.pitchBefore;
    excluded[row] = t.excluded;
    valid[row] = 1;
  }
};

}  // namespace

ImprovedNetwork::Batch ImprovedNetwork::batchOf(std::span<const NoteWindow> windows,
                                                Rng* augment) const {
  Batch batch;
  batch.windows = static_cast<std::int64_t>(windows.size());
  for (const NoteWindow& w : windows) {
    batch.steps = std::max<std::int64_t>(batch.steps, w.count);
  }
  const std::int64_t rows = batch.windows * batch.steps;
  Columns c(static_cast<std::size_t>(rows));
  // Rows without a note point at row 0 of each table and count for nothing.
  for (std::int64_t b = 0; b < batch.windows; ++b) {
    const NoteWindow& w = windows[static_cast<std::size_t>(b)];
    const Shift shift = augment != nullptr ? drawShift(w, *augment) : Shift{};
    const std::span<const EncodedNote> all(w.sequence->notes);
    const EncodedNote& head = all[w.first];
    const BarStart start{head.onset - head.barPosition, head.barLength, head.meter};
    std::int32_t soundingEnd = 0;
    for (std::uint32_t i = 0; i < w.count; ++i) {
      const std::size_t at = w.first + i;
      const NoteInputs in = inputsBefore(all.first(at), w.first, start, soundingEnd, shift);
      const NoteTargets t = targetsOf(i > 0 ? &all[at - 1] : nullptr, all[at], shift);
      soundingEnd = std::max(soundingEnd, all[at].onset + all[at].duration);
      const auto row = static_cast<std::size_t>(i * batch.windows + b);
      c.set(row, in, t);
      c.position[row] = i > 0 ? all[at - 1].barPosition : 0;
      c.barLength[row] = i > 0 ? all[at - 1].barLength : start.length;
    }
  }
  batch.inputs = tensorOf(c.inputs, {rows, kInputs}, device_);
  batch.pitchRows = tensorOf(c.pitchRows, {rows, 3}, device_);
  batch.durationRows = tensorOf(c.durationRows, {rows, 4}, device_);
  batch.velocityRows = tensorOf(c.velocityRows, {rows, 5}, device_);
  batch.step = tensorOf(c.step, {rows}, device_);
  batch.pitch = tensorOf(c.pitch, {rows}, device_);
  batch.duration = tensorOf(c.duration, {rows}, device_);
  batch.velocity = tensorOf(c.velocity, {rows}, device_);
  batch.pitchBefore = tensorOf(c.before, {rows}, device_);
  batch.excluded = tensorOf(c.excluded, {rows}, device_);
  batch.position = tensorOf(c.position, {rows}, device_);
  batch.barLength = tensorOf(c.barLength, {rows}, device_);
  batch.valid = tensorOf(c.valid, {rows}, device_);
  return batch;
}

at::Tensor ImprovedNetwork::hidden(const Batch& batch, std::optional<std::uint64_t> dropout) {
  const double rate = dropout ? preset_.dropout : 0;
  const std::uint64_t seed = dropout.value_or(0) * 3;
  at::Tensor x = bag(embedding_, batch.inputs).view({batch.steps, batch.windows, -1});
  x = drop(x, rate, seed);
  const at::Tensor first = lstm(x, lstm_[0]);
  const at::Tensor second = lstm(drop(first, rate, seed + 1), lstm_[1]);
  at::Tensor top = (first + second).view({batch.steps * batch.windows, -1});
  top = drop(top, rate, seed + 2);
  return linear(top, headWeights_, headBias_);
}

at::Tensor ImprovedNetwork::pitchLogits(const at::Tensor& base, const at::Tensor& rows,
                                        const at::Tensor& before, const at::Tensor& excluded) {
  const at::Tensor z = linear(at::relu(base + bag(pitchTable_, rows)), pitchWeights_, pitchBias_);
  const at::Tensor pitches = at::arange(kPitches, before.options());
  const at::Tensor intervals =
      at::clamp(pitches.unsqueeze(0) - before.unsqueeze(1), -(kIntervals / 2), kIntervals / 2) +
      kIntervals / 2;
  const at::Tensor logits = z.slice(1, 0, kPitches) + z.slice(1, kPitches).gather(1, intervals);
  return logits.masked_fill(pitches.unsqueeze(0) <= excluded.unsqueeze(1), kNever);
}

ImprovedNetwork::LogProbabilities ImprovedNetwork::logProbabilities(
    const Batch& batch, const std::vector<at::Tensor>& parts) {
  const auto picked = [](const at::Tensor& logits, const at::Tensor& truth) {
    return at::log_softmax(logits, 1).gather(1, truth.unsqueeze(1)).squeeze(1);
  };
  LogProbabilities out;
  out.valid = batch.valid;
  out.step = picked(linear(at::relu(parts[0]), stepWeights_, stepBias_), batch.step);
  out.pitch = picked(pitchLogits(parts[1], batch.pitchRows, batch.pitchBefore, batch.excluded),
                     batch.pitch);
  out.duration = picked(linear(at::relu(parts[2] + bag(durationTable_, batch.durationRows)),
                               durationWeights_, durationBias_),
                        batch.duration);
  out.velocity = picked(linear(at::relu(parts[3] + bag(velocityTable_, batch.velocityRows)),
                               velocityWeights_, velocityBias_),
                        batch.velocity);
  return out;
}

BatchLoss ImprovedNetwork::loss(std::span<const NoteWindow> windows, Rng* augment,
                                std::optional<std::uint64_t> dropout) {
  const Batch batch = batchOf(windows, augment);
  const LogProbabilities p = logProbabilities(batch, hidden(batch, dropout).chunk(4, 1));
  const at::Tensor sum = (p.step + p.pitch + p.duration + p.velocity) * p.valid;
  std::int64_t examples = 0;
  for (const NoteWindow& w : windows) examples += w.count;
  return {-sum.sum() / static_cast<double>(examples), examples};
}

at::Tensor ImprovedNetwork::marginalPitch(const Batch& batch, const at::Tensor& share,
                                          const at::Tensor& steps) {
  using H = HeadRows;
  at::Tensor sum = at::full({share.size(0)}, kNever, share.options());
  for (int bin = 0; bin < kStepBins; ++bin) {
    const at::Tensor position = (batch.position + stepUnits(bin)).remainder(batch.barLength);
    const at::Tensor rows = at::stack(
        {at::full_like(position, H::kStep + bin), H::kSubBeat + position.remainder(kSubBeats),
         H::kBeat + position.div(kUnitsPerQuarter, "floor").remainder(kBarBeats)},
        1);
    // In a chord the pitches up to the one before are excluded, even where that is the true one.
    const at::Tensor excluded = bin == 0 ? batch.pitchBefore : at::full_like(batch.pitchBefore, -1);
    const at::Tensor pitch =
        at::log_softmax(pitchLogits(share, rows, batch.pitchBefore, excluded), 1)
            .gather(1, batch.pitch.unsqueeze(1))
            .squeeze(1);
    sum = at::logaddexp(sum, steps.select(1, bin) + pitch);
  }
  return sum;
}

ImprovedNetwork::Scores ImprovedNetwork::score(std::span<const NoteWindow> windows) {
  const at::NoGradGuard noGrad;
  const Batch batch = batchOf(windows, nullptr);
  const auto shares = hidden(batch, std::nullopt).chunk(4, 1);
  Scores out;
  out.given = logProbabilities(batch, shares);
  const at::Tensor steps = at::log_softmax(linear(at::relu(shares[0]), stepWeights_, stepBias_), 1);
  out.marginalPitch = marginalPitch(batch, shares[1], steps);
  out.medianStep = (steps.exp().cumsum(1) < 0.5).sum(1);
  return out;
}

}  // namespace incipit
