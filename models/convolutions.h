// Convolutions in two dimensions that are the same in their gradients' gradients, which a gradient
// penalty needs. Images are [n, height, width, channels], so that what a kernel's row sees lies
// together in memory: the patches of a whole batch are gathered into a matrix, and one product does
// the rest. On a CPU that is faster than LibTorch's own as Debian builds it (`incipit-cli bench
// train`); elsewhere LibTorch's are used. Both are tested against each other.
//
// Thread safety: free functions.
#pragma once

#include "models/layers.h"

namespace incipit {

// How a kernel moves along one side: by `stride`, over an image with zeros around it, `before` of
// them at its beginning and `after` at its end.
struct Stencil {
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  std::int64_t before = 1;
  std::int64_t after = 1;
};
struct Stencils {
  Stencil rows, columns;
};
constexpr Stencils square(const Stencil& s) { return {s, s}; }

// weights: [out, in, rows' kernel, columns' kernel]; bias: [out]. Returns [n, rows, columns, out].
at::Tensor convolution(const at::Tensor& images, const at::Tensor& weights, const at::Tensor& bias,
                       const Stencils& stencils);

// The adjoint of a convolution, and a bias. weights: [in, out, rows' kernel, columns' kernel];
// `before` equals `after`. Returns [n, stride * (height - 1) + kernel - 2 * before, likewise, out].
at::Tensor transposedConvolution(const at::Tensor& images, const at::Tensor& weights,
                                 const at::Tensor& bias, const Stencils& stencils);

// By LibTorch's own operations: the references.
at::Tensor convolutionReference(const at::Tensor& images, const at::Tensor& weights,
                                const at::Tensor& bias, const Stencils& stencils);
at::Tensor transposedConvolutionReference(const at::Tensor& images, const at::Tensor& weights,
                                          const at::Tensor& bias, const Stencils& stencils);

// Between [n, channels, height, width] and [n, height, width, channels].
at::Tensor channelsLast(const at::Tensor& images);
at::Tensor channelsFirst(const at::Tensor& images);

}  // namespace incipit
