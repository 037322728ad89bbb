#include "ui/training/samples_view.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QPushButton>
#include <cmath>

#include "ui/actions/edit_commands.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr QSize kPicture(220, 40);

QString sampleText(const TrainingSample& s) {
  QString text = SamplesView::tr("Epoch %1").arg(s.epoch);
  if (std::isfinite(s.validationLoss))
    text += SamplesView::tr(" · validation %1").arg(s.validationLoss, 0, 'f', 3);
  if (!s.problem.isEmpty()) return text + " · " + s.problem;
  if (s.job->state() == JobState::kQueued) return text + SamplesView::tr(" · waiting");
  return text + " · " + noteCount(s.notes.size());
}

}  // namespace

SamplesView::SamplesView(TrainingSamples& samples, Session& session, Takes& takes, Player* player,
                         QWidget* parent)
    : QWidget(parent),
      samples_(samples),
      session_(session),
      takes_(takes),
      player_(player),
      sounds_(player != nullptr),
      list_(new QListWidget),
      play_(new QPushButton),
      insert_(new QPushButton(tr("Insert as take"))) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 8, 0, 0);
  row->setSpacing(10);
  list_->setObjectName("sampleList");
  list_->setAccessibleName(tr("Samples of the training"));
  list_->setIconSize(kPicture);
  row->addWidget(list_, 1);
  auto* column = new QVBoxLayout;
  play_->setObjectName("samplePlayButton");
  insert_->setObjectName("sampleInsertButton");
  insert_->setToolTip(
      tr("Shows the chosen sample in the roll as a take, to be heard with the piece and accepted"));
  column->addWidget(play_);
  column->addWidget(insert_);
  column->addStretch(1);
  row->addLayout(column);
  connect(play_, &QPushButton::clicked, this, &SamplesView::playOrStop);
  connect(insert_, &QPushButton::clicked, this, [this] {
    if (const TrainingSample* s = current()) takes_.offer(s->job, s->notes);
  });
  connect(list_, &QListWidget::itemActivated, this, &SamplesView::playOrStop);
  connect(list_, &QListWidget::currentRowChanged, this, &SamplesView::showButtons);
  connect(&player_, &NotePlayer::playingChanged, this, &SamplesView::showButtons);
  connect(&session_, &Session::documentLoaded, this, &SamplesView::showButtons);
  connect(&samples_, &TrainingSamples::cleared, this, [this] {
    player_.stop();
    list_->clear();
    showButtons();
  });
  connect(&samples_, &TrainingSamples::added, this, [this] {
    const bool atEnd = list_->currentRow() + 1 == list_->count();
    list_->addItem(new QListWidgetItem);
    showSample(samples_.all().size() - 1);
    if (atEnd) list_->setCurrentRow(list_->count() - 1);
    list_->scrollToBottom();
  });
  connect(&samples_, &TrainingSamples::changed, this, &SamplesView::showSample);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, [this] {
    for (std::size_t i = 0; i < samples_.all().size(); ++i) showSample(i);
  });
  showButtons();
}

void SamplesView::showSample(std::size_t i) {
  const TrainingSample& s = samples_.all()[i];
  QListWidgetItem* item = list_->item(static_cast<int>(i));
  const ComposeRequest& r = s.job->request();
  const MeterMap& meter = r.document->meter;
  const TickRange range{r.from, meter.barStart(meter.barBeat(r.from).bar + r.bars)};
  item->setIcon(QIcon(rollPicture(s.notes, range, kPicture, devicePixelRatioF())));
  item->setText(sampleText(s));
  showButtons();
}

const TrainingSample* SamplesView::current() const {
  const int row = list_->currentRow();
  const auto& all = samples_.all();
  return row >= 0 && row < std::ssize(all) ? &all[static_cast<std::size_t>(row)] : nullptr;
}

void SamplesView::playOrStop() {
  if (player_.playing()) return player_.stop();
  const TrainingSample* s = current();
  if (s == nullptr) return;
  const ComposeRequest& r = s->job->request();
  player_.play(*r.document->track(r.track), s->notes, r.document->tempo);
}

void SamplesView::showButtons() {
  const TrainingSample* s = current();
  const bool any = s != nullptr && !s->notes.empty();
  play_->setText(player_.playing() ? tr("Stop") : tr("Play"));
  play_->setIcon(themedIcon(player_.playing() ? "stop" : "play"));
  play_->setToolTip(sounds_ ? tr("Plays the chosen sample beside the piece")
                            : tr("This window has no sound"));
  play_->setEnabled(player_.playing() || (any && sounds_));
  const Document& d = *session_.document();
  // Its ticks must be those of the document that is open now.
  insert_->setEnabled(any && s->ofOpenPiece && s->job->request().document->ppq == d.ppq &&
                      d.track(s->job->request().track) != nullptr);
}

}  // namespace incipit
