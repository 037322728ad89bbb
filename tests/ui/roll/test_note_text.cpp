// Notes as text.
#include <QTest>

#include "core/rng.h"
#include "ui/roll/note_text.h"

using namespace incipit;

class TestNoteText : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void positionsGoBothWays() {
    const MeterMap meter(960, {{Tick{0}, 4, 4}, {Tick{3840}, 7, 8}});
    Rng rng(5);
    for (int i = 0; i < 500; ++i) {
      const Tick t{rng.below(100000)};
      QCOMPARE(parsePosition(positionText(t, meter), meter), std::optional(t));
    }
    QCOMPARE(positionText(Tick{4320 + 5}, meter), QStringLiteral("2.2.5"));
    QCOMPARE(parsePosition(QStringLiteral(" 2 "), meter), std::optional(Tick{3840}));
    QCOMPARE(parsePosition(QStringLiteral("2:7"), meter), std::optional(Tick{3840 + 6 * 480}));
    for (const char* bad : {"", "0", "1.5", "1.1.960", "2.8", "a", "1.1.1.1", "-1", "1.0"})
      QVERIFY2(!parsePosition(QString::fromLatin1(bad), meter), bad);
  }

  void lengthsGoBothWays() {
    for (const int ppq : {960, 1920, 1440}) {
      for (std::int64_t l = 1; l <= 4 * ppq; ++l) {
        const QString text = lengthText(TickDelta{l}, ppq);
        QCOMPARE(parseLength(text, ppq), std::optional(TickDelta{l}));
      }
    }
    QCOMPARE(lengthText(TickDelta{480}, 960), QStringLiteral("1/8"));
    QCOMPARE(lengthText(TickDelta{720}, 960), QStringLiteral("1/8."));
    QCOMPARE(lengthText(TickDelta{320}, 960), QStringLiteral("1/8t"));
    QCOMPARE(lengthText(TickDelta{481}, 960), QStringLiteral("481"));
    QCOMPARE(parseLength(QStringLiteral("5/16"), 960), std::optional(TickDelta{1200}));
    for (const char* bad : {"", "0", "0/4", "1/0", "x", "1/8x", "-3", "1/8.t"})
      QVERIFY2(!parseLength(QString::fromLatin1(bad), 960), bad);
  }

  void pitches() {
    for (int p = 0; p < 128; ++p) {
      QCOMPARE(parsePitch(QString::fromStdString(pitchName(p))), std::optional(p));
      QCOMPARE(parsePitch(QString::number(p)), std::optional(p));
    }
    QCOMPARE(parsePitch(QStringLiteral("Eb4")), std::optional(63));
    QCOMPARE(parsePitch(QStringLiteral("bb3")), std::optional(58));
    for (const char* bad : {"", "H4", "C", "128", "-1", "G#9", "Cb-1", "4C"})
      QVERIFY2(!parsePitch(QString::fromLatin1(bad)), bad);
  }

  void velocities() {
    QCOMPARE(parseVelocity(QStringLiteral(" 127 ")), std::optional(127));
    for (const char* bad : {"0", "128", "", "x", "1.5"})
      QVERIFY(!parseVelocity(QString::fromLatin1(bad)));
  }

  void spoken() {
    Document d = newDocument();
    Note n;
    n.start = {2 * 3840 + 960};
    n.length = {480};
    n.pitch = 61;
    n.velocity = 90;
    QCOMPARE(spokenNote(n, d), QStringLiteral("C sharp 4, bar 3 beat 2, one eighth, velocity 90"));
    n.pitch = 60;
    n.length = {1000};
    QCOMPARE(spokenNote(n, d), QStringLiteral("C 4, bar 3 beat 2, 1.04 quarters, velocity 90"));
  }
};

QTEST_APPLESS_MAIN(TestNoteText)
#include "test_note_text.moc"
