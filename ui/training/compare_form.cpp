#include "ui/training/compare_form.h"

#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/panels/parts.h"
#include "ui/training/form_parts.h"

namespace incipit {
namespace {

constexpr int kMostUnasked = 3;  // models that are ticked without being asked for
constexpr int kMostExamples = 10'000'000;
constexpr int kMostContinuations = 1000;

QString stemOf(const CheckpointInfo& m) { return QString::fromStdString(m.path.stem().string()); }

}  // namespace

CompareForm::CompareForm(std::function<Catalogue()> models, QSettings& settings, QWidget* parent)
    : QWidget(parent),
      models_(std::move(models)),
      settings_(settings),
      list_(new QListWidget),
      music_(makeLabel({}, "caption")),
      sets_(new QLineEdit(settings.value("compare/sets").toString())),
      split_(makeCombo("compareSplitCombo",
                       tr("Which part of the music; training never sees the test part"))),
      examples_(makeSpin("compareExamplesSpin", kMostExamples,
                         tr("Windows of the music that each model is asked about, at most"))),
      continuations_(makeSpin("compareContinuationsSpin", kMostContinuations,
                              tr("Pieces that each model continues, to compare what it composes "
                                 "with what was written; each takes some seconds"))) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  list_->setObjectName("compareModelList");
  list_->setToolTip(tr("Tick the models to compare"));
  column->addWidget(makeFieldLabel(tr("Models"), list_));
  column->addWidget(list_, 1);
  connect(list_, &QListWidget::itemChanged, this, [this] {
    if (!filling_) Q_EMIT changed();
  });
  column->addSpacing(6);
  music_->setObjectName("compareMusicLabel");
  music_->setWordWrap(true);
  column->addWidget(makeLabel(tr("Music to measure with"), "heading"));
  column->addWidget(music_);
  sets_->setObjectName("compareSetsEdit");
  sets_->setPlaceholderText(tr("all"));
  sets_->setToolTip(tr("Names of sets of the folder's manifest, with commas between; empty: all"));
  for (const char* name : {"test", "valid", "train"}) split_->addItem(name, name);
  split_->setCurrentIndex(std::max(0, split_->findData(settings_.value("compare/split", "test"))));
  examples_->setSpecialValueText(tr("all"));
  examples_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  examples_->setValue(settings_.value("compare/examples", 1000).toInt());
  continuations_->setSpecialValueText(tr("none"));
  continuations_->setValue(settings_.value("compare/continuations", 20).toInt());
  addPair(column, tr("Sets"), sets_, tr("Part"), split_);
  addPair(column, tr("Windows, at most"), examples_, tr("Continuations"), continuations_);
  reloadModels();
}

void CompareForm::reloadModels() {
  QStringList ticked = settings_.value("compare/ticked").toStringList();
  QStringList known = settings_.value("compare/known").toStringList();
  for (int i = 0; i < list_->count(); ++i) {
    const QString file = list_->item(i)->data(Qt::UserRole).toString();
    ticked.removeAll(file);
    if (list_->item(i)->checkState() == Qt::Checked) ticked << file;
    if (!known.contains(file)) known << file;
  }
  catalogue_ = models_ ? models_() : Catalogue{};
  filling_ = true;
  list_->clear();
  int on = 0;
  for (const CheckpointInfo& m : catalogue_.models) {
    const QString file = QString::fromStdString(m.path.string());
    on += static_cast<int>(ticked.contains(file));
  }
  for (const CheckpointInfo& m : catalogue_.models) {
    const QString file = QString::fromStdString(m.path.string());
    const bool fresh = !known.contains(file) && on < kMostUnasked;
    on += static_cast<int>(fresh);
    auto* item = new QListWidgetItem(stemOf(m));
    item->setData(Qt::UserRole, file);
    item->setToolTip(QString::fromStdString(m.title) + "\n" + file);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(fresh || ticked.contains(file) ? Qt::Checked : Qt::Unchecked);
    list_->addItem(item);
  }
  if (list_->count() > 0) list_->setCurrentRow(0);
  filling_ = false;
  Q_EMIT changed();
}

void CompareForm::setFolder(const QString& folder) {
  if (folder == folder_ && !music_->text().isEmpty()) return;
  folder_ = folder;
  music_->setText(folder.isEmpty() ? tr("No folder is chosen; the page Train has it.") : folder);
  Q_EMIT changed();
}

std::vector<CheckpointInfo> CompareForm::chosen() const {
  std::vector<CheckpointInfo> out;
  for (int i = 0; i < list_->count(); ++i) {
    if (list_->item(i)->checkState() == Qt::Checked) {
      out.push_back(catalogue_.models[static_cast<std::size_t>(i)]);
    }
  }
  return out;
}

EvaluateRequest CompareForm::request() const {
  EvaluateRequest r;
  r.data = folder_.toStdString();
  r.sets = sets_->text().trimmed().toStdString();
  r.split = split_->currentData().toString().toStdString();
  r.examples = examples_->value();
  r.continuations = continuations_->value();
  return r;
}

QString CompareForm::problem() const {
  if (list_->count() == 0) return tr("No model is installed: train one, or import a file.");
  if (chosen().empty()) return tr("Tick the models to compare.");
  if (folder_.isEmpty()) return tr("Choose a folder of music on the page Train.");
  if (!QFileInfo::exists(folder_)) return tr("%1: there is no such folder.").arg(folder_);
  return {};
}

void CompareForm::save() {
  QStringList ticked;
  QStringList known;
  for (int i = 0; i < list_->count(); ++i) {
    const QString file = list_->item(i)->data(Qt::UserRole).toString();
    known << file;
    if (list_->item(i)->checkState() == Qt::Checked) ticked << file;
  }
  settings_.setValue("compare/ticked", ticked);
  settings_.setValue("compare/known", known);
  settings_.setValue("compare/sets", sets_->text());
  settings_.setValue("compare/split", split_->currentData());
  settings_.setValue("compare/examples", examples_->value());
  settings_.setValue("compare/continuations", continuations_->value());
}

}  // namespace incipit
