#include "models/convolutions.h"

#include <algorithm>

namespace incipit {
namespace {

// Which cells of an image [height, width, channels] the patches [rows, columns, kernel rows, kernel
// columns, channels] are.
struct PatchGrid {
  std::int64_t height = 0, width = 0, channels = 0;
  std::int64_t rows = 0, columns = 0;
  std::int64_t kernelRows = 0, kernelColumns = 0;
  std::int64_t rowStride = 0, columnStride = 0;
  std::int64_t above = 0, left = 0;  // zeros around the image

  std::int64_t imageSize() const { return height * width * channels; }
  std::int64_t patchSize() const { return kernelRows * kernelColumns * channels; }
  std::int64_t size() const { return rows * columns * patchSize(); }

  std::vector<std::int64_t> saved() const {
    return {height,        width,     channels,     rows,  columns, kernelRows,
            kernelColumns, rowStride, columnStride, above, left};
  }
  static PatchGrid of(const std::vector<std::int64_t>& s) {
    return {s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10]};
  }

  // Calls visit(cell, patch, count) for each run of numbers that lie together in both, as offsets;
  // a run in the margin has the cell -1.
  template <typename Visit>
  void eachRun(Visit visit) const {
    std::int64_t patch = 0;
    const std::int64_t run = kernelColumns * channels;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < columns; ++c) {
        const std::int64_t column = c * columnStride - left;
        const std::int64_t before = std::clamp<std::int64_t>(-column, 0, kernelColumns) * channels;
        const std::int64_t after =
            std::clamp<std::int64_t>(column + kernelColumns - width, 0, kernelColumns) * channels;
        for (std::int64_t k = 0; k < kernelRows; ++k, patch += run) {
          const std::int64_t row = r * rowStride - above + k;
          if (row < 0 || row >= height) {
            visit(-1, patch, run);
            continue;
          }
          if (before > 0) visit(-1, patch, before);
          visit((row * width + column) * channels + before, patch + before, run - before - after);
          if (after > 0) visit(-1, patch + run - after, after);
        }
      }
    }
  }
};

void gather(const PatchGrid& grid, const float* image, float* patches) {
  grid.eachRun([&](std::int64_t cell, std::int64_t patch, std::int64_t count) {
    if (cell < 0) {
      std::fill_n(patches + patch, count, 0.0F);
    } else {
      std::copy_n(image + cell, count, patches + patch);
    }
  });
}

void scatter(const PatchGrid& grid, const float* patches, float* image) {
  std::fill_n(image, grid.imageSize(), 0.0F);
  grid.eachRun([&](std::int64_t cell, std::int64_t patch, std::int64_t count) {
    if (cell < 0) return;
    float* to = image + cell;
    const float* from = patches + patch;
    for (std::int64_t i = 0; i < count; ++i) to[i] += from[i];
  });
}

at::Tensor unpatched(const at::Tensor& patches, const PatchGrid& grid);

// [n, height, width, channels] to [n * rows * columns, kernel * kernel * channels].
class PatchesFunction : public torch::autograd::Function<PatchesFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& images,
                            const PatchGrid& grid) {
    context->saved_data["grid"] = grid.saved();
    const at::Tensor x = images.contiguous();
    at::Tensor out =
        at::empty({x.size(0) * grid.rows * grid.columns, grid.patchSize()}, x.options());
    const float* from = x.data_ptr<float>();
    float* to = out.data_ptr<float>();
    at::parallel_for(0, x.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        gather(grid, from + i * grid.imageSize(), to + i * grid.size());
      }
    });
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    return {unpatched(grads[0], PatchGrid::of(context->saved_data["grid"].toIntVector())), {}};
  }
};

// Its adjoint: what lies on a cell is summed.
class UnpatchesFunction : public torch::autograd::Function<UnpatchesFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& patches,
                            const PatchGrid& grid) {
    context->saved_data["grid"] = grid.saved();
    const at::Tensor x = patches.contiguous();
    const std::int64_t n = x.size(0) / (grid.rows * grid.columns);
    at::Tensor out = at::empty({n, grid.height, grid.width, grid.channels}, x.options());
    const float* from = x.data_ptr<float>();
    float* to = out.data_ptr<float>();
    at::parallel_for(0, n, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        scatter(grid, from + i * grid.size(), to + i * grid.imageSize());
      }
    });
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    const PatchGrid grid = PatchGrid::of(context->saved_data["grid"].toIntVector());
    return {PatchesFunction::apply(grads[0], grid), {}};
  }
};

at::Tensor unpatched(const at::Tensor& patches, const PatchGrid& grid) {
  return UnpatchesFunction::apply(patches, grid);
}

// Our loops are in single precision on a CPU.
bool ours(const at::Tensor& t) { return t.device().is_cpu() && t.scalar_type() == at::kFloat; }

}  // namespace

at::Tensor channelsLast(const at::Tensor& images) { return images.permute({0, 2, 3, 1}); }
at::Tensor channelsFirst(const at::Tensor& images) { return images.permute({0, 3, 1, 2}); }

at::Tensor convolution(const at::Tensor& images, const at::Tensor& weights, const at::Tensor& bias,
                       const Stencils& s) {
  if (!ours(images)) return convolutionReference(images, weights, bias, s);
  const auto places = [](std::int64_t size, const Stencil& one) {
    return (size + one.before + one.after - one.kernel) / one.stride + 1;
  };
  const PatchGrid grid{images.size(1),
                       images.size(2),
                       images.size(3),
                       places(images.size(1), s.rows),
                       places(images.size(2), s.columns),
                       s.rows.kernel,
                       s.columns.kernel,
                       s.rows.stride,
                       s.columns.stride,
                       s.rows.before,
                       s.columns.before};
  const at::Tensor matrix = weights.permute({2, 3, 1, 0}).reshape({grid.patchSize(), -1});
  return at::addmm(bias, PatchesFunction::apply(images, grid), matrix)
      .view({images.size(0), grid.rows, grid.columns, -1});
}

at::Tensor transposedConvolution(const at::Tensor& images, const at::Tensor& weights,
                                 const at::Tensor& bias, const Stencils& s) {
  if (!ours(images)) return transposedConvolutionReference(images, weights, bias, s);
  const auto size = [](std::int64_t places, const Stencil& one) {
    return one.stride * (places - 1) + one.kernel - 2 * one.before;
  };
  const PatchGrid grid{size(images.size(1), s.rows),
                       size(images.size(2), s.columns),
                       weights.size(1),
                       images.size(1),
                       images.size(2),
                       s.rows.kernel,
                       s.columns.kernel,
                       s.rows.stride,
                       s.columns.stride,
                       s.rows.before,
                       s.columns.before};
  const at::Tensor matrix = weights.permute({0, 2, 3, 1}).reshape({weights.size(0), -1});
  const at::Tensor rows = images.reshape({-1, images.size(3)});
  return unpatched(at::mm(rows, matrix), grid) + bias;
}

at::Tensor convolutionReference(const at::Tensor& images, const at::Tensor& weights,
                                const at::Tensor& bias, const Stencils& s) {
  const at::Tensor padded = at::constant_pad_nd(
      channelsFirst(images), {s.columns.before, s.columns.after, s.rows.before, s.rows.after});
  return channelsLast(at::conv2d(padded, weights, bias, {s.rows.stride, s.columns.stride}));
}

at::Tensor transposedConvolutionReference(const at::Tensor& images, const at::Tensor& weights,
                                          const at::Tensor& bias, const Stencils& s) {
  return channelsLast(at::conv_transpose2d(channelsFirst(images), weights, bias,
                                           {s.rows.stride, s.columns.stride},
                                           {s.rows.before, s.columns.before}));
}

}  // namespace incipit
