#include "ui/dialogs/preferences_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QPushButton>
#include <QTabWidget>

#include "ui/dialogs/audio_page.h"
#include "ui/dialogs/midi_page.h"
#include "ui/dialogs/shortcut_page.h"
#include "ui/panels/parts.h"

namespace incipit {

PreferencesDialog::PreferencesDialog(const Preferences& preferences, const Services& services,
                                     ActionTable& table, QWidget* parent)
    : QDialog(parent),
      start_(preferences),
      tabs_(new QTabWidget),
      audio_(new AudioPage(services)),
      midi_(new MidiPage(services.player)) {
  setObjectName("preferencesDialog");
  setWindowTitle(tr("Preferences"));
  resize(600, 620);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 14);
  column->setSpacing(12);
  tabs_->setObjectName("preferencesTabs");
  tabs_->setDocumentMode(true);
  tabs_->addTab(makeGeneralPage(), tr("General"));
  tabs_->addTab(audio_, tr("Audio"));
  tabs_->addTab(midi_, tr("MIDI"));
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

void PreferencesDialog::openPage(Page page) { tabs_->setCurrentIndex(static_cast<int>(page)); }

void PreferencesDialog::showValues(const Preferences& p) {
  theme_->setCurrentIndex(p.dark ? 0 : 1);
  autosave_->setChecked(p.autosave);
  audio_->showSettings(p.audio);
  midi_->showSettings(p.midi);
}

Preferences PreferencesDialog::chosen() const {
  Preferences p = start_;
  p.dark = theme_->currentData().toBool();
  p.autosave = autosave_->isChecked();
  p.audio = audio_->chosen();
  p.midi = midi_->chosen();
  return p;
}

}  // namespace incipit
