#include "ui/training/models_page.h"

#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QTextBrowser>

#include "core/compose/model_files.h"
#include "core/compose/paths.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/train_page.h"

namespace incipit {
namespace {

QString valueOf(const CheckpointInfo& m, const char* key) {
  const auto found = m.metadata.find(key);
  return found == m.metadata.end() ? QString() : QString::fromStdString(found->second);
}

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

QString stemOf(const CheckpointInfo& m) { return text(m.path.stem()); }

// Seconds of the last entry of the metadata "history".
QString trainingTime(const CheckpointInfo& m) {
  const QJsonArray history = QJsonDocument::fromJson(valueOf(m, "history").toUtf8()).array();
  if (history.isEmpty()) return {};
  const QJsonObject last = history.last().toObject();
  return last.contains("seconds") ? durationText(last["seconds"].toDouble()) : QString();
}

bool mayChange(const CheckpointInfo& m) {
  return QFileInfo(text(m.path.parent_path())).isWritable() &&
         m.path.parent_path() != resourcePath("models");
}

}  // namespace

QString modelCard(const CheckpointInfo& m) {
  QString out = "# " + QString::fromStdString(m.title) + "\n\n";
  const auto row = [&](const QString& name, QString value) {
    if (value.isEmpty()) return;
    out += "- **" + name + ":** " + value.replace('\n', ' ') + "\n";
  };
  row(ModelsPage::tr("Network"),
      QString::fromStdString(m.preset.empty() ? m.family : m.family + ", " + m.preset));
  row(ModelsPage::tr("Parameters"), QLocale().toString(static_cast<qlonglong>(m.parameters)));
  row(ModelsPage::tr("Size"), QLocale().formattedDataSize(m.bytes));
  row(ModelsPage::tr("Epochs"), valueOf(m, "epoch"));
  row(ModelsPage::tr("Steps"), valueOf(m, "step"));
  row(ModelsPage::tr("Training time"), trainingTime(m));
  bool isNumber = false;
  const double loss = valueOf(m, "validation_loss").toDouble(&isNumber);
  if (isNumber) row(ModelsPage::tr("Validation loss"), QString::number(loss, 'f', 4));
  row(ModelsPage::tr("Music (hash of the corpus)"), valueOf(m, "corpus").left(16));
  row(ModelsPage::tr("Sets"), valueOf(m, "sets"));
  row(ModelsPage::tr("Started from"), valueOf(m, "started_from"));
  row(ModelsPage::tr("Settings"), valueOf(m, "settings"));
  row(ModelsPage::tr("Licence"), valueOf(m, "licence"));
  row(ModelsPage::tr("Made by"), valueOf(m, "trainer"));
  row(ModelsPage::tr("File"), "`" + text(m.path) + "`");
  QFile file(text(cardPath(m.path)));
  if (file.open(QIODevice::ReadOnly)) {
    constexpr qint64 kMost = 1'000'000;
    out += "\n---\n\n" + QString::fromUtf8(file.read(kMost));
  }
  return out;
}

ModelsPage::ModelsPage(std::function<Catalogue()> models, QWidget* parent)
    : QWidget(parent), models_(std::move(models)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  row->addWidget(buildList());
  row->addWidget(makeVerticalLine());
  row->addWidget(buildCard(), 1);
  reload();
}

QWidget* ModelsPage::buildList() {
  auto* side = new QWidget;
  constexpr int kWidth = 306;
  side->setFixedWidth(kWidth);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  list_ = new QListWidget;
  list_->setObjectName("modelList");
  list_->setAccessibleName(tr("Installed models"));
  connect(list_, &QListWidget::currentRowChanged, this, &ModelsPage::showModel);
  column->addWidget(list_, 1);
  problem_ = makeLabel({}, "problem");
  problem_->setObjectName("modelProblemLabel");
  problem_->setWordWrap(true);
  problem_->hide();
  column->addWidget(problem_);
  tune_ = new QPushButton(themedIcon("train"), tr("Train on from this one"));
  tune_->setObjectName("modelTuneButton");
  tune_->setToolTip(tr("Fine-tuning: starts from this model's weights with the music you choose"));
  connect(tune_, &QPushButton::clicked, this, [this] {
    if (const CheckpointInfo* m = current()) Q_EMIT fineTuneWanted(*m);
  });
  column->addWidget(tune_);
  auto* grid = new QGridLayout;
  const auto button = [&](const char* name, const QString& label, const QString& help, int r, int c,
                          void (ModelsPage::*slot)()) {
    auto* b = new QPushButton(label);
    b->setObjectName(name);
    b->setToolTip(help);
    connect(b, &QPushButton::clicked, this, slot);
    grid->addWidget(b, r, c);
    return b;
  };
  button("modelImportButton", tr("Import…"), tr("Copies a .safetensors file into your models"), 0,
         0, &ModelsPage::askImport);
  export_ =
      button("modelExportButton", tr("Export…"),
             tr("Copies this model with its card to another folder"), 0, 1, &ModelsPage::askExport);
  rename_ = button("modelRenameButton", tr("Rename…"), tr("Gives this model's files another name"),
                   1, 0, &ModelsPage::askRename);
  remove_ = button("modelDeleteButton", tr("Delete…"), tr("Moves this model's files to the trash"),
                   1, 1, &ModelsPage::askRemove);
  column->addLayout(grid);
  return side;
}

QWidget* ModelsPage::buildCard() {
  card_ = new QTextBrowser;
  card_->setObjectName("modelCard");
  card_->setAccessibleName(tr("What is known of the model"));
  card_->setOpenLinks(false);
  constexpr int kMargin = 14;
  card_->document()->setDocumentMargin(kMargin);
  return card_;
}

void ModelsPage::reload(const std::filesystem::path& choose) {
  const CheckpointInfo* before = current();
  const std::filesystem::path wanted = !choose.empty()     ? choose
                                       : before != nullptr ? before->path
                                                           : std::filesystem::path();
  catalogue_ = models_ ? models_() : Catalogue{};
  list_->clear();
  int row = catalogue_.models.empty() ? -1 : 0;
  for (const CheckpointInfo& m : catalogue_.models) {
    if (m.path == wanted) row = list_->count();
    auto* item = new QListWidgetItem(stemOf(m) + "\n" + QString::fromStdString(m.title));
    item->setToolTip(text(m.path));
    list_->addItem(item);
  }
  list_->setCurrentRow(row);
  QStringList problems;
  for (const std::string& p : catalogue_.problems) problems << QString::fromStdString(p);
  showProblem(problems.join('\n'));
  showModel();
}

const CheckpointInfo* ModelsPage::current() const {
  const int row = list_->currentRow();
  return row >= 0 && row < std::ssize(catalogue_.models)
             ? &catalogue_.models[static_cast<std::size_t>(row)]
             : nullptr;
}

void ModelsPage::showModel() {
  const CheckpointInfo* m = current();
  card_->setMarkdown(m == nullptr ? tr("No model is installed: train one, or import a file.")
                                  : modelCard(*m));
  const bool own = m != nullptr && mayChange(*m);
  rename_->setEnabled(own);
  remove_->setEnabled(own);
  export_->setEnabled(m != nullptr);
  tune_->setEnabled(m != nullptr);
}

void ModelsPage::showProblem(const QString& text) {
  problem_->setText(text);
  problem_->setVisible(!text.isEmpty());
}

void ModelsPage::askImport() {
  const QString file =
      QFileDialog::getOpenFileName(this, tr("Import a model"), {}, tr("Models (*.safetensors)"));
  if (!file.isEmpty()) importModel(file.toStdString());
}

void ModelsPage::importModel(const std::filesystem::path& file) {
  const auto copy = copyModel(file, dataFolder() / "models", modelName(file.stem().string()));
  if (!copy) return showProblem(QString::fromStdString(copy.error().message));
  reload(*copy);
  Q_EMIT modelsChanged();
}

void ModelsPage::askRename() {
  const CheckpointInfo* m = current();
  if (m == nullptr) return;
  bool good = false;
  const QString name = QInputDialog::getText(this, tr("Rename the model"), tr("New name"),
                                             QLineEdit::Normal, stemOf(*m), &good);
  if (good) rename(name);
}

void ModelsPage::rename(const QString& name) {
  const CheckpointInfo* m = current();
  if (m == nullptr || name == stemOf(*m)) return;
  const auto renamed = renameModel(m->path, name.trimmed().toStdString());
  if (!renamed) return showProblem(QString::fromStdString(renamed.error().message));
  reload(*renamed);
  Q_EMIT modelsChanged();
}

void ModelsPage::askRemove() {
  const CheckpointInfo* m = current();
  if (m == nullptr) return;
  const std::vector<std::filesystem::path> files = modelFiles(m->path);
  const auto answer =
      QMessageBox::question(this, tr("Delete the model"),
                            tr("Move %1 (%n file(s)) to the trash? Pieces keep what it composed.",
                               nullptr, static_cast<int>(files.size()))
                                .arg(stemOf(*m)),
                            QMessageBox::Yes | QMessageBox::Cancel, QMessageBox::Cancel);
  if (answer != QMessageBox::Yes) return;
  QStringList left;
  for (const auto& file : files) {
    if (!QFile::moveToTrash(text(file))) left << text(file);
  }
  if (!left.isEmpty() &&
      QMessageBox::question(
          this, tr("Delete the model"),
          tr("There is no trash for these files. Delete them for good?\n%1").arg(left.join('\n')),
          QMessageBox::Yes | QMessageBox::Cancel, QMessageBox::Cancel) == QMessageBox::Yes) {
    left.erase(
        std::remove_if(left.begin(), left.end(), [](const QString& f) { return QFile::remove(f); }),
        left.end());
  }
  reload();
  if (!left.isEmpty()) showProblem(tr("%1: could not be deleted.").arg(left.front()));
  Q_EMIT modelsChanged();
}

void ModelsPage::askExport() {
  const CheckpointInfo* m = current();
  if (m == nullptr) return;
  const QString file = QFileDialog::getSaveFileName(
      this, tr("Export the model"), stemOf(*m) + ".safetensors", tr("Models (*.safetensors)"),
      nullptr, QFileDialog::DontConfirmOverwrite);
  if (file.isEmpty()) return;
  std::filesystem::path to = file.toStdString();
  const auto copy = copyModel(m->path, to.parent_path(), to.stem().string());
  showProblem(copy ? QString() : QString::fromStdString(copy.error().message));
}

}  // namespace incipit
