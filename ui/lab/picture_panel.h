// Pictures seen closely and as notes: to be heard, placed into the document and kept as files.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/lab/lab_parts.h"
#include "ui/lab/lab_picture.h"
#include "ui/session/note_player.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace incipit {

class PicturePanel : public QWidget {
  Q_OBJECT

 public:
  explicit PicturePanel(const LabParts& parts, QWidget* parent = nullptr);

  // Several are one after another. Ends what plays.
  void show(std::vector<LabPicture> pictures);
  const std::vector<LabPicture>& pictures() const { return pictures_; }
  // Below the buttons, for what a page adds.
  QVBoxLayout* column() { return column_; }
  void play();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildButtons();
  void showPictures();
  void drawNotes();
  void playOrStop();
  void insert();
  void save();
  std::vector<Note> notesAt(Tick from) const;
  Tick place() const;  // the grid line at or before the playhead

  LabParts parts_;
  std::vector<LabPicture> pictures_;
  NotePlayer player_;
  QVBoxLayout* column_;
  QLabel* image_;
  QLabel* title_;
  QLabel* roll_;
  QLabel* facts_;
  QCheckBox* snapToGrid_;
  QCheckBox* snapToScale_;
  QPushButton* play_;
  QPushButton* insert_;
  QPushButton* save_;
  QLabel* problem_;
};

}  // namespace incipit
