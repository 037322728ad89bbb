// The computer's keys as a piano, with real key events: which key is which note, shortcuts, text
// fields, other windows; nothing keeps sounding.
#include <QAction>
#include <QDialog>
#include <QKeyEvent>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>
#include <QWindow>
#include <QtTest>
#include <set>

#include "core/rng.h"
#include "tests/ui/fake_player.h"
#include "ui/session/typing_keyboard.h"

using namespace incipit;

namespace {

struct Window : QWidget {
  FakePlayer player;
  TypingKeyboard typing{&player};
  QWidget* roll = new QWidget(this);
  QLineEdit* text = new QLineEdit(this);
  QSpinBox* number = new QSpinBox(this);
  int shortcuts = 0;

  Window() {
    auto* layout = new QVBoxLayout(this);
    for (QWidget* w : {roll, static_cast<QWidget*>(text), static_cast<QWidget*>(number)}) {
      layout->addWidget(w);
    }
    roll->setFocusPolicy(Qt::StrongFocus);
    for (const char* keys : {"Q", "S", "Ctrl+S", "K"}) {
      auto* action = new QAction(this);
      action->setShortcut(QKeySequence(keys));
      connect(action, &QAction::triggered, this, [this] { ++shortcuts; });
      addAction(action);
    }
    typing.watch(this);
    show();
    activateWindow();
    roll->setFocus();
    if (!QTest::qWaitForWindowActive(this)) qFatal("the window did not become active");
  }
  // As the window system sends it.
  void press(Qt::Key k, Qt::KeyboardModifiers m = {}) { QTest::keyPress(windowHandle(), k, m); }
  void release(Qt::Key k, Qt::KeyboardModifiers m = {}) { QTest::keyRelease(windowHandle(), k, m); }
  // Of the messages sent: key where on, -key where off.
  std::vector<int> heard() const {
    std::vector<int> out;
    for (const MidiMessage& m : player.played) out.push_back(m.noteOn() ? m.data1() : -m.data1());
    return out;
  }
  bool silent() const {
    std::multiset<int> sounding;
    for (const MidiMessage& m : player.played) {
      if (m.noteOn()) {
        sounding.insert(m.data1());
      } else if (sounding.erase(m.data1()) != 1) {
        return false;
      }
    }
    return sounding.empty();
  }
};

}  // namespace

class TestTypingKeyboard : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void offAtFirst() {
    Window w;
    w.press(Qt::Key_S);
    w.release(Qt::Key_S);
    QVERIFY(w.player.played.empty());
    QCOMPARE(w.shortcuts, 1);
  }

  void lettersPlayInsteadOfShortcuts() {
    Window w;
    w.typing.setOn(true);
    w.typing.setVelocity(70);
    w.press(Qt::Key_Z);
    w.press(Qt::Key_S);
    w.release(Qt::Key_Z);
    w.release(Qt::Key_S);
    w.press(Qt::Key_Q);
    w.release(Qt::Key_Q);
    w.press(Qt::Key_I);
    w.release(Qt::Key_I);
    QCOMPARE(w.heard(), (std::vector<int>{48, 49, -48, -49, 60, -60, 72, -72}));
    QCOMPARE(w.player.played[0].data2(), 70);
    QCOMPARE(w.shortcuts, 0);
    // Others stay.
    w.press(Qt::Key_K);
    w.press(Qt::Key_S, Qt::ControlModifier);
    QCOMPARE(w.shortcuts, 2);
    QCOMPARE(w.heard().size(), std::size_t{8});
  }

  void aHeldKeyDoesNotRepeat() {
    Window w;
    w.typing.setOn(true);
    w.press(Qt::Key_Z);
    for (int i = 0; i < 3; ++i) {
      QKeyEvent up(QEvent::KeyRelease, Qt::Key_Z, {}, "z", true);
      QApplication::sendEvent(w.roll, &up);
      QKeyEvent down(QEvent::KeyPress, Qt::Key_Z, {}, "z", true);
      QApplication::sendEvent(w.roll, &down);
    }
    w.release(Qt::Key_Z);
    QCOMPARE(w.heard(), (std::vector<int>{48, -48}));
  }

  void fieldsKeepTheirKeys() {
    Window w;
    w.typing.setOn(true);
    w.text->setFocus();
    QTest::keyClicks(w.text, "zebra");
    QCOMPARE(w.text->text(), QString("zebra"));
    w.number->setFocus();
    w.number->selectAll();
    w.press(Qt::Key_7);
    w.release(Qt::Key_7);
    QCOMPARE(w.number->value(), 7);
    QVERIFY(w.player.played.empty());
  }

  // Pressed in the roll and released in a field, or with Ctrl: the note went on for ever.
  void aReleaseElsewhereEndsTheNote() {
    Window w;
    w.typing.setOn(true);
    w.press(Qt::Key_Z);
    w.text->setFocus();
    w.release(Qt::Key_Z);
    QVERIFY(w.silent());
    w.roll->setFocus();
    w.press(Qt::Key_X);
    w.release(Qt::Key_X, Qt::ControlModifier);
    QVERIFY(w.silent());
  }

  void octaves() {
    Window w;
    w.typing.setOn(true);
    QSignalSpy changed(&w.typing, &TypingKeyboard::changed);
    w.press(Qt::Key_Z);
    w.press(Qt::Key_Equal);  // ends what is held
    w.release(Qt::Key_Z);
    QCOMPARE(w.typing.octave(), 4);
    w.press(Qt::Key_Z);
    w.release(Qt::Key_Z);
    w.press(Qt::Key_Minus);
    QCOMPARE(w.typing.octave(), 3);
    QCOMPARE(changed.count(), 2);
    QCOMPARE(w.heard(), (std::vector<int>{48, -48, 60, -60}));
    // The highest keys do not exist.
    w.typing.setOctave(99);
    QCOMPARE(w.typing.octave(), 8);
    w.press(Qt::Key_I);
    w.release(Qt::Key_I);
    QCOMPARE(w.heard().size(), std::size_t{4});
  }

  void turningOffAndLosingTheFocusReleaseAll() {
    Window w;
    w.typing.setOn(true);
    w.press(Qt::Key_Z);
    w.typing.setOn(false);
    QVERIFY(w.silent());
    w.typing.setOn(true);
    w.press(Qt::Key_X);
    QDialog dialog(&w);
    dialog.show();
    dialog.activateWindow();
    QTRY_COMPARE(QGuiApplication::focusWindow(), dialog.windowHandle());
    QVERIFY(w.silent());
    const std::size_t before = w.heard().size();
    QTest::keyClick(dialog.windowHandle(), Qt::Key_C);
    QCOMPARE(w.heard().size(), before);
  }

  // The keys of an AZERTY board are where those of a QWERTY board are.
  void byPlaceWhereItIsKnown() {
    const TypingKey lowest{TypingKey::Kind::kNote, 0};
    QCOMPARE(*typingKey(44, Qt::Key_W), lowest);
    QCOMPARE(*typingKey(0, Qt::Key_Z), lowest);
    QCOMPARE(typingKey(16, Qt::Key_A)->semitone, 12);
    QCOMPARE(typingKey(3, Qt::Key_Eacute)->semitone, 13);
    QVERIFY(!typingKey(30, Qt::Key_Q));
    QVERIFY(!typingKey(0, Qt::Key_A));
  }

  void byChanceNothingKeepsSounding() {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Rng rng(seed);
      Window w;
      w.typing.setOn(true);
      constexpr Qt::Key kKeys[] = {Qt::Key_Z, Qt::Key_S, Qt::Key_X,     Qt::Key_Q,
                                   Qt::Key_2, Qt::Key_I, Qt::Key_Minus, Qt::Key_Equal};
      for (int i = 0; i < 200; ++i) {
        const Qt::Key key = kKeys[rng.below(8)];
        const auto modifiers = rng.below(6) == 0 ? Qt::ControlModifier : Qt::NoModifier;
        switch (rng.below(12)) {
          case 0:
            (rng.below(2) == 0 ? static_cast<QWidget*>(w.text) : w.roll)->setFocus();
            break;
          case 1:
            w.typing.setOn(rng.below(3) != 0);
            break;
          default:
            rng.below(2) == 0 ? w.press(key, modifiers) : w.release(key, modifiers);
        }
      }
      w.typing.setOn(false);
      QVERIFY(w.silent());
    }
  }
};

QTEST_MAIN(TestTypingKeyboard)
#include "test_typing_keyboard.moc"
