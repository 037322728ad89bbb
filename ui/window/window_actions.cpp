// The actions that MainWindow itself answers: files, transport, view, dialogs.
#include <QApplication>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <algorithm>

#include "ui/dialogs/command_palette.h"
#include "ui/dialogs/export_audio_dialog.h"
#include "ui/dialogs/note_dialogs.h"
#include "ui/dialogs/shortcut_sheet.h"
#include "ui/lab/lab_window.h"
#include "ui/roll/roll_editor.h"
#include "ui/training/training_window.h"
#include "ui/window/main_window.h"

namespace incipit {

void MainWindow::connectFileActions() {
  const auto on = [this](const char* id, auto f) {
    connect(table_.action(id), &QAction::triggered, this, f);
  };
  on("file.new", [this] { files_->newDocument(); });
  on("file.open", [this] { files_->openDialog(); });
  on("file.save", [this] { files_->save(); });
  on("file.saveAs", [this] { files_->saveAs(); });
  on("file.exportMidi", [this] { files_->exportMidi(); });
  on("file.exportAudio", [this] { showExportAudio(); });
  on("file.preferences", [this] { showPreferences(); });
  on("file.quit", [this] { close(); });
}

void MainWindow::fillRecentMenu() {
  recentMenu_->clear();
  for (const QString& path : files_->recent()) {
    QAction* action = recentMenu_->addAction(QFileInfo(path).fileName());
    action->setToolTip(path);
    action->setStatusTip(path);
    connect(action, &QAction::triggered, this, [this, path] { files_->open(path.toStdString()); });
  }
  recentMenu_->setToolTipsVisible(true);
  recentMenu_->setEnabled(!recentMenu_->isEmpty());
  if (recentMenu_->isEmpty()) return;
  recentMenu_->addSeparator();
  connect(recentMenu_->addAction(tr("Clear this list")), &QAction::triggered, files_,
          &FileCommands::clearRecent);
}

void MainWindow::connectTransportActions() {
  const auto on = [this](const char* id, auto f) {
    connect(table_.action(id), &QAction::triggered, this, f);
  };
  on("transport.play", [this] { transport_.togglePlay(); });
  on("transport.stop", [this] { transport_.stop(); });
  on("transport.stopReturn", [this] { transport_.stopAndReturn(); });
  on("transport.start", [this] { transport_.seek({0}); });
  on("transport.end", [this] { transport_.seek(session_.document()->end()); });
  on("transport.barBack", [this] { stepBar(-1); });
  on("transport.barForward", [this] { stepBar(1); });
  on("transport.loop", [this](bool on) {
    // Without a region there is nothing to go round: the bar at the playhead, as a start.
    if (on && transport_.loopRange().empty()) {
      const MeterMap& meter = session_.document()->meter;
      const auto bar = meter.barBeat(transport_.position()).bar;
      transport_.setLoopRange({meter.barStart(bar), meter.barStart(bar + 1)});
    }
    transport_.setLooping(on);
  });
  on("transport.loopSelection", [this] { loopSelection(); });
  on("transport.metronome", [this](bool on) { transport_.setMetronome(on); });
  on("transport.panic", [this] { transport_.panic(); });
  connect(&transport_, &Transport::loopChanged, this,
          [this] { table_.action("transport.loop")->setChecked(transport_.looping()); });
  connect(&transport_, &Transport::metronomeChanged, table_.action("transport.metronome"),
          &QAction::setChecked);
}

void MainWindow::stepBar(int direction) {
  const MeterMap& meter = session_.document()->meter;
  const Tick now = transport_.position();
  const auto bar = meter.barBeat(now).bar;
  const bool inside = meter.barStart(bar) < now;
  // Back from within a bar is to its start, as everywhere.
  const auto target = direction > 0 ? bar + 1 : (inside ? bar : bar - 1);
  transport_.seek(meter.barStart(std::max<std::int64_t>(target, 0)));
  roll_->scrollToTick(transport_.position());
}

void MainWindow::loopSelection() {
  const auto& notes = session_.selection();
  if (notes.empty()) return;
  const MeterMap& meter = session_.document()->meter;
  Tick end = notes.front().end();
  for (const Note& n : notes) end = std::max(end, n.end());
  const Tick from = snapDown(notes.front().start, session_.grid(), meter);
  const Tick line = snapDown(end, session_.grid(), meter);
  transport_.setLoopRange({from, line < end ? nextGridLine(end, session_.grid(), meter) : line});
  transport_.setLooping(true);
}

void MainWindow::connectViewActions() {
  const auto on = [this](const char* id, auto f) {
    connect(table_.action(id), &QAction::triggered, this, f);
  };
  on("view.zoomIn", [this] { roll_->zoomIn(); });
  on("view.zoomOut", [this] { roll_->zoomOut(); });
  on("view.zoomReset", [this] { roll_->zoomReset(); });
  on("view.zoomSelection", [this] { roll_->zoomToSelection(); });
  on("view.zoomSong", [this] { roll_->zoomToSong(); });
  on("view.follow", [this](bool on) { session_.setFollowPlayhead(on); });
  on("view.fullScreen", [this](bool on) { on ? showFullScreen() : showNormal(); });
  on("view.lightTheme", [this](bool light) {
    Preferences p = preferences_;
    p.dark = !light;
    setPreferences(p);
  });
  const auto showLeft = [this] {
    left_->setVisible(table_.action("view.tracks")->isChecked() ||
                      table_.action("view.history")->isChecked());
  };
  connect(table_.action("view.tracks"), &QAction::toggled, this, [this, showLeft](bool on) {
    tracks_->setVisible(on);
    showLeft();
  });
  connect(table_.action("view.history"), &QAction::toggled, this, [this, showLeft](bool on) {
    history_->setVisible(on);
    showLeft();
  });
  connect(table_.action("view.compose"), &QAction::toggled, right_, &QWidget::setVisible);
  for (const char* id : {"view.tracks", "view.compose", "view.history"})
    table_.action(id)->setChecked(true);
  const auto showFollow = [this] {
    table_.action("view.follow")->setChecked(session_.followPlayhead());
  };
  connect(&session_, &Session::editingStateChanged, this, showFollow);
  showFollow();
}

void MainWindow::connectToolActions() {
  const auto on = [this](const char* id, auto f) {
    connect(table_.action(id), &QAction::triggered, this, f);
  };
  on("edit.escape", [this] { escape(); });
  on("notes.quantiseDialog", [this] { showQuantiseDialog(session_, edits_, this); });
  on("notes.transpose", [this] { showTransposeDialog(session_, edits_, this); });
  on("compose.train", [this] {
    trainingWindow()->show();
    trainingWindow()->raise();
    trainingWindow()->activateWindow();
  });
  on("compose.lab", [this] {
    labWindow()->show();
    labWindow()->raise();
    labWindow()->activateWindow();
  });
  on("help.shortcuts", [this] {
    auto* sheet = new ShortcutSheet(table_, this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->show();
  });
  on("help.palette", [this] {
    auto* palette = new CommandPalette(table_, this);
    palette->setAttribute(Qt::WA_DeleteOnClose);
    palette->show();
  });
  on("help.about", [this] {
    QMessageBox::about(
        this, tr("About Incipit"),
        tr("<h3>Incipit %1</h3><p>A studio for composing with neural models. You draw the opening "
           "notes; the model continues; you decide what stays.</p><p>Free software under the GNU "
           "General Public License, version 3 or later. It needs no network and no account.</p>")
            .arg(INCIPIT_VERSION));
  });
}

void MainWindow::escape() {
  // From the outermost thing inwards, one at a time.
  if (live_->step().on()) {
    live_->step().setOn(false);
  } else if (takes_.generating()) {
    takes_.cancel();
  } else if (takes_.currentTake() != nullptr) {
    takes_.discard();
  } else {
    session_.clearSelection();
  }
}

void MainWindow::showExportAudio() {
  if (!services_.exportAudio || services_.jobs == nullptr) {
    banner_->showMessage(BannerArea::Severity::kError, "export",
                         tr("This build has no audio export; a MIDI file can be exported."));
    return;
  }
  AudioSettings audio = preferences_.audio;
  if (services_.soundfont) audio.soundfont = *services_.soundfont;
  auto* dialog = new ExportAudioDialog(session_.document(), *services_.jobs, services_.exportAudio,
                                       audio, files_->suggestion(".wav"), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  // Training would hold the background worker for hours.
  dialog->setWorker(trainingRuns() ? JobRunner::Where::kInteractive
                                   : JobRunner::Where::kBackground);
  connect(dialog, &ExportAudioDialog::exported, this, [this](const QString& file, double seconds) {
    files_->rememberFolder(file);
    banner_->showMessage(BannerArea::Severity::kInfo, "export",
                         tr("Saved %1, %2 s of audio.").arg(file).arg(seconds, 0, 'f', 1));
  });
  dialog->show();
}

void MainWindow::showPreferences(PreferencesDialog::Page page) {
  auto* dialog = new PreferencesDialog(preferences_, services_, table_, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &PreferencesDialog::applied, this, &MainWindow::setPreferences);
  dialog->openPage(page);
  dialog->show();
}

}  // namespace incipit
