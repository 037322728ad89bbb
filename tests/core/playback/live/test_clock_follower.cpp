#include <QtTest>
#include <cmath>

#include "core/playback/live/clock_follower.h"
#include "core/rng.h"

using namespace incipit;

namespace {

constexpr std::int64_t kStart = 5000000000;
constexpr double kPeriod = 256.0 / 48000;  // of JACK: messages come at its start

// A master: sends pulses at the tempo that it has then, which come with a jitter.
class Master {
 public:
  Master(ClockFollower& follower, double bpm, bool quantised, std::uint64_t seed)
      : follower_(follower), bpm_(bpm), quantised_(quantised), rng_(seed) {}

  void tell(std::uint8_t status) {
    arrived = arrival(now);
    follower_.take(midiRealtime(status), arrived);
  }
  void pulse() {
    if (rolling) quarters += 1.0 / 24;
    tell(kMidiClock);
    now += 60.0 / bpm_ / 24;
  }
  void start() {
    tell(kMidiStart);
    quarters = -1.0 / 24;
    rolling = true;
  }
  void setTempo(double bpm) { bpm_ = bpm; }

  std::int64_t arrival(double seconds) {
    const double late =
        quantised_ ? std::ceil(seconds / kPeriod) * kPeriod - seconds : rng_.uniform() * 0.003;
    return kStart + std::llround((seconds + late) * 1e9);
  }
  // Where the song is, truly, at the time when the last pulse was sent.
  double sentAt() const { return now - 60.0 / bpm_ / 24; }

  double now = 0;
  double quarters = 0;
  bool rolling = false;
  std::int64_t arrived = 0;

 private:
  ClockFollower& follower_;
  double bpm_;
  bool quantised_;
  Rng rng_;
};

std::int64_t at(double seconds) { return kStart + std::llround(seconds * 1e9); }

}  // namespace

class TestClockFollower : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aSteadyClockIsFollowedThroughItsJitter() {
    for (const bool quantised : {false, true}) {
      for (const double bpm : {40.0, 97.3, 120.0, 240.0}) {
        ClockFollower f;
        Master m(f, bpm, quantised, 7);
        m.start();
        for (int i = 0; i < 24 * 8; ++i) m.pulse();
        double worst = 0;
        double tempoOff = 0;
        for (int i = 0; i < 24 * 16; ++i) {
          m.pulse();
          // Between this pulse and the next; the mean lateness cannot be known here.
          const double seconds = m.sentAt() + 0.4 * 60 / bpm / 24;
          const double truth = m.quarters + 0.4 / 24;
          const double late = quantised ? kPeriod / 2 : 0.0015;
          const double off = (f.quarters(at(seconds + late)) - truth) * 60 / bpm;  // seconds
          worst = std::max(worst, std::abs(off));
          tempoOff = std::max(tempoOff, std::abs(f.tempo(m.arrived) / bpm - 1));
        }
        QVERIFY2(worst < 0.003, qPrintable(QString("%1 s at %2").arg(worst).arg(bpm)));
        QVERIFY2(tempoOff < 0.025, qPrintable(QString("%1 at %2").arg(tempoOff).arg(bpm)));
      }
    }
  }

  void aRampIsFollowed() {
    ClockFollower f;
    Master m(f, 80, true, 3);
    m.start();
    double worst = 0;
    for (int i = 0; i < 24 * 40; ++i) {
      m.setTempo(80 + 80.0 * i / (24 * 40));  // to 160 in 40 quarters
      m.pulse();
      if (i < 48) continue;
      worst = std::max(worst, std::abs(f.quarters(at(m.sentAt() + kPeriod / 2)) - m.quarters));
    }
    QVERIFY2(worst < 0.02, qPrintable(QString::number(worst)));
    QVERIFY(std::abs(f.tempo(m.arrived) / 160 - 1) < 0.04);
  }

  void anotherTempoIsThereWithinAQuarter() {
    ClockFollower f;
    Master m(f, 120, true, 3);
    m.start();
    for (int i = 0; i < 100; ++i) m.pulse();
    for (const double bpm : {60.0, 200.0, 90.0}) {
      m.setTempo(bpm);
      for (int i = 0; i < 24; ++i) m.pulse();
      QVERIFY2(std::abs(f.tempo(m.arrived) / bpm - 1) < 0.06,
               qPrintable(QString("%1 for %2").arg(f.tempo(m.arrived)).arg(bpm)));
      for (int i = 0; i < 72; ++i) m.pulse();
      QVERIFY(std::abs(f.tempo(m.arrived) / bpm - 1) < 0.025);
      QVERIFY(std::abs(f.quarters(at(m.sentAt() + kPeriod / 2)) - m.quarters) < 0.02);
    }
  }

  void thePositionNeverRunsAwayFromThePulses() {
    Rng rng(77);
    ClockFollower f;
    Master m(f, 120, true, 5);
    m.start();
    for (int i = 0; i < 3000; ++i) {
      if (rng.below(40) == 0) m.now += rng.uniform() * 0.45;  // nothing comes for a while
      if (rng.below(60) == 0) m.setTempo(30 + 250 * rng.uniform());
      m.pulse();
      QVERIFY(f.rolling(m.arrived));
      QVERIFY(std::abs(f.quarters(m.arrived) - m.quarters) < 2.0 / 24);
      const double later = f.quarters(m.arrived + 400000000);
      QVERIFY(later >= f.quarters(m.arrived));
      QVERIFY(later <= m.quarters + 4.01 / 24);
    }
  }

  void startContinueStopAndSongPosition() {
    ClockFollower f;
    Master m(f, 120, false, 1);
    m.pulse();
    m.pulse();
    QVERIFY(!f.rolling(m.arrived));
    QVERIFY(f.tempo(m.arrived) > 80);
    f.take(midiSongPosition(37), at(m.now));
    QCOMPARE(f.quarters(at(m.now)), 37.0 / 4);
    m.tell(kMidiContinue);
    QVERIFY(!f.rolling(at(m.now)));  // not before the next pulse
    m.pulse();
    QVERIFY(f.rolling(m.arrived));
    QCOMPARE(f.startQuarters(), 37.0 / 4);
    for (int i = 0; i < 24; ++i) m.pulse();
    m.tell(kMidiStop);
    QVERIFY(!f.rolling(at(m.now)));
    QCOMPARE(f.quarters(at(m.now)), 37.0 / 4 + 25.0 / 24);  // goes on with the next pulse
    m.tell(kMidiContinue);
    m.pulse();
    QCOMPARE(f.startQuarters(), 37.0 / 4 + 25.0 / 24);
    m.tell(kMidiStart);
    m.pulse();
    QCOMPARE(f.startQuarters(), 0.0);
    QCOMPARE(f.moves(), 4U);
  }

  void aClockThatCeasesDoesNotRollAndIsNotResumed() {
    ClockFollower f;
    Master m(f, 120, false, 1);
    m.start();
    for (int i = 0; i < 50; ++i) m.pulse();
    QVERIFY(f.rolling(m.arrived + 499000000));
    QVERIFY(!f.rolling(m.arrived + 501000000));
    QCOMPARE(f.tempo(m.arrived + 501000000), 0.0);
    m.now += 2;
    m.pulse();
    QVERIFY(!f.rolling(m.arrived));
    m.tell(kMidiContinue);
    m.pulse();
    QVERIFY(f.rolling(m.arrived));
  }

  void garbageDoesNoHarm() {
    Rng rng(4);
    ClockFollower f;
    std::int64_t now = kStart;
    for (int i = 0; i < 100000; ++i) {
      const MidiMessage m{
          {static_cast<std::uint8_t>(0xF0 + rng.below(16)),
           static_cast<std::uint8_t>(rng.below(128)), static_cast<std::uint8_t>(rng.below(128))},
          3};
      f.take(m, now);
      QVERIFY(std::isfinite(f.quarters(now)) && std::isfinite(f.tempo(now)));
      QVERIFY(f.quarters(now) >= 0 || !f.rolling(now));
      if (rng.below(3) != 0) now += static_cast<std::int64_t>(rng.below(60000000));
    }
  }
};

QTEST_APPLESS_MAIN(TestClockFollower)
#include "test_clock_follower.moc"
