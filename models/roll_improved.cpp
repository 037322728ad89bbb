#include "models/roll_improved.h"

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

// A column to predict.
struct Column {
  ColumnContext context;
  std::array<RollCell, kRollKeys> cells{};
};

// The cells of a column that share outputs: the keys from `high` down to `low`.
struct Segment {
  std::size_t column = 0;
  int high = 0;
  int low = 0;
  int last = kRollKeys;
};

// The nats of all columns from the outputs of their segments. The gradient is that of softmax and
// is made in the same walk.
class CellNats : public torch::autograd::Function<CellNats> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& outputs,
                            const std::vector<Column>* columns,
                            const std::vector<Segment>* segments, RollTally* tally) {
    at::Tensor gradient = at::zeros_like(outputs);
    double nats = 0;
    for (std::size_t i = 0; i < segments->size(); ++i) {
      const auto row = static_cast<std::int64_t>(i) * CellOutputs::kOutputs;
      const Segment& s = (*segments)[i];
      nats += segmentNats(s, (*columns)[s.column], outputs.data_ptr<float>() + row,
                          gradient.data_ptr<float>() + row, *tally);
    }
    tally->addColumns(static_cast<std::int64_t>(columns->size()));
    context->save_for_backward({gradient});
    return at::scalar_tensor(nats, outputs.options());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    return {context->get_saved_variables()[0] * grads[0], {}, {}, {}};
  }

 private:
  static double segmentNats(const Segment& s, const Column& column, const float* outputs,
                            float* gradient, RollTally& tally) {
    double nats = 0;
    for (int key = s.high; key >= s.low; --key) {
      const RollCell truth = column.cells[static_cast<std::size_t>(key)];
      const auto logits = cellLogits(outputs, key, s.last, column.context);
      auto p = cellProbabilities(logits);
      tally.addCell(logits, truth);
      nats -= std::log(std::max(p[static_cast<std::size_t>(truth)], 1e-30F));
      p[static_cast<std::size_t>(truth)] -= 1;
      const CellTerms terms = cellTerms(key, s.last, column.context);
      for (const int term : terms.classes) {
        for (int c = 0; c < kRollClasses; ++c) gradient[term + c] += p[static_cast<std::size_t>(c)];
      }
      for (const int term : terms.onset) gradient[term] += p[1];
    }
    return nats;
  }
};

}  // namespace

struct ImprovedRollNetwork::Batch {
  std::int64_t windows = 0;
  std::int64_t context = 0, steps = 0;  // columns read before the predicted ones; those with them
  RaggedRows inputs;                    // of each column read; row = step * windows + window
  std::vector<Column> columns;
  std::vector<Segment> segments;
  std::vector<std::int64_t> rows;  // of each segment, the row of its column
  RaggedRows given;
};

ImprovedRollNetwork::ImprovedRollNetwork(const RollPreset& preset, std::uint64_t seed,
                                         at::Device device)
    : RollNetwork(device), preset_(preset) {
  Rng rng(seed, 7);
  const std::int64_t h = preset.hidden;
  const std::int64_t e = preset.encoder;
  constexpr double kEmbedding = 0.15;
  const auto lstmOf = [&](const char* name, std::int64_t units) {
    return addLstm(name, units, units, glorot(units, 4 * units), rng);
  };
  embedding_ = add("embedding", {RollRows::kRows, h}, kEmbedding, rng);
  lstm_[0] = lstmOf("lstm1", h);
  if (preset.seq2seq()) {
    encoderEmbedding_ = add("encoder.embedding", {RollRows::kRows, e}, kEmbedding, rng);
    encoder_ = lstmOf("encoder", e);
    back_ = lstmOf("encoder_back", e);
    summaryWeights_ = add("summary.weight", {h, 2 * e}, glorot(2 * e, h), rng);
    summaryBias_ = add("summary.bias", {h}, 0, rng);
    query_ = add("query", {2 * e, h}, glorot(h, 2 * e), rng);
    attended_ = add("attended", {preset.head, 2 * e}, glorot(2 * e, preset.head), rng);
  } else {
    lstm_[1] = lstmOf("lstm2", h);
  }
  headWeights_ = add("head.weight", {preset.head, h}, glorot(h, preset.head), rng);
  headBias_ = add("head.bias", {preset.head}, 0, rng);
  given_ = add("head.given", {GivenRows::kRows, preset.head}, 0.1, rng);
  outWeights_ = add("out.weight", {CellOutputs::kOutputs, preset.head},
                    glorot(preset.head, CellOutputs::kOutputs), rng);
  outBias_ = add("out.bias", {CellOutputs::kOutputs}, 0, rng);
}

ImprovedRollNetwork::Batch ImprovedRollNetwork::batchOf(std::span<const RollWindow> windows,
                                                        Rng* vary) const {
  Batch b;
  b.windows = static_cast<std::int64_t>(windows.size());
  b.context = windows.front().context;
  std::vector<Roll> rolls;
  std::vector<std::vector<ColumnPlace>> places;
  const RollVariation variation{preset_.transpose, preset_.pitchNoise};
  for (const RollWindow& w : windows) {
    const int columns = w.context + w.count;
    const std::int64_t first = w.first - w.context;
    b.steps = std::max<std::int64_t>(b.steps, columns);
    rolls.push_back(rollOf(w.sequence->notes, preset_.unitsPerColumn, first - kRollPast,
                           kRollPast + columns, variation, vary));
    places.push_back(placesOf(w.sequence->notes, preset_.unitsPerColumn, first, columns));
  }
  for (std::int64_t step = 0; step < b.steps; ++step) {
    for (std::size_t k = 0; k < windows.size(); ++k) {
      b.inputs.from.push_back(static_cast<std::int64_t>(b.inputs.rows.size()));
      if (step >= static_cast<std::int64_t>(places[k].size())) continue;
      const ColumnPlace& place = places[k][static_cast<std::size_t>(step)];
      const auto before = static_cast<std::size_t>((kRollPast + step) * kRollKeys);
      const auto past = std::span(rolls[k].cells()).first(before);
      appendRollRows(past, place, b.inputs.rows);
      if (step < b.context) continue;
      const std::int64_t row = step * b.windows + static_cast<std::int64_t>(k);
      Column column{columnContext(past, place), {}};
      std::copy_n(rolls[k].cells().begin() + static_cast<std::ptrdiff_t>(before), kRollKeys,
                  column.cells.begin());
      Segment s{b.columns.size(), kRollKeys - 1, 0, kRollKeys};
      std::vector<std::int64_t> chosen;
      for (int key = kRollKeys - 1; key >= -1; --key) {
        const bool end = key < 0;
        if (!end && column.cells[static_cast<std::size_t>(key)] == RollCell::kSilent) continue;
        b.given.from.push_back(static_cast<std::int64_t>(b.given.rows.size()));
        b.given.rows.insert(b.given.rows.end(), chosen.begin(), chosen.end());
        for (const std::int64_t r : segmentRows(s.last, static_cast<int>(chosen.size()))) {
          b.given.rows.push_back(r);
        }
        s.low = std::max(key, 0);
        b.segments.push_back(s);
        b.rows.push_back(row);
        if (end) break;
        chosen.push_back(cellRow(key, column.cells[static_cast<std::size_t>(key)]));
        s.high = key - 1;
        s.last = key;
      }
      b.columns.push_back(column);
    }
  }
  return b;
}

at::Tensor ImprovedRollNetwork::core(Batch& b, double rate, std::uint64_t seed) {
  const at::Tensor x =
      drop(bag(embedding_, b.inputs), rate, seed).view({b.steps, b.windows, preset_.hidden});
  const at::Tensor one = lstm(x, lstm_[0]);
  const at::Tensor two = lstm(drop(one, rate, seed + 1), lstm_[1]);
  return linear(drop(x + one + two, rate, seed + 2).reshape({-1, preset_.hidden}), headWeights_,
                headBias_);
}

at::Tensor ImprovedRollNetwork::attendingCore(Batch& b, double rate, std::uint64_t seed) {
  const std::int64_t e = preset_.encoder;
  const std::int64_t out = b.steps - b.context;
  // The encoder reads what is known before each column up to the first predicted one.
  const at::Tensor read = drop(bag(encoderEmbedding_, b.inputs), rate, seed)
                              .view({b.steps, b.windows, e})
                              .slice(0, 1, b.context + 1);
  const at::Tensor forwards = lstm(read, encoder_);
  const at::Tensor backwards = lstm(read.flip(0), back_).flip(0);
  const at::Tensor encoded = at::cat({forwards, backwards}, 2).transpose(0, 1).contiguous();
  const at::Tensor summary =
      linear(at::cat({forwards[b.context - 1], backwards[0]}, 1), summaryWeights_, summaryBias_);
  const at::Tensor x = drop(bag(embedding_, b.inputs), rate, seed + 1)
                           .view({b.steps, b.windows, preset_.hidden})
                           .slice(0, b.context) +
                       summary.unsqueeze(0);
  const at::Tensor said = lstm(x.contiguous(), lstm_[0]);
  const at::Tensor sum = drop(x + said, rate, seed + 2);
  const at::Tensor query = at::matmul(said, query_.t()).transpose(0, 1);  // [windows, out, 2e]
  const at::Tensor weights = at::softmax(
      at::bmm(query, encoded.transpose(1, 2)) / std::sqrt(static_cast<double>(2 * e)), 2);
  const at::Tensor attended = at::bmm(weights, encoded).transpose(0, 1).reshape({-1, 2 * e});
  const at::Tensor base = linear(sum.reshape({-1, preset_.hidden}), headWeights_, headBias_) +
                          at::mm(drop(attended, rate, seed + 3), attended_.t());
  return at::cat({at::zeros({b.context * b.windows, preset_.head}, base.options()),
                  base.view({out * b.windows, preset_.head})});
}

at::Tensor ImprovedRollNetwork::nats(Batch& b, std::optional<std::uint64_t> dropout,
                                     RollTally& tally) {
  const double rate = dropout ? preset_.dropout : 0;
  const std::uint64_t seed = dropout.value_or(0) * 32;
  const at::Tensor base = preset_.seq2seq() ? attendingCore(b, rate, seed) : core(b, rate, seed);
  const at::Tensor rows = tensorOf(b.rows, {static_cast<std::int64_t>(b.rows.size())}, device_);
  const at::Tensor z =
      drop(at::relu(base.index_select(0, rows) + bag(given_, b.given)), rate, seed + 10);
  const at::Tensor outputs = linear(z, outWeights_, outBias_).to(at::kCPU).contiguous();
  return CellNats::apply(outputs, &b.columns, &b.segments, &tally);
}

BatchLoss ImprovedRollNetwork::loss(std::span<const RollWindow> windows, Rng* vary,
                                    std::optional<std::uint64_t> dropout) {
  Batch b = batchOf(windows, vary);
  RollTally tally;
  BatchLoss out;
  out.total = nats(b, dropout, tally) / static_cast<double>(b.columns.size());
  out.examples = tally.columns();
  out.correct = at::scalar_tensor(tally.accuracy() * static_cast<double>(tally.columns()));
  return out;
}

void ImprovedRollNetwork::tally(std::span<const RollWindow> windows, RollTally& into) {
  Batch b = batchOf(windows, nullptr);
  nats(b, std::nullopt, into);
}

}  // namespace incipit
