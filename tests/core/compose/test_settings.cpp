// Settings that families describe: checked against their description, complete, in one line each.
#include <QtTest>

#include "core/compose/settings.h"

using namespace incipit;

class TestSettings : public QObject {
  Q_OBJECT

  std::vector<SettingInfo> infos_{
      numberSetting("dropout", "Dropout", "", 0.25, 0, 0.9),
      integerSetting("batch", "Batch", "", 64, 1, 4096),
      switchSetting("augment", "Vary", "", true),
      choiceSetting("loss", "Loss", "", {{"mse", "Mean squared error"}, {"classes", "Classes"}}),
  };

 private Q_SLOTS:
  void whatIsNotNamedHasItsDefault() {
    const auto v = checkSettings(infos_, {{"batch", "32"}});
    QVERIFY(v);
    QCOMPARE(v->number("dropout"), 0.25);
    QCOMPARE(v->integer("batch"), 32);
    QVERIFY(v->on("augment"));
    QCOMPARE(v->choice("loss"), std::string("mse"));
    QCOMPARE(v->json(),
             std::string(R"({"augment":"on","batch":"32","dropout":"0.25","loss":"mse"})"));
  }

  void anEquivalentTextIsTheSameValue() {
    QCOMPARE(checkSettings(infos_, {{"dropout", "2.50e-1"}, {"augment", "true"}})->json(),
             checkSettings(infos_, {})->json());
  }

  void wrongValuesAreRefused_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* id, const char* value, const char* says) {
      QTest::addRow("%s=%s", id, value) << id << value << says;
    };
    row("dropout", "0.95", "dropout \"0.95\": use a number from 0 to 0.9");
    row("dropout", "much", "dropout \"much\": use a number from 0 to 0.9");
    row("dropout", "nan", "dropout \"nan\": use a number from 0 to 0.9");
    row("dropout", "", "dropout \"\": use a number from 0 to 0.9");
    row("batch", "1.5", "batch \"1.5\": use a whole number from 1 to 4096");
    row("augment", "perhaps", "augment \"perhaps\": use on or off");
    row("loss", "mae", "loss \"mae\": use mse, classes");
    row("colour", "red", "there is no setting colour: use dropout, batch, augment, loss");
  }
  void wrongValuesAreRefused() {
    QFETCH(QString, id);
    QFETCH(QString, value);
    QFETCH(QString, says);
    const auto v = checkSettings(infos_, {{id.toStdString(), value.toStdString()}});
    QVERIFY(!v);
    QCOMPARE(QString::fromStdString(v.error().message), says);
  }

  void assignments() {
    QCOMPARE(settingOf("a=b=c")->second, std::string("b=c"));
    QVERIFY(!settingOf("dropout"));
    QVERIFY(!settingOf("=3"));
  }
};

QTEST_APPLESS_MAIN(TestSettings)
#include "test_settings.moc"
