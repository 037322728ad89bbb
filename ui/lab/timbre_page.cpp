#include "ui/lab/timbre_page.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QRadioButton>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ui/lab/model_combo.h"
#include "ui/lab/music_page.h"
#include "ui/lab/spectrogram_view.h"
#include "ui/lab/work_bar.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/training/form_parts.h"

namespace incipit {
namespace {

constexpr int kTickMs = 40;
constexpr int kPlayWidth = 90;

QString timeText(double seconds) {
  const auto whole = static_cast<int>(seconds);
  return QString("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QChar('0'));
}

// From one file into another, whose ending decides the format.
Result<bool> copySound(SoundStudio& studio, const std::filesystem::path& from,
                       const std::filesystem::path& to, int sampleRate, const LabProgress& progress,
                       const std::stop_token& stop) {
  auto reader = studio.open(from, sampleRate, {});
  if (!reader) return tl::unexpected(reader.error());
  auto writer = studio.create(to, sampleRate, (*reader)->frames());
  if (!writer) return tl::unexpected(writer.error());
  std::array<float, 16384> block{};
  std::int64_t done = 0;
  while (true) {
    if (stop.stop_requested()) return false;
    const auto count = (*reader)->read(block);
    if (!count) return tl::unexpected(count.error());
    if (*count == 0) break;
    if (auto written = (*writer)->write(std::span(block).first(*count)); !written) {
      return tl::unexpected(written.error());
    }
    done += static_cast<std::int64_t>(*count);
    progress(static_cast<double>(done) / static_cast<double>((*reader)->frames()));
  }
  if (auto kept = (*writer)->commit(); !kept) return tl::unexpected(kept.error());
  return true;
}

}  // namespace

TimbrePage::TimbrePage(const LabParts& parts, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      work_(parts.jobs),
      exporting_(parts.jobs),
      model_(
          new ModelCombo(parts, "labTimbreModelCombo", tr("A model of an instrument's sound"),
                         [](const FamilyInfo& f) { return f.kind == FamilyInfo::Kind::kSound; })),
      fromFile_(new QRadioButton(tr("A sound file"))),
      fromTrack_(new QRadioButton(tr("The active track"))),
      file_(new QLineEdit(parts.settings.value("lab/timbreFile").toString())),
      program_(makeCombo("labTimbreProgramCombo", tr("The instrument that plays the track"))),
      bar_(new WorkBar(work_, "labTimbre", tr("Change the timbre"))),
      before_(new SpectrogramView(tr("Before"))),
      after_(new SpectrogramView(tr("After"))),
      play_(new QPushButton),
      hearBefore_(new QPushButton(tr("Before"))),
      hearAfter_(new QPushButton(tr("After"))),
      export_(new QPushButton(tr("Export…"))),
      time_(makeLabel({}, "caption")) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  row->addWidget(buildLabSide(buildForm(), bar_));
  row->addWidget(makeVerticalLine());
  row->addWidget(buildViews(), 1);
  timer_.setInterval(kTickMs);
  connect(&timer_, &QTimer::timeout, this, &TimbrePage::showPlaying);
  connect(bar_, &WorkBar::startWanted, this, &TimbrePage::start);
  connect(model_, &ModelCombo::modelChanged, this, &TimbrePage::showReady);
  connect(file_, &QLineEdit::textChanged, this, &TimbrePage::showReady);
  connect(fromFile_, &QRadioButton::toggled, this, &TimbrePage::showReady);
  connect(&parts_.session, &Session::activeTrackChanged, this, &TimbrePage::showReady);
  connect(&exporting_, &LabWork::changed, this, &TimbrePage::showPlaying);
  showReady();
  showPlaying();
}

TimbrePage::~TimbrePage() { stopPlaying(); }

QWidget* TimbrePage::buildForm() {
  auto* form = new QWidget;
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  addField(column, tr("Model"), model_);
  column->addWidget(makeLabel(tr("Sound"), "heading"));
  fromFile_->setObjectName("labTimbreFromFile");
  fromTrack_->setObjectName("labTimbreFromTrack");
  file_->setObjectName("labTimbreFileEdit");
  file_->setPlaceholderText(tr("a .wav, .flac or .ogg file"));
  auto* browse = new QPushButton(tr("Browse…"));
  browse->setObjectName("labTimbreBrowseButton");
  connect(browse, &QPushButton::clicked, this, [this] {
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Sound file"), file_->text(), tr("Sound (*.wav *.flac *.ogg *.aiff *.aif)"));
    if (!file.isEmpty()) file_->setText(file);
  });
  column->addWidget(fromFile_);
  auto* file = new QHBoxLayout;
  file->setSpacing(6);
  file->addWidget(file_, 1);
  file->addWidget(browse);
  column->addLayout(file);
  column->addSpacing(kFieldGap);
  column->addWidget(fromTrack_);
  program_->addItem(tr("its own instrument"), -1);
  for (int i = 0; i < 128; ++i) program_->addItem(generalMidiName(i), i);
  column->addWidget(program_);
  column->addSpacing(kFieldGap);
  const bool track = parts_.settings.value("lab/timbreFromTrack", true).toBool();
  (track ? fromTrack_ : fromFile_)->setChecked(true);
  return form;
}

QWidget* TimbrePage::buildViews() {
  auto* views = new QWidget;
  auto* column = new QVBoxLayout(views);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  before_->setObjectName("labTimbreBefore");
  after_->setObjectName("labTimbreAfter");
  column->addWidget(before_, 1);
  column->addWidget(after_, 1);
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  play_->setObjectName("labTimbrePlayButton");
  play_->setFixedWidth(kPlayWidth);
  hearBefore_->setObjectName("labTimbreBeforeButton");
  hearAfter_->setObjectName("labTimbreAfterButton");
  auto* side = new QButtonGroup(this);
  for (QPushButton* b : {hearBefore_, hearAfter_}) {
    b->setCheckable(true);
    b->setToolTip(tr("Both play in step; this one is heard"));
    side->addButton(b);
  }
  hearAfter_->setChecked(true);
  export_->setObjectName("labTimbreExportButton");
  export_->setToolTip(tr("Keeps what came out as a .wav, .flac or .ogg file"));
  row->addWidget(play_);
  row->addWidget(hearBefore_);
  row->addWidget(hearAfter_);
  row->addWidget(time_, 1);
  row->addWidget(export_);
  column->addLayout(row);
  connect(play_, &QPushButton::clicked, this, &TimbrePage::playOrStop);
  connect(export_, &QPushButton::clicked, this, &TimbrePage::exportFile);
  connect(hearAfter_, &QPushButton::toggled, this, [this](bool on) {
    if (parts_.player != nullptr) parts_.player->hearOther(on);
    showPlaying();
  });
  return views;
}

void TimbrePage::reload() { model_->reload(); }

std::filesystem::path TimbrePage::outFile() const {
  return (folder_.path() + "/after.wav").toStdString();
}

void TimbrePage::showReady() {
  const bool file = fromFile_->isChecked();
  file_->setEnabled(file);
  program_->setEnabled(!file);
  QString why;
  if (model_->model().empty()) {
    why = tr("Train a model of timbre first.");
  } else if (parts_.sound == nullptr) {
    why = tr("This program was built without sound.");
  } else if (file ? file_->text().trimmed().isEmpty()
                  : parts_.session.track() == nullptr ||
                        parts_.session.track()->channel == kDrumChannel) {
    why = file ? tr("Choose a sound file.") : tr("Choose a track that is not drums.");
  }
  bar_->setReady(why.isEmpty(), why);
}

std::optional<TimbreSource> TimbrePage::source() {
  TimbreSource s;
  if (fromFile_->isChecked()) {
    s.file = file_->text().trimmed().toStdString();
  } else {
    const Track* track = parts_.session.track();
    if (track == nullptr) return {};
    s.document = trackAlone(*parts_.session.document(), track->id);
    s.program = program_->currentData().toInt();
    if (s.program < 0) s.program = track->program;
  }
  return s;
}

void TimbrePage::start() {
  const auto from = source();
  if (!from || parts_.sound == nullptr) return;
  stopPlaying();
  parts_.settings.setValue("lab/timbreFile", file_->text());
  parts_.settings.setValue("lab/timbreFromTrack", fromTrack_->isChecked());
  running_ = *from;
  work_.ask<TimbreOutcome>(
      JobRunner::Where::kInteractive,
      [from = *from, model = model_->model(), out = outFile(), studio = parts_.sound](
          Lab& lab, const LabProgress& progress, const std::stop_token& stop) {
        return runTimbre(lab, *studio, model, from, out, progress, stop);
      },
      [this](Result<TimbreOutcome> outcome) { showOutcome(std::move(outcome)); });
}

void TimbrePage::showOutcome(Result<TimbreOutcome> outcome) {
  if (!outcome) {
    bar_->showProblem(QString::fromStdString(outcome.error().message));
    return;
  }
  if (outcome->cancelled) {
    bar_->showNews(tr("Stopped; nothing was changed."));
    return;
  }
  done_ = running_;
  const double loudest = std::max(loudestOf(outcome->before), loudestOf(outcome->after));
  before_->show(outcome->before, loudest);
  after_->show(outcome->after, loudest);
  QStringList news;
  for (const std::string& m : outcome->messages) news << QString::fromStdString(m);
  news << tr("%1 s of sound in %2 s")
              .arg(QLocale().toString(outcome->soundSeconds, 'f', 1),
                   QLocale().toString(outcome->seconds, 'f', 1));
  bar_->showNews(news.join("\n"));
  showPlaying();
}

void TimbrePage::playOrStop() {
  if (parts_.player == nullptr || parts_.sound == nullptr || !done_) return;
  if (parts_.player->soundStatus().playing) return stopPlaying();
  const int rate = parts_.player->status().sampleRate;
  auto before = done_->open(*parts_.sound, rate, {});
  auto after = parts_.sound->open(outFile(), rate, {});
  for (const auto* reader : {&before, &after}) {
    if (!*reader) {
      bar_->showProblem(QString::fromStdString((*reader).error().message));
      return;
    }
  }
  parts_.player->hearOther(hearAfter_->isChecked());
  parts_.player->playSound(std::move(*before), std::move(*after));
  timer_.start();
  showPlaying();
}

void TimbrePage::stopPlaying() {
  if (timer_.isActive()) {
    timer_.stop();
    parts_.player->stopSound();
  }
  showPlaying();
}

void TimbrePage::showPlaying() {
  const SoundStatus status =
      parts_.player == nullptr ? SoundStatus() : parts_.player->soundStatus();
  if (timer_.isActive() && !status.playing) {
    timer_.stop();
    if (!status.problem.empty()) bar_->showProblem(QString::fromStdString(status.problem));
  }
  const bool playing = timer_.isActive();
  play_->setText(playing ? tr("Stop") : tr("Play"));
  play_->setIcon(themedIcon(playing ? "stop" : "play"));
  play_->setEnabled(playing || (done_ && parts_.player != nullptr));
  export_->setEnabled(done_.has_value() && !exporting_.running());
  time_->setText(playing ? timeText(status.seconds) : QString());
  before_->setPlace(playing ? status.seconds : -1);
  after_->setPlace(playing ? status.seconds : -1);
  before_->setHeard(playing && !hearAfter_->isChecked());
  after_->setHeard(playing && hearAfter_->isChecked());
}

void TimbrePage::exportFile() {
  const QString file = QFileDialog::getSaveFileName(this, tr("Export the sound"), {},
                                                    tr("Sound (*.wav *.flac *.ogg)"));
  if (file.isEmpty() || parts_.sound == nullptr) return;
  constexpr int kRate = 44100;
  exporting_.start<bool>(
      JobRunner::Where::kInteractive,
      [studio = parts_.sound, from = outFile(), to = file.toStdString()](
          const LabProgress& progress, const std::stop_token& stop) {
        return copySound(*studio, from, to, kRate, progress, stop);
      },
      [this, file](Result<bool> kept) {
        if (!kept) {
          bar_->showProblem(QString::fromStdString(kept.error().message));
        } else if (*kept) {
          bar_->showNews(tr("Saved as %1").arg(file));
        }
      });
}

void TimbrePage::hideEvent(QHideEvent* event) {
  stopPlaying();
  QWidget::hideEvent(event);
}

}  // namespace incipit
