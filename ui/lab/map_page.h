// The page with the latent map of a model: music lies where the model puts it; places between are
// heard as the model imagines them, phrases morph into each other.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "ui/lab/lab_parts.h"
#include "ui/lab/lab_picture.h"
#include "ui/lab/lab_work.h"
#include "ui/lab/music_map.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace incipit {

class MapView;
class ModelCombo;
class PictureList;
class PicturePanel;
class WorkBar;

class MapPage : public QWidget {
  Q_OBJECT

 public:
  explicit MapPage(const LabParts& parts, QWidget* parent = nullptr);
  void reload();  // the models
  void start();
  bool running() const { return work_.running() || hearing_.running(); }
  const MusicMap* map() const { return map_.get(); }
  // As if these points were chosen as A and B.
  void showMorph(int from, int to);

 private:
  QWidget* buildForm();
  QWidget* buildMiddle();
  void buildPanel();
  void showMap(Result<std::shared_ptr<const MusicMap>> map);
  void showColours();
  void choose(int point, Qt::KeyboardModifiers modifiers);
  void hear(MapPoint place, int point);
  void hearNext();
  void morphEnds();
  void moreLikeThis();
  void imagine(std::vector<Latent> latents, std::function<void(std::vector<LabPicture>)> done);
  std::optional<LabPicture> musicAt(int point);
  void showButtons();

  LabParts parts_;
  LabWork work_;     // making the map
  LabWork hearing_;  // imagining
  std::shared_ptr<const MusicMap> map_;
  int chosen_ = -1;  // the point that was clicked last
  int from_ = -1;    // the ends of a morph
  int to_ = -1;
  std::optional<std::pair<MapPoint, int>> next_;  // to be heard once it is imagined
  MusicForm* music_;
  ModelCombo* model_;
  QComboBox* layout_;
  QComboBox* colours_;
  QSpinBox* most_;
  WorkBar* bar_;
  MapView* view_;
  PictureList* list_;
  PicturePanel* panel_;
  QSpinBox* steps_;
  QPushButton* morph_;
  QDoubleSpinBox* distance_;
  QPushButton* more_;
};

}  // namespace incipit
