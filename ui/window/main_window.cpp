#include "ui/window/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QScrollArea>
#include <QSplitter>
#include <QStatusBar>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/actions/key_routing.h"
#include "ui/dialogs/recovery_dialog.h"
#include "ui/lab/lab_window.h"
#include "ui/panels/parts.h"
#include "ui/roll/roll_editor.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/training/training_window.h"
#include "ui/window/count_in_label.h"
#include "ui/window/menus.h"

namespace incipit {
namespace {

constexpr int kLeftWidth = 252;
constexpr int kRightWidth = 288;
constexpr int kDefaultWidth = 1440;
constexpr int kDefaultHeight = 900;

QString droppedFile(const QMimeData* data) {
  for (const QUrl& url : data->urls()) {
    const QString path = url.toLocalFile();
    for (const char* ending : {".mid", ".midi", ".smf", ".kar", ".incipit"}) {
      if (path.endsWith(ending, Qt::CaseInsensitive)) return path;
    }
  }
  return {};
}

}  // namespace

MainWindow::MainWindow(Services services, QWidget* parent)
    : QMainWindow(parent),
      services_(std::move(services)),
      settings_(openSettings(services_)),
      preferences_(loadPreferences(*settings_)),
      transport_(session_, services_.player),
      takes_(session_, transport_, services_.jobs),
      families_(services_.jobs),
      edits_(session_, transport_) {
  ThemeHolder::instance().apply(preferences_.dark);
  setWindowIcon(applicationIcon());
  setAcceptDrops(true);
  table_.setParent(this);
  session_.load(std::make_shared<const Document>(newDocument()));
  table_.load(*settings_);

  banner_ = new BannerArea;
  autosaver_ = new Autosaver(session_, services_.autosaveFolder, services_.autosaveAfter, this);
  autosaver_->setEnabled(preferences_.autosave);
  files_ = new FileCommands(session_, *banner_, *autosaver_, *settings_, this);
  midi_ = new MidiWatch(session_, transport_, *banner_, this);
  roll_ = new RollEditor(session_, transport_, takes_, this);
  live_ = new LiveControls(session_, transport_, takes_, services_.jobs, this);
  bar_ = new TransportBar(session_, transport_, live_->typing(), live_->exchange(), table_);
  tracks_ = new TracksPanel(session_, transport_, live_->input(), table_);
  compose_ = new ComposePanel(session_, takes_, families_, table_, services_.models);
  history_ = new HistoryPanel(session_);

  buildLayout();
  table_.attach(this, roll_);
  edits_.connectTo(table_);
  live_->connectTo(table_);
  new KeyRouting(this, roll_);
  connectParts();
  connectLive();
  connectFileActions();
  connectTransportActions();
  connectViewActions();
  connectToolActions();
  restoreState();
  showTitle();
  roll_->setFocus();
}

MainWindow::~MainWindow() {
  // The table's actions are used by widgets that QMainWindow deletes after our members are gone.
  table_.setParent(nullptr);
  delete train_;
  delete lab_;
  delete takeCentralWidget();
  delete live_;
}

void MainWindow::buildLayout() {
  recentMenu_ = buildMenus(menuBar(), table_);
  auto* centre = new QWidget;
  auto* column = new QVBoxLayout(centre);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(bar_);
  column->addWidget(banner_);
  splitter_ = new QSplitter(Qt::Horizontal);
  splitter_->setHandleWidth(1);
  splitter_->setChildrenCollapsible(false);
  column->addWidget(splitter_, 1);

  auto* left = new QSplitter(Qt::Vertical);
  left->setHandleWidth(1);
  left->setChildrenCollapsible(false);
  left->addWidget(tracks_);
  left->addWidget(history_);
  left->setStretchFactor(0, 3);
  left->setStretchFactor(1, 2);
  left->setMinimumWidth(kLeftWidth);
  left_ = left;
  auto* right = new QScrollArea;
  right->setObjectName("sidePanel");
  right->setFrameShape(QFrame::NoFrame);
  right->setFocusPolicy(Qt::NoFocus);
  right->setWidgetResizable(true);
  right->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  right->setWidget(compose_);
  right->setMinimumWidth(kRightWidth);
  right_ = right;
  splitter_->addWidget(left_);
  splitter_->addWidget(roll_);
  splitter_->addWidget(right_);
  splitter_->setStretchFactor(0, 0);
  splitter_->setStretchFactor(1, 1);
  splitter_->setStretchFactor(2, 0);
  setCentralWidget(centre);
  status_ = new StatusLine(statusBar(), session_, transport_);
  resize(kDefaultWidth, kDefaultHeight);
  splitter_->setSizes({kLeftWidth, kDefaultWidth - kLeftWidth - kRightWidth, kRightWidth});
}

void MainWindow::connectParts() {
  const auto back = [this] { roll_->setFocus(); };
  connect(bar_, &TransportBar::editingDone, this, back);
  connect(compose_, &ComposePanel::editingDone, this, back);
  connect(tracks_, &TracksPanel::editingDone, this, back);
  connect(compose_, &ComposePanel::regionShown, roll_, &RollEditor::scrollToTick);
  connect(compose_, &ComposePanel::problem, this, [this](const QString& line) {
    banner_->showMessage(BannerArea::Severity::kWarning, "model", line);
  });
  connect(&edits_, &EditCommands::visited, roll_, &RollEditor::scrollToTick);
  connect(roll_, &RollEditor::statusChanged, status_, &StatusLine::setPointerText);
  connect(roll_, &RollEditor::contextMenuRequested, this,
          [this](QPoint at) { makeNoteMenu(table_, this)->popup(at); });
  connect(roll_, &RollEditor::rulerMenuRequested, this, [this](QPoint at, Tick tick) {
    makeRulerMenu(session_, transport_, tick, this)->popup(at);
  });
  connect(&families_, &Families::answered, this, &MainWindow::engineReady);
  connect(&takes_, &Takes::failed, this, [this](const QString& message) {
    banner_->showMessage(BannerArea::Severity::kError, "compose", message);
    engineReady();
  });
  connect(&session_, &Session::modifiedChanged, this, &MainWindow::showTitle);
  connect(files_, &FileCommands::titleChanged, this, &MainWindow::showTitle);
  connect(files_, &FileCommands::recentChanged, this, &MainWindow::fillRecentMenu);
  connect(files_, &FileCommands::openedInNewDocument, this, [this] {
    roll_->centreOnNotes();
    roll_->setFocus();
  });
  connect(autosaver_, &Autosaver::failed, this, [this](const QString& message) {
    banner_->showMessage(BannerArea::Severity::kWarning, "autosave", message);
  });
  connect(&table_, &ActionTable::keysChanged, this, [this] { table_.save(*settings_); });
  roll_->installEventFilter(this);
  fillRecentMenu();
}

void MainWindow::connectLive() {
  connect(status_, &StatusLine::audioProblemChanged, this, [this] {
    if (services_.audio) checkAudio();
  });
  connect(midi_, &MidiWatch::statusChanged, this, [this] {
    status_->showMidi(midi_->status());
    tracks_->showOutputs(midi_->status().outputs);
  });
  connect(midi_, &MidiWatch::settingsWanted, this,
          [this] { showPreferences(PreferencesDialog::Page::kMidi); });
  connect(live_, &LiveControls::shownChanged, this,
          [this] { roll_->state().setLive(live_->shown()); });
  connect(live_, &LiveControls::failed, this, [this](const QString& message) {
    banner_->showMessage(BannerArea::Severity::kError, "record", message);
  });
  autosaver_->setUnfinished([this] { return live_->recorder().unfinished(); });
  connect(&live_->recorder(), &Recorder::notesChanged, autosaver_, &Autosaver::touch);
  connect(&live_->input(), &LiveInput::heldChanged, this,
          [this] { roll_->state().setHeldKeys(live_->input().held()); });
  connect(&live_->input(), &LiveInput::played, status_, &StatusLine::flashMidi);
  new CountInLabel(transport_, roll_);
}

void MainWindow::showTitle() {
  setWindowTitle(files_->title() + "[*] – Incipit");
  setWindowModified(session_.history().modified());
}

void MainWindow::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (started_) return;
  started_ = true;
  // After the first frame, so that the window is there before a device or a folder is waited for.
  QTimer::singleShot(0, this, &MainWindow::startServices);
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  if (!painted_ && watched == roll_ && event->type() == QEvent::Paint) {
    painted_ = true;
    QTimer::singleShot(0, this, &MainWindow::firstPainted);
  }
  return QMainWindow::eventFilter(watched, event);
}

void MainWindow::startServices() {
  configureAudio();
  offerRecovery();
  if (services_.jobs != nullptr && services_.warmUpAfter.count() >= 0)
    QTimer::singleShot(services_.warmUpAfter, &families_, &Families::ask);
}

void MainWindow::configureAudio() {
  if (!services_.audio || services_.player == nullptr) {
    banner_->showMessage(BannerArea::Severity::kInfo, "audio",
                         tr("Sound is off for this run. Everything else works."));
    return;
  }
  AudioSettings audio = preferences_.audio;
  if (services_.soundfont) audio.soundfont = *services_.soundfont;
  if (services_.audioDriver) audio.driver = *services_.audioDriver;
  services_.player->configure(audio);
  checkAudio();
  configureMidi();  // the system it takes may depend on the driver
}

void MainWindow::configureMidi() {
  if (!services_.audio || services_.player == nullptr) return;
  services_.player->configureMidi(preferences_.midi);
  transport_.setFollowingClock(!preferences_.midi.followClock.empty());
  midi_->start(preferences_.midi);
}

void MainWindow::checkAudio() {
  const QString problem = status_->audioProblem();
  if (problem.isEmpty()) {
    banner_->clear("audio");
    return;
  }
  banner_->showMessage(
      BannerArea::Severity::kWarning, "audio", problem,
      {tr("Sound settings…"), [this] { showPreferences(PreferencesDialog::Page::kAudio); }});
}

void MainWindow::offerRecovery() {
  if (!services_.restore) return;
  const std::filesystem::path folder =
      services_.autosaveFolder.empty() ? autosaveFolder() : services_.autosaveFolder;
  purgeTrash(std::chrono::system_clock::now(), folder);
  std::vector<Recoverable> found = listRecoverable(folder);
  if (found.empty()) return;
  const QString text = found.size() == 1
                           ? tr("Unsaved work from an earlier run was found.")
                           : tr("Unsaved work was found in %1 files.").arg(found.size());
  banner_->showMessage(
      BannerArea::Severity::kWarning, "recovery", text,
      {tr("Look at it…"), [this, found] {
         auto* dialog = new RecoveryDialog(found, this);
         connect(dialog, &RecoveryDialog::openRequested, this, [this](const Recoverable& r) {
           if (!files_->mayClose()) return;
           auto copy = openRecoverable(r);
           if (!copy) {
             banner_->showMessage(BannerArea::Severity::kError, "recovery",
                                  QString::fromStdString(copy.error().message));
             return;
           }
           const QString name = QString::fromStdString(r.original.stem().string());
           files_->adopt(std::move(copy->document),
                         name.isEmpty() ? tr("Recovered") : tr("%1 (recovered)").arg(name));
         });
         dialog->show();
       }});
}

void MainWindow::engineReady() {
  if (services_.jobs == nullptr) return;
  compose_->setEngineProblem(QString::fromStdString(services_.jobs->engineError()));
}

void MainWindow::setPreferences(const Preferences& preferences) {
  const bool audioChanged = !(preferences.audio == preferences_.audio);
  const bool midiChanged = !(preferences.midi == preferences_.midi);
  // Ports are taken from tracks that may be playing.
  const bool portsChange = preferences.midi.system != preferences_.midi.system ||
                           preferences.midi.virtualPorts != preferences_.midi.virtualPorts;
  const bool themeChanged = preferences.dark != preferences_.dark;
  preferences_ = preferences;
  savePreferences(*settings_, preferences_);
  autosaver_->setEnabled(preferences_.autosave);
  if (themeChanged) {
    ThemeHolder::instance().apply(preferences_.dark);
    table_.action("view.lightTheme")->setChecked(!preferences_.dark);
  }
  if (audioChanged) {
    // What is chosen in the window takes the place of what the command line said.
    services_.soundfont.reset();
    services_.audioDriver.reset();
    transport_.stop();
    configureAudio();
  } else if (midiChanged) {
    if (portsChange) transport_.stop();
    configureMidi();
  }
}

TrainingWindow* MainWindow::trainingWindow() {
  if (!train_.isNull()) return train_;
  train_ = new TrainingWindow(
      {session_, takes_, families_, services_.jobs, services_.player, *settings_}, services_.models,
      this);
  connect(train_, &TrainingWindow::progressChanged, status_, &StatusLine::setTrainingText);
  connect(train_, &TrainingWindow::trained, this, [this](const std::filesystem::path& checkpoint) {
    compose_->reloadModels(checkpoint);
    banner_->showMessage(BannerArea::Severity::kInfo, "train",
                         tr("The new model %1 is chosen in the compose panel.")
                             .arg(QString::fromStdString(checkpoint.filename().string())));
  });
  connect(train_, &TrainingWindow::modelsChanged, this, [this] { compose_->reloadModels(); });
  connect(train_, &TrainingWindow::failed, this, [this](const QString& message) {
    banner_->showMessage(BannerArea::Severity::kError, "train", message);
  });
  return train_;
}

LabWindow* MainWindow::labWindow() {
  if (!lab_.isNull()) return lab_;
  lab_ = new LabWindow({session_, transport_, families_, services_.jobs, services_.player,
                        services_.sound, *settings_, services_.models},
                       this);
  return lab_;
}

bool MainWindow::trainingRuns() const { return !train_.isNull() && train_->running(); }

bool MainWindow::mayStopTraining() {
  if (!trainingRuns()) return true;
  const auto answer = QMessageBox::question(
      this, tr("Training is running"),
      tr("Stop training and quit? Its exact state is saved, and the page Runs goes on with it."),
      QMessageBox::Yes | QMessageBox::Cancel, QMessageBox::Cancel);
  return answer == QMessageBox::Yes;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!closing_ && (!mayStopTraining() || !files_->mayClose())) {
    event->ignore();
    return;
  }
  if (!closing_) autosaver_->finish(false);
  closing_ = true;
  transport_.stop();
  takes_.discard();
  if (trainingRuns()) train_->training().stop();
  for (QWidget* window : {static_cast<QWidget*>(train_), static_cast<QWidget*>(lab_)}) {
    if (window != nullptr) window->close();
  }
  saveState();
  event->accept();
}

void MainWindow::closeForSignal() {
  if (closing_) return;
  closing_ = true;
  session_.settle();
  const bool unsaved = session_.history().modified();
  if (unsaved) autosaver_->writeNow();
  autosaver_->finish(unsaved);
  close();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!droppedFile(event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QString file = droppedFile(event->mimeData());
  if (file.isEmpty()) return;
  event->acceptProposedAction();
  // The drag must be over before a question is asked, or the source hangs.
  QTimer::singleShot(0, this, [this, file] { files_->open(file.toStdString()); });
}

void MainWindow::saveState() {
  settings_->setValue("window/geometry", saveGeometry());
  settings_->setValue("window/splitter", splitter_->saveState());
  settings_->setValue("window/tracks", tracks_->isVisibleTo(this));
  settings_->setValue("window/compose", right_->isVisibleTo(this));
  settings_->setValue("window/history", history_->isVisibleTo(this));
  settings_->setValue("window/follow", session_.followPlayhead());
  compose_->save(*settings_);
  live_->save(*settings_);
  settings_->sync();
}

void MainWindow::restoreState() {
  compose_->load(*settings_);
  live_->load(*settings_);
  restoreGeometry(settings_->value("window/geometry").toByteArray());
  splitter_->restoreState(settings_->value("window/splitter").toByteArray());
  session_.setFollowPlayhead(settings_->value("window/follow", true).toBool());
  table_.action("view.tracks")->setChecked(settings_->value("window/tracks", true).toBool());
  table_.action("view.compose")->setChecked(settings_->value("window/compose", true).toBool());
  table_.action("view.history")->setChecked(settings_->value("window/history", true).toBool());
  table_.action("view.lightTheme")->setChecked(!preferences_.dark);
}

}  // namespace incipit
