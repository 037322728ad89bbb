// When it is said that adversarial training fails.
#include <QtTest>

#include "models/failure_watch.h"

using namespace incipit;

class TestFailureWatch : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aWinningCriticAndAClimbingLossAreSaidOnce() {
    FailureWatch watch;
    QVERIFY(!watch.epoch(1, 0.99, 1.0));  // nothing to compare with
    QVERIFY(!watch.epoch(2, 0.90, 1.0));
    const auto said = watch.epoch(3, 0.98, 1.5);
    QVERIFY(said.has_value());
    QVERIFY(said->starts_with("convergence failure in epoch 3: the critic is right in 98 %"));
    QVERIFY(!watch.epoch(4, 1.0, 9.0));
  }

  void oneAloneIsNoFailure() {
    FailureWatch climbs;
    FailureWatch wins;
    for (int i = 1; i < 20; ++i) {
      QVERIFY(!climbs.epoch(i, 0.8, i));
      QVERIFY(!wins.epoch(i, 1.0, 2.0 - 0.01 * i));
    }
  }

  // A loss that fell before it climbed is compared with where it was lowest.
  void theLowestCounts() {
    FailureWatch watch;
    QVERIFY(!watch.epoch(1, 1.0, 3.0));
    QVERIFY(!watch.epoch(2, 1.0, 1.0));
    QVERIFY(watch.epoch(3, 1.0, 1.3).has_value());
  }

  // A hinge loss may lie below 0: one that falls on does not climb.
  void lossesBelowZero() {
    FailureWatch watch;
    for (int i = 1; i < 20; ++i) QVERIFY(!watch.epoch(i, 1.0, -0.1 * i));
    QVERIFY(watch.epoch(20, 1.0, -1.0).has_value());
  }
};

QTEST_APPLESS_MAIN(TestFailureWatch)
#include "test_failure_watch.moc"
