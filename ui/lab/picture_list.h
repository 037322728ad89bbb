// Pictures side by side, as many as there are: only those in sight are drawn.
//
// Thread safety: GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QListView>
#include <vector>

#include "ui/lab/lab_picture.h"

namespace incipit {

class PictureModel final : public QAbstractListModel {
  Q_OBJECT

 public:
  using QAbstractListModel::QAbstractListModel;
  void setPictures(std::vector<LabPicture> pictures);
  void append(std::vector<LabPicture> pictures);
  const std::vector<LabPicture>& pictures() const { return pictures_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  std::vector<LabPicture> pictures_;
};

class PictureList : public QListView {
  Q_OBJECT

 public:
  explicit PictureList(QWidget* parent = nullptr);
  void setPictures(std::vector<LabPicture> pictures);
  void append(std::vector<LabPicture> pictures);
  const std::vector<LabPicture>& pictures() const { return model_.pictures(); }
  const LabPicture* current() const;              // null where there is none
  std::vector<const LabPicture*> chosen() const;  // in the order shown

 Q_SIGNALS:
  void currentPictureChanged();
  void chosenChanged();

 protected:
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;

 private:
  PictureModel model_;
};

}  // namespace incipit
