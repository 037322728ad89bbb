#include "ui/panels/compose_panel.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QRandomGenerator>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>

#include "ui/actions/edit_commands.h"
#include "ui/panels/compose_panel_text.h"
#include "ui/panels/parts.h"
#include "ui/panels/settings_form.h"
#include "ui/theme/icons.h"

namespace incipit {
namespace {
constexpr const char* kFamilyGroup = "compose/families";
constexpr int kTogether = 1;  // of the choice of tracks
}  // namespace

ComposePanel::ComposePanel(Session& session, Takes& takes, const Families& families,
                           ActionTable& table, ListModels models, QWidget* parent)
    : QWidget(parent),
      session_(session),
      takes_(takes),
      families_(families),
      table_(table),
      listModels_(std::move(models)) {
  setObjectName("sidePanel");
  setAttribute(Qt::WA_StyledBackground);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 10, 14, 12);
  column->setSpacing(10);
  auto* header = new QHBoxLayout;
  header->addWidget(makeLabel(tr("Compose"), "heading"));
  header->addStretch(1);
  QPushButton* train = makeButton(table.action("compose.train"), "link");
  train->setObjectName("trainButton");
  header->addWidget(train);
  column->addLayout(header);
  buildModel(column);
  buildSettings(column);
  buildGenerate(column, table);
  buildTakes(column, table);
  buildRegions(column);
  column->addStretch(1);
  connectActions(table);
  connect(&families_, &Families::answered, this, [this] {
    reloadModels();  // without those that do not compose
    showFamilySettings();
    readSettings();
  });
  // The fields first: choosing a model reads them all back.
  showSettings();
  reloadModels();
  showTakes();
  showRegions();
}

void ComposePanel::buildModel(QVBoxLayout* column) {
  model_ = new QComboBox;
  model_->setObjectName("modelCombo");
  model_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  connect(model_, &QComboBox::activated, this, [this] {
    showModel();
    readSettings();
    Q_EMIT editingDone();
  });
  modelDetail_ = makeLabel({}, "caption");
  modelDetail_->setWordWrap(true);
  auto* box = new QVBoxLayout;
  box->setSpacing(4);
  box->addWidget(makeFieldLabel(tr("Model"), model_));
  box->addWidget(model_);
  box->addWidget(modelDetail_);
  problem_ = makeLabel({}, "muted");
  problem_->setObjectName("engineProblemLabel");
  problem_->setWordWrap(true);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  problem_->hide();
  box->addWidget(problem_);
  column->addLayout(box);
  column->addWidget(makeHorizontalLine());
}

void ComposePanel::buildSettings(QVBoxLayout* column) {
  bars_ = new QSpinBox;
  bars_->setObjectName("barsSpin");
  bars_->setRange(1, 256);
  bars_->setToolTip(tr("How many bars to add after the notes there are"));
  temperature_ = new QDoubleSpinBox;
  temperature_->setObjectName("temperatureSpin");
  temperature_->setRange(0.05, 4.0);
  temperature_->setSingleStep(0.05);
  temperature_->setToolTip(tr("Below 1 the model plays safe, above it dares more"));
  topP_ = new QDoubleSpinBox;
  topP_->setObjectName("topPSpin");
  topP_->setRange(0.01, 1.0);
  topP_->setSingleStep(0.01);
  topP_->setToolTip(
      tr("Keeps only the likeliest pitches whose probabilities add up to this; 1 keeps all"));
  takesCount_ = new QSpinBox;
  takesCount_->setObjectName("takesSpin");
  takesCount_->setRange(1, 8);
  takesCount_->setToolTip(tr("How many alternatives to compose"));
  auto* form = new QGridLayout;
  form->setHorizontalSpacing(10);
  form->setVerticalSpacing(4);
  const auto place = [&](int row, int col, const QString& text, QWidget* field) {
    form->addWidget(makeFieldLabel(text, field), row * 2, col);
    form->addWidget(field, row * 2 + 1, col);
  };
  place(0, 0, tr("Bars"), bars_);
  place(0, 1, tr("Takes"), takesCount_);
  form->setRowMinimumHeight(2, 22);
  place(1, 0, tr("Temperature"), temperature_);
  place(1, 1, tr("Top-p"), topP_);
  column->addLayout(form);
  tracks_ = new QComboBox;
  tracks_->setObjectName("tracksCombo");
  tracks_->addItems({tr("This one"), tr("All together")});
  tracks_->setToolTip(
      tr("All together: every track that is not muted goes on, and each hears the others; a track "
         "without notes gets a part for its instrument"));
  connect(tracks_, &QComboBox::activated, this, [this] {
    readSettings();
    showTakes();
    Q_EMIT editingDone();
  });
  tracksBox_ = new QWidget;
  auto* tracksColumn = new QVBoxLayout(tracksBox_);
  tracksColumn->setContentsMargins(0, 0, 0, 0);
  tracksColumn->setSpacing(4);
  tracksColumn->addWidget(makeFieldLabel(tr("Tracks"), tracks_));
  tracksColumn->addWidget(tracks_);
  tracksBox_->hide();
  column->addWidget(tracksBox_);
  familyForm_ = new SettingsForm;
  familyForm_->setObjectName("familySettings");
  connect(familyForm_, &SettingsForm::changed, this, &ComposePanel::readSettings);
  connect(familyForm_, &SettingsForm::editingDone, this, &ComposePanel::editingDone);
  column->addWidget(familyForm_);
  for (QSpinBox* spin : {bars_, takesCount_}) {
    connect(spin, &QSpinBox::valueChanged, this, &ComposePanel::readSettings);
    connect(spin, &QSpinBox::editingFinished, this, &ComposePanel::editingDone);
  }
  for (QDoubleSpinBox* spin : {temperature_, topP_}) {
    connect(spin, &QDoubleSpinBox::valueChanged, this, &ComposePanel::readSettings);
    connect(spin, &QDoubleSpinBox::editingFinished, this, &ComposePanel::editingDone);
  }

  seed_ = new QLineEdit;
  seed_->setObjectName("seedEdit");
  seed_->setMaxLength(20);
  seed_->setToolTip(
      tr("The number that the model's chance is drawn from: the same one gives the "
         "same notes"));
  connect(seed_, &QLineEdit::textEdited, this, [this] { fixSeed_->setChecked(true); });
  connect(seed_, &QLineEdit::editingFinished, this, [this] {
    readSettings();
    Q_EMIT editingDone();
  });
  fixSeed_ = new QToolButton;
  fixSeed_->setObjectName("fixSeedButton");
  fixSeed_->setProperty("role", "flat");
  fixSeed_->setCheckable(true);
  fixSeed_->setIcon(themedIcon("lock"));
  fixSeed_->setFocusPolicy(Qt::TabFocus);
  fixSeed_->setToolTip(tr("Keep this seed value: Generate gives the same notes again"));
  fixSeed_->setAccessibleName(tr("Keep the seed value"));
  connect(fixSeed_, &QToolButton::toggled, this, &ComposePanel::readSettings);
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  row->addWidget(seed_, 1);
  row->addWidget(fixSeed_);
  row->addWidget(makeToolButton(table_.action("compose.newSeed")));
  auto* box = new QVBoxLayout;
  box->setSpacing(4);
  box->addWidget(makeFieldLabel(tr("Seed value"), seed_));
  box->addLayout(row);
  column->addLayout(box);
}

void ComposePanel::buildGenerate(QVBoxLayout* column, ActionTable& table) {
  column->addSpacing(2);
  where_ = makeLabel({}, "muted");
  where_->setWordWrap(true);
  column->addWidget(where_);
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  generate_ = makeButton(table.action("compose.generate"), "primary");
  generate_->setObjectName("generateButton");
  row->addWidget(generate_, 1);
  cancel_ = makeButton(table.action("compose.cancel"), "plain");
  cancel_->setObjectName("cancelButton");
  cancel_->setMinimumHeight(34);
  row->addWidget(cancel_, 1);
  column->addLayout(row);
  progress_ = new QProgressBar;
  progress_->setObjectName("composeProgress");
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress of generating"));
  column->addWidget(progress_);
  status_ = makeLabel({}, "muted");
  status_->setObjectName("composeStatus");
  column->addWidget(status_);
}

void ComposePanel::buildTakes(QVBoxLayout* column, ActionTable& table) {
  takeCard_ = new QFrame;
  takeCard_->setObjectName("card");
  auto* box = new QVBoxLayout(takeCard_);
  box->setContentsMargins(12, 10, 12, 12);
  box->setSpacing(8);
  auto* stepper = new QHBoxLayout;
  QToolButton* previous = makeToolButton(table.action("compose.previous"));
  previous->setObjectName("previousTakeButton");
  QToolButton* next = makeToolButton(table.action("compose.next"));
  next->setObjectName("nextTakeButton");
  takeTitle_ = makeLabel({}, "heading");
  takeTitle_->setObjectName("takeTitle");
  takeTitle_->setAlignment(Qt::AlignCenter);
  takeDetail_ = makeLabel({}, "muted");
  takeDetail_->setAlignment(Qt::AlignCenter);
  stepper->addWidget(previous);
  auto* middle = new QVBoxLayout;
  middle->setSpacing(1);
  middle->addWidget(takeTitle_);
  middle->addWidget(takeDetail_);
  stepper->addLayout(middle, 1);
  stepper->addWidget(next);
  box->addLayout(stepper);
  auto* verdict = new QHBoxLayout;
  verdict->setSpacing(6);
  QPushButton* discard = makeButton(table.action("compose.discard"), "plain");
  discard->setObjectName("discardButton");
  QPushButton* accept = makeButton(table.action("compose.accept"), "accent");
  accept->setObjectName("acceptButton");
  verdict->addWidget(discard, 1);
  verdict->addWidget(accept, 1);
  box->addLayout(verdict);
  column->addWidget(takeCard_);
}

void ComposePanel::buildRegions(QVBoxLayout* column) {
  regionBox_ = new QWidget;
  auto* box = new QVBoxLayout(regionBox_);
  box->setContentsMargins(0, 6, 0, 0);
  box->setSpacing(6);
  box->addWidget(makeHorizontalLine());
  box->addWidget(makeLabel(tr("Composed so far"), "heading"));
  regions_ = new QListWidget;
  regions_->setObjectName("regionList");
  regions_->setAccessibleName(tr("Composed regions"));
  regions_->setFocusPolicy(Qt::TabFocus);
  regions_->setMaximumHeight(110);
  box->addWidget(regions_);
  auto* again = new QPushButton(themedIcon("generate"), tr("Compose this one again"));
  again->setObjectName("regenerateButton");
  again->setFocusPolicy(Qt::TabFocus);
  again->setToolTip(
      tr("With the settings, seed value and notes that were stored with it, whatever "
         "was edited since; the result is a take"));
  connect(again, &QPushButton::clicked, this, [this] {
    const auto& regions = session_.document()->regions;
    const int row = regions_->currentRow();
    if (row >= 0 && row < std::ssize(regions)) regenerate(regions[static_cast<std::size_t>(row)]);
  });
  box->addWidget(again);
  connect(regions_, &QListWidget::itemClicked, this, [this] {
    const auto& regions = session_.document()->regions;
    const int row = regions_->currentRow();
    if (row >= 0 && row < std::ssize(regions))
      Q_EMIT regionShown(regions[static_cast<std::size_t>(row)].range.from);
  });
  column->addWidget(regionBox_);
}

void ComposePanel::connectActions(ActionTable& table) {
  const auto on = [&](const char* id, auto f) {
    connect(table.action(id), &QAction::triggered, this, f);
  };
  on("compose.generate", [this] {
    readSettings();
    sinceStart_.start();
    takes_.generate();
  });
  on("compose.cancel", [this] { takes_.cancel(); });
  on("compose.next", [this] { takes_.next(); });
  on("compose.previous", [this] { takes_.previous(); });
  on("compose.accept", [this] { takes_.accept(); });
  on("compose.discard", [this] { takes_.discard(); });
  on("compose.newSeed", [this] { newSeed(); });
  connect(&takes_, &Takes::takesChanged, this, &ComposePanel::showTakes);
  connect(&takes_, &Takes::progressChanged, this, &ComposePanel::showTakes);
  connect(&takes_, &Takes::settingsChanged, this, &ComposePanel::showSettings);
  const auto documentMoved = [this] {
    showRegions();
    showTakes();
  };
  connect(&session_, &Session::documentChanged, this, documentMoved);
  connect(&session_, &Session::documentLoaded, this, documentMoved);
  connect(&session_, &Session::activeTrackChanged, this, &ComposePanel::showTakes);
  connect(&session_, &Session::selectionChanged, this, &ComposePanel::showTakes);
}

void ComposePanel::reloadModels(const std::filesystem::path& choose) {
  catalogue_ = listModels_ ? listModels_() : Catalogue{};
  std::erase_if(catalogue_.models, [this](const CheckpointInfo& m) {
    const FamilyInfo* family = families_.find(m.family);
    return family != nullptr && family->kind == FamilyInfo::Kind::kSound;
  });
  const std::filesystem::path wanted = choose.empty() ? takes_.settings().checkpoint : choose;
  const QSignalBlocker quiet(model_);
  model_->clear();
  int index = 0;
  for (const CheckpointInfo& info : catalogue_.models) {
    if (info.path == wanted) index = model_->count();
    model_->addItem(QString::fromStdString(info.title));
    model_->setItemData(model_->count() - 1, QString::fromStdString(info.path.string()),
                        Qt::ToolTipRole);
  }
  hasModels_ = !catalogue_.models.empty();
  model_->setEnabled(hasModels_);
  if (!hasModels_) model_->addItem(tr("No model installed"));
  model_->setCurrentIndex(index);
  showModel();
  if (hasModels_) readSettings();
  for (const std::string& line : catalogue_.problems) Q_EMIT problem(QString::fromStdString(line));
  showTakes();
}

void ComposePanel::setEngineProblem(const QString& text) {
  problem_->setText(text);
  problem_->setVisible(!text.isEmpty());
}

void ComposePanel::showModel() {
  const int i = model_->currentIndex();
  if (!hasModels_ || i < 0) {
    modelDetail_->setText(
        tr("Train one on a folder of MIDI files, or copy a .safetensors file to %1.")
            .arg(QString::fromStdString((dataFolder() / "models").string())));
    tracksBox_->hide();
    familyForm_->setInfos({}, {});
    return;
  }
  modelDetail_->setText(modelSummary(catalogue_.models[static_cast<std::size_t>(i)]));
  showFamilySettings();
}

std::string ComposePanel::chosenFamily() const {
  const int i = model_->currentIndex();
  return hasModels_ && i >= 0 ? catalogue_.models[static_cast<std::size_t>(i)].family
                              : std::string();
}

void ComposePanel::showFamilySettings() {
  const FamilyInfo* family = families_.find(chosenFamily());
  tracksBox_->setVisible(family != nullptr && family->severalTracks);
  if (family == nullptr) return familyForm_->setInfos({}, {});
  familyForm_->setInfos(family->settings, familySettings_[family->id]);
}

void ComposePanel::readSettings() {
  if (showing_) return;
  ComposeSettings s = takes_.settings();
  const int i = model_->currentIndex();
  if (hasModels_ && i >= 0) s.checkpoint = catalogue_.models[static_cast<std::size_t>(i)].path;
  s.bars = bars_->value();
  s.temperature = temperature_->value();
  s.topP = topP_->value();
  s.takes = takesCount_->value();
  bool isNumber = false;
  const quint64 seed = seed_->text().trimmed().toULongLong(&isNumber);
  if (isNumber) s.seed = seed;
  s.seedFixed = fixSeed_->isChecked();
  // Until the families are known, what was chosen before holds.
  const std::string family = chosenFamily();
  const FamilyInfo* info = families_.find(family);
  if (info != nullptr) familySettings_[family] = familyForm_->values();
  s.together = info != nullptr && info->severalTracks && tracks_->currentIndex() == kTogether;
  s.family = familySettings_[family];
  takes_.setSettings(s);
}

void ComposePanel::newSeed() {
  ComposeSettings s = takes_.settings();
  s.seed = QRandomGenerator::global()->generate();
  takes_.setSettings(s);
}

void ComposePanel::showSettings() {
  showing_ = true;
  const ComposeSettings& s = takes_.settings();
  bars_->setValue(s.bars);
  temperature_->setValue(s.temperature);
  topP_->setValue(s.topP);
  takesCount_->setValue(s.takes);
  seed_->setText(QString::number(s.seed));
  fixSeed_->setChecked(s.seedFixed);
  showing_ = false;
}

void ComposePanel::showTakes() {
  const bool generating = takes_.generating();
  const Take* take = takes_.currentTake();
  if (generating && !wasGenerating_) sinceStart_.start();
  std::size_t notes = 0;
  for (const Take& t : takes_.takes()) notes += t.noteCount();
  generate_->setVisible(!generating);
  cancel_->setVisible(generating);
  progress_->setVisible(generating);
  progress_->setValue(static_cast<int>(takes_.progress() * 1000));
  status_->setVisible(generating);
  status_->setText(generatingText(notes, static_cast<double>(sinceStart_.elapsed()) / 1000));
  takeCard_->setVisible(take != nullptr);
  if (take != nullptr) {
    takeTitle_->setText(tr("Take %1 of %2").arg(takes_.current() + 1).arg(takes_.takes().size()));
    takeDetail_->setText(takeSummary(*take));
  }
  where_->setText(continuationText(session_, takes_));
  where_->setVisible(!generating && take == nullptr);
  wasGenerating_ = generating;
  const bool several = takes_.takes().size() > 1;
  table_.action("compose.generate")->setEnabled(hasModels_);
  table_.action("compose.cancel")->setEnabled(generating);
  table_.action("compose.next")->setEnabled(several);
  table_.action("compose.previous")->setEnabled(several);
  table_.action("compose.accept")->setEnabled(take != nullptr && take->noteCount() > 0);
  table_.action("compose.discard")->setEnabled(take != nullptr);
}

void ComposePanel::showRegions() {
  const auto& regions = session_.document()->regions;
  regionBox_->setVisible(!regions.empty());
  const int before = regions_->currentRow();
  regions_->clear();
  for (const GeneratedRegion& r : regions) {
    auto* item = new QListWidgetItem(regionTitle(*session_.document(), r));
    item->setToolTip(regionDetail(r));
    regions_->addItem(item);
  }
  const int last = regions_->count() - 1;
  regions_->setCurrentRow(before >= 0 && before <= last ? before : last);
}

void ComposePanel::load(QSettings& settings) {
  settings.beginGroup("compose");
  ComposeSettings s = takes_.settings();
  s.bars = std::clamp(settings.value("bars", s.bars).toInt(), 1, 256);
  s.temperature = std::clamp(settings.value("temperature", s.temperature).toDouble(), 0.05, 4.0);
  s.topP = std::clamp(settings.value("topP", s.topP).toDouble(), 0.01, 1.0);
  s.takes = std::clamp(settings.value("takes", s.takes).toInt(), 1, 8);
  s.seed = settings.value("seed", QVariant::fromValue<quint64>(s.seed)).toULongLong();
  s.seedFixed = settings.value("seedFixed", s.seedFixed).toBool();
  s.checkpoint = settings.value("checkpoint").toString().toStdString();
  tracks_->setCurrentIndex(settings.value("together").toBool() ? kTogether : 0);
  settings.endGroup();
  settings.beginGroup(kFamilyGroup);
  const QStringList families = settings.childGroups();
  settings.endGroup();
  for (const QString& family : families) {
    familySettings_[family.toStdString()] = storedValues(settings, kFamilyGroup + ("/" + family));
  }
  takes_.setSettings(s);
  reloadModels();
}

void ComposePanel::save(QSettings& settings) const {
  const ComposeSettings& s = takes_.settings();
  settings.beginGroup("compose");
  settings.setValue("bars", s.bars);
  settings.setValue("temperature", s.temperature);
  settings.setValue("topP", s.topP);
  settings.setValue("takes", s.takes);
  settings.setValue("seed", QVariant::fromValue<quint64>(s.seed));
  settings.setValue("seedFixed", s.seedFixed);
  settings.setValue("together", tracks_->currentIndex() == kTogether);
  settings.setValue("checkpoint", QString::fromStdString(s.checkpoint.string()));
  settings.endGroup();
  for (const auto& [family, values] : familySettings_) {
    storeValues(settings, kFamilyGroup + ("/" + QString::fromStdString(family)), values);
  }
}

void ComposePanel::regenerate(const GeneratedRegion& region) {
  const auto model = findModel(catalogue_, region.modelHash);
  if (model) {
    takes_.regenerate(region, *model);
  } else {
    Q_EMIT problem(QString::fromStdString(model.error().message) +
                   tr(". Copy its file into the models folder."));
  }
}

}  // namespace incipit
