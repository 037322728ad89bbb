// Sound as a picture along a Hilbert curve, and as a stream of frames.
#include <QtTest>
#include <cstdlib>

#include "core/encoding/hilbert.h"
#include "core/encoding/overlap_add.h"
#include "tests/core/encoding/sounds.h"

using namespace incipit;

namespace {

std::vector<float> streamed(std::vector<float> sound, const FrameLayout& layout,
                            const FrameTransform& transform) {
  MemoryReader reader(std::move(sound), 44100);
  std::vector<float> out;
  const auto done = overlapAdd(reader, layout, transform,
                               [&](std::span<const float> s) -> Result<void> {
                                 out.insert(out.end(), s.begin(), s.end());
                                 return {};
                               },
                               {}, {});
  return done ? out : std::vector<float>();
}

double largestStep(const std::vector<float>& v) {
  double largest = 0;
  for (std::size_t i = 1; i < v.size(); ++i) {
    largest = std::max<double>(largest, std::abs(v[i] - v[i - 1]));
  }
  return largest;
}

}  // namespace

class TestHilbert : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  // Every pixel once, each beside the one before, for every order.
  void curveVisitsEveryPixelStepByStep() {
    for (int order = 0; order <= HilbertCurve::kMostOrder; ++order) {
      const HilbertCurve curve(order);
      const auto side = static_cast<std::uint32_t>(curve.side());
      std::vector<bool> seen(curve.size());
      for (std::size_t i = 0; i < curve.size(); ++i) {
        const std::uint32_t cell = curve.cells()[i];
        QVERIFY(cell < curve.size());
        QVERIFY(!seen[cell]);
        seen[cell] = true;
        if (i == 0) continue;
        const std::uint32_t before = curve.cells()[i - 1];
        const int rows = std::abs(static_cast<int>(cell / side) - static_cast<int>(before / side));
        const int columns =
            std::abs(static_cast<int>(cell % side) - static_cast<int>(before % side));
        QCOMPARE(rows + columns, 1);
      }
      QCOMPARE(curve.cells().front(), 0U);
      QCOMPARE(curve.cells().back(), side * (side - 1));
    }
  }

  // Each aligned run of 4^k samples fills a square: what pooling of 2^k sees together.
  void alignedRunsAreSquares() {
    const HilbertCurve curve(6);
    for (const std::size_t edge : {2U, 4U, 8U, 16U}) {
      for (std::size_t from = 0; from < curve.size(); from += edge * edge) {
        const std::uint32_t first = curve.cells()[from];
        for (std::size_t i = 1; i < edge * edge; ++i) {
          const std::uint32_t cell = curve.cells()[from + i];
          QCOMPARE(cell / 64 / edge, first / 64 / edge);
          QCOMPARE(cell % 64 / edge, first % 64 / edge);
        }
      }
    }
  }

  void picturesComeBackExactly() {
    for (const int order : {1, 4, 8}) {
      const HilbertCurve curve(order);
      const auto sound = noise(curve.size(), 3);
      std::vector<float> picture(curve.size());
      std::vector<float> back(curve.size());
      curve.encode(sound, picture);
      curve.decode(picture, back);
      QCOMPARE(back, sound);
      auto sorted = sound;
      std::sort(sorted.begin(), sorted.end());
      std::sort(picture.begin(), picture.end());
      QCOMPARE(picture, sorted);
    }
  }

  void samplesOf24BitsComeBackToTheBit() {
    Rng rng(1);
    for (int i = 0; i < 200'000; ++i) {
      const auto integer = static_cast<int>(rng.next() >> 8U) - (1 << 23);
      const float sample = static_cast<float>(integer) / static_cast<float>(1 << 23);
      const float pixel = pixelOf(sample);
      QVERIFY(pixel >= 0 && pixel <= 1);
      QCOMPARE(sampleOf(pixel), sample);
    }
    QCOMPARE(pixelOf(1.7F), 1.0F);
    QCOMPARE(pixelOf(-9.0F), 0.0F);
    QCOMPARE(pixelOf(0.0F), 0.5F);
  }

  void streamOfUnchangedFramesIsTheStream_data() {
    QTest::addColumn<int>("length");
    for (const int length : {1, 255, 256, 257, 448, 512, 10'000}) {
      QTest::addRow("%d samples", length) << length;
    }
  }
  void streamOfUnchangedFramesIsTheStream() {
    QFETCH(int, length);
    const auto sound = noise(static_cast<std::size_t>(length), 7);
    for (const std::size_t overlap : {0U, 32U, 128U}) {
      const auto out = streamed(sound, {256, overlap}, [](std::span<float>) {});
      QCOMPARE(out.size(), sound.size());
      for (std::size_t i = 0; i < out.size(); ++i) QVERIFY(std::abs(out[i] - sound[i]) < 1e-6);
    }
  }

  // Each frame comes back louder or softer: without the fades there would be a step of a third.
  void joinsOfFramesThatDifferDoNotClick() {
    const int rate = 44100;
    const auto sound = sine(220, 1, rate);
    bool loud = false;
    const auto change = [&](std::span<float> frame) {
      loud = !loud;
      for (float& s : frame) s *= loud ? 1.0F : 0.66F;
    };
    const auto hard = streamed(sound, {4096, 0}, change);
    const auto soft = streamed(sound, {4096, 1024}, change);
    QVERIFY(largestStep(hard) > 3 * largestStep(sound));
    QVERIFY(largestStep(soft) < 1.05 * largestStep(sound));
  }

  void silenceStaysSilent() {
    const std::vector<float> silence(5000);
    QCOMPARE(streamed(silence, {1024, 128}, [](std::span<float>) {}), silence);
  }

  void stoppedStreamSaysSo() {
    MemoryReader reader(noise(10'000, 1), 44100);
    std::stop_source stop;
    std::size_t got = 0;
    const auto done = overlapAdd(
        reader, {256, 32}, [](std::span<float>) {},
        [&](std::span<const float> s) -> Result<void> {
          got += s.size();
          stop.request_stop();
          return {};
        },
        {}, stop.get_token());
    QVERIFY(done && done->cancelled);
    QCOMPARE(done->frames, static_cast<std::int64_t>(got));
    QCOMPARE(got, std::size_t{224});
  }
};

QTEST_APPLESS_MAIN(TestHilbert)
#include "test_hilbert.moc"
