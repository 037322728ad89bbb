// The Lab: music as pictures and as sound, in a window of its own beside the studio.
//
// For tests and tools, widgets are found by object name: "labTabs"; of the page Music
// "labMusicFolderEdit", "labMusicSetsEdit", "labMusicKindCombo", "labMusicButton", "labMusicLabel",
// "labMusicLoss"; Draw "labDrawModelCombo", "labDrawCountSpin", "labDrawSeedSpin",
// "labDrawSpreadSpin", "labDrawButton", "labDrawMoreButton"; Learning "labRunCombo",
// "labEpochSlider", "labRunSheet", "labRunChart1", "labRunChart2"; Map "labMapModelCombo",
// "labMapFolderEdit", "labMapLayoutCombo", "labMapColourCombo", "labMapMostSpin", "labMapButton",
// "mapView", "labMapList", "labMapStepsSpin", "labMapMorphButton", "labMapMoreButton"; Timbre
// "labTimbreModelCombo", "labTimbreFromFile", "labTimbreFromTrack", "labTimbreFileEdit",
// "labTimbreProgramCombo", "labTimbreButton", "labTimbreLabel", "labTimbrePlayButton",
// "labTimbreBeforeButton", "labTimbreAfterButton", "labTimbreExportButton"; on pages with pictures
// "pictureList", "pictureTitle", "pictureFacts", "picturePlayButton", "pictureInsertButton",
// "pictureSaveButton", "pictureGridCheck", "pictureScaleCheck".
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/lab/lab_parts.h"

class QTabWidget;

namespace incipit {

class DrawPage;
class LearningPage;
class MapPage;
class MusicPage;
class TimbrePage;

class LabWindow : public QWidget {
  Q_OBJECT

 public:
  enum class Page { kMusic, kDraw, kLearning, kMap, kTimbre };
  explicit LabWindow(const LabParts& parts, QWidget* parent = nullptr);
  ~LabWindow() override;

  void showPage(Page page);
  void reload();  // the models and the runs
  MusicPage& music() { return *music_; }
  DrawPage& draw() { return *draw_; }
  LearningPage& learning() { return *learning_; }
  MapPage& map() { return *map_; }
  TimbrePage& timbre() { return *timbre_; }

 protected:
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  LabParts parts_;
  MusicPage* music_;
  DrawPage* draw_;
  LearningPage* learning_;
  MapPage* map_;
  TimbrePage* timbre_;
  QTabWidget* tabs_;
};

}  // namespace incipit
