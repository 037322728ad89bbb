// Tensors in files: single precision to the bit, half precision as LibTorch rounds it.
#include <torch/torch.h>

#include <QTemporaryDir>
#include <QtTest>
#include <bit>
#include <cmath>

#include "core/rng.h"
#include "models/tensor_file.h"
#include "tests/resource_limits.h"

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

  void aFullDiskLeavesTheFilesBefore_data() {
    QTest::addColumn<int>("shardSize");
    QTest::newRow("one file") << 0;
    QTest::newRow("parts") << 20'000;
  }
  void aFullDiskLeavesTheFilesBefore() {
    QFETCH(int, shardSize);
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const fs::path file = folder / "x.safetensors";
    const auto contentOf = [](float value) {
      TensorFile f;
      // The last part is small: it fits even where the first does not.
      f.tensors.push_back({"a", {10'000}, std::vector<float>(10'000, value)});
      f.tensors.push_back({"b", {100}, std::vector<float>(100, value)});
      return f;
    };
    QVERIFY(writeTensors(file, contentOf(1), shardSize));
    const auto files = [&folder] {
      return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    };
    const auto before = files();
    QCOMPARE(before, shardSize > 0 ? 2 : 1);
    {
      const FileSizeLimit limit(30'000);
      const auto failed = writeTensors(file, contentOf(2), shardSize);
      QVERIFY(!failed);
      const QString line = QString::fromStdString(failed.error().message);
      QVERIFY2(line.startsWith(QString::fromStdString(file.string()) + ": not saved: "),
               qPrintable(line));
      QVERIFY2(line.contains("choose another disk (0.0 MB are needed"), qPrintable(line));
    }
    QCOMPARE(files(), before);
    const TensorFile kept = *readTensors(file);
    for (const NamedTensor& t : kept.tensors) QCOMPARE(t.values.back(), 1.0F);
    QVERIFY(writeTensors(file, contentOf(2), shardSize));
    const TensorFile later = *readTensors(file);
    for (const NamedTensor& t : later.tensors) QCOMPARE(t.values.back(), 2.0F);
  }
};

QTEST_APPLESS_MAIN(TestTensorFile)
#include "test_tensor_file.moc"
