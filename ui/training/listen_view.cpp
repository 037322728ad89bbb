#include "ui/training/listen_view.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QRandomGenerator>
#include <QScrollArea>
#include <QSpinBox>

#include "core/compose/note_table.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/training/candidate_row.h"
#include "ui/training/note_dialog.h"

namespace incipit {
namespace {

constexpr int kMostBars = 64;
constexpr int kSeedBars = 2;  // that are heard before a continuation

QString letterOf(std::size_t i) { return QChar('A' + static_cast<int>(i) % 26); }

}  // namespace

ListenView::ListenView(const Parts& parts, std::function<std::vector<CheckpointInfo>()> chosen,
                       bool canCompose, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      chosen_(std::move(chosen)),
      canCompose_(canCompose),
      player_(parts.player) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 10, 0, 0);
  column->setSpacing(8);
  buildHead(column);
  auto* inside = new QWidget;
  list_ = new QVBoxLayout(inside);
  list_->setContentsMargins(0, 0, 6, 0);
  list_->setSpacing(8);
  list_->addStretch(1);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(inside);
  column->addWidget(scroll, 1);
  connect(&parts_.test, &BlindTest::replaced, this, &ListenView::showRows);
  connect(&parts_.test, &BlindTest::changed, this, [this](std::size_t i) {
    showRow(i);
    showState();
  });
  connect(&parts_.test, &BlindTest::nowRevealed, this, [this] {
    showProblem({});
    for (std::size_t i = 0; i < rows_.size(); ++i) showRow(i);
    showState();
  });
  connect(&parts_.test, &BlindTest::failed, this, &ListenView::showProblem);
  const auto showAll = [this] {
    for (std::size_t i = 0; i < rows_.size(); ++i) showRow(i);
  };
  connect(&player_, &NotePlayer::playingChanged, this, showAll);
  connect(&parts_.session, &Session::documentLoaded, this, showAll);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, showAll);
  showState();
}

void ListenView::buildHead(QVBoxLayout* column) {
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  bars_ = new QSpinBox;
  bars_->setObjectName("listenBarsSpin");
  bars_->setRange(1, kMostBars);
  bars_->setToolTip(tr("How many bars each model composes"));
  bars_->setValue(parts_.settings.value("compare/bars", 4).toInt());
  connect(bars_, &QSpinBox::valueChanged, this,
          [this](int bars) { parts_.settings.setValue("compare/bars", bars); });
  seedFirst_ = new QCheckBox(tr("Hear the seed first"));
  seedFirst_->setObjectName("listenSeedCheck");
  seedFirst_->setToolTip(tr("Plays the last %1 bars before the continuation, too").arg(kSeedBars));
  seedFirst_->setChecked(parts_.settings.value("compare/seedFirst", false).toBool());
  connect(seedFirst_, &QCheckBox::toggled, this,
          [this](bool on) { parts_.settings.setValue("compare/seedFirst", on); });
  compose_ = new QPushButton(themedIcon("generate"), tr("Compose"));
  compose_->setObjectName("listenComposeButton");
  compose_->setToolTip(
      tr("Each ticked model continues the open piece, in an order that only "
         "chance knows"));
  connect(compose_, &QPushButton::clicked, this, &ListenView::compose);
  reveal_ = new QPushButton(tr("Reveal"));
  reveal_->setObjectName("listenRevealButton");
  reveal_->setToolTip(
      tr("Shows which model made which; ratings given so far are kept, and none "
         "can be given after"));
  connect(reveal_, &QPushButton::clicked, this, [this] { parts_.test.reveal(); });
  row->addWidget(makeFieldLabel(tr("Bars"), bars_));
  row->addWidget(bars_);
  row->addWidget(seedFirst_);
  row->addStretch(1);
  row->addWidget(compose_);
  row->addWidget(reveal_);
  column->addLayout(row);
  about_ = makeLabel({}, "muted");
  about_->setObjectName("listenAboutLabel");
  about_->setWordWrap(true);
  column->addWidget(about_);
  problem_ = makeLabel({}, "problem");
  problem_->setObjectName("listenProblemLabel");
  problem_->setWordWrap(true);
  problem_->hide();
  column->addWidget(problem_);
}

void ListenView::showProblem(const QString& text) {
  problem_->setText(text);
  problem_->setVisible(!text.isEmpty());
}

void ListenView::compose() {
  const std::vector<CheckpointInfo> models = chosen_();
  if (models.empty()) return;
  showProblem({});
  player_.stop();
  ComposeRequest r;
  r.bars = bars_->value();
  r.seed = QRandomGenerator::global()->generate();
  const Track* track = parts_.session.track();
  if (track != nullptr && !track->notes.empty()) {
    r.document = parts_.session.document();
    r.track = track->id;
    r.from = parts_.takes.continuationStart();
  }
  parts_.test.start(models, r, QRandomGenerator::global()->generate64());
}

void ListenView::showRows() {
  for (CandidateRow* row : rows_) delete row;
  rows_.clear();
  player_.stop();
  playing_ = -1;
  for (std::size_t i = 0; i < parts_.test.all().size(); ++i) {
    auto* row = new CandidateRow(static_cast<int>(i));
    connect(row, &CandidateRow::playWanted, this, [this, i] { playOrStop(i); });
    connect(row, &CandidateRow::rated, this,
            [this, i](int rating) { parts_.test.rate(i, rating); });
    connect(row, &CandidateRow::insertWanted, this, [this, i] { insert(i); });
    connect(row, &CandidateRow::notesWanted, this, [this, i] { showNotes(i); });
    list_->insertWidget(list_->count() - 1, row);
    rows_.push_back(row);
    showRow(i);
  }
  showState();
}

void ListenView::showRow(std::size_t i) {
  const BlindTest::Candidate& c = parts_.test.all()[i];
  const ComposeRequest& r = c.job->request();
  const Document& d = *parts_.session.document();
  CandidateRow::State state;
  state.playing = player_.playing() && playing_ == static_cast<int>(i);
  state.revealed = parts_.test.revealed();
  state.canPlay = parts_.player != nullptr;
  // Its ticks must be those of the document that is open now.
  state.canInsert =
      parts_.test.ofOpenPiece() && r.document->ppq == d.ppq && d.track(r.track) != nullptr;
  rows_[i]->show(c, state);
}

void ListenView::showState() {
  const bool any = !parts_.test.all().empty();
  compose_->setEnabled(canCompose_ && !chosen_().empty());
  reveal_->setEnabled(any && !parts_.test.revealed());
  if (!any) {
    about_->setText(
        tr("Tick the models to hear, then Compose: each continues the open piece (or "
           "begins one, where it is empty). They are shown as A, B, C… in a random "
           "order; rate them from 1 to 5, then reveal which was which. Ratings are "
           "kept, and their means stand in the table of figures."));
  } else if (parts_.test.revealed()) {
    about_->setText(tr("The names are known; Compose begins anew."));
  } else if (parts_.test.composing()) {
    about_->setText(tr("Composing…"));
  } else {
    about_->setText(
        tr("Listen, rate each from 1 (poor) to 5 (very good) by button or key, then reveal the "
           "names."));
  }
}

void ListenView::playOrStop(std::size_t i) {
  const bool same = player_.playing() && playing_ == static_cast<int>(i);
  player_.stop();
  if (same) return;
  const BlindTest::Candidate& c = parts_.test.all()[i];
  const ComposeRequest& r = c.job->request();
  const Track& track = *r.document->track(r.track);
  std::vector<Note> notes;
  if (seedFirst_->isChecked()) {
    const MeterMap& meter = r.document->meter;
    const std::int64_t bar = meter.barBeat(r.from).bar;
    notes = track.notes.notesStartingIn(
        {meter.barStart(std::max<std::int64_t>(0, bar - kSeedBars)), r.from});
  }
  notes.insert(notes.end(), c.notes.begin(), c.notes.end());
  playing_ = static_cast<int>(i);
  player_.play(track, notes, r.document->tempo);
}

void ListenView::insert(std::size_t i) {
  const BlindTest::Candidate& c = parts_.test.all()[i];
  parts_.takes.offer(c.job, c.notes);
}

void ListenView::showNotes(std::size_t i) {
  const BlindTest::Candidate& c = parts_.test.all()[i];
  const ComposeRequest& r = c.job->request();
  const auto result = c.job->result();
  const TempoMap& tempo = r.document->tempo;
  showNoteDialog(this, tr("Notes of continuation %1").arg(letterOf(i)),
                 result ? noteTable(result->notes, result->probabilities, r.from, tempo)
                        : noteTable(c.notes, {}, r.from, tempo));
}

}  // namespace incipit
