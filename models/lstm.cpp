#include "models/lstm.h"

#include "models/lstm_kernels.h"

namespace incipit {
namespace {

struct Step {
  at::Tensor output, cell;
};

Step plainStep(const at::Tensor& gates, const at::Tensor& cellBefore) {
  const auto g = gates.chunk(4, -1);
  const at::Tensor cell = at::sigmoid(g[1]) * cellBefore + at::sigmoid(g[0]) * at::tanh(g[2]);
  return {at::sigmoid(g[3]) * at::tanh(cell), cell};
}

class LstmFunction : public torch::autograd::Function<LstmFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& inputWeights, const at::Tensor& recurrentWeights,
                            const at::Tensor& bias) {
    const std::int64_t steps = input.size(0);
    const std::int64_t batch = input.size(1);
    const std::int64_t hidden = recurrentWeights.size(1);
    const at::Tensor x = input.contiguous();
    at::Tensor gates = at::addmm(bias, x.view({steps * batch, -1}), inputWeights.t())
                           .view({steps, batch, 4 * hidden});
    at::Tensor cells = at::empty({steps, batch, hidden}, x.options());
    at::Tensor outputs = at::empty({steps, batch, hidden}, x.options());
    const at::Tensor recurrent = recurrentWeights.t();
    for (std::int64_t t = 0; t < steps; ++t) {
      at::Tensor now = gates[t];
      if (t > 0) now.addmm_(outputs[t - 1], recurrent);
      const std::int64_t n = batch * hidden;
      lstmForward(now.data_ptr<float>(), t > 0 ? cells.data_ptr<float>() + (t - 1) * n : nullptr,
                  cells.data_ptr<float>() + t * n, outputs.data_ptr<float>() + t * n, batch,
                  hidden);
    }
    context->saved_data["input"] = input.requires_grad();
    context->save_for_backward({x, inputWeights, recurrentWeights, gates, cells, outputs});
    return outputs;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& inputWeights = saved[1];
    const at::Tensor& recurrentWeights = saved[2];
    const at::Tensor& gates = saved[3];
    const at::Tensor& cells = saved[4];
    const at::Tensor& outputs = saved[5];
    const std::int64_t steps = x.size(0);
    const std::int64_t batch = x.size(1);
    const std::int64_t hidden = recurrentWeights.size(1);
    const std::int64_t n = batch * hidden;
    at::Tensor gradOutputs = grads[0].contiguous().clone();
    at::Tensor gradGates = at::empty_like(gates);
    at::Tensor gradCell = at::zeros({batch, hidden}, x.options());
    for (std::int64_t t = steps; t-- > 0;) {
      at::Tensor gradNow = gradOutputs[t];
      if (t + 1 < steps) gradNow.addmm_(gradGates[t + 1], recurrentWeights);
      lstmBackward(gates.data_ptr<float>() + 4 * t * n,
                   t > 0 ? cells.data_ptr<float>() + (t - 1) * n : nullptr,
                   cells.data_ptr<float>() + t * n, gradNow.data_ptr<float>(),
                   gradCell.data_ptr<float>(), gradGates.data_ptr<float>() + 4 * t * n, batch,
                   hidden);
    }
    const at::Tensor flat = gradGates.view({steps * batch, 4 * hidden});
    const at::Tensor gradInputWeights = flat.t().mm(x.view({steps * batch, -1}));
    at::Tensor gradRecurrent =
        steps > 1 ? flat.slice(0, batch).t().mm(
                        outputs.view({steps * batch, hidden}).slice(0, 0, (steps - 1) * batch))
                  : at::zeros_like(recurrentWeights);
    at::Tensor gradInput;
    if (context->saved_data["input"].toBool()) gradInput = flat.mm(inputWeights).view_as(x);
    return {gradInput, gradInputWeights, gradRecurrent, flat.sum(0)};
  }
};

}  // namespace

at::Tensor lstmReference(const at::Tensor& input, const at::Tensor& inputWeights,
                         const at::Tensor& recurrentWeights, const at::Tensor& bias) {
  const std::int64_t hidden = recurrentWeights.size(1);
  const at::Tensor fromInput = at::matmul(input, inputWeights.t()) + bias;
  at::Tensor cell = at::zeros({input.size(1), hidden}, input.options());
  at::Tensor output = cell;
  std::vector<at::Tensor> outputs;
  outputs.reserve(static_cast<std::size_t>(input.size(0)));
  for (std::int64_t t = 0; t < input.size(0); ++t) {
    const Step step = plainStep(fromInput[t] + at::matmul(output, recurrentWeights.t()), cell);
    cell = step.cell;
    output = step.output;
    outputs.push_back(output);
  }
  return at::stack(outputs);
}

at::Tensor lstm(const at::Tensor& input, const at::Tensor& inputWeights,
                const at::Tensor& recurrentWeights, const at::Tensor& bias) {
  if (input.is_cpu() && input.scalar_type() == at::kFloat) {
    return LstmFunction::apply(input, inputWeights, recurrentWeights, bias);
  }
  return lstmReference(input, inputWeights, recurrentWeights, bias);
}

}  // namespace incipit
