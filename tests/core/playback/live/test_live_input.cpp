// Messages of keyboards on their way to the audio thread.
#include <QtTest>
#include <thread>

#include "core/playback/live/live_input.h"
#include "tests/core/playback/counting.h"

using namespace incipit;
using namespace incipit::fixtures;

class TestLiveInput : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void bringsEachSourceInItsOrder() {
    LiveInput in;
    for (int i = 0; i < 100; ++i) {
      for (int source = 0; source < LiveInput::kSources; ++source) {
        in.push({midiNoteOn(source % 16, i, 100), i, source});
      }
    }
    std::array<int, LiveInput::kSources> next{};
    TimedMessage m;
    int count = 0;
    for (; in.takeRt(m); ++count) {
      const int i = next[static_cast<std::size_t>(m.source)]++;
      QCOMPARE(m.nanoseconds, std::int64_t(i));
      QVERIFY(m.message == midiNoteOn(m.source % 16, i, 100));
    }
    QCOMPARE(count, 100 * LiveInput::kSources);
    QVERIFY(!in.overflowedRt());
  }

  void aFullQueueIsTold() {
    LiveInput in;
    int pushed = 0;
    while (!in.overflowedRt()) in.push({midiNoteOn(0, pushed++ % 128, 100), pushed, 2});
    QVERIFY(!in.overflowedRt());             // once
    in.push({midiNoteOn(0, 1, 100), 0, 3});  // the others have room
    QVERIFY(!in.overflowedRt());
    TimedMessage m;
    int taken = 0;
    while (in.takeRt(m)) ++taken;
    QCOMPARE(taken, pushed);  // the one that was dropped, and the other source's
    in.push({midiNoteOn(0, 1, 100), 0, 2});
    QVERIFY(in.takeRt(m));
  }

  void unknownSourcesAreNobody() {
    LiveInput in;
    in.push({midiNoteOn(0, 1, 100), 0, -1});
    in.push({midiNoteOn(0, 1, 100), 0, LiveInput::kSources});
    TimedMessage m;
    QVERIFY(!in.takeRt(m));
  }

  void nothingIsAllocated() {
    if (!INCIPIT_HEAP_COUNTED) QSKIP("the sanitizer has its own heap");
    LiveInput in;
    const HeapCount count;
    TimedMessage m;
    for (int i = 0; i < 100000; ++i) in.push({midiNoteOn(0, 1, 100), i, i % 3});
    while (in.takeRt(m)) {
    }
    QCOMPARE(count.calls(), 0L);
  }

  // Three keyboards, one of them much faster than is taken.
  void threadsLoseNothingThatIsNotTold() {
    constexpr int kEach = 20000;
    LiveInput in;
    std::atomic<int> running{3};
    std::vector<std::thread> keyboards;
    for (int source = 0; source < 3; ++source) {
      keyboards.emplace_back([&, source] {
        for (int i = 0; i < kEach; ++i) {
          in.push({midiNoteOn(source, i % 128, 100), i, source});
          if (i % 64 == 0 && source > 0) std::this_thread::yield();
        }
        --running;
      });
    }
    std::array<std::int64_t, 3> last{-1, -1, -1};
    int taken = 0;
    bool told = false;
    bool ordered = true;
    for (bool more = true; more;) {
      more = running > 0;  // before the last look
      TimedMessage m;
      while (in.takeRt(m)) {
        std::int64_t& before = last[static_cast<std::size_t>(m.source)];
        ordered = ordered && m.nanoseconds > before;
        before = m.nanoseconds;
        ++taken;
      }
      told = in.overflowedRt() || told;
    }
    for (std::thread& t : keyboards) t.join();
    QVERIFY(ordered);
    QVERIFY(taken == 3 * kEach || told);
  }
};

QTEST_GUILESS_MAIN(TestLiveInput)
#include "test_live_input.moc"
