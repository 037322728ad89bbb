// Our convolutions against LibTorch's: values, gradients, and the gradients of gradients.
#include "models/convolutions.h"  // before Qt, whose macros it does not know

#include <QtTest>

using namespace incipit;

Q_DECLARE_METATYPE(Stencil)

namespace {

using Convolve = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                const Stencils&);

double largest(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// What a convolution gives, the gradients of a sum over it, and those of a penalty on the gradient
// at the images.
std::vector<at::Tensor> everything(Convolve convolve, const at::Tensor& images,
                                   const at::Tensor& weights, const at::Tensor& bias,
                                   const Stencils& stencils) {
  const at::Tensor x = images.clone().requires_grad_(true);
  const at::Tensor w = weights.clone().requires_grad_(true);
  const at::Tensor b = bias.clone().requires_grad_(true);
  const at::Tensor out = convolve(x, w, b, stencils);
  const at::Tensor sum = (out.tanh() * out).sum();
  const auto first = torch::autograd::grad({sum}, {x, w, b}, {}, /*retain_graph=*/true,
                                           /*create_graph=*/true);
  const at::Tensor penalty = (first[0].square().sum() - 1).square();
  const auto second = torch::autograd::grad({penalty}, {x, w, b});
  std::vector<at::Tensor> all{out.contiguous()};
  all.insert(all.end(), first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

void compare(Convolve ours, Convolve reference, const at::Tensor& images, const at::Tensor& weights,
             const at::Tensor& bias, const Stencils& stencils) {
  const auto a = everything(ours, images, weights, bias, stencils);
  const auto b = everything(reference, images, weights, bias, stencils);
  for (std::size_t i = 0; i < a.size(); ++i) {
    QCOMPARE(a[i].sizes().vec(), b[i].sizes().vec());
    const double scale = std::max(1.0, b[i].abs().max().item<double>());
    const double apart = largest(a[i], b[i]);
    QVERIFY2(apart < 1e-4 * scale, qPrintable(QString("part %1: %2").arg(i).arg(apart)));
  }
}

}  // namespace

class TestConvolutions : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void stencils_data() {
    QTest::addColumn<Stencil>("rows");
    QTest::addColumn<Stencil>("columns");
    const auto both = [](const char* name, const Stencil& s) { QTest::newRow(name) << s << s; };
    both("3, stride 2", {3, 2, 1, 1});
    both("4, stride 2", {4, 2, 1, 1});
    both("4, as large", {4, 1, 1, 2});
    both("3, no margin", {3, 1, 0, 0});
    both("1", {1, 1, 0, 0});
    QTest::newRow("1 x 6, side by side") << Stencil{1, 1, 0, 0} << Stencil{6, 6, 0, 0};
    QTest::newRow("3 x 2") << Stencil{3, 2, 1, 1} << Stencil{2, 1, 0, 0};
  }
  void stencils() {
    QFETCH(Stencil, rows);
    QFETCH(Stencil, columns);
    const Stencils stencils{rows, columns};
    torch::manual_seed(5);
    const at::Tensor images = at::randn({3, 9, 12, 4});
    const at::Tensor bias = at::randn({5});
    compare(convolution, convolutionReference, images,
            at::randn({5, 4, rows.kernel, columns.kernel}), bias, stencils);
    if (rows.before != rows.after) return;
    compare(transposedConvolution, transposedConvolutionReference, images,
            at::randn({4, 5, rows.kernel, columns.kernel}), bias, stencils);
  }

  // Each picture is what it is alone, whatever is beside it, and in whatever order it lies in
  // memory.
  void picturesAreApart() {
    torch::manual_seed(6);
    const at::Tensor images = at::randn({4, 8, 8, 3});
    const at::Tensor weights = at::randn({2, 3, 3, 3});
    const at::Tensor bias = at::randn({2});
    const at::Tensor all = convolution(images, weights, bias, square({3, 2, 1, 1}));
    for (std::int64_t i = 0; i < 4; ++i) {
      const at::Tensor one =
          convolution(images.slice(0, i, i + 1), weights, bias, square({3, 2, 1, 1}));
      QVERIFY(largest(one[0], all[i]) < 1e-5);
    }
    const at::Tensor turned = channelsLast(channelsFirst(images).contiguous());
    QVERIFY(!turned.is_contiguous());
    QVERIFY(largest(convolution(turned, weights, bias, square({3, 2, 1, 1})), all) < 1e-5);
  }
};

QTEST_APPLESS_MAIN(TestConvolutions)
#include "test_convolutions.moc"
