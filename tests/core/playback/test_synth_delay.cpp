#include <QtTest>

#include "core/playback/synth_delay.h"
#include "tests/core/playback/counting.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestSynthDelay : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everythingWaitsForItsFrameButWhatIsPlayedAtOnce() {
    RecordingSynth synth;
    SynthDelay delay(synth);
    delay.setFrameRt(128);
    delay.noteOnRt(0, 60, 90);
    delay.setFrameRt(256);
    delay.programRt(1, 5, true);
    delay.controlRt(1, 7, 100);
    delay.pitchBendRt(1, -8192);
    delay.pressureRt(1, 3);
    delay.keyPressureRt(1, 60, 4);
    delay.noteOffRt(0, 60);
    QVERIFY(synth.told.empty());
    for (const int c : {kLiveChannel, kPreviewChannel, kPreviewDrums}) delay.noteOnRt(c, 60, 1);
    QCOMPARE(synth.told.size(), std::size_t{3});
    synth.forget();
    QCOMPARE(delay.passRt(0, 16), 2);
    QCOMPARE(delay.passRt(0, 1), 1);
    QVERIFY(synth.told.empty());
    QCOMPARE(delay.passRt(128, 16), 2);
    QVERIFY((synth.told == std::vector<Told>{{Told::kOn, 0, 0, 60, 90}}));
    synth.forget();
    QCOMPARE(delay.passRt(256, 16), 16);
    const std::vector<Told> expected{
        {Told::kProgram, 0, 1, 5, 1},      {Told::kControl, 0, 1, 7, 100},
        {Told::kBend, 0, 1, -8192, 0},     {Told::kPressure, 0, 1, 3, 0},
        {Told::kKeyPressure, 0, 1, 60, 4}, {Told::kOff, 0, 0, 60, 0}};
    QVERIFY(synth.told == expected);
  }

  void whatIsTakenBackIsNotBegunAndTheRestIsDone() {
    RecordingSynth synth;
    SynthDelay delay(synth);
    delay.noteOnRt(0, 60, 90);
    delay.passRt(0, 1);
    synth.forget();
    delay.setFrameRt(64);
    delay.noteOffRt(0, 60);  // of what sounds
    delay.noteOnRt(0, 60, 91);
    delay.noteOnRt(0, 61, 91);
    delay.controlRt(0, 7, 1);
    delay.noteOffRt(0, 60);  // of what does not
    delay.noteOnRt(0, 60, 92);
    delay.noteOffRt(0, 61);
    delay.noteOffRt(0, 60);
    delay.takeBackRt();
    const std::vector<Told> expected{{Told::kOff, 0, 0, 60, 0}, {Told::kControl, 0, 0, 7, 1}};
    QVERIFY(synth.told == expected);
    QCOMPARE(synth.soundingNotes(), 0);
    QCOMPARE(delay.passRt(1000, 5), 5);
  }

  // More than any music has: nothing is lost, and nothing is allocated.
  void aFullLineHandsTheOldestOver() {
    if (INCIPIT_HEAP_COUNTED == 0) QSKIP("the sanitizer has its own heap");
    RecordingSynth synth;
    synth.told.reserve(200000);
    SynthDelay delay(synth);
    constexpr int kMany = 100000;
    {
      std::map<std::pair<int, int>, int>& controls = synth.controls;
      for (int i = 0; i < 128; ++i) controls[{3, i}] = 0;
      const HeapCount heap;
      for (int i = 0; i < kMany; ++i) {
        delay.setFrameRt(64 * i);
        delay.controlRt(3, i / 128 % 128, i % 128);
      }
      QCOMPARE(heap.calls(), 0L);
    }
    QVERIFY(synth.told.size() > kMany / 2 && synth.told.size() < kMany);
    delay.passRt(64 * kMany, 1);
    QCOMPARE(synth.told.size(), std::size_t{kMany});
    for (int i = 0; i < kMany; ++i) {
      QVERIFY(synth.told[static_cast<std::size_t>(i)].b == i % 128);
    }
  }
};

QTEST_APPLESS_MAIN(TestSynthDelay)
#include "test_synth_delay.moc"
