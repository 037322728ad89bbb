#include "ui/training/train_form.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <thread>

#include "core/compose/model_files.h"
#include "core/compose/paths.h"
#include "ui/panels/parts.h"
#include "ui/panels/settings_form.h"
#include "ui/training/form_parts.h"

namespace incipit {
namespace {

constexpr int kMostEpochs = 10'000;
constexpr int kMostExamples = 100'000'000;

// What a checkpoint was trained with.
Settings settingsOf(const CheckpointInfo& model) {
  Settings out;
  const auto text = model.metadata.find("settings");
  if (text == model.metadata.end()) return out;
  const QJsonObject all = QJsonDocument::fromJson(QByteArray::fromStdString(text->second)).object();
  for (auto it = all.begin(); it != all.end(); ++it) {
    out[it.key().toStdString()] = it.value().toString().toStdString();
  }
  return out;
}

}  // namespace

TrainForm::TrainForm(const Families& families, std::function<Catalogue()> models,
                     QSettings& settings, QWidget* parent)
    : QWidget(parent), families_(families), models_(std::move(models)), settings_(settings) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 10, 0);
  column->setSpacing(4);
  buildMusic(column);
  column->addWidget(makeHorizontalLine());
  column->addSpacing(kFieldGap);
  buildNetwork(column);
  column->addWidget(makeHorizontalLine());
  column->addSpacing(kFieldGap);
  buildRun(column);
  column->addStretch(1);
  connect(&families_, &Families::answered, this, &TrainForm::showFamilies);
  for (QLineEdit* edit : {data_, sets_, name_, seed_}) {
    connect(edit, &QLineEdit::textChanged, this, &TrainForm::changed);
  }
  connect(name_, &QLineEdit::textChanged, this, [this] {
    where_->setText(tr("Saved as %1").arg(QString::fromStdString(outFile().string())));
  });
  Q_EMIT name_->textChanged(name_->text());
  showFamilies();
}

void TrainForm::buildMusic(QVBoxLayout* column) {
  data_ = new QLineEdit(settings_.value("train/data").toString());
  chosenFolder_ = data_->text();
  data_->setObjectName("trainDataEdit");
  data_->setPlaceholderText(tr("a folder of MIDI files"));
  data_->setToolTip(tr("A folder of MIDI files (also in .zip archives), or one with a manifest"));
  auto* browse = new QPushButton(tr("Browse…"));
  browse->setObjectName("trainBrowseButton");
  browse->setToolTip(tr("Chooses the folder of music"));
  const auto chosen = [this] {
    if (std::exchange(chosenFolder_, folder()) != folder()) Q_EMIT folderChosen();
  };
  connect(data_, &QLineEdit::editingFinished, this, chosen);
  connect(browse, &QPushButton::clicked, this, [this, chosen] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder"), data_->text());
    if (folder.isEmpty()) return;
    data_->setText(folder);
    chosen();
  });
  addField(column, tr("Music to learn from"), data_, browse);
  music_ = makeLabel({}, "caption");
  music_->setObjectName("trainMusicLabel");
  music_->setWordWrap(true);
  column->addWidget(music_);
  column->addSpacing(kFieldGap);
  sets_ = new QLineEdit;
  sets_->setObjectName("trainSetsEdit");
  sets_->setPlaceholderText(tr("all"));
  sets_->setToolTip(tr("Names of sets of the folder's manifest, with commas between; empty: all"));
  addField(column, tr("Sets"), sets_);
}

void TrainForm::buildNetwork(QVBoxLayout* column) {
  family_ = makeCombo("trainFamilyCombo", tr("The kind of network to train"));
  connect(family_, &QComboBox::currentIndexChanged, this, &TrainForm::showPresets);
  addField(column, tr("Kind of network"), family_);
  preset_ = makeCombo("trainPresetCombo", tr("Sizes of the network and how it is trained"));
  connect(preset_, &QComboBox::currentIndexChanged, this, &TrainForm::showPreset);
  addField(column, tr("Preset"), preset_);
  about_ = makeLabel({}, "caption");
  about_->setObjectName("trainAboutLabel");
  about_->setWordWrap(true);
  column->addWidget(about_);
  column->addSpacing(kFieldGap);
  from_ = makeCombo("trainFromCombo",
                    tr("Fresh weights, or those of a model to go on from (fine-tuning)"));
  connect(from_, &QComboBox::currentIndexChanged, this, &TrainForm::changed);
  addField(column, tr("Start from"), from_);
  form_ = new SettingsForm;
  form_->setObjectName("trainSettings");
  connect(form_, &SettingsForm::changed, this, &TrainForm::changed);
  column->addWidget(form_);
}

void TrainForm::buildRun(QVBoxLayout* column) {
  epochs_ = makeSpin("trainEpochsSpin", kMostEpochs, tr("How often all the music is gone through"));
  examples_ = makeSpin("trainExamplesSpin", kMostExamples,
                       tr("How many examples of the music an epoch draws"));
  examples_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  addPair(column, tr("Epochs"), epochs_, tr("Examples an epoch"), examples_);
  device_ = makeCombo("trainDeviceCombo", tr("What computes: the processor, or a GPU"));
  threads_ = makeSpin("trainThreadsSpin",
                      static_cast<int>(std::max(1U, std::thread::hardware_concurrency())),
                      tr("Processor threads to train with; the music always goes first"));
  threads_->setMinimum(1);
  threads_->setValue(settings_.value("train/threads", 1).toInt());
  addPair(column, tr("Device"), device_, tr("Threads"), threads_);
  seed_ = new QLineEdit("1");
  seed_->setObjectName("trainSeedEdit");
  seed_->setMaxLength(20);
  seed_->setToolTip(tr("The number that chance is drawn from: the same one gives the same curve"));
  name_ = new QLineEdit(settings_.value("train/name", tr("my-model")).toString());
  name_->setObjectName("trainNameEdit");
  name_->setToolTip(tr("The name of the model's files"));
  addPair(column, tr("Name of the model"), name_, tr("Seed value"), seed_);
  where_ = makeLabel({}, "caption");
  where_->setWordWrap(true);
  column->addWidget(where_);
  column->addSpacing(kFieldGap);
  every_ = makeSpin("trainSampleSpin", kMostEpochs,
                    tr("Composes a sample after so many epochs, to hear how it goes"));
  every_->setSpecialValueText(tr("none"));
  every_->setValue(settings_.value("train/sampleEvery", 1).toInt());
  sampleOf_ = makeCombo("trainSampleOfCombo", tr("What the samples continue"));
  sampleOf_->addItems({tr("the open piece"), tr("nothing")});
  sampleOf_->setCurrentIndex(settings_.value("train/sampleOf").toInt());
  addPair(column, tr("A sample each (epochs)"), every_, tr("Samples continue"), sampleOf_);
  setDevices({"cpu"});
  chooseDevice(settings_.value("train/device", "cpu").toString());
}

void TrainForm::setDevices(const std::vector<std::string>& devices) {
  const QString before = device_->currentText();
  device_->clear();
  for (const std::string& d : devices) device_->addItem(QString::fromStdString(d));
  device_->setCurrentIndex(std::max(0, device_->findText(before)));
}

void TrainForm::chooseDevice(const QString& device) {
  if (device_->findText(device) < 0) device_->addItem(device);
  device_->setCurrentText(device);
}

void TrainForm::setMusicSummary(const QString& text) {
  music_->setText(text);
  music_->setVisible(!text.isEmpty());
}

QString TrainForm::folder() const { return data_->text().trimmed(); }

const FamilyInfo* TrainForm::family() const {
  return families_.find(family_->currentData().toString().toStdString());
}

const PresetInfo* TrainForm::preset() const {
  const FamilyInfo* f = family();
  return f == nullptr || preset_->count() == 0
             ? nullptr
             : presetOf(*f, preset_->currentData().toString().toStdString());
}

void TrainForm::showFamilies() {
  QString wanted = family_->currentData().toString();
  if (wanted.isEmpty()) wanted = settings_.value("train/family").toString();
  {
    const QSignalBlocker quiet(family_);
    family_->clear();
    for (const FamilyInfo& f : families_.all()) {
      family_->addItem(QString::fromStdString(f.title), QString::fromStdString(f.id));
      family_->setItemData(family_->count() - 1,
                           QString::fromStdString(f.description + "\n" + f.paper), Qt::ToolTipRole);
    }
    family_->setCurrentIndex(std::max(0, family_->findData(wanted)));
  }
  reloadModels();
  showPresets();
}

void TrainForm::showPresets() {
  QString wanted = preset_->currentData().toString();
  if (wanted.isEmpty()) wanted = settings_.value("train/preset").toString();
  {
    const QSignalBlocker quiet(preset_);
    preset_->clear();
    if (const FamilyInfo* f = family()) {
      for (const PresetInfo& p : f->presets) {
        preset_->addItem(QString::fromStdString(p.id), QString::fromStdString(p.id));
        preset_->setItemData(preset_->count() - 1, QString::fromStdString(p.description),
                             Qt::ToolTipRole);
      }
    }
    preset_->setCurrentIndex(std::max(0, preset_->findData(wanted)));
  }
  showPreset();
}

void TrainForm::showPreset() {
  const FamilyInfo* f = family();
  const PresetInfo* p = preset();
  const std::string now = p == nullptr ? "" : f->id + "/" + p->id;
  if (now != shownPreset_ && !shownPreset_.empty()) {
    storeValues(settings_, "train/settings/" + QString::fromStdString(shownPreset_),
                form_->values());
  }
  shownPreset_ = now;
  about_->setVisible(p != nullptr);
  if (p != nullptr) {
    about_->setText(QString::fromStdString(f->description + "\n" + p->description));
    about_->setToolTip(QString::fromStdString(f->paper));
    epochs_->setSpecialValueText(tr("%1 (preset)").arg(p->epochs));
    examples_->setSpecialValueText(p->examples > 0 ? tr("%L1 (preset)").arg(p->examples)
                                                   : tr("all (preset)"));
    form_->setInfos(p->settings,
                    storedValues(settings_, "train/settings/" + QString::fromStdString(now)));
  } else {
    form_->setInfos({}, {});
  }
  showModels();
  Q_EMIT changed();
}

void TrainForm::reloadModels() {
  catalogue_ = models_ ? models_() : Catalogue{};
  showModels();
}

void TrainForm::showModels() {
  const QString before = from_->currentData().toString();
  const QSignalBlocker quiet(from_);
  from_->clear();
  from_->addItem(tr("fresh weights"), QString());
  const FamilyInfo* f = family();
  const PresetInfo* p = preset();
  if (p == nullptr) return;
  for (const CheckpointInfo& m : catalogue_.models) {
    if (m.family != f->id || m.preset != p->id) continue;
    from_->addItem(QString::fromStdString(m.path.stem().string()),
                   QString::fromStdString(m.path.string()));
  }
  from_->setCurrentIndex(std::max(0, from_->findData(before)));
}

std::filesystem::path TrainForm::outFile() const {
  // A name, not a path: it must stay in the folder where the compose panel looks.
  return dataFolder() / "models" /
         (modelName(name_->text().trimmed().toStdString()) + ".safetensors");
}

TrainRequest TrainForm::request() const {
  TrainRequest r;
  r.family = family_->currentData().toString().toStdString();
  r.preset = preset_->currentData().toString().toStdString();
  r.data = folder().toStdString();
  r.sets = sets_->text().trimmed().toStdString();
  r.out = outFile();
  if (const QString from = from_->currentData().toString(); !from.isEmpty()) {
    r.startFrom = from.toStdString();
  }
  r.settings = form_->values();
  r.epochs = epochs_->value();
  r.examples = examples_->value();
  r.device = device_->currentText().toStdString();
  r.threads = threads_->value();
  r.seed = seed_->text().trimmed().toULongLong();
  return r;
}

std::string TrainForm::lossUnit() const {
  const FamilyInfo* f = family();
  return f == nullptr ? std::string() : f->lossUnit;
}

int TrainForm::sampleEvery() const {
  const FamilyInfo* f = family();
  const bool composes = f == nullptr || f->kind != FamilyInfo::Kind::kSound;
  return composes ? every_->value() : 0;
}

bool TrainForm::samplesOfPiece() const { return sampleOf_->currentIndex() == 0; }

QString TrainForm::problem() const {
  if (families_.all().empty()) return tr("The networks are being loaded…");
  if (folder().isEmpty()) return tr("Choose a folder of music.");
  if (!QFileInfo::exists(folder())) return tr("%1: there is no such folder.").arg(folder());
  if (modelName(name_->text().trimmed().toStdString()).empty()) return tr("Give the model a name.");
  bool isNumber = false;
  (void)seed_->text().trimmed().toULongLong(&isNumber);
  if (!isNumber) return tr("The seed value must be a whole number.");
  if (!outFile().parent_path().empty() && request().startFrom == outFile()) {
    return tr("Choose another name: the model that is started from would be replaced.");
  }
  return {};
}

void TrainForm::showRequest(const TrainRequest& r) {
  data_->setText(QString::fromStdString(r.data.string()));
  chosenFolder_ = folder();
  sets_->setText(QString::fromStdString(r.sets));
  family_->setCurrentIndex(std::max(0, family_->findData(QString::fromStdString(r.family))));
  preset_->setCurrentIndex(std::max(0, preset_->findData(QString::fromStdString(r.preset))));
  if (const PresetInfo* p = preset()) form_->setInfos(p->settings, r.settings);
  const int from = r.startFrom ? from_->findData(QString::fromStdString(r.startFrom->string())) : 0;
  from_->setCurrentIndex(std::max(0, from));
  epochs_->setValue(r.epochs);
  examples_->setValue(static_cast<int>(std::min<std::int64_t>(r.examples, kMostExamples)));
  chooseDevice(QString::fromStdString(r.device));
  threads_->setValue(r.threads);
  seed_->setText(QString::number(r.seed));
  name_->setText(QString::fromStdString(r.out.stem().string()));
}

void TrainForm::fineTune(const CheckpointInfo& model) {
  reloadModels();
  family_->setCurrentIndex(std::max(0, family_->findData(QString::fromStdString(model.family))));
  preset_->setCurrentIndex(std::max(0, preset_->findData(QString::fromStdString(model.preset))));
  // The network must be the same: the sizes that were chosen for it are.
  if (const PresetInfo* p = preset()) form_->setInfos(p->settings, settingsOf(model));
  from_->setCurrentIndex(std::max(0, from_->findData(QString::fromStdString(model.path.string()))));
  name_->setText(tr("%1-tuned").arg(QString::fromStdString(model.path.stem().string())));
  Q_EMIT changed();
}

void TrainForm::save() {
  settings_.setValue("train/data", data_->text());
  settings_.setValue("train/name", name_->text());
  settings_.setValue("train/family", family_->currentData());
  settings_.setValue("train/preset", preset_->currentData());
  settings_.setValue("train/device", device_->currentText());
  settings_.setValue("train/threads", threads_->value());
  settings_.setValue("train/sampleEvery", every_->value());
  settings_.setValue("train/sampleOf", sampleOf_->currentIndex());
  if (!shownPreset_.empty()) {
    storeValues(settings_, "train/settings/" + QString::fromStdString(shownPreset_),
                form_->values());
  }
}

}  // namespace incipit
