#include "ui/window/status_line.h"

#include <QPainter>

#include "ui/actions/edit_commands.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr int kFlashMs = 150;
constexpr int kLightPx = 8;

QStringList openPorts(const std::vector<MidiPort>& ports) {
  QStringList names;
  for (const MidiPort& p : ports) {
    if (p.open) names << QString::fromStdString(p.name);
  }
  return names;
}

}  // namespace

ActivityLight::ActivityLight(QWidget* parent) : QWidget(parent) {
  setObjectName("midiLight");
  setFixedSize(kLightPx + 4, kLightPx + 4);
  off_.setSingleShot(true);
  off_.setInterval(kFlashMs);
  connect(&off_, &QTimer::timeout, this, qOverload<>(&QWidget::update));
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, qOverload<>(&QWidget::update));
}

void ActivityLight::flash() {
  off_.start();
  update();
}

void ActivityLight::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(lit() ? theme().accent : mixed(theme().window, theme().text, 0.2));
  painter.drawEllipse(QRectF(2, 2, kLightPx, kLightPx));
}

StatusLine::StatusLine(QStatusBar* bar, Session& session, Transport& transport)
    : QObject(bar),
      session_(session),
      transport_(transport),
      pointer_(new QLabel),
      selection_(new QLabel),
      training_(new QLabel),
      light_(new ActivityLight),
      midi_(new QLabel),
      audio_(new QLabel) {
  bar->setSizeGripEnabled(false);
  pointer_->setObjectName("pointerLabel");
  selection_->setObjectName("selectionLabel");
  training_->setObjectName("trainingLabel");
  midi_->setObjectName("midiLabel");
  audio_->setObjectName("audioLabel");
  bar->addWidget(pointer_, 1);
  bar->addPermanentWidget(training_);
  bar->addPermanentWidget(selection_);
  bar->addPermanentWidget(light_);
  bar->addPermanentWidget(midi_);
  bar->addPermanentWidget(audio_);
  light_->hide();
  midi_->hide();
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

void StatusLine::showMidi(const MidiStatus& status) {
  light_->setVisible(!status.system.empty());
  midi_->show();
  if (status.system.empty()) {
    midi_->setText(tr("No MIDI"));
    midi_->setToolTip(QString::fromStdString(status.problem));
    return;
  }
  midi_->setText(status.clockTempo > 0 ? tr("Ext %1").arg(status.clockTempo, 0, 'f', 1)
                                       : tr("MIDI"));
  const QStringList in = openPorts(status.inputs);
  const QStringList out = openPorts(status.outputs);
  QString tip = tr("MIDI through %1").arg(QString::fromStdString(status.system));
  tip += '\n' + tr("Listening to: %1").arg(in.isEmpty() ? tr("nothing") : in.join(", "));
  tip += '\n' + tr("Sending to: %1").arg(out.isEmpty() ? tr("nothing") : out.join(", "));
  if (!status.problem.empty()) tip += '\n' + QString::fromStdString(status.problem);
  midi_->setToolTip(tip);
  light_->setToolTip(tip);
}

void StatusLine::flashMidi() { light_->flash(); }

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
  if (const QString problem = QString::fromStdString(s.problem); problem != problemShown_) {
    problemShown_ = problem;
    Q_EMIT audioProblemChanged();
  }
  if (!s.sounding) {
    audio_->setText(tr("Silent"));
    audio_->setToolTip(QString::fromStdString(s.problem));
    return;
  }
  QString text = tr("%1 · %2 kHz · %3 frames · load %4 %")
                     .arg(QString::fromStdString(s.driver))
                     .arg(s.sampleRate / 1000.0)
                     .arg(s.period)
                     .arg(s.loadPercent, 0, 'f', 0);
  if (s.xruns > 0) text += tr(" · %1 xruns").arg(s.xruns);
  audio_->setText(text);
  audio_->setToolTip(tr("Soundfont: %1").arg(QString::fromStdString(s.soundfont.string())));
}

}  // namespace incipit
