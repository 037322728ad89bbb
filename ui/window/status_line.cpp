#include "ui/window/status_line.h"

#include "ui/actions/edit_commands.h"

namespace incipit {

StatusLine::StatusLine(QStatusBar* bar, Session& session, Transport& transport)
    : QObject(bar),
      session_(session),
      transport_(transport),
      pointer_(new QLabel),
      selection_(new QLabel),
      training_(new QLabel),
      audio_(new QLabel) {
  bar->setSizeGripEnabled(false);
  pointer_->setObjectName("pointerLabel");
  selection_->setObjectName("selectionLabel");
  training_->setObjectName("trainingLabel");
  audio_->setObjectName("audioLabel");
  bar->addWidget(pointer_, 1);
  bar->addPermanentWidget(training_);
  bar->addPermanentWidget(selection_);
  bar->addPermanentWidget(audio_);
  training_->hide();
  connect(&session_, &Session::documentChanged, this, &StatusLine::showSelection);
  connect(&session_, &Session::documentLoaded, this, &StatusLine::showSelection);
  connect(&session_, &Session::selectionChanged, this, &StatusLine::showSelection);
  connect(&session_, &Session::activeTrackChanged, this, &StatusLine::showSelection);
  poll_.setInterval(1000);
  connect(&poll_, &QTimer::timeout, this, &StatusLine::showAudio);
  poll_.start();
  showSelection();
  showAudio();
}

void StatusLine::setPointerText(const QString& text) { pointer_->setText(text); }

void StatusLine::setTrainingText(const QString& text) {
  training_->setText(text);
  training_->setVisible(!text.isEmpty());
}

QString StatusLine::audioProblem() const {
  const Player* player = transport_.player();
  return player == nullptr ? QString() : QString::fromStdString(player->status().problem);
}

void StatusLine::showSelection() {
  const Track* track = session_.track();
  const std::size_t all = track == nullptr ? 0 : track->notes.size();
  const std::size_t selected = session_.selection().size();
  selection_->setText(selected == 0 ? noteCount(all)
                                    : tr("%1 of %2 selected").arg(selected).arg(noteCount(all)));
}

void StatusLine::showAudio() {
  const Player* player = transport_.player();
  if (player == nullptr) {
    audio_->setText(tr("No sound"));
    return;
  }
  const AudioStatus s = player->status();
  if (!s.sounding) {
    audio_->setText(tr("Silent"));
    audio_->setToolTip(QString::fromStdString(s.problem));
    return;
  }
  audio_->setText(tr("%1 · %2 kHz · %3 frames · load %4 %")
                      .arg(QString::fromStdString(s.driver))
                      .arg(s.sampleRate / 1000.0)
                      .arg(s.period)
                      .arg(s.loadPercent, 0, 'f', 0));
  audio_->setToolTip(tr("Soundfont: %1").arg(QString::fromStdString(s.soundfont.string())));
}

}  // namespace incipit
