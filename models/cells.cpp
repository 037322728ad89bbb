#include "models/cells.h"

#include <algorithm>

#include "models/lstm_kernels.h"

namespace incipit {

std::vector<float> valuesOf(const TensorFile& file, const std::string& name) {
  return file.find(name)->values;
}

std::vector<float> transposed(const TensorFile& file, const std::string& name) {
  const NamedTensor& t = *file.find(name);
  const auto rows = static_cast<std::size_t>(t.shape[0]);
  const auto columns = static_cast<std::size_t>(t.shape[1]);
  std::vector<float> out(t.values.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = t.values[r * columns + c];
  }
  return out;
}

void Dense::operator()(const float* in, float* out) const {
  multiplyAdd(in, weights.data(), bias.empty() ? nullptr : bias.data(), out, ins, outs);
}

Dense denseOf(const TensorFile& file, const std::string& weight, const std::string& bias) {
  const NamedTensor& t = *file.find(weight);
  return {t.shape[1], t.shape[0], transposed(file, weight),
          bias.empty() ? std::vector<float>() : valuesOf(file, bias)};
}

void addRows(std::span<const float> table, std::span<const std::int64_t> rows,
             std::span<float> out) {
  for (const std::int64_t row : rows) {
    const auto values = table.subspan(static_cast<std::size_t>(row) * out.size(), out.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += values[i];
  }
}

RecurrentWeights recurrentOf(const TensorFile& file, const std::string& name) {
  RecurrentWeights w;
  w.input = denseOf(file, name + ".input", name + ".bias");
  w.recurrent = denseOf(file, name + ".recurrent");
  w.hidden = w.recurrent.ins;
  w.lstm = w.recurrent.outs == 4 * w.hidden;
  return w;
}

RecurrentCell::RecurrentCell(const RecurrentWeights& weights) : weights_(weights) {
  gates_.resize(static_cast<std::size_t>(weights.input.outs));
  fromBefore_.resize(weights.lstm ? 0 : gates_.size());
  reset();
}

void RecurrentCell::reset() {
  const auto hidden = static_cast<std::size_t>(weights_.hidden);
  output_.assign(hidden, 0.0F);
  cell_.assign(weights_.lstm ? hidden : 0, 0.0F);
}

std::span<const float> RecurrentCell::step(const float* in) {
  const std::int64_t hidden = weights_.hidden;
  weights_.input(in, gates_.data());
  if (weights_.lstm) {
    multiplyAdd(output_.data(), weights_.recurrent.weights.data(), gates_.data(), gates_.data(),
                hidden, 4 * hidden);
    lstmForward(gates_.data(), cell_.data(), cell_.data(), output_.data(), 1, hidden);
  } else {
    weights_.recurrent(output_.data(), fromBefore_.data());
    gruForward(gates_.data(), fromBefore_.data(), output_.data(), nullptr, output_.data(), 1,
               hidden);
  }
  return output_;
}

GatedCell::GatedCell(const GatedCellWeights& weights) : weights_(weights) {
  both_.resize(static_cast<std::size_t>(weights.gates.ins));
  gates_.resize(static_cast<std::size_t>(weights.gates.outs));
  out_.resize(static_cast<std::size_t>(weights.out.outs));
  reset();
}

void GatedCell::reset() {
  queue_.assign(static_cast<std::size_t>(weights_.dilation * weights_.out.ins), 0.0F);
  at_ = 0;
}

void GatedCell::step(std::span<float> x, std::span<float> skip) {
  const std::size_t width = x.size();
  float* earlier = queue_.data() + at_ * width;
  std::copy_n(earlier, width, both_.begin());
  std::copy(x.begin(), x.end(), both_.begin() + static_cast<std::ptrdiff_t>(width));
  std::copy(x.begin(), x.end(), earlier);
  at_ = (at_ + 1) % static_cast<std::size_t>(weights_.dilation);
  weights_.gates(both_.data(), gates_.data());
  for (std::size_t i = 0; i < width; ++i) {
    gates_[i] = tanhOf(gates_[i]) * sigmoidOf(gates_[width + i]);
  }
  weights_.out(gates_.data(), out_.data());
  for (std::size_t i = 0; i < width; ++i) {
    x[i] += out_[i];
    skip[i] += out_[width + i];
  }
}

}  // namespace incipit
