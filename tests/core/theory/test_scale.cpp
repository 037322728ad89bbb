#include <QtTest>

#include "core/theory/scale.h"

using namespace incipit;

class TestScale : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void estimatesEveryMajorAndMinorKeyOfItsOwnScale() {
    // Scale notes with tonic and dominant held longer, as melodies do.
    for (const Mode mode : {Mode::kMajor, Mode::kMinor}) {
      for (int tonic = 0; tonic < 12; ++tonic) {
        const Scale key{tonic, mode};
        std::vector<Note> notes;
        for (int pitch = 60; pitch < 72; ++pitch) {
          if (!key.contains(pitch)) continue;
          Note n;
          n.pitch = static_cast<std::uint8_t>(pitch);
          const int degree = ((pitch - tonic) % 12 + 12) % 12;
          n.length = {degree == 0 ? 1920 : degree == 7 ? 1440 : 480};
          notes.push_back(n);
        }
        QVERIFY2(estimateKey(notes) == key, qPrintable(QString::fromStdString(scaleName(key))));
      }
    }
  }

  void noNotesAreCMajor() { QVERIFY(estimateKey({}) == Scale{}); }

  void namesAreReadable() {
    QCOMPARE(scaleName({9, Mode::kMinor}), std::string("A minor"));
    for (const Mode m : allModes()) QVERIFY(!modeName(m).empty());
  }
};

QTEST_APPLESS_MAIN(TestScale)
#include "test_scale.moc"
