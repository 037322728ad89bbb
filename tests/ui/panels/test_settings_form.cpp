// The fields made from the descriptions of settings, alone and in the compose panel.
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QSignalSpy>
#include <QtTest>

#include "tests/ui/studio.h"
#include "ui/panels/settings_form.h"

using namespace incipit;
using namespace incipit::test;

namespace {

std::vector<SettingInfo> oneOfEach() {
  return {
      numberSetting("rate", "Rate", "How fast", 0.0003, 0.000001, 1),
      integerSetting("units", "Units", "How wide", 64, 8, 512),
      switchSetting("mix", "Mix", "Mixes", true),
      choiceSetting("loss", "Loss", "What is minimised", {{"mse", "Squares"}, {"ce", "Classes"}})};
}

// Two checkpoints, of the fake engine's two families.
Catalogue twoFamilies(const std::filesystem::path& folder) {
  Catalogue c;
  for (const char* family : {"note-lstm", "chooser"}) {
    CheckpointInfo info;
    info.path = folder / (std::string(family) + ".safetensors");
    info.title = info.family = family;
    c.models.push_back(info);
  }
  return c;
}

}  // namespace

class TestSettingsForm : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aFieldForEachKind() {
    SettingsForm form;
    form.setInfos(oneOfEach(), {});
    form.show();
    QCOMPARE(form.values(),
             (Settings{{"rate", "0.0003"}, {"units", "64"}, {"mix", "on"}, {"loss", "mse"}}));
    QVERIFY(checkSettings(oneOfEach(), form.values()).has_value());
    auto* rate = form.findChild<QDoubleSpinBox*>("setting.rate");
    QCOMPARE(rate->cleanText(), QString("0.0003"));
    QCOMPARE(rate->toolTip(), QString("How fast"));
    QCOMPARE(rate->accessibleName(), QString("Rate"));
    QVERIFY(!form.findChild<QPushButton*>("settingsResetButton")->isEnabled());
  }

  void whatIsTypedIsTheValueAndResetTakesItBack() {
    SettingsForm form;
    form.setInfos(oneOfEach(), {{"units", "128"}, {"loss", "ce"}});
    form.show();
    QCOMPARE(form.values().at("units"), std::string("128"));
    QCOMPARE(form.values().at("loss"), std::string("ce"));
    QSignalSpy changed(&form, &SettingsForm::changed);
    auto* rate = form.findChild<QDoubleSpinBox*>("setting.rate");
    rate->selectAll();
    QTest::keyClicks(rate, "0.00025");
    QTest::keyClick(rate, Qt::Key_Return);
    QCOMPARE(form.values().at("rate"), std::string("0.00025"));
    QTest::keyClick(form.findChild<QCheckBox*>("setting.mix"), Qt::Key_Space);
    QCOMPARE(form.values().at("mix"), std::string("off"));
    QVERIFY(changed.count() >= 2);
    auto* reset = form.findChild<QPushButton*>("settingsResetButton");
    QVERIFY(reset->isEnabled());
    QTest::mouseClick(reset, Qt::LeftButton);
    QCOMPARE(form.values(),
             (Settings{{"rate", "0.0003"}, {"units", "64"}, {"mix", "on"}, {"loss", "mse"}}));
    QVERIFY(!reset->isEnabled());
  }

  // What an earlier version stored must not keep the form from working.
  void valuesThatAreNotThereAreTheDefaults() {
    SettingsForm form;
    form.setInfos(oneOfEach(),
                  {{"units", "100000"}, {"mix", "maybe"}, {"loss", "gone"}, {"unknown", "1"}});
    QCOMPARE(form.values(),
             (Settings{{"rate", "0.0003"}, {"units", "64"}, {"mix", "on"}, {"loss", "mse"}}));
  }

  void theChosenModelsFamilyIsAskedFor() {
    Studio s([](Services& services) {
      services.warmUpAfter = std::chrono::milliseconds(0);
      services.models = [folder = services.settingsFile.parent_path()] {
        return twoFamilies(folder);
      };
    });
    auto* form = s.find<SettingsForm>("familySettings");
    auto* model = s.find<QComboBox>("modelCombo");
    QVERIFY(!form->isVisible());  // the first has none
    model->setCurrentIndex(1);
    Q_EMIT model->activated(1);
    QTRY_VERIFY(form->isVisible());
    auto* choose = s.find<QComboBox>("setting.choose");
    choose->setCurrentIndex(1);
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.script->requests().back().settings,
             (Settings{{"bold", "off"}, {"choose", "probable"}}));
    // The other family is sent nothing of it, and coming back it is as it was left.
    model->setCurrentIndex(0);
    Q_EMIT model->activated(0);
    s.click("discardButton");
    s.click("generateButton");
    QTRY_VERIFY(!s.window->takes().generating());
    QCOMPARE(s.script->requests().back().settings, Settings());
    model->setCurrentIndex(1);
    Q_EMIT model->activated(1);
    QCOMPARE(s.find<QComboBox>("setting.choose")->currentIndex(), 1);
  }

  void settingsOfAFamilyAreKeptBetweenRuns() {
    QTemporaryDir folder;
    QSettings settings(folder.filePath("s.ini"), QSettings::IniFormat);
    const Settings chosen{{"bold", "on"}, {"choose", "probable"}};
    const auto models = [path = std::filesystem::path(folder.path().toStdString())] {
      return twoFamilies(path);
    };
    auto script = std::make_shared<Script>();
    JobRunner jobs(FakeEngine::loader(script));
    for (const bool first : {true, false}) {
      Session session;
      Transport transport(session, nullptr);
      Takes takes(session, transport, &jobs);
      Families families(&jobs);
      ActionTable table;
      ComposePanel panel(session, takes, families, table, models);
      if (!first) panel.load(settings);
      auto* model = panel.findChild<QComboBox*>("modelCombo");
      model->setCurrentIndex(1);
      Q_EMIT model->activated(1);
      // Before the families are known, too.
      if (!first) QCOMPARE(takes.settings().family, chosen);
      QSignalSpy answered(&families, &Families::answered);
      families.ask();
      QVERIFY(answered.wait());
      if (first) {
        panel.findChild<QComboBox*>("setting.choose")->setCurrentIndex(1);
        panel.findChild<QCheckBox*>("setting.bold")->click();
        panel.save(settings);
      }
      QCOMPARE(takes.settings().family, chosen);
    }
  }
};

QTEST_MAIN(TestSettingsForm)
#include "test_settings_form.moc"
