#include <QtTest>

#include "core/score/document.h"
#include "ui/theme/icons.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

using namespace incipit;

class TestTheme : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ratioIsTheOneOfTheGuidelines() {
    QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrastRatio(QColor(0x777777), QColor(0x777777)), 1.0);
    QVERIFY(qAbs(contrastRatio(QColor(0x767676), Qt::white) - 4.54) < 0.01);
  }

  void textIsReadable_data() {
    QTest::addColumn<QColor>("text");
    QTest::addColumn<QColor>("ground");
    for (const Theme* t : {&darkTheme(), &lightTheme()}) {
      const std::string name = t->dark ? "dark: " : "light: ";
      const auto row = [&](const char* what, QColor a, QColor b) {
        QTest::newRow((name + what).c_str()) << a << b;
      };
      row("text on window", t->text, t->window);
      row("text on panel", t->text, t->panel);
      row("text on raised", t->text, t->raised);
      row("muted on window", t->mutedText, t->window);
      row("muted on panel", t->mutedText, t->panel);
      row("muted on raised", t->mutedText, t->raised);
      row("on accent", t->accentText, t->accent);
      row("accent on panel", t->accent, t->panel);
      row("danger on panel", t->danger, t->panel);
      row("warning on panel", t->warning, t->panel);
      row("ruler", t->rulerText, t->rulerGround);
      row("keys", t->keyText, t->keyWhite);
      row("on candidate", QColor(0x191204), t->candidate);
    }
  }
  void textIsReadable() {
    QFETCH(QColor, text);
    QFETCH(QColor, ground);
    const double ratio = contrastRatio(text, ground);
    QVERIFY2(ratio >= 4.5, qPrintable(QString::number(ratio)));
  }

  void noteNamesAreReadableOnEveryTrackColour() {
    for (const Theme* t : {&darkTheme(), &lightTheme()}) {
      for (std::size_t i = 0; i < 8; ++i) {
        const double ratio = contrastRatio(t->noteText, QColor::fromRgb(trackColour(i)));
        QVERIFY2(ratio >= 4.5, qPrintable(QString("%1: %2").arg(i).arg(ratio)));
      }
    }
  }

  void takesStandOutByLightnessFromTheRows() {
    for (const Theme* t : {&darkTheme(), &lightTheme()})
      QVERIFY(contrastRatio(t->candidate, t->whiteRow) >= (t->dark ? 4.5 : 1.9));
  }

  void styleSheetIsComplete() {
    for (const Theme* t : {&darkTheme(), &lightTheme()}) QVERIFY(!styleSheet(*t).contains('@'));
  }

  void applyTellsEverybody() {
    QSignalSpy changed(&ThemeHolder::instance(), &ThemeHolder::changed);
    ThemeHolder::instance().apply(false);
    QVERIFY(!theme().dark);
    ThemeHolder::instance().apply(true);
    QVERIFY(theme().dark);
    QCOMPARE(changed.count(), 2);
  }

  void iconsFollowTheTheme() {
    const QIcon icon = themedIcon("play");
    QVERIFY(!icon.isNull());
    QVERIFY(themedIcon("no-such-icon").isNull());
    const auto lightness = [&] {
      const QImage image = icon.pixmap(24, 24).toImage();
      return image.pixelColor(image.width() / 2, image.height() / 2).lightness();
    };
    ThemeHolder::instance().apply(true);
    const int dark = lightness();
    ThemeHolder::instance().apply(false);
    QVERIFY(dark > 180);
    QVERIFY(lightness() < 80);
  }
};

QTEST_MAIN(TestTheme)
#include "test_theme.moc"
