#include "ui/training/candidate_row.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "ui/actions/edit_commands.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/training_samples.h"

namespace incipit {
namespace {

constexpr int kPictureHeight = 56;
constexpr int kLeastPictureWidth = 100;
constexpr int kLetterWidth = 26;
constexpr int kPlayWidth = 78;

QString stateText(const BlindTest::Candidate& c) {
  if (!c.problem.isEmpty()) return CandidateRow::tr("failed");
  if (c.job->state() == JobState::kQueued) return CandidateRow::tr("waiting");
  if (!c.job->finished()) return CandidateRow::tr("composing, %1").arg(noteCount(c.notes.size()));
  return noteCount(c.notes.size());
}

}  // namespace

CandidateRow::CandidateRow(int number, QWidget* parent)
    : QFrame(parent),
      letter_(QChar('A' + number % 26)),
      picture_(new QLabel),
      name_(makeLabel({}, "caption")),
      play_(addButton("candidatePlayButton", {}, tr("Plays this continuation"))),
      rating_(new QButtonGroup(this)),
      insert_(addButton("candidateInsertButton", tr("Insert"),
                        tr("Shows it in the roll as a take, to be heard with the piece and "
                           "accepted"))),
      notes_(addButton("candidateNotesButton", tr("Notes…"),
                       tr("Its notes as a table: pitch, step, duration and how probable the model "
                          "thought each"))) {
  setObjectName("card");
  setAccessibleName(tr("Continuation %1").arg(letter_));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 10, 12, 10);
  row->setSpacing(10);
  QLabel* letter = makeLabel(letter_, "display");
  letter->setFixedWidth(kLetterWidth);
  row->addWidget(letter);
  auto* middle = new QVBoxLayout;
  middle->setSpacing(4);
  // As wide as there is room.
  picture_->setFixedHeight(kPictureHeight);
  picture_->setMinimumWidth(kLeastPictureWidth);
  picture_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  picture_->setAccessibleName(tr("Notes of continuation %1").arg(letter_));
  name_->setObjectName("candidateNameLabel");
  name_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  middle->addWidget(picture_);
  middle->addWidget(name_);
  row->addLayout(middle, 1);
  play_->setFixedWidth(kPlayWidth);
  row->addWidget(play_);
  row->addWidget(buildRating());
  row->addWidget(insert_);
  row->addWidget(notes_);
  connect(play_, &QPushButton::clicked, this, &CandidateRow::playWanted);
  connect(insert_, &QPushButton::clicked, this, &CandidateRow::insertWanted);
  connect(notes_, &QPushButton::clicked, this, &CandidateRow::notesWanted);
}

QPushButton* CandidateRow::addButton(const char* name, const QString& text, const QString& help) {
  auto* button = new QPushButton(text);
  button->setObjectName(name);
  button->setToolTip(help);
  return button;
}

QWidget* CandidateRow::buildRating() {
  auto* box = new QWidget;
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(3);
  for (int i = 1; i <= kBestRating; ++i) {
    auto* button = new QToolButton;
    button->setObjectName(QString("candidateRating%1").arg(i));
    button->setProperty("role", "chip");
    button->setCheckable(true);
    button->setText(QString::number(i));
    button->setFocusPolicy(Qt::StrongFocus);
    button->setAccessibleName(tr("Rate continuation %1 with %2").arg(letter_).arg(i));
    button->setToolTip(tr("%1 of %2 (key %1)").arg(i).arg(kBestRating));
    rating_->addButton(button, i);
    row->addWidget(button);
  }
  connect(rating_, &QButtonGroup::idClicked, this, &CandidateRow::rated);
  return box;
}

void CandidateRow::show(const BlindTest::Candidate& c, const State& state) {
  const ComposeRequest& r = c.job->request();
  const MeterMap& meter = r.document->meter;
  drawn_ = c.notes;
  range_ = {r.from, meter.barStart(meter.barBeat(r.from).bar + r.bars)};
  drawPicture();
  QString text = state.revealed
                     ? QString::fromStdString(c.model.path.stem().string()) + " · " + stateText(c)
                     : stateText(c);
  if (state.revealed && !c.problem.isEmpty()) text += ": " + c.problem;
  name_->setText(text);
  name_->setToolTip(state.revealed ? text : QString());
  play_->setText(state.playing ? tr("Stop") : tr("Play"));
  play_->setIcon(themedIcon(state.playing ? "stop" : "play"));
  play_->setEnabled(state.playing || (state.canPlay && !c.notes.empty()));
  insert_->setEnabled(state.canInsert && !c.notes.empty());
  notes_->setEnabled(!c.notes.empty());
  for (QAbstractButton* button : rating_->buttons()) {
    button->setEnabled(!state.revealed && c.mayBeRated());
    button->setChecked(rating_->id(button) == c.rating);
  }
}

void CandidateRow::drawPicture() {
  picture_->setPixmap(rollPicture(drawn_, range_, picture_->size(), devicePixelRatioF()));
}

void CandidateRow::resizeEvent(QResizeEvent* event) {
  QFrame::resizeEvent(event);
  layout()->activate();  // the picture has its new size
  drawPicture();
}

void CandidateRow::keyPressEvent(QKeyEvent* event) {
  const int rating = event->key() - Qt::Key_0;
  if (rating >= 1 && rating <= kBestRating && event->modifiers() == Qt::NoModifier) {
    Q_EMIT rated(rating);
  } else {
    QFrame::keyPressEvent(event);
  }
}

}  // namespace incipit
