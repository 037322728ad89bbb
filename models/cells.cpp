#include "models/cells.h"

#include <algorithm>

namespace incipit {

std::vector<float> valuesOf(const TensorFile& file, const std::string& name) {
  return file.find(name)->values;
}

Dense denseOf(const TensorFile& file, const std::string& weight, const std::string& bias) {
  const NamedTensor& t = *file.find(weight);
  return {Panels(t.values.data(), t.shape[0], t.shape[1], t.shape[1]),
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
  w.hidden = w.recurrent.ins();
  w.lstm = w.recurrent.outs() == 4 * w.hidden;
  return w;
}

RecurrentCell::RecurrentCell(const RecurrentWeights& weights) : weights_(weights) {
  gates_.resize(static_cast<std::size_t>(weights.input.outs()));
  fromBefore_.resize(weights.lstm ? 0 : gates_.size());
  reset();
}

void RecurrentCell::reset() {
  const auto hidden = static_cast<std::size_t>(weights_.hidden);
  output_.assign(hidden, 0.0F);
  cell_.assign(weights_.lstm ? hidden : 0, 0.0F);
}

std::span<const float> RecurrentCell::step() {
  const std::int64_t hidden = weights_.hidden;
  if (weights_.lstm) {
    multiplyAdd(weights_.recurrent.weights, 1, output_.data(), gates_.data(), 0, gates_.data());
    lstmForward(gates_.data(), cell_.data(), cell_.data(), output_.data(), 1, hidden);
  } else {
    weights_.recurrent(output_.data(), fromBefore_.data());
    gruForward(gates_.data(), fromBefore_.data(), output_.data(), nullptr, output_.data(), 1,
               hidden);
  }
  return output_;
}

WindowedLstm::WindowedLstm(const RecurrentWeights& weights, int length, int stride,
                           std::size_t windows)
    : weights_(weights),
      stride_(static_cast<std::size_t>(stride)),
      together_(static_cast<std::size_t>(length / stride)),
      windows_(windows) {
  const auto hidden = static_cast<std::size_t>(weights.hidden);
  input_.resize(4 * hidden);
  gates_.resize(together_ * 4 * hidden);
  cell_.resize(together_ * hidden);
  output_.resize(together_ * hidden);
}

void WindowedLstm::reset() { pushed_ = 0; }

void WindowedLstm::push() {
  const std::size_t newest = pushed_ / stride_;
  if (pushed_ % stride_ == 0) {
    // The window that began before all others has ended.
    const auto hidden = static_cast<std::ptrdiff_t>(weights_.hidden);
    const auto at = static_cast<std::ptrdiff_t>(newest % together_) * hidden;
    std::fill_n(output_.begin() + at, hidden, 0.0F);
    std::fill_n(cell_.begin() + at, hidden, 0.0F);
  }
  ++pushed_;
  std::size_t first = newest < together_ ? 0 : newest - together_ + 1;
  const std::size_t end = std::min(newest + 1, windows_);
  if (first + together_ == end) {
    step(0, together_);
    return;
  }
  while (first < end) {
    const std::size_t row = first % together_;
    const std::size_t rows = std::min(end - first, together_ - row);
    step(row, rows);
    first += rows;
  }
}

void WindowedLstm::step(std::size_t row, std::size_t rows) {
  const auto hidden = static_cast<std::size_t>(weights_.hidden);
  const auto count = static_cast<std::int64_t>(rows);
  float* output = output_.data() + row * hidden;
  float* cell = cell_.data() + row * hidden;
  multiplyAdd(weights_.recurrent.weights, count, output, input_.data(), 0, gates_.data());
  lstmForward(gates_.data(), cell, cell, output, count, weights_.hidden);
}

std::span<const float> WindowedLstm::row(const std::vector<float>& of) const {
  // The newest input is the last of the window whose turn to begin anew is next.
  const auto hidden = static_cast<std::size_t>(weights_.hidden);
  return std::span(of).subspan(pushed_ / stride_ % together_ * hidden, hidden);
}

GatedCell::GatedCell(const GatedCellWeights& weights) : weights_(weights) {
  both_.resize(static_cast<std::size_t>(weights.gates.ins()));
  gates_.resize(static_cast<std::size_t>(weights.gates.outs()));
  out_.resize(static_cast<std::size_t>(weights.out.outs()));
  reset();
}

void GatedCell::reset() {
  queue_.assign(static_cast<std::size_t>(weights_.dilation * weights_.out.ins()), 0.0F);
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
