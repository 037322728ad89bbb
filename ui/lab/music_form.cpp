#include "ui/lab/music_form.h"

#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

#include "core/corpus/corpus.h"
#include "ui/training/form_parts.h"

namespace incipit {

QString pictureKindName(PictureKind kind) {
  switch (kind) {
    case PictureKind::kImage1:
      return MusicForm::tr("Image 1: length, velocity, instrument, tempo");
    case PictureKind::kImage2:
      return MusicForm::tr("Image 2: starts and sustain, velocity, instrument");
    case PictureKind::kImage3:
      return MusicForm::tr("Image 3: starts and sustain");
    case PictureKind::kTicks:
      break;
  }
  return MusicForm::tr("Ticks: two bars, 12 columns a quarter");
}

MusicForm::MusicForm(const QString& prefix, bool kinds, QSettings& settings, QWidget* parent)
    : QWidget(parent),
      settings_(settings),
      folder_(new QLineEdit),
      sets_(new QLineEdit),
      kind_(makeCombo("", tr("How music becomes a picture"))) {
  folder_->setObjectName(prefix + "FolderEdit");
  folder_->setPlaceholderText(tr("a folder of MIDI files"));
  folder_->setToolTip(tr("A folder of MIDI files (also in .zip archives), or one with a manifest"));
  sets_->setObjectName(prefix + "SetsEdit");
  sets_->setPlaceholderText(tr("all"));
  sets_->setToolTip(tr("Names of sets of the folder's manifest, with commas between; empty: all"));
  kind_->setObjectName(prefix + "KindCombo");
  for (const PictureKind k : kPictureKinds) kind_->addItem(pictureKindName(k), pictureKindId(k));
  auto* browse = new QPushButton(tr("Browse…"));
  browse->setObjectName(prefix + "BrowseButton");
  browse->setToolTip(tr("Chooses the folder of music"));
  connect(browse, &QPushButton::clicked, this, [this] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Folder"), folder_->text());
    if (!folder.isEmpty()) folder_->setText(folder);
  });
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  addField(column, tr("Music"), folder_, browse);
  addField(column, tr("Sets"), sets_);
  if (kinds) {
    addField(column, tr("Picture"), kind_);
  } else {
    kind_->setParent(this);
    kind_->hide();
  }
  kind_->setCurrentIndex(std::max(0, kind_->findData(settings_.value("lab/kind", "ticks"))));
  for (QLineEdit* edit : {folder_, sets_}) {
    connect(edit, &QLineEdit::textChanged, this, &MusicForm::keep);
  }
  connect(kind_, &QComboBox::currentIndexChanged, this, &MusicForm::keep);
}

void MusicForm::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  const QSignalBlocker a(folder_);
  const QSignalBlocker b(sets_);
  // Where nobody chose anything in the Lab yet, what the training window has.
  folder_->setText(settings_.value("lab/folder", settings_.value("train/data")).toString());
  sets_->setText(settings_.value("lab/sets").toString());
  Q_EMIT changed();
}

void MusicForm::keep() {
  settings_.setValue("lab/folder", folder_->text());
  settings_.setValue("lab/sets", sets_->text());
  settings_.setValue("lab/kind", kind_->currentData());
  Q_EMIT changed();
}

bool MusicForm::ready() const { return !folder_->text().trimmed().isEmpty(); }

MusicChoice MusicForm::choice() const {
  MusicChoice c;
  c.folder = folder_->text().trimmed().toStdString();
  c.sets = sets_->text().trimmed().toStdString();
  c.kind = kPictureKinds[static_cast<std::size_t>(std::max(0, kind_->currentIndex()))];
  return c;
}

Result<std::shared_ptr<const PictureSet>> openMusic(const MusicChoice& choice,
                                                    const LabProgress& progress,
                                                    const std::stop_token& stop) {
  constexpr double kReading = 0.5;  // of the work
  CorpusOptions options;
  options.sets = choice.sets;
  options.sequences = false;
  auto corpus = readCorpus(
      choice.folder, options, [&](double f) { progress(kReading * f); }, stop);
  if (!corpus) return tl::unexpected(corpus.error());
  if (corpus->cancelled) return fail("cancelled");
  auto set = PictureSet::open(
      *corpus, {choice.kind, {}}, [&](double f) { progress(kReading + (1 - kReading) * f); }, stop);
  if (!set) return tl::unexpected(set.error());
  if (stop.stop_requested()) return fail("cancelled");
  return std::make_shared<const PictureSet>(std::move(*set));
}

}  // namespace incipit
