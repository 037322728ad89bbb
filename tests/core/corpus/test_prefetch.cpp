// Items made ahead: order, bound, end, errors, stopping.
#include <QtTest>
#include <atomic>
#include <semaphore>

#include "core/corpus/prefetch.h"

using namespace incipit;

namespace {

using Item = Result<std::optional<int>>;

Prefetch<int>::Produce counting(int until, std::atomic<int>* made = nullptr) {
  return [=, i = 0](const std::stop_token&) mutable -> Item {
    if (i == until) return std::nullopt;
    if (made != nullptr) ++*made;
    return i++;
  };
}

}  // namespace

class TestPrefetch : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void itemsComeInOrderAndEnd() {
    for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, std::size_t{7}}) {
      Prefetch<int> p(counting(500), capacity);
      for (int i = 0; i < 500; ++i) QCOMPARE(p.next({}).value().value(), i);
      QVERIFY(!p.next({}).value());
      QVERIFY(!p.next({}).value());
    }
  }

  void noMoreThanTheCapacityIsMade() {
    std::atomic<int> made{0};
    Prefetch<int> p(counting(1000, &made), 4);
    for (int taken = 0; taken < 20; ++taken) {
      // Those that wait and the one that finds no room.
      QTRY_COMPARE(made.load(), taken + 5);
      QVERIFY(p.next({}).value());
    }
  }

  void itemsBeforeAnErrorArrive() {
    Prefetch<int> p(
        [i = 0](const std::stop_token&) mutable -> Item {
          if (i == 3) return fail("c.mid: cannot be read");
          return i++;
        },
        10);
    for (int i = 0; i < 3; ++i) QCOMPARE(p.next({}).value().value(), i);
    QCOMPARE(p.next({}).error().message, std::string("c.mid: cannot be read"));
    QVERIFY(!p.next({}));
  }

  void waitingCanBeStopped() {
    std::binary_semaphore entered{0};
    std::stop_source consumer;
    Prefetch<int> p(
        [&](const std::stop_token& stop) -> Item {
          entered.release();
          // A slow disk: until the prefetch is destroyed.
          std::mutex mutex;
          std::condition_variable_any never;
          std::unique_lock lock(mutex);
          never.wait(lock, stop, [] { return false; });
          return std::nullopt;
        },
        2);
    entered.acquire();
    std::jthread canceller([&] { consumer.request_stop(); });
    QVERIFY(!p.next(consumer.get_token()).value());
  }

  void leavingEarlyEndsTheThread() {
    for (int i = 0; i < 50; ++i) {
      Prefetch<int> full(counting(1000000), 3);
      if (i % 2 == 0) QVERIFY(full.next({}).value());
    }
  }
};

QTEST_APPLESS_MAIN(TestPrefetch)
#include "test_prefetch.moc"
