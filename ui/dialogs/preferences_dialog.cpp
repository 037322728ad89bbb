#include "ui/dialogs/preferences_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <algorithm>

#include "ui/dialogs/shortcut_page.h"
#include "ui/panels/parts.h"

namespace incipit {
namespace {

// Debian's package with the soundfont that the program prefers.
constexpr const char* kBetterSoundfont = "musescore-general-soundfont-small";

QFormLayout* makeForm(QWidget* page) {
  auto* form = new QFormLayout(page);
  form->setContentsMargins(18, 18, 18, 12);
  form->setHorizontalSpacing(16);
  form->setVerticalSpacing(10);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  return form;
}

QString fileText(const std::filesystem::path& p) { return QString::fromStdString(p.string()); }

void selectData(QComboBox* box, const QVariant& value, const QString& textIfNew) {
  int index = box->findData(value);
  if (index < 0) {
    box->addItem(textIfNew, value);
    index = box->count() - 1;
  }
  box->setCurrentIndex(index);
}

}  // namespace

PreferencesDialog::PreferencesDialog(const Preferences& preferences, const Services& services,
                                     ActionTable& table, QWidget* parent)
    : QDialog(parent), start_(preferences), tabs_(new QTabWidget) {
  setObjectName("preferencesDialog");
  setWindowTitle(tr("Preferences"));
  resize(580, 560);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 14);
  column->setSpacing(12);
  tabs_->setDocumentMode(true);
  tabs_->addTab(makeGeneralPage(), tr("General"));
  tabs_->addTab(makeSoundPage(services), tr("Sound"));
  tabs_->addTab(new ShortcutPage(table), tr("Shortcuts"));
  column->addWidget(tabs_);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Apply |
                                       QDialogButtonBox::Cancel);
  buttons->setContentsMargins(16, 0, 16, 0);
  const auto apply = [this] { Q_EMIT applied(chosen()); };
  connect(buttons->button(QDialogButtonBox::Apply), &QPushButton::clicked, this, apply);
  connect(buttons, &QDialogButtonBox::accepted, this, [this, apply] {
    apply();
    accept();
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  column->addWidget(buttons);
  showValues(start_);
}

QWidget* PreferencesDialog::makeGeneralPage() {
  auto* page = new QWidget;
  QFormLayout* form = makeForm(page);
  theme_ = new QComboBox;
  theme_->setObjectName("themeCombo");
  theme_->addItem(tr("Dark"), true);
  theme_->addItem(tr("Light"), false);
  form->addRow(tr("Theme"), theme_);
  autosave_ = new QCheckBox(tr("Keep a copy of unsaved work every 30 seconds"));
  autosave_->setObjectName("autosaveCheck");
  form->addRow(tr("Safety"), autosave_);
  return page;
}

QWidget* PreferencesDialog::makeSoundPage(const Services& services) {
  auto* page = new QWidget;
  QFormLayout* form = makeForm(page);
  soundfont_ = new QComboBox;
  soundfont_->setObjectName("soundfontCombo");
  soundfont_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  soundfont_->addItem(tr("The best that is installed"), QString());
  bool better = false;
  if (services.soundfonts) {
    for (const SoundfontChoice& s : services.soundfonts()) {
      const QString name = QString("%1 (%2)").arg(QString::fromStdString(s.name),
                                                  QLocale().formattedDataSize(s.bytes, 0));
      soundfont_->addItem(name, fileText(s.path));
      soundfont_->setItemData(soundfont_->count() - 1, fileText(s.path), Qt::ToolTipRole);
      better = better || s.path.filename().string().starts_with("MuseScore_General");
    }
  }
  auto* browse = new QPushButton(tr("Other…"));
  connect(browse, &QPushButton::clicked, this, [this] {
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Soundfont"), {}, tr("Soundfonts (*.sf2 *.sf3);;All files (*)"));
    if (!file.isEmpty()) selectData(soundfont_, file, QFileInfo(file).fileName());
  });
  auto* row = new QHBoxLayout;
  row->addWidget(soundfont_, 1);
  row->addWidget(browse);
  form->addRow(tr("Soundfont"), row);
  if (!better) {
    QLabel* offer = makeLabel(tr("A richer one is free: install it with “sudo apt install %1”, "
                                 "then open this page again.")
                                  .arg(kBetterSoundfont),
                              "muted");
    offer->setObjectName("soundfontOffer");
    offer->setWordWrap(true);
    offer->setTextInteractionFlags(Qt::TextSelectableByMouse);
    form->addRow(QString(), offer);
  }

  driver_ = new QComboBox;
  driver_->setObjectName("driverCombo");
  driver_->addItem(tr("The best that works"), QString());
  if (services.player != nullptr) {
    for (const std::string& name : services.player->drivers())
      driver_->addItem(QString::fromStdString(name), QString::fromStdString(name));
  }
  form->addRow(tr("Driver"), driver_);
  device_ = new QLineEdit;
  device_->setPlaceholderText(tr("the driver's default"));
  form->addRow(tr("Device"), device_);
  rate_ = new QComboBox;
  for (const int rate : {44100, 48000, 88200, 96000}) rate_->addItem(tr("%1 Hz").arg(rate), rate);
  form->addRow(tr("Sample rate"), rate_);
  period_ = new QComboBox;
  period_->setObjectName("periodCombo");
  for (const int period : {64, 128, 256, 512, 1024, 2048})
    period_->addItem(tr("%1 frames").arg(period), period);
  period_->setToolTip(tr("Fewer answer sooner, more never crackle"));
  form->addRow(tr("Period"), period_);
  gain_ = new QDoubleSpinBox;
  gain_->setObjectName("gainSpin");
  gain_->setRange(0, 10);
  gain_->setSingleStep(0.1);
  form->addRow(tr("Gain"), gain_);
  polyphony_ = new QSpinBox;
  polyphony_->setRange(16, 4096);
  form->addRow(tr("Polyphony"), polyphony_);
  reverb_ = new QCheckBox(tr("Reverb"));
  chorus_ = new QCheckBox(tr("Chorus"));
  form->addRow(tr("Effects"), reverb_);
  form->addRow(QString(), chorus_);
  return page;
}

void PreferencesDialog::showValues(const Preferences& p) {
  theme_->setCurrentIndex(p.dark ? 0 : 1);
  autosave_->setChecked(p.autosave);
  const AudioSettings& a = p.audio;
  const QString driver = QString::fromStdString(a.driver);
  selectData(driver_, driver, driver);
  device_->setText(QString::fromStdString(a.device));
  selectData(rate_, a.sampleRate, tr("%1 Hz").arg(a.sampleRate));
  selectData(period_, a.period, tr("%1 frames").arg(a.period));
  gain_->setValue(a.gain);
  polyphony_->setValue(a.polyphony);
  reverb_->setChecked(a.reverb);
  chorus_->setChecked(a.chorus);
  selectData(soundfont_, fileText(a.soundfont), fileText(a.soundfont.filename()));
}

Preferences PreferencesDialog::chosen() const {
  Preferences p = start_;
  p.dark = theme_->currentData().toBool();
  p.autosave = autosave_->isChecked();
  p.audio.driver = driver_->currentData().toString().toStdString();
  p.audio.device = device_->text().trimmed().toStdString();
  p.audio.sampleRate = rate_->currentData().toInt();
  p.audio.period = period_->currentData().toInt();
  p.audio.gain = gain_->value();
  p.audio.polyphony = polyphony_->value();
  p.audio.reverb = reverb_->isChecked();
  p.audio.chorus = chorus_->isChecked();
  p.audio.soundfont = soundfont_->currentData().toString().toStdString();
  return p;
}

}  // namespace incipit
