// The likelihood of a frame is that of a prediction: nothing of the frame or of those after it may
// reach the network before it is scored.
#include <torch/torch.h>

#include <QtTest>

#include "core/rng.h"
#include "models/frame_network.h"

using namespace incipit;

class TestFrameNetwork : public QObject {
  Q_OBJECT

  static Frame randomFrame(Rng& rng) {
    Frame f;
    for (int pitch = 108; pitch >= 21; --pitch) {
      if (rng.below(25) == 0) f.push_back(static_cast<std::uint8_t>(pitch));
    }
    return f;
  }

  // Repeats itself, so that matches are found.
  static FrameSequence sequence(int frames) {
    Rng rng(3);
    FrameSequence s;
    for (int i = 0; i < frames; ++i) {
      s.frames.push_back(i % 12 < 8 && i >= 12 ? s.frames[static_cast<std::size_t>(i - 12)]
                                               : randomFrame(rng));
    }
    return s;
  }

  static std::vector<float> natsOf(FrameNetwork& network, const FrameSequence& s) {
    const at::NoGradGuard noGrad;
    const std::vector<FrameWindow> windows{{&s, 0, static_cast<std::int64_t>(s.frames.size())}};
    const at::Tensor nats = network.nats(windows, std::nullopt).contiguous();
    return {nats.data_ptr<float>(), nats.data_ptr<float>() + nats.numel()};
  }

 private Q_SLOTS:
  void theFutureDoesNotReachThePast_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("preset");
    for (const char* family : {kFrameGru, kFrameWavenet}) {
      for (const char* preset : {"serialised", "independent"}) {
        QTest::addRow("%s, %s", family, preset) << family << preset;
      }
    }
  }
  void theFutureDoesNotReachThePast() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    FrameNetwork network(*framePresetNamed(family.toStdString(), preset.toStdString()), 1,
                         at::kCPU);
    const FrameSequence whole = sequence(60);
    const auto nats = natsOf(network, whole);
    Rng rng(9);
    for (const std::size_t at : {1U, 13U, 30U, 59U}) {
      FrameSequence changed = whole;
      for (std::size_t i = at; i < changed.frames.size(); ++i) changed.frames[i] = randomFrame(rng);
      const auto others = natsOf(network, changed);
      for (std::size_t i = 0; i < at; ++i) {
        QVERIFY2(std::abs(others[i] - nats[i]) < 1e-4F,
                 qPrintable(QString("frame %1 knew of a change at %2").arg(i).arg(at)));
      }
      QVERIFY(std::abs(others[at] - nats[at]) > 1e-3F);
    }
  }

  // Of a window in the middle of a piece too, whose past is all that was before it.
  void aWindowKnowsItsPastAlone() {
    FrameNetwork network(*framePresetNamed(kFrameGru, "serialised"), 1, at::kCPU);
    const FrameSequence whole = sequence(60);
    FrameSequence cut = whole;
    cut.frames.resize(40);
    const at::NoGradGuard noGrad;
    const std::vector<FrameWindow> a{{&whole, 20, 20}};
    const std::vector<FrameWindow> b{{&cut, 20, 20}};
    QVERIFY(at::allclose(network.nats(a, std::nullopt), network.nats(b, std::nullopt)));
  }
};

QTEST_APPLESS_MAIN(TestFrameNetwork)
#include "test_frame_network.moc"
