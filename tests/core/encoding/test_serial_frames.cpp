// Frames as descending pitches: one code a set, an exact likelihood.
#include <QtTest>
#include <cmath>
#include <limits>

#include "core/encoding/serial_frames.h"
#include "core/rng.h"

using namespace incipit;

namespace {

Frame randomFrame(Rng& rng, std::uint32_t oneIn) {
  Frame f;
  for (int p = 108; p >= 21; --p) {
    if (rng.below(oneIn) == 0) f.push_back(static_cast<std::uint8_t>(p));
  }
  return f;
}

EncodedNote encoded(int onset, int duration, int pitch) {
  EncodedNote n;
  n.onset = onset;
  n.duration = static_cast<std::uint16_t>(duration);
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

}  // namespace

class TestSerialFrames : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void framesInvert() {
    const std::vector<Frame> frames{{67, 64, 60}, {}, {108, 21}};
    QCOMPARE(serialise(frames), (std::vector{47, 44, 40, 0, 0, 88, 1, 0}));
    Rng rng(1);
    for (int i = 0; i < 200; ++i) {
      std::vector<Frame> random;
      for (std::uint32_t n = rng.below(20); n > 0; --n) {
        random.push_back(randomFrame(rng, 1 + rng.below(30)));
      }
      QCOMPARE(deserialise(serialise(random)).value(), random);
    }
  }

  void disorderIsRefused() {
    QVERIFY(!deserialise(std::vector{40, 40, 0}));
    QVERIFY(!deserialise(std::vector{40, 41, 0}));
    QVERIFY(!deserialise(std::vector{40}));
    QVERIFY(!deserialise(std::vector{89, 0}));
    QVERIFY(!deserialise(std::vector{-1, 0}));
    const auto r = deserialise(std::vector{3, 0, 3, 7, 0});
    QVERIFY(r.error().message.find("at 3") != std::string::npos);
  }

  // The likelihoods of all sets sum to 1: with random logits for seven keys, the others impossible.
  void likelihoodsOfAllSetsSumToOne() {
    Rng rng(2);
    const std::vector<int> keys{88, 70, 44, 43, 20, 2, 1};
    for (int trial = 0; trial < 10; ++trial) {
      // A network answers differently after each symbol.
      std::vector<std::vector<float>> logits(kFrameSymbols);
      for (auto& l : logits) {
        l.assign(kFrameSymbols, -std::numeric_limits<float>::infinity());
        l[kFrameEnd] = static_cast<float>(rng.uniform() * 6 - 3);
        for (const int k : keys) {
          l[static_cast<std::size_t>(k)] = static_cast<float>(rng.uniform() * 6 - 3);
        }
      }
      double sum = 0;
      for (int set = 0; set < 128; ++set) {
        double log = 0;
        int previous = kFrameEnd;
        for (std::size_t k = 0; k < keys.size(); ++k) {
          if ((set >> k & 1) == 0) continue;
          log +=
              serialLogProbability(logits[static_cast<std::size_t>(previous)], keys[k], previous);
          previous = keys[k];
        }
        log +=
            serialLogProbability(logits[static_cast<std::size_t>(previous)], kFrameEnd, previous);
        sum += std::exp(log);
      }
      QVERIFY2(std::abs(sum - 1) < 1e-5, qPrintable(QString::number(sum, 'g', 12)));
    }
  }

  void onlyWhatMayFollowHasProbability() {
    Rng rng(3);
    std::vector<float> logits(kFrameSymbols);
    for (float& l : logits) l = static_cast<float>(rng.uniform() * 200 - 100);
    for (int previous = 0; previous < kFrameSymbols; ++previous) {
      std::vector<float> masked = logits;
      maskSerial(masked, previous);
      double sum = 0;
      for (int s = 0; s < kFrameSymbols; ++s) {
        const double p = std::exp(serialLogProbability(logits, s, previous));
        QCOMPARE(std::isinf(masked[static_cast<std::size_t>(s)]), !mayFollow(s, previous));
        QVERIFY(mayFollow(s, previous) || p == 0);
        sum += p;
      }
      QVERIFY(std::abs(sum - 1) < 1e-9);
    }
    QCOMPARE(serialLogProbability(logits, kFrameEnd, 1), 0.0);
  }

  void notesBecomeFramesAndBack() {
    const std::vector<EncodedNote> notes{encoded(0, 24, 60), encoded(0, 12, 64), encoded(24, 5, 67),
                                         encoded(30, 12, 20)};
    const auto frames = framesOf(notes, 12);
    QVERIFY(frames);
    QCOMPARE(*frames, (std::vector<Frame>{{64, 60}, {60}, {67}}));
    const auto back = notesOfFrames(*frames, {480});
    QCOMPARE(back.size(), std::size_t{3});
    QCOMPARE(int{back[0].pitch}, 60);
    QCOMPARE(back[0].length.count, std::int64_t{960});
    QCOMPARE(back[2].start.count, std::int64_t{960});
    QVERIFY(!framesOf(notes, 0));
    QVERIFY(!framesOf(std::vector{encoded(std::numeric_limits<int>::max() - 9, 1, 60)}, 1));
  }

  void framesOfTheirNotesAreTheSame() {
    Rng rng(4);
    const TempoMap tempo;
    const MeterMap meter;
    for (int i = 0; i < 100; ++i) {
      std::vector<Frame> frames;
      for (int n = 0; n < 30; ++n) frames.push_back(randomFrame(rng, 5));
      frames.push_back({60});
      const auto notes = encodeNotes(notesOfFrames(frames, {480}), tempo, meter);
      QCOMPARE(framesOf(notes, 12).value(), frames);
    }
  }
};

QTEST_APPLESS_MAIN(TestSerialFrames)
#include "test_serial_frames.moc"
