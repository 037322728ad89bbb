#include "models/roll_decoder.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace incipit {
namespace {

// Of a cell whose classes have these logits.
float meanValue(const std::array<float, kRollClasses>& logits) {
  const auto p = cellProbabilities(logits);
  return p[1] * rollValue(RollCell::kOnset) + p[2];
}

std::ptrdiff_t columnsOf(std::span<const RollCell> cells) {
  return static_cast<std::ptrdiff_t>(cells.size()) / kRollKeys;
}

// What stands before column `at` of a history.
std::span<const RollCell> before(const RollHistory& h, std::ptrdiff_t at) {
  return h.cells.first(static_cast<std::size_t>(at) * kRollKeys);
}

class PublishedDecoder final : public RollDecoder {
 public:
  PublishedDecoder(std::shared_ptr<const RollWeights> weights, std::int64_t columns)
      : weights_(std::move(weights)),
        cell_(weights_->preset.seq2seq() ? weights_->lstm[0] : weights_->encoder),
        dense_(static_cast<std::size_t>(weights_->preset.hidden)),
        out_(static_cast<std::size_t>(weights_->out.outs())) {
    const RollPreset& p = weights_->preset;
    const auto passes = static_cast<std::size_t>((columns + p.out - 1) / p.out);
    if (p.seq2seq()) encoder_.emplace(weights_->encoder, kRollContext, p.out, passes);
    if (p.bidirectional) back_.emplace(weights_->back);
  }

  int warmUp() const override { return weights_->preset.seq2seq() ? 0 : kRollContext; }

  void advance(const RollHistory& h) override {
    if (weights_->preset.seq2seq()) {
      write(h);
    } else {
      weights_->out(cell_.step(entriesOf(h, columnsOf(h.cells) - 1)).data(), out_.data());
    }
    if (weights_->preset.classes == 1) {
      std::copy(out_.begin(), out_.end(), values_.begin());
      sigmoid(values_);
    } else if (weights_->preset.seq2seq()) {
      for (int key = 0; key < kRollKeys; ++key) values_[static_cast<std::size_t>(key)] = value(key);
    }
  }

  std::array<float, kRollClasses> logits(int key) const override {
    const float* own = out_.data() + std::ptrdiff_t{kRollClasses} * key;
    return {own[0], own[1], own[2]};
  }
  void choose(int, RollCell) override {}
  float value(int key) const override {
    return weights_->preset.classes == 1 ? values_[static_cast<std::size_t>(key)]
                                         : meanValue(logits(key));
  }

 private:
  const std::vector<Entry>& entriesOf(const RollHistory& h, std::ptrdiff_t column) {
    entries_.clear();
    const auto cells = h.cells.subspan(static_cast<std::size_t>(column) * kRollKeys, kRollKeys);
    for (std::size_t key = 0; key < kRollKeys; ++key) {
      if (cells[key] == RollCell::kSilent) continue;
      entries_.push_back({static_cast<std::int64_t>(key), rollValue(cells[key])});
    }
    return entries_;
  }

  // The next column of a pass, which begins with what was read last and goes on with what it says
  // itself.
  void write(const RollHistory& h) {
    const std::ptrdiff_t end = columnsOf(h.cells);
    for (; read_ < kRollContext; ++read_) encoder_->push(entriesOf(h, end - kRollContext + read_));
    --read_;  // one column more the next time
    if (written_ == 0) begin(h);
    written_ = (written_ + 1) % weights_->preset.out;
    weights_->dense(cell_.step(values_.data()).data(), dense_.data());
    relu(dense_);
    weights_->out(dense_.data(), out_.data());
  }

  void begin(const RollHistory& h) {
    const std::ptrdiff_t end = columnsOf(h.cells);
    if (back_) {
      back_->reset();
      for (std::ptrdiff_t c = end; c-- > end - kRollContext;) back_->step(entriesOf(h, c));
    }
    const auto join = [](std::span<const float> forwards, std::span<const float> backwards,
                         std::span<float> into) {
      std::copy(backwards.begin(), backwards.end(),
                std::copy(forwards.begin(), forwards.end(), into.begin()));
    };
    join(encoder_->output(), back_ ? back_->output() : std::span<float>(), cell_.output());
    join(encoder_->cell(), back_ ? back_->cell() : std::span<float>(), cell_.cell());
    values_.fill(0);
    for (const Entry& e : entriesOf(h, end - 1)) {
      values_[static_cast<std::size_t>(e.index)] = e.value;
    }
  }

  std::shared_ptr<const RollWeights> weights_;
  std::optional<WindowedLstm> encoder_;  // of roll-seq2seq
  std::optional<RecurrentCell> back_;
  RecurrentCell cell_;
  std::vector<Entry> entries_;
  std::vector<float> dense_, out_;
  std::array<float, kRollKeys> values_{};  // of the column before, then of the next one
  int read_ = 0;     // columns of the last kRollContext that the encoder has read
  int written_ = 0;  // columns of the pass
};

class ImprovedDecoder final : public RollDecoder {
 public:
  explicit ImprovedDecoder(std::shared_ptr<const RollWeights> weights)
      : weights_(std::move(weights)) {
    const RollPreset& p = weights_->preset;
    cells_.emplace_back(weights_->lstm[0]);
    if (p.seq2seq()) {
      encoder_.emplace(weights_->encoder);
      back_.emplace(weights_->back);
    } else {
      cells_.emplace_back(weights_->lstm[1]);
    }
    x_.resize(static_cast<std::size_t>(p.hidden));
    sum_.resize(x_.size());
    summary_.resize(p.seq2seq() ? x_.size() : 0);
    base_.resize(static_cast<std::size_t>(p.head));
    inner_.resize(base_.size());
    out_.resize(CellOutputs::kOutputs);
  }

  int warmUp() const override { return weights_->preset.seq2seq() ? 0 : 2 * kImprovedRollContext; }

  void advance(const RollHistory& h) override {
    const RollPreset& p = weights_->preset;
    if (p.seq2seq() && written_ == 0) encode(h);
    written_ = (written_ + 1) % p.out;
    const ColumnPlace& place = h.places[static_cast<std::size_t>(columnsOf(h.cells))];
    context_ = columnContext(h.cells, place);
    rows_.clear();
    appendRollRows(h.cells, place, rows_);
    if (p.seq2seq()) {
      x_ = summary_;
    } else {
      std::fill(x_.begin(), x_.end(), 0.0F);
    }
    addRows(weights_->embedding, rows_, x_);
    sum_ = x_;
    for (RecurrentCell& cell : cells_) {
      const std::span<const float> said = cell.step(x_.data());
      std::copy(said.begin(), said.end(), x_.begin());
      for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += x_[i];
    }
    weights_->head(sum_.data(), base_.data());
    if (p.seq2seq()) attend(x_);
    last_ = kRollKeys;
    count_ = 0;
    segment();
  }

  std::array<float, kRollClasses> logits(int key) const override {
    return cellLogits(out_.data(), key, last_, context_);
  }

  void choose(int key, RollCell cell) override {
    const std::array rows{GivenRows::kCell + cellRow(key, cell)};
    addRows(weights_->given, rows, base_);
    last_ = key;
    ++count_;
    segment();
  }

  float value(int key) const override { return meanValue(logits(key)); }

 private:
  void segment() {
    inner_ = base_;
    addRows(weights_->given, segmentRows(last_, count_), inner_);
    relu(inner_);
    weights_->out(inner_.data(), out_.data());
  }

  void encode(const RollHistory& h) {
    const auto width = static_cast<std::size_t>(weights_->preset.encoder);
    const std::ptrdiff_t next = columnsOf(h.cells);
    std::vector<float> inputs(width * kImprovedRollContext);
    for (std::size_t i = 0; i < kImprovedRollContext; ++i) {
      const std::ptrdiff_t column =
          next - kImprovedRollContext + 1 + static_cast<std::ptrdiff_t>(i);
      rows_.clear();
      appendRollRows(before(h, column), h.places[static_cast<std::size_t>(column)], rows_);
      addRows(weights_->encoderEmbedding, rows_, std::span(inputs).subspan(i * width, width));
    }
    encoded_.resize(2 * inputs.size());
    const auto keep = [&](std::size_t i, std::size_t half, std::span<const float> said) {
      std::copy(said.begin(), said.end(),
                encoded_.begin() + static_cast<std::ptrdiff_t>((2 * i + half) * width));
    };
    encoder_->reset();
    back_->reset();
    for (std::size_t i = 0; i < kImprovedRollContext; ++i) {
      keep(i, 0, encoder_->step(inputs.data() + i * width));
    }
    for (std::size_t i = kImprovedRollContext; i-- > 0;) {
      keep(i, 1, back_->step(inputs.data() + i * width));
    }
    std::vector<float> ends(encoder_->output().begin(), encoder_->output().end());
    ends.insert(ends.end(), back_->output().begin(), back_->output().end());
    weights_->summary(ends.data(), summary_.data());
    for (RecurrentCell& cell : cells_) cell.reset();
  }

  // Adds what the decoder looks up in the context to the head.
  void attend(std::span<const float> said) {
    const std::size_t width = 2 * static_cast<std::size_t>(weights_->preset.encoder);
    query_.resize(width);
    weights_->query(said.data(), query_.data());
    std::array<float, kImprovedRollContext> weights{};
    for (std::size_t i = 0; i < weights.size(); ++i) {
      float sum = 0;
      for (std::size_t j = 0; j < width; ++j) sum += query_[j] * encoded_[i * width + j];
      weights[i] = sum / std::sqrt(static_cast<float>(width));
    }
    softmax(weights, 1);
    std::fill(query_.begin(), query_.end(), 0.0F);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::size_t j = 0; j < width; ++j) query_[j] += weights[i] * encoded_[i * width + j];
    }
    inner_.resize(base_.size());
    weights_->attended(query_.data(), inner_.data());
    for (std::size_t i = 0; i < base_.size(); ++i) base_[i] += inner_[i];
  }

  std::shared_ptr<const RollWeights> weights_;
  std::vector<RecurrentCell> cells_;
  std::optional<RecurrentCell> encoder_, back_;
  ColumnContext context_;
  int last_ = kRollKeys;
  int count_ = 0;
  int written_ = 0;  // columns since the last encoding
  std::vector<std::int64_t> rows_;
  std::vector<float> x_, sum_, summary_, base_, inner_, out_, query_, encoded_;
};

}  // namespace

std::shared_ptr<const RollWeights> rollWeights(const TensorFile& file, const RollPreset& preset) {
  auto w = std::make_shared<RollWeights>();
  w->preset = preset;
  w->out = denseOf(file, "out.weight", "out.bias");
  if (preset.published()) {
    w->encoder = recurrentOf(file, preset.seq2seq() ? "encoder" : "lstm");
    if (!preset.seq2seq()) return w;
    if (preset.bidirectional) w->back = recurrentOf(file, "encoder_back");
    w->lstm[0] = recurrentOf(file, "decoder");
    w->dense = denseOf(file, "dense.weight", "dense.bias");
    return w;
  }
  w->embedding = valuesOf(file, "embedding");
  w->given = valuesOf(file, "head.given");
  w->head = denseOf(file, "head.weight", "head.bias");
  w->lstm[0] = recurrentOf(file, "lstm1");
  if (!preset.seq2seq()) {
    w->lstm[1] = recurrentOf(file, "lstm2");
    return w;
  }
  w->encoderEmbedding = valuesOf(file, "encoder.embedding");
  w->encoder = recurrentOf(file, "encoder");
  w->back = recurrentOf(file, "encoder_back");
  w->summary = denseOf(file, "summary.weight", "summary.bias");
  w->query = denseOf(file, "query");
  w->attended = denseOf(file, "attended");
  return w;
}

std::unique_ptr<RollDecoder> makeRollDecoder(std::shared_ptr<const RollWeights> weights,
                                             std::int64_t columns) {
  if (weights->preset.published()) {
    return std::make_unique<PublishedDecoder>(std::move(weights), columns);
  }
  return std::make_unique<ImprovedDecoder>(std::move(weights));
}

}  // namespace incipit
