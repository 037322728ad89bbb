// Tensors in files: single precision to the bit, half precision as LibTorch rounds it.
#include <torch/torch.h>

#include <QTemporaryDir>
#include <QtTest>
#include <bit>
#include <cmath>

#include "core/rng.h"
#include "models/tensor_file.h"

using namespace incipit;
namespace fs = std::filesystem;

class TestTensorFile : public QObject {
  Q_OBJECT

  // Every half-precision number, what lies between two of them, and floats of all sizes.
  static std::vector<float> numbers() {
    std::vector<std::int16_t> halves;
    for (int bits = 0; bits < 0x10000; ++bits) halves.push_back(static_cast<std::int16_t>(bits));
    const auto exact = at::from_blob(halves.data(), {0x10000}, at::kShort)
                           .view(at::kHalf)
                           .to(at::kFloat)
                           .contiguous();
    std::vector<float> out(exact.data_ptr<float>(), exact.data_ptr<float>() + exact.numel());
    for (std::size_t i = 0; i < 0x7bff; ++i) {
      const float middle = 0.5F * (out[i] + out[i + 1]);
      out.insert(out.end(), {middle, std::nextafter(middle, 0.0F), std::nextafter(middle, 1e9F)});
    }
    Rng rng(1);
    for (int i = 0; i < 100'000; ++i) {
      out.push_back(static_cast<float>(std::ldexp(rng.uniform() - 0.5, i % 60 - 40)));
    }
    out.insert(out.end(), {65504.0F, 65519.9F, 65520.0F, 1e30F, -1e30F, 1e-40F, -0.0F});
    return out;
  }

  static TensorFile written(const fs::path& file, std::vector<float> values, bool half) {
    TensorFile f;
    f.half = half;
    const auto count = static_cast<std::int64_t>(values.size());
    f.tensors.push_back({"x", {count}, std::move(values)});
    const auto good = writeTensors(file, f);
    if (!good) qFatal("%s", good.error().message.c_str());
    return *readTensors(file);
  }

 private Q_SLOTS:
  void singlePrecisionIsKeptToTheBit() {
    QTemporaryDir dir;
    const auto values = numbers();
    const TensorFile back = written(dir.filePath("x.safetensors").toStdString(), values, false);
    for (std::size_t i = 0; i < values.size(); ++i) {
      QCOMPARE(std::bit_cast<std::uint32_t>(back.tensors[0].values[i]),
               std::bit_cast<std::uint32_t>(values[i]));
    }
  }

  void halfPrecisionIsRoundedAsLibTorchDoes() {
    QTemporaryDir dir;
    const fs::path file = dir.filePath("x.safetensors").toStdString();
    auto values = numbers();
    const TensorFile back = written(file, values, true);
    const auto count = static_cast<std::int64_t>(values.size());
    const at::Tensor expected =
        at::from_blob(values.data(), {count}, at::kFloat).to(at::kHalf).to(at::kFloat).contiguous();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float want = expected.data_ptr<float>()[i];
      const float have = back.tensors[0].values[i];
      if (std::isnan(want) && std::isnan(have)) continue;
      QVERIFY2(std::bit_cast<std::uint32_t>(want) == std::bit_cast<std::uint32_t>(have),
               qPrintable(QString("%1: %2, not %3").arg(values[i]).arg(have).arg(want)));
    }
    QVERIFY(fs::file_size(file) < values.size() * 2 + 4096);
  }
};

QTEST_APPLESS_MAIN(TestTensorFile)
#include "test_tensor_file.moc"
