#include "ui/lab/picture_panel.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/encoding/picture_encoding.h"
#include "core/io/midi_file.h"
#include "core/io/picture_file.h"
#include "ui/actions/edit_commands.h"
#include "ui/lab/picture_placing.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/training_samples.h"

namespace incipit {
namespace {

constexpr int kImageWidth = 300;
constexpr int kRollHeight = 96;

// The cells of all of them, side by side.
QImage stripImage(const std::vector<LabPicture>& pictures) {
  std::vector<QImage> images;
  for (const LabPicture& p : pictures) images.push_back(imageOf(p.picture));
  const int width = images.front().width();
  QImage strip(width * static_cast<int>(images.size()), images.front().height(),
               QImage::Format_RGB32);
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (int y = 0; y < strip.height(); ++y) {
      std::copy_n(images[i].constScanLine(y), static_cast<std::size_t>(width) * 4,
                  strip.scanLine(y) + i * static_cast<std::size_t>(width) * 4);
    }
  }
  return strip;
}

std::vector<Picture> picturesOf(const std::vector<LabPicture>& pictures) {
  std::vector<Picture> out;
  for (const LabPicture& p : pictures) out.push_back(p.picture);
  return out;
}

Result<void> savePictures(const std::vector<LabPicture>& pictures,
                          const std::filesystem::path& file) {
  const std::vector<Picture> all = picturesOf(pictures);
  if (file.extension() == ".png") {
    return all.size() == 1 ? writePicture(all.front(), file)
                           : writePictureSheet(all, static_cast<int>(all.size()), file);
  }
  return writeMidiFile(pictureDocument(all.front().kind, readPictures(all)), file);
}

}  // namespace

PicturePanel::PicturePanel(const LabParts& parts, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      player_(parts.player),
      column_(new QVBoxLayout(this)),
      image_(new QLabel),
      title_(makeLabel({}, "heading")),
      roll_(new QLabel),
      facts_(makeLabel({}, "caption")),
      snapToGrid_(new QCheckBox(tr("Snap to the grid"))),
      snapToScale_(new QCheckBox(tr("Snap to the scale"))),
      play_(new QPushButton),
      insert_(new QPushButton(tr("Place at the playhead"))),
      save_(new QPushButton(tr("Save…"))),
      problem_(makeLabel({}, "problem")) {
  column_->setContentsMargins(0, 0, 0, 0);
  column_->setSpacing(8);
  title_->setObjectName("pictureTitle");
  title_->setWordWrap(true);
  facts_->setObjectName("pictureFacts");
  facts_->setWordWrap(true);
  image_->setObjectName("pictureImage");
  image_->setAlignment(Qt::AlignCenter);
  image_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  image_->setAccessibleName(tr("The chosen picture"));
  roll_->setObjectName("pictureRoll");
  roll_->setFixedHeight(kRollHeight);
  roll_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  roll_->setAccessibleName(tr("The notes of the chosen picture"));
  problem_->setObjectName("pictureProblem");
  problem_->setWordWrap(true);
  problem_->hide();
  column_->addWidget(title_);
  column_->addWidget(image_);
  column_->addWidget(roll_);
  column_->addWidget(facts_);
  buildButtons();
  column_->addWidget(problem_);
  connect(&player_, &NotePlayer::playingChanged, this, &PicturePanel::showPictures);
  connect(&parts_.session, &Session::activeTrackChanged, this, &PicturePanel::showPictures);
  connect(&parts_.session, &Session::documentLoaded, this, &PicturePanel::showPictures);
  showPictures();
}

void PicturePanel::buildButtons() {
  snapToGrid_->setObjectName("pictureGridCheck");
  snapToGrid_->setToolTip(tr("Notes start and end on the roll's grid"));
  snapToGrid_->setChecked(parts_.settings.value("lab/snapToGrid", true).toBool());
  snapToScale_->setObjectName("pictureScaleCheck");
  snapToScale_->setToolTip(tr("Pitches go to the nearest note of the roll's scale"));
  snapToScale_->setChecked(parts_.settings.value("lab/snapToScale", false).toBool());
  for (QCheckBox* box : {snapToGrid_, snapToScale_}) {
    connect(box, &QCheckBox::toggled, this, [this] {
      parts_.settings.setValue("lab/snapToGrid", snapToGrid_->isChecked());
      parts_.settings.setValue("lab/snapToScale", snapToScale_->isChecked());
      showPictures();
    });
    column_->addWidget(box);
  }
  play_->setObjectName("picturePlayButton");
  insert_->setObjectName("pictureInsertButton");
  insert_->setProperty("role", "primary");
  insert_->setToolTip(tr("Adds these notes to the active track, from the playhead on"));
  save_->setObjectName("pictureSaveButton");
  save_->setToolTip(tr("As a picture (.png) or as music (.mid)"));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(play_, 1);
  row->addWidget(save_, 1);
  column_->addLayout(row);
  column_->addWidget(insert_);
  connect(play_, &QPushButton::clicked, this, &PicturePanel::playOrStop);
  connect(insert_, &QPushButton::clicked, this, &PicturePanel::insert);
  connect(save_, &QPushButton::clicked, this, &PicturePanel::save);
}

void PicturePanel::show(std::vector<LabPicture> pictures) {
  player_.stop();
  pictures_ = std::move(pictures);
  problem_->hide();
  showPictures();
}

Tick PicturePanel::place() const {
  return snapDown(parts_.transport.position(), parts_.session.grid(),
                  parts_.session.document()->meter);
}

std::vector<Note> PicturePanel::notesAt(Tick from) const {
  PicturePlace at{from, {}, {}};
  if (snapToGrid_->isChecked()) at.grid = parts_.session.grid();
  if (snapToScale_->isChecked()) at.scale = parts_.session.scale();
  return notesToPlace(*parts_.session.document(), picturesOf(pictures_), at);
}

void PicturePanel::showPictures() {
  const bool any = !pictures_.empty();
  if (!any) {
    title_->setText(tr("No picture is chosen."));
    image_->clear();
  } else {
    title_->setText(pictures_.size() == 1 ? pictures_.front().title
                                          : tr("%1 pictures in a row").arg(pictures_.size()));
    const QImage strip = stripImage(pictures_);
    const double scale = std::max(1.0, static_cast<double>(kImageWidth) / strip.width());
    image_->setPixmap(QPixmap::fromImage(strip.scaled(
        kImageWidth, static_cast<int>(strip.height() * std::min(scale, 3.0)),
        strip.width() > kImageWidth ? Qt::IgnoreAspectRatio : Qt::KeepAspectRatio,
        strip.width() > kImageWidth ? Qt::SmoothTransformation : Qt::FastTransformation)));
  }
  drawNotes();
  const std::size_t count = any ? notesAt({}).size() : 0;
  facts_->setText(!any         ? QString()
                  : count == 0 ? tr("No cell of it reads as a note.")
                               : noteCount(count));
  const Track* track = parts_.session.track();
  const bool melodic = track != nullptr && track->channel != kDrumChannel;
  play_->setText(player_.playing() ? tr("Stop") : tr("Play"));
  play_->setIcon(themedIcon(player_.playing() ? "stop" : "play"));
  play_->setEnabled(player_.playing() || (count > 0 && parts_.player != nullptr));
  insert_->setEnabled(count > 0 && melodic);
  save_->setEnabled(any);
}

void PicturePanel::drawNotes() {
  const std::vector<Note> notes = pictures_.empty() ? std::vector<Note>() : notesAt({});
  Tick end{1};
  for (const Note& n : notes) end = std::max(end, n.end());
  roll_->setPixmap(rollPicture(notes, {Tick{0}, end}, roll_->size(), devicePixelRatioF()));
}

void PicturePanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layout()->activate();  // the roll has its new size
  drawNotes();
}

void PicturePanel::playOrStop() {
  if (player_.playing()) {
    player_.stop();
  } else {
    play();
  }
  showPictures();
}

void PicturePanel::play() {
  const Track* track = parts_.session.track();
  Track piano;
  const auto notes = pictures_.empty() ? std::vector<Note>() : notesAt(place());
  player_.play(track != nullptr && track->channel != kDrumChannel ? *track : piano, notes,
               parts_.session.document()->tempo);
  showPictures();
}

void PicturePanel::insert() {
  player_.stop();
  const auto notes = notesAt(place());
  parts_.session.commit(tr("Place a picture"),
                        addNotes(*parts_.session.document(), parts_.session.activeTrack(), notes));
}

void PicturePanel::save() {
  const QString file = QFileDialog::getSaveFileName(this, tr("Save the picture"), {},
                                                    tr("Picture (*.png);;Music (*.mid)"));
  if (file.isEmpty()) return;
  const auto saved = savePictures(pictures_, file.toStdString());
  problem_->setText(saved ? QString() : QString::fromStdString(saved.error().message));
  problem_->setVisible(!saved);
}

}  // namespace incipit
