#include <QtTest>
#include <cmath>

#include "core/playback/device_clock.h"
#include "core/rng.h"

using namespace incipit;

namespace {

constexpr std::int64_t kStart = 123456789012345;  // nanoseconds

// A device of `rate` frames a second in truth, nominally of 48000, and callbacks that come late by
// a jitter of its own.
struct Device {
  double rate = 48000;
  int period = 256;
  std::int64_t lost = 0;  // nanoseconds that it stood still
  std::int64_t frame = 0;

  std::int64_t due(std::int64_t f) const {
    return kStart + lost + std::llround(static_cast<double>(f) * 1e9 / rate);
  }
};

}  // namespace

class TestDeviceClock : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void jitterIsSmoothedAndTheRateIsLearnt() {
    Rng rng(1);
    for (const double rate : {48000.0, 48040.0, 47900.0}) {
      for (const int period : {64, 256, 1024}) {
        Device d{rate, period};
        DeviceClock clock(48000);
        double worst = 0;
        std::int64_t last = 0;
        const double jitter = 3e6;  // up to three milliseconds late
        while (d.frame < 48000 * 20) {
          clock.callbackRt(d.frame, period, d.due(d.frame) + std::llround(rng.uniform() * jitter));
          if (d.frame > 48000 * 8) {
            // A period ahead, as events are planned; the mean lateness belongs to the device.
            const double f = static_cast<double>(d.frame + period);
            const auto off = static_cast<double>(clock.timeRt(f) - d.due(d.frame + period));
            worst = std::max(worst, std::abs(off - jitter / 2));
            QVERIFY(std::abs(clock.frameRt(clock.timeRt(f)) - f) < 0.01);
          }
          // The map of one callback and that of the next hardly differ.
          const std::int64_t now = clock.timeRt(static_cast<double>(d.frame));
          QVERIFY(now > last);
          last = now;
          d.frame += period;
        }
        QVERIFY2(worst < 0.9e6,
                 qPrintable(QString("%1 ns at %2, %3 frames").arg(worst).arg(rate).arg(period)));
        QCOMPARE(clock.restarts(), 0);
      }
    }
  }

  void aGapStartsAnew() {
    Device d;
    DeviceClock clock(48000);
    for (int i = 0; i < 400; ++i, d.frame += d.period) {
      clock.callbackRt(d.frame, d.period, d.due(d.frame));
    }
    d.lost = 300000000;  // as after an xrun or a suspended computer
    clock.callbackRt(d.frame, d.period, d.due(d.frame));
    QCOMPARE(clock.restarts(), 1);
    QVERIFY(clock.lateness() > 290000000);
    QCOMPARE(clock.timeRt(static_cast<double>(d.frame)), d.due(d.frame));
    for (int i = 0; i < 400; ++i) {
      d.frame += d.period;
      clock.callbackRt(d.frame, d.period, d.due(d.frame));
    }
    QCOMPARE(clock.restarts(), 1);
    QVERIFY(std::abs(clock.timeRt(static_cast<double>(d.frame)) - d.due(d.frame)) < 1000);
  }

  // The device had much to play yet, but those that follow are as late: frames were lost.
  void aGapThatIsNotMadeGoodStartsAnewToo() {
    Device d;
    DeviceClock clock(48000);
    for (int i = 0; i < 400; ++i, d.frame += d.period) {
      clock.callbackRt(d.frame, d.period, d.due(d.frame), 500000000);
    }
    d.lost = 300000000;
    clock.callbackRt(d.frame, d.period, d.due(d.frame), 500000000);
    QCOMPARE(clock.restarts(), 0);
    d.frame += d.period;
    clock.callbackRt(d.frame, d.period, d.due(d.frame), 500000000);
    QCOMPARE(clock.restarts(), 1);
    QCOMPARE(clock.timeRt(static_cast<double>(d.frame)), d.due(d.frame));
  }

  // A callback that was held up, and those behind it in a row, moved all that was planned then.
  void aCallbackThatIsHeldUpMovesNothing() {
    for (const int milliseconds : {10, 25, 30, 80, 500}) {
      Device d;
      DeviceClock clock(48000);
      std::int64_t now = 0;
      for (int i = 0; i < 900; ++i, d.frame += d.period) {
        const std::int64_t late = i == 400 ? std::int64_t{milliseconds} * 1000000 : 0;
        now = std::max(now + 50000, d.due(d.frame) + late);
        clock.callbackRt(d.frame, d.period, now, 600000000);
        if (i < 400) continue;
        const double off =
            static_cast<double>(clock.timeRt(static_cast<double>(d.frame)) - d.due(d.frame));
        QVERIFY2(std::abs(off) < 1.5e6,
                 qPrintable(QString("%1 ns, %2 ms").arg(off).arg(milliseconds)));
      }
      QCOMPARE(clock.restarts(), 0);
    }
  }

  // Drivers fill their buffer first: three callbacks at once.
  void aBurstAtTheStartIsSoonForgotten() {
    Device d;
    d.period = 512;
    DeviceClock clock(48000);
    const std::int64_t burst = 2 * 512;
    for (int i = 0; i < 200; ++i, d.frame += d.period) {
      const std::int64_t at = std::max<std::int64_t>(d.frame - burst, 0);
      clock.callbackRt(d.frame, d.period, d.due(at));
    }
    const std::int64_t expected = d.due(d.frame - burst);
    QVERIFY(std::abs(clock.timeRt(static_cast<double>(d.frame)) - expected) < 500000);
  }

  void callbacksOfAnySizeAreFollowed() {
    Rng rng(9);
    Device d;
    DeviceClock clock(48000);
    for (int i = 0; i < 4000; ++i) {
      const int frames = 1 + static_cast<int>(rng.below(1024));
      clock.callbackRt(d.frame, frames, d.due(d.frame));
      d.frame += frames;
    }
    QVERIFY(std::abs(clock.timeRt(static_cast<double>(d.frame)) - d.due(d.frame)) < 10000);
    QCOMPARE(clock.restarts(), 0);
  }
};

QTEST_APPLESS_MAIN(TestDeviceClock)
#include "test_device_clock.moc"
