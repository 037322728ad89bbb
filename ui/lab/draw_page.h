// The page on which a model draws pictures of music.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/lab/lab_parts.h"
#include "ui/lab/lab_picture.h"
#include "ui/lab/lab_work.h"

class QDoubleSpinBox;
class QPushButton;
class QSpinBox;

namespace incipit {

class ModelCombo;
class PictureList;
class PicturePanel;
class WorkBar;

class DrawPage : public QWidget {
  Q_OBJECT

 public:
  explicit DrawPage(const LabParts& parts, QWidget* parent = nullptr);
  void reload();  // the models
  void start();
  bool running() const { return work_.running(); }

 private:
  QWidget* buildForm();
  void imagine(ImagineRequest request, bool keepFirst);
  void moreLikeThis();
  void show(Result<Imagined> imagined, std::vector<LabPicture> before);

  LabParts parts_;
  LabWork work_;
  ModelCombo* model_;
  QSpinBox* count_;
  QSpinBox* seed_;
  QDoubleSpinBox* spread_;
  QDoubleSpinBox* distance_;
  QPushButton* more_;
  WorkBar* bar_;
  PictureList* list_;
  PicturePanel* panel_;
};

// The pictures that a model drew, named by it and their number.
std::vector<LabPicture> labPictures(Imagined imagined, const std::filesystem::path& model);

}  // namespace incipit
