#include "ui/dialogs/audio_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>

#include "ui/panels/parts.h"

namespace incipit {
namespace {

// Debian's package with the soundfont that the program prefers.
constexpr const char* kBetterSoundfont = "musescore-general-soundfont-small";

QString fileText(const std::filesystem::path& p) { return QString::fromStdString(p.string()); }

}  // namespace

AudioPage::AudioPage(const Services& services, QWidget* parent)
    : QWidget(parent), player_(services.player) {
  QFormLayout* form = makeForm(this);
  buildSoundfont(form, services);
  buildDevice(form);
  buildSynth(form);
}

void AudioPage::buildSoundfont(QFormLayout* form, const Services& services) {
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
  if (better) return;
  QLabel* offer = makeLabel(tr("A richer one is free: install it with “sudo apt install %1”, "
                               "then open this page again.")
                                .arg(kBetterSoundfont),
                            "muted");
  offer->setObjectName("soundfontOffer");
  offer->setWordWrap(true);
  offer->setTextInteractionFlags(Qt::TextSelectableByMouse);
  form->addRow(QString(), offer);
}

void AudioPage::buildDevice(QFormLayout* form) {
  driver_ = new QComboBox;
  driver_->setObjectName("driverCombo");
  driver_->addItem(tr("The best that works"), QString());
  if (player_ != nullptr) {
    for (const std::string& name : player_->drivers())
      driver_->addItem(QString::fromStdString(name), QString::fromStdString(name));
  }
  form->addRow(tr("Driver"), driver_);
  device_ = new QComboBox;
  device_->setObjectName("deviceCombo");
  device_->setEditable(true);
  device_->setInsertPolicy(QComboBox::NoInsert);
  device_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  device_->lineEdit()->setPlaceholderText(tr("the driver's default"));
  connect(driver_, &QComboBox::currentIndexChanged, this, [this] {
    device_->setEditText({});  // another driver does not know this device
    listDevices();
  });
  form->addRow(tr("Device"), device_);
  rate_ = new QComboBox;
  rate_->setObjectName("rateCombo");
  for (const int rate : {44100, 48000, 88200, 96000}) rate_->addItem(tr("%1 Hz").arg(rate), rate);
  form->addRow(tr("Sample rate"), rate_);
  period_ = new QComboBox;
  period_->setObjectName("periodCombo");
  for (const int period : {64, 128, 256, 512, 1024, 2048})
    period_->addItem(tr("%1 frames").arg(period), period);
  period_->setToolTip(tr("Fewer answer sooner, more never crackle"));
  form->addRow(tr("Period"), period_);
}

void AudioPage::buildSynth(QFormLayout* form) {
  gain_ = new QDoubleSpinBox;
  gain_->setObjectName("gainSpin");
  gain_->setRange(0, 10);
  gain_->setSingleStep(0.1);
  form->addRow(tr("Gain"), gain_);
  polyphony_ = new QSpinBox;
  polyphony_->setObjectName("polyphonySpin");
  polyphony_->setRange(16, 4096);
  form->addRow(tr("Polyphony"), polyphony_);
  reverb_ = new QCheckBox(tr("Reverb"));
  reverb_->setObjectName("reverbCheck");
  chorus_ = new QCheckBox(tr("Chorus"));
  chorus_->setObjectName("chorusCheck");
  form->addRow(tr("Effects"), reverb_);
  form->addRow(QString(), chorus_);
}

void AudioPage::listDevices() {
  const QString typed = device_->currentText();
  device_->clear();
  if (player_ != nullptr) {
    for (const std::string& name :
         player_->devices(driver_->currentData().toString().toStdString()))
      device_->addItem(QString::fromStdString(name));
  }
  device_->setEditText(typed);
}

void AudioPage::showSettings(const AudioSettings& a) {
  const QString driver = QString::fromStdString(a.driver);
  selectData(driver_, driver, driver);
  listDevices();
  device_->setEditText(QString::fromStdString(a.device));
  selectData(rate_, a.sampleRate, tr("%1 Hz").arg(a.sampleRate));
  selectData(period_, a.period, tr("%1 frames").arg(a.period));
  gain_->setValue(a.gain);
  polyphony_->setValue(a.polyphony);
  reverb_->setChecked(a.reverb);
  chorus_->setChecked(a.chorus);
  selectData(soundfont_, fileText(a.soundfont), fileText(a.soundfont.filename()));
}

AudioSettings AudioPage::chosen() const {
  AudioSettings a;
  a.driver = driver_->currentData().toString().toStdString();
  a.device = device_->currentText().trimmed().toStdString();
  a.sampleRate = rate_->currentData().toInt();
  a.period = period_->currentData().toInt();
  a.gain = gain_->value();
  a.polyphony = polyphony_->value();
  a.reverb = reverb_->isChecked();
  a.chorus = chorus_->isChecked();
  a.soundfont = soundfont_->currentData().toString().toStdString();
  return a;
}

}  // namespace incipit
