// The page that shows a folder's music as pictures, as a network would see it, and what each kind
// of picture loses of it.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>
#include <memory>

#include "core/encoding/picture_encoding.h"
#include "ui/lab/lab_parts.h"
#include "ui/lab/lab_picture.h"
#include "ui/lab/lab_work.h"
#include "ui/lab/music_form.h"

class QLabel;

namespace incipit {

class PictureList;
class PicturePanel;
class WorkBar;

class MusicPage : public QWidget {
  Q_OBJECT

 public:
  explicit MusicPage(const LabParts& parts, QWidget* parent = nullptr);
  void start();
  bool running() const { return work_.running(); }

 private:
  struct Found {
    std::vector<LabPicture> pictures;
    std::size_t all = 0;
    PictureLoss loss;
    int pieces = 0;  // that the loss was counted on
  };
  static Result<Found> find(const MusicChoice& choice, const LabProgress& progress,
                            const std::stop_token& stop);
  void show(Result<Found> found);

  LabParts parts_;
  LabWork work_;
  MusicForm* form_;
  WorkBar* bar_;
  QLabel* loss_;
  PictureList* list_;
  PicturePanel* panel_;
};

// The three columns of a page: a form, a list, what is chosen.
QWidget* buildLabSide(QWidget* form, QWidget* foot);

}  // namespace incipit
