// The studio's window: puts the views together and connects them with what the program gives it.
//
// For tests and tools, widgets are found by object name: "generateButton", "cancelButton",
// "acceptButton", "discardButton", "nextTakeButton", "previousTakeButton", "barsSpin",
// "temperatureSpin", "topPSpin", "takesSpin", "seedEdit", "fixSeedButton", "modelCombo",
// "composeProgress", "takeTitle", "regionList", "regenerateButton", "playButton", "recordButton",
// "recordOptionsButton", "typingButton", "callResponseButton", "callBarsSpin", "countInLabel",
// "barBeatLabel",
// "tempoSpin", "meterBeatsSpin", "meterUnitCombo", "gridCombo", "tonicCombo", "modeCombo",
// "trackRow" (with "trackNameEdit", "armButton", "outputButton", "outputLabel", "muteButton",
// "soloButton", "instrumentButton", "volumeSlider", "panSlider"), "historyList", "banner" (with
// "bannerRow", "bannerText", "bannerButton"), "pointerLabel", "selectionLabel", "midiLight",
// "midiLabel", "audioLabel", "trainingLabel", "unsavedDialog", "trainingWindow",
// "preferencesDialog", "exportAudioDialog", "recoveryDialog", "shortcutSheet", "commandPalette".
// Every action of the table is a child by its id.
//
// Thread safety: GUI thread only.
#pragma once

#include <QMainWindow>
#include <QPointer>
#include <memory>

#include "ui/actions/edit_commands.h"
#include "ui/dialogs/preferences_dialog.h"
#include "ui/panels/compose_panel.h"
#include "ui/panels/history_panel.h"
#include "ui/panels/tracks_panel.h"
#include "ui/panels/transport_bar.h"
#include "ui/session/families.h"
#include "ui/session/takes.h"
#include "ui/window/autosaver.h"
#include "ui/window/banner.h"
#include "ui/window/file_commands.h"
#include "ui/window/live_controls.h"
#include "ui/window/midi_watch.h"
#include "ui/window/preferences.h"
#include "ui/window/services.h"
#include "ui/window/status_line.h"

class QMenu;
class QSplitter;

namespace incipit {

class LabWindow;
class RollEditor;
class TrainingWindow;

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(Services services, QWidget* parent = nullptr);
  ~MainWindow() override;

  Session& session() { return session_; }
  Transport& transport() { return transport_; }
  Takes& takes() { return takes_; }
  ActionTable& actionTable() { return table_; }
  FileCommands& files() { return *files_; }
  BannerArea& banner() { return *banner_; }
  Autosaver& autosaver() { return *autosaver_; }
  ComposePanel& composePanel() { return *compose_; }
  RollEditor& roll() { return *roll_; }
  LiveControls& live() { return *live_; }
  const Preferences& preferences() const { return preferences_; }
  void setPreferences(const Preferences& preferences);
  TrainingWindow* trainingWindow();  // made when first asked for
  LabWindow* labWindow();            // likewise

  void showPreferences(PreferencesDialog::Page page = PreferencesDialog::Page::kGeneral);
  // Ends at once, asking nothing: unsaved work is left in the autosave folder.
  void closeForSignal();

 Q_SIGNALS:
  void firstPainted();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildLayout();
  void connectParts();
  void connectLive();
  void connectFileActions();
  void connectTransportActions();
  void connectViewActions();
  void connectToolActions();
  void startServices();
  void configureAudio();
  void checkAudio();
  void configureMidi();
  void offerRecovery();
  void engineReady();
  void showTitle();
  void fillRecentMenu();
  void escape();
  void stepBar(int direction);
  void loopSelection();
  void showExportAudio();
  bool trainingRuns() const;
  bool mayStopTraining();
  void saveState();
  void restoreState();

  Services services_;
  std::unique_ptr<QSettings> settings_;
  Preferences preferences_;
  Session session_;
  Transport transport_;
  Takes takes_;
  Families families_;
  ActionTable table_;
  EditCommands edits_;
  BannerArea* banner_;
  Autosaver* autosaver_;
  FileCommands* files_;
  LiveControls* live_;
  MidiWatch* midi_;
  RollEditor* roll_;
  TransportBar* bar_;
  TracksPanel* tracks_;
  ComposePanel* compose_;
  HistoryPanel* history_;
  StatusLine* status_ = nullptr;
  QWidget* left_ = nullptr;
  QWidget* right_ = nullptr;
  QSplitter* splitter_ = nullptr;
  QMenu* recentMenu_ = nullptr;
  QPointer<TrainingWindow> train_;
  QPointer<LabWindow> lab_;
  bool started_ = false;
  bool painted_ = false;
  bool closing_ = false;
};

}  // namespace incipit
