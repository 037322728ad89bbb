#include "models/layers.h"

#include <cmath>

#include "models/lstm_kernels.h"

namespace incipit {
namespace {

LstmState plainStep(const at::Tensor& gates, const at::Tensor& cellBefore) {
  const auto g = gates.chunk(4, -1);
  const at::Tensor cell = at::sigmoid(g[1]) * cellBefore + at::sigmoid(g[0]) * at::tanh(g[2]);
  return {at::sigmoid(g[3]) * at::tanh(cell), cell};
}

// Gives the outputs of all steps and the last cell.
class LstmFunction : public torch::autograd::Function<LstmFunction> {
 public:
  static torch::autograd::variable_list forward(
      torch::autograd::AutogradContext* context, const at::Tensor& input,
      const at::Tensor& startOutput, const at::Tensor& startCell, const at::Tensor& inputWeights,
      const at::Tensor& recurrentWeights, const at::Tensor& bias) {
    const std::int64_t steps = input.size(0);
    const std::int64_t batch = input.size(1);
    const std::int64_t hidden = recurrentWeights.size(1);
    const std::int64_t n = batch * hidden;
    const at::Tensor x = input.contiguous();
    const at::Tensor firstCell = startCell.contiguous();
    at::Tensor gates = at::addmm(bias, x.view({steps * batch, -1}), inputWeights.t())
                           .view({steps, batch, 4 * hidden});
    at::Tensor cells = at::empty({steps, batch, hidden}, x.options());
    at::Tensor outputs = at::empty({steps, batch, hidden}, x.options());
    const at::Tensor recurrent = recurrentWeights.t();
    for (std::int64_t t = 0; t < steps; ++t) {
      at::Tensor now = gates[t];
      now.addmm_(t > 0 ? outputs[t - 1] : startOutput, recurrent);
      float* cell = cells.data_ptr<float>() + t * n;
      lstmForward(now.data_ptr<float>(), t > 0 ? cell - n : firstCell.data_ptr<float>(), cell,
                  outputs.data_ptr<float>() + t * n, batch, hidden);
    }
    context->saved_data["input"] = input.requires_grad();
    context->saved_data["start"] = startOutput.requires_grad() || startCell.requires_grad();
    context->save_for_backward(
        {x, startOutput, firstCell, inputWeights, recurrentWeights, gates, cells, outputs});
    return {outputs, cells[steps - 1].clone()};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& startOutput = saved[1];
    const at::Tensor& firstCell = saved[2];
    const at::Tensor& inputWeights = saved[3];
    const at::Tensor& recurrentWeights = saved[4];
    const at::Tensor& gates = saved[5];
    const at::Tensor& cells = saved[6];
    const at::Tensor& outputs = saved[7];
    const std::int64_t steps = x.size(0);
    const std::int64_t batch = x.size(1);
    const std::int64_t hidden = recurrentWeights.size(1);
    const std::int64_t n = batch * hidden;
    at::Tensor gradOutputs = grads[0].clone(at::MemoryFormat::Contiguous);
    at::Tensor gradCell = grads[1].clone(at::MemoryFormat::Contiguous);
    at::Tensor gradGates = at::empty_like(gates);
    for (std::int64_t t = steps; t-- > 0;) {
      at::Tensor gradNow = gradOutputs[t];
      if (t + 1 < steps) gradNow.addmm_(gradGates[t + 1], recurrentWeights);
      const float* cell = cells.data_ptr<float>() + t * n;
      lstmBackward(gates.data_ptr<float>() + 4 * t * n,
                   t > 0 ? cell - n : firstCell.data_ptr<float>(), cell, gradNow.data_ptr<float>(),
                   gradCell.data_ptr<float>(), gradGates.data_ptr<float>() + 4 * t * n, batch,
                   hidden);
    }
    const at::Tensor flat = gradGates.view({steps * batch, 4 * hidden});
    const at::Tensor gradInputWeights = flat.t().mm(x.view({steps * batch, -1}));
    at::Tensor gradRecurrent = gradGates[0].t().mm(startOutput);
    if (steps > 1) {
      gradRecurrent.addmm_(flat.slice(0, batch).t(),
                           outputs.view({steps * batch, hidden}).slice(0, 0, (steps - 1) * batch));
    }
    at::Tensor gradInput, gradStart;
    if (context->saved_data["input"].toBool()) gradInput = flat.mm(inputWeights).view_as(x);
    const bool started = context->saved_data["start"].toBool();
    if (started) gradStart = gradGates[0].mm(recurrentWeights);
    return {gradInput,        gradStart,     started ? gradCell : at::Tensor(),
            gradInputWeights, gradRecurrent, flat.sum(0)};
  }
};

// Every tap is a product of its own: a delay is a view of fewer rows.
class ConvolutionFunction : public torch::autograd::Function<ConvolutionFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weights, const at::Tensor& bias,
                            std::int64_t dilation) {
    const at::Tensor x = input.contiguous();
    const Taps taps(x, weights, dilation);
    at::Tensor out = at::addmm(bias, taps.flat, taps.weights(weights, 0).t());
    for (std::int64_t back = 1; back < taps.kernel; ++back) {
      if (taps.rows(back) <= 0) break;
      taps.late(out, back).addmm_(taps.early(taps.flat, back), taps.weights(weights, back).t());
    }
    context->saved_data["dilation"] = dilation;
    context->saved_data["input"] = input.requires_grad();
    context->save_for_backward({x, weights});
    return out.view({x.size(0), x.size(1), -1});
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& weights = saved[1];
    const Taps taps(x, weights, context->saved_data["dilation"].toInt());
    const at::Tensor grad = grads[0].contiguous().view({taps.flat.size(0), -1});
    const bool wanted = context->saved_data["input"].toBool();
    at::Tensor gradInput;
    at::Tensor gradWeights = at::zeros_like(weights);
    for (std::int64_t back = 0; back < taps.kernel && taps.rows(back) > 0; ++back) {
      const at::Tensor late = taps.late(grad, back);
      const at::Tensor own = taps.weights(weights, back);
      taps.weights(gradWeights, back).copy_(late.t().mm(taps.early(taps.flat, back)));
      if (!wanted) continue;
      if (back == 0) {
        gradInput = late.mm(own);
      } else {
        taps.early(gradInput, back).addmm_(late, own);
      }
    }
    if (wanted) gradInput = gradInput.view_as(x);
    return {gradInput, gradWeights, grad.sum(0), {}};
  }

 private:
  // Rows are steps * batch; `back` counts the taps from the newest.
  struct Taps {
    Taps(const at::Tensor& x, const at::Tensor& weights, std::int64_t dilation)
        : flat(x.view({-1, x.size(2)})),
          kernel(weights.size(1) / x.size(2)),
          delay(dilation * x.size(1)) {}
    std::int64_t rows(std::int64_t back) const { return flat.size(0) - back * delay; }
    at::Tensor early(const at::Tensor& of, std::int64_t back) const {
      return of.slice(0, 0, rows(back));
    }
    at::Tensor late(const at::Tensor& of, std::int64_t back) const {
      return of.slice(0, back * delay);
    }
    at::Tensor weights(const at::Tensor& of, std::int64_t back) const {
      const std::int64_t ins = flat.size(1);
      return of.slice(1, (kernel - 1 - back) * ins, (kernel - back) * ins);
    }
    at::Tensor flat;
    std::int64_t kernel, delay;
  };
};

class PairMaximumFunction : public torch::autograd::Function<PairMaximumFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x) {
    const at::Tensor pairs = pairsOf(x);
    const at::Tensor first = pairs.select(1, 0);
    const at::Tensor second = pairs.select(1, 1);
    context->save_for_backward({first >= second});
    context->saved_data["steps"] = x.size(0);
    return at::maximum(first, second);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const at::Tensor first = context->get_saved_variables()[0];
    const at::Tensor& grad = grads[0];
    std::vector<std::int64_t> shape = grad.sizes().vec();
    shape[0] = context->saved_data["steps"].toInt();
    at::Tensor out =
        shape[0] % 2 == 0 ? at::empty(shape, grad.options()) : at::zeros(shape, grad.options());
    const at::Tensor pairs = pairsOf(out);
    pairs.select(1, 0).copy_(grad * first);
    pairs.select(1, 1).copy_(grad * first.logical_not());
    return {out};
  }

 private:
  static at::Tensor pairsOf(const at::Tensor& x) {
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape[0] /= 2;
    shape.insert(shape.begin() + 1, 2);
    return x.slice(0, x.size(0) % 2).view(shape);
  }
};

// r = reset, z = update, n = candidate: output = (1 - z) n + z before.
at::Tensor plainGruStep(const at::Tensor& fromInput, const at::Tensor& fromBefore,
                        const at::Tensor& before) {
  const auto x = fromInput.chunk(3, -1);
  const auto h = fromBefore.chunk(3, -1);
  const at::Tensor z = at::sigmoid(x[1] + h[1]);
  const at::Tensor n = at::tanh(x[2] + at::sigmoid(x[0] + h[0]) * h[2]);
  return n + z * (before - n);
}

class GruFunction : public torch::autograd::Function<GruFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& inputWeights, const at::Tensor& recurrentWeights,
                            const at::Tensor& bias) {
    const std::int64_t steps = input.size(0);
    const std::int64_t batch = input.size(1);
    const std::int64_t hidden = recurrentWeights.size(1);
    const at::Tensor x = input.contiguous();
    at::Tensor gates = at::addmm(bias, x.view({steps * batch, -1}), inputWeights.t())
                           .view({steps, batch, 3 * hidden});
    at::Tensor outputs = at::empty({steps, batch, hidden}, x.options());
    // What the recurrent weights give to the candidate, before the reset gate.
    at::Tensor candidates = at::empty({steps, batch, hidden}, x.options());
    at::Tensor fromBefore = at::zeros({batch, 3 * hidden}, x.options());
    const at::Tensor recurrent = recurrentWeights.t();
    const std::int64_t n = batch * hidden;
    for (std::int64_t t = 0; t < steps; ++t) {
      if (t > 0) at::mm_out(fromBefore, outputs[t - 1], recurrent);
      gruForward(gates.data_ptr<float>() + 3 * t * n, fromBefore.data_ptr<float>(),
                 t > 0 ? outputs.data_ptr<float>() + (t - 1) * n : nullptr,
                 candidates.data_ptr<float>() + t * n, outputs.data_ptr<float>() + t * n, batch,
                 hidden);
    }
    context->saved_data["input"] = input.requires_grad();
    context->save_for_backward({x, inputWeights, recurrentWeights, gates, candidates, outputs});
    return outputs;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& inputWeights = saved[1];
    const at::Tensor& recurrentWeights = saved[2];
    const at::Tensor& gates = saved[3];
    const at::Tensor& candidates = saved[4];
    const at::Tensor& outputs = saved[5];
    const std::int64_t steps = x.size(0);
    const std::int64_t batch = x.size(1);
    const std::int64_t hidden = recurrentWeights.size(1);
    const std::int64_t n = batch * hidden;
    at::Tensor gradOutputs = grads[0].contiguous().clone();
    at::Tensor gradGates = at::empty_like(gates);
    at::Tensor gradFromBefore = at::empty_like(gates);
    for (std::int64_t t = steps; t-- > 0;) {
      float* gradOutput = gradOutputs.data_ptr<float>() + t * n;
      gruBackward(gates.data_ptr<float>() + 3 * t * n, candidates.data_ptr<float>() + t * n,
                  t > 0 ? outputs.data_ptr<float>() + (t - 1) * n : nullptr, gradOutput,
                  t > 0 ? gradOutput - n : nullptr, gradGates.data_ptr<float>() + 3 * t * n,
                  gradFromBefore.data_ptr<float>() + 3 * t * n, batch, hidden);
      if (t > 0) {
        at::Tensor earlier = gradOutputs[t - 1];
        earlier.addmm_(gradFromBefore[t], recurrentWeights);
      }
    }
    const at::Tensor flat = gradGates.view({steps * batch, 3 * hidden});
    const at::Tensor gradInputWeights = flat.t().mm(x.view({steps * batch, -1}));
    at::Tensor gradRecurrent =
        steps > 1 ? gradFromBefore.view({steps * batch, 3 * hidden})
                        .slice(0, batch)
                        .t()
                        .mm(outputs.view({steps * batch, hidden}).slice(0, 0, (steps - 1) * batch))
                  : at::zeros_like(recurrentWeights);
    at::Tensor gradInput;
    if (context->saved_data["input"].toBool()) gradInput = flat.mm(inputWeights).view_as(x);
    return {gradInput, gradInputWeights, gradRecurrent, flat.sum(0)};
  }
};

}  // namespace

std::int64_t Network::parameterCount() const {
  std::int64_t n = 0;
  for (const auto& [name, p] : parameters_) n += p.numel();
  return n;
}

at::Tensor Network::add(const std::string& name, at::IntArrayRef shape, double bound, Rng& rng) {
  at::Tensor values = at::empty(shape, at::kFloat);
  float* out = values.data_ptr<float>();
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    out[i] = static_cast<float>((2 * rng.uniform() - 1) * bound);
  }
  at::Tensor leaf = values.to(device_).requires_grad_(true);
  parameters_.emplace_back(name, leaf);
  return leaf;
}

RecurrentLayer Network::addLstm(const std::string& name, std::int64_t in, std::int64_t hidden,
                                double bound, Rng& rng) {
  RecurrentLayer layer;
  layer.input = add(name + ".input", {4 * hidden, in}, bound, rng);
  layer.recurrent = add(name + ".recurrent", {4 * hidden, hidden},
                        1 / std::sqrt(static_cast<double>(hidden)), rng);
  at::Tensor bias = at::zeros({4 * hidden}, at::kFloat);
  bias.slice(0, hidden, 2 * hidden).fill_(1.0);
  layer.bias = bias.to(device_).requires_grad_(true);
  parameters_.emplace_back(name + ".bias", layer.bias);
  return layer;
}

at::Device deviceOf(const std::string& name) {
  const at::Device device(name.empty() ? "cpu" : name);
  return device.is_cuda() && !device.has_index() ? at::Device(at::kCUDA, 0) : device;
}

double glorot(std::int64_t in, std::int64_t out) {
  return std::sqrt(6.0 / static_cast<double>(in + out));
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias) {
  return at::addmm(bias, x, weights.t());
}

at::Tensor drop(const at::Tensor& x, double rate, std::uint64_t seed) {
  if (rate <= 0) return x;
  at::Tensor mask = at::empty(x.sizes(), at::kFloat);
  dropMask({mask.data_ptr<float>(), static_cast<std::size_t>(mask.numel())}, rate, seed);
  return x * mask.to(x.device());
}

at::Tensor bag(const at::Tensor& table, const at::Tensor& rows) {
  return torch::nn::functional::embedding_bag(
      rows, table, torch::nn::functional::EmbeddingBagFuncOptions().mode(torch::kSum));
}

at::Tensor bag(const at::Tensor& table, RaggedRows& rows) {
  const auto n = [](const std::vector<std::int64_t>& v) {
    return static_cast<std::int64_t>(v.size());
  };
  return torch::nn::functional::embedding_bag(
      tensorOf(rows.rows, {n(rows.rows)}, table.device()), table,
      torch::nn::functional::EmbeddingBagFuncOptions()
          .mode(torch::kSum)
          .offsets(tensorOf(rows.from, {n(rows.from)}, table.device())));
}

at::Tensor causalConvolution(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias,
                             std::int64_t dilation) {
  return ConvolutionFunction::apply(x, weights, bias, dilation);
}

at::Tensor pairMaximum(const at::Tensor& x) { return PairMaximumFunction::apply(x); }

GatedOutput gatedConvolution(const at::Tensor& x, const GatedWeights& w, std::int64_t dilation) {
  const std::int64_t width = x.size(2);
  const auto halves = causalConvolution(x, w.gates, w.gatesBias, dilation).chunk(2, 2);
  const at::Tensor gated = (at::tanh(halves[0]) * at::sigmoid(halves[1])).view({-1, width});
  const auto parts = linear(gated, w.out, w.outBias).view({x.size(0), -1, 2 * width}).chunk(2, 2);
  return {x + parts[0], parts[1]};
}

LstmState zeroLstmState(std::int64_t batch, std::int64_t hidden, const at::TensorOptions& options) {
  const at::Tensor zeros = at::zeros({batch, hidden}, options);
  return {zeros, zeros};
}

LstmRun lstmReference(const LstmState& start, const at::Tensor& input,
                      const RecurrentLayer& layer) {
  LstmState state = start;
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& x : (at::matmul(input, layer.input.t()) + layer.bias).unbind(0)) {
    state = plainStep(x + at::matmul(state.output, layer.recurrent.t()), state.cell);
    outputs.push_back(state.output);
  }
  return {at::stack(outputs), state};
}

LstmRun lstmFrom(const LstmState& start, const at::Tensor& input, const RecurrentLayer& layer) {
  if (!input.is_cpu() || input.scalar_type() != at::kFloat) {
    return lstmReference(start, input, layer);
  }
  const auto out = LstmFunction::apply(input, start.output, start.cell, layer.input,
                                       layer.recurrent, layer.bias);
  return {out[0], {out[0][input.size(0) - 1], out[1]}};
}

at::Tensor lstm(const at::Tensor& input, const RecurrentLayer& layer) {
  const LstmState start = zeroLstmState(input.size(1), layer.hidden(), input.options());
  return lstmFrom(start, input, layer).outputs;
}

at::Tensor gruReference(const at::Tensor& input, const RecurrentLayer& layer) {
  at::Tensor output = at::zeros({input.size(1), layer.hidden()}, input.options());
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& x : (at::matmul(input, layer.input.t()) + layer.bias).unbind(0)) {
    output = plainGruStep(x, at::matmul(output, layer.recurrent.t()), output);
    outputs.push_back(output);
  }
  return at::stack(outputs);
}

at::Tensor gru(const at::Tensor& input, const RecurrentLayer& layer) {
  if (input.is_cpu() && input.scalar_type() == at::kFloat) {
    return GruFunction::apply(input, layer.input, layer.recurrent, layer.bias);
  }
  return gruReference(input, layer);
}

}  // namespace incipit
