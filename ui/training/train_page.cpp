#include "ui/training/train_page.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QTabWidget>
#include <cmath>

#include "core/compose/model_files.h"
#include "core/io/atomic_file.h"
#include "ui/panels/parts.h"
#include "ui/session/takes.h"
#include "ui/theme/icons.h"
#include "ui/training/samples_view.h"

namespace incipit {
namespace {

constexpr int kSideWidth = 306;
constexpr int kChartHeight = 420;
constexpr int kBelowHeight = 200;
constexpr int kSampleBars = 4;
constexpr int kMostLines = 5000;

QLabel* addFigure(QHBoxLayout* row, const char* name, const QString& caption) {
  auto* column = new QVBoxLayout;
  column->setSpacing(1);
  QLabel* value = makeLabel("–", "display");
  value->setObjectName(name);
  value->setAccessibleName(caption);
  column->addWidget(value);
  column->addWidget(makeLabel(caption, "caption"));
  row->addLayout(column);
  row->addStretch(1);
  return value;
}

QString numberText(double value, int digits) {
  return std::isfinite(value) ? QString::number(value, 'g', digits) : QString("–");
}

bool isThere(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

}  // namespace

QString durationText(double seconds) {
  if (!std::isfinite(seconds)) return "–";
  const auto s = static_cast<qint64>(std::llround(std::max(seconds, 0.0)));
  if (s >= 3600)
    return TrainPage::tr("%1 h %2 min").arg(s / 3600).arg(s / 60 % 60, 2, 10, QChar('0'));
  if (s >= 60) return TrainPage::tr("%1 min %2 s").arg(s / 60).arg(s % 60, 2, 10, QChar('0'));
  return TrainPage::tr("%1 s").arg(s);
}

QString saveTable(QWidget* parent, const QString& title, const QString& suggestion,
                  const std::string& text) {
  const QString file =
      QFileDialog::getSaveFileName(parent, title, suggestion, TrainPage::tr("Tables (*.csv)"));
  if (file.isEmpty()) return {};
  const auto written = writeFileAtomically(file.toStdString(), text, /*keepPrevious=*/false);
  if (!written) {
    QMessageBox::warning(parent, title, QString::fromStdString(written.error().message));
    return {};
  }
  return file;
}

TrainPage::TrainPage(TrainingSession& training, TrainForm& form, TrainingSamples& samples,
                     Session& session, Takes& takes, Player* player, QWidget* parent)
    : QWidget(parent),
      training_(training),
      form_(form),
      samples_(samples),
      session_(session),
      takes_(takes),
      player_(player) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  row->addWidget(buildSide());
  row->addWidget(makeVerticalLine());
  row->addWidget(buildView(), 1);
  connectTraining();
  showState();
}

QWidget* TrainPage::buildSide() {
  auto* side = new QWidget;
  side->setFixedWidth(kSideWidth);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(&form_);
  column->addWidget(scroll, 1);
  problem_ = makeLabel({}, "problem");
  problem_->setObjectName("trainProblemLabel");
  problem_->setWordWrap(true);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  column->addWidget(problem_);
  start_ = new QPushButton(themedIcon("train"), tr("Start training"));
  start_->setObjectName("trainStartButton");
  start_->setProperty("role", "primary");
  start_->setToolTip(tr("Trains what is chosen above, from the beginning"));
  connect(start_, &QPushButton::clicked, this, &TrainPage::start);
  column->addWidget(start_);
  auto* buttons = new QHBoxLayout;
  pause_ = new QPushButton;
  pause_->setObjectName("trainPauseButton");
  connect(pause_, &QPushButton::clicked, this, &TrainPage::pauseOrGoOn);
  stop_ = new QPushButton(themedIcon("stop"), tr("Stop"));
  stop_->setObjectName("trainStopButton");
  stop_->setToolTip(tr("Ends training; what was learned is kept and can be continued"));
  connect(stop_, &QPushButton::clicked, this, [this] { training_.stop(); });
  buttons->addWidget(pause_, 1);
  buttons->addWidget(stop_, 1);
  column->addLayout(buttons);
  return side;
}

QWidget* TrainPage::buildFigures() {
  auto* widget = new QWidget;
  auto* row = new QHBoxLayout(widget);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  epoch_ = addFigure(row, "trainEpochFigure", tr("Epoch"));
  best_ = addFigure(row, "trainBestFigure", tr("Best validation"));
  accuracy_ = addFigure(row, "trainAccuracyFigure", tr("Accuracy"));
  rate_ = addFigure(row, "trainRateFigure", tr("Learning rate"));
  norm_ = addFigure(row, "trainNormFigure", tr("Gradient norm"));
  speed_ = addFigure(row, "trainSpeedFigure", tr("Examples/s"));
  left_ = addFigure(row, "trainLeftFigure", tr("Time left"));
  return widget;
}

QWidget* TrainPage::buildChartBar() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  auto* quantity = new QComboBox;
  quantity->setObjectName("trainQuantityCombo");
  quantity->setAccessibleName(tr("What the curves show"));
  quantity->setToolTip(tr("What the curves show"));
  for (int i = 0; i < kQuantities; ++i) quantity->addItem(quantityName(static_cast<Quantity>(i)));
  connect(quantity, &QComboBox::currentIndexChanged, this,
          [this](int i) { chart_->setQuantity(static_cast<Quantity>(i)); });
  auto* all = new QPushButton(tr("Show all"));
  all->setObjectName("trainZoomResetButton");
  all->setToolTip(tr("Takes back the zoom (0)"));
  connect(all, &QPushButton::clicked, this, [this] { chart_->resetZoom(); });
  auto* save = new QPushButton(themedIcon("export"), tr("Export"));
  save->setObjectName("trainExportButton");
  save->setToolTip(tr("Saves the curves as a picture or as a table"));
  auto* menu = new QMenu(save);
  menu->addAction(tr("Picture (PNG)…"), this, &TrainPage::exportPicture);
  menu->addAction(tr("Table (CSV)…"), this, &TrainPage::exportTable);
  save->setMenu(menu);
  row->addWidget(quantity);
  row->addStretch(1);
  row->addWidget(all);
  row->addWidget(save);
  return bar;
}

QWidget* TrainPage::buildView() {
  auto* side = new QWidget;
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(buildFigures());
  progress_ = new QProgressBar;
  progress_->setObjectName("trainProgress");
  progress_->setAccessibleName(tr("Progress of training"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  column->addWidget(progress_);
  chart_ = new RunChart;
  column->addWidget(buildChartBar());
  auto* splitter = new QSplitter(Qt::Vertical);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(chart_);
  log_ = new QPlainTextEdit;
  log_->setObjectName("trainLog");
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(kMostLines);
  log_->setAccessibleName(tr("Messages of the training"));
  log_->setPlaceholderText(tr("What the training says appears here."));
  auto* tabs = new QTabWidget;
  tabs->setObjectName("trainBelowTabs");
  tabs->addTab(log_, tr("Messages"));
  tabs->addTab(new SamplesView(samples_, session_, takes_, player_), tr("Samples"));
  connect(&samples_, &TrainingSamples::added, this,
          [this, tabs] { tabs->setTabText(1, tr("Samples (%1)").arg(samples_.all().size())); });
  connect(&samples_, &TrainingSamples::cleared, this,
          [tabs] { tabs->setTabText(1, tr("Samples")); });
  splitter->addWidget(tabs);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({kChartHeight, kBelowHeight});
  splitter->setHandleWidth(1);
  column->addWidget(splitter, 1);
  return side;
}

void TrainPage::connectTraining() {
  connect(&form_, &TrainForm::changed, this, [this] {
    failed_ = false;
    showState();
  });
  connect(&training_, &TrainingSession::stateChanged, this, [this] {
    showState();
    if (training_.state() == TrainingSession::State::kRunning)
      Q_EMIT progressChanged(tr("Training…"));
  });
  connect(&training_, &TrainingSession::runReplaced, this, &TrainPage::showRun);
  connect(&training_, &TrainingSession::pointAdded, this, &TrainPage::showPoint);
  connect(&training_, &TrainingSession::messageAdded, log_, &QPlainTextEdit::appendPlainText);
  connect(&training_, &TrainingSession::finished, this, [this](const QString& verdict) {
    log_->appendPlainText(verdict);
    left_->setText("–");
    Q_EMIT progressChanged({});
  });
  connect(&training_, &TrainingSession::failed, this, [this](const QString& message) {
    failed_ = true;
    showProblem(message);
  });
}

void TrainPage::showProblem(const QString& text) {
  problem_->setText(text);
  problem_->setVisible(!text.isEmpty());
}

void TrainPage::start() {
  if (const QString problem = form_.problem(); !problem.isEmpty()) return showProblem(problem);
  const TrainRequest request = form_.request();
  if (isThere(request.out)) {
    const auto answer = QMessageBox::question(
        this, tr("Train a model"),
        tr("There is a model of this name. Replace it? (The page Runs goes on with it instead.)"));
    if (answer != QMessageBox::Yes) return;
  }
  form_.save();
  samples_.clear();
  failed_ = false;
  training_.start(request, form_.lossUnit());
}

void TrainPage::resume(const RunHistory& run) {
  if (training_.running()) return showProblem(tr("Stop the run that goes on first."));
  TrainRequest request = run.request;
  request.resume = lastPath(request.out);
  form_.showRequest(run.request);
  samples_.clear();
  failed_ = false;
  training_.start(std::move(request), run.lossUnit);
}

void TrainPage::pauseOrGoOn() {
  if (training_.state() == TrainingSession::State::kPaused) {
    training_.goOn();
  } else {
    training_.pause();
  }
}

void TrainPage::showState() {
  using State = TrainingSession::State;
  const State state = training_.state();
  const bool paused = state == State::kPaused;
  form_.setEnabled(state == State::kIdle);
  const QString problem = form_.problem();
  start_->setEnabled(state == State::kIdle && problem.isEmpty());
  pause_->setEnabled(state == State::kRunning || paused);
  pause_->setText(paused ? tr("Continue") : tr("Pause"));
  pause_->setIcon(themedIcon(paused ? "play" : "pause"));
  pause_->setToolTip(paused ? tr("Goes on from exactly where it was paused")
                            : tr("Saves the exact state and lets the machine rest"));
  stop_->setEnabled(state == State::kRunning || paused);
  progress_->setVisible(training_.running());
  if (!failed_) showProblem(state == State::kIdle ? problem : QString());
}

void TrainPage::showRun() {
  const RunHistory& run = training_.run();
  chart_->setRuns({{QString::fromStdString(run.request.out.stem().string()),
                    QString::fromStdString(run.lossUnit), run.points}});
  chart_->resetZoom();
  log_->clear();
  for (const RunMessage& m : run.messages) log_->appendPlainText(QString::fromStdString(m.text));
  if (run.messages.empty()) log_->appendPlainText(tr("Reading the music…"));
  for (QLabel* label : {epoch_, best_, accuracy_, rate_, norm_, speed_, left_}) {
    label->setText("–");
  }
  progress_->setValue(0);
  if (!run.points.empty()) showFigures(run.points.back());
}

void TrainPage::showPoint(const TrainPoint& p) {
  chart_->append(0, p);
  showFigures(p);
  Q_EMIT progressChanged(tr("Training: %1 %, %2 left")
                             .arg(p.fraction * 100, 0, 'f', 0)
                             .arg(durationText(p.secondsLeft)));
  if (p.validationLoss) sampleAfter(p);
}

void TrainPage::showFigures(const TrainPoint& p) {
  std::optional<double> best;
  std::optional<double> accuracy;
  for (const TrainPoint& q : training_.run().points) {
    if (q.validationLoss && std::isfinite(*q.validationLoss)) {
      best = best ? std::min(*best, *q.validationLoss) : *q.validationLoss;
    }
    if (q.validationAccuracy) accuracy = q.validationAccuracy;
  }
  epoch_->setText(QString::number(p.epoch));
  best_->setText(best ? QString::number(*best, 'f', 3) : "–");
  if (!accuracy) accuracy = p.trainAccuracy;
  accuracy_->setText(accuracy ? tr("%1 %").arg(*accuracy * 100, 0, 'f', 1) : "–");
  rate_->setText(numberText(p.learningRate, 3));
  norm_->setText(numberText(p.gradientNorm, 3));
  speed_->setText(std::isfinite(p.examplesPerSecond)
                      ? QLocale().toString(std::llround(p.examplesPerSecond))
                      : "–");
  left_->setText(training_.running() ? durationText(p.secondsLeft) : "–");
  if (std::isfinite(p.fraction)) progress_->setValue(static_cast<int>(p.fraction * 1000));
}

void TrainPage::sampleAfter(const TrainPoint& p) {
  const int every = form_.sampleEvery();
  if (every == 0 || p.epoch % every != 0) return;
  ComposeRequest r;
  const std::filesystem::path& out = training_.run().request.out;
  r.checkpoint = isThere(lastPath(out)) ? lastPath(out) : out;
  r.bars = kSampleBars;
  const ComposeSettings& chosen = takes_.settings();
  r.temperature = chosen.temperature;
  r.topP = chosen.topP;
  r.seed = 1;
  if (form_.samplesOfPiece() && session_.track() != nullptr) {
    r.document = session_.document();
    r.track = session_.activeTrack();
    r.from = takes_.continuationStart();
  }
  samples_.ask(p.epoch, *p.validationLoss, std::move(r));
}

void TrainPage::exportPicture() {
  const QString name = QString::fromStdString(training_.run().request.out.stem().string());
  const QString file = QFileDialog::getSaveFileName(this, tr("Export curves"), name + ".png",
                                                    tr("Pictures (*.png)"));
  if (file.isEmpty() || chart_->savePicture(file)) return;
  QMessageBox::warning(this, tr("Export curves"),
                       tr("%1: cannot be written; choose another folder.").arg(file));
}

void TrainPage::exportTable() {
  const RunHistory& run = training_.run();
  saveTable(this, tr("Export curves"),
            QString::fromStdString(run.request.out.stem().string()) + ".csv", runCsv(run));
}

}  // namespace incipit
