#include "ui/lab/picture_list.h"

#include <QPixmap>
#include <algorithm>
#include <utility>

namespace incipit {

void PictureModel::setPictures(std::vector<LabPicture> pictures) {
  beginResetModel();
  pictures_ = std::move(pictures);
  endResetModel();
}

void PictureModel::append(std::vector<LabPicture> pictures) {
  if (pictures.empty()) return;
  const auto first = static_cast<int>(pictures_.size());
  beginInsertRows({}, first, first + static_cast<int>(pictures.size()) - 1);
  std::move(pictures.begin(), pictures.end(), std::back_inserter(pictures_));
  endInsertRows();
}

int PictureModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(pictures_.size());
}

QVariant PictureModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const LabPicture& p = pictures_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DecorationRole:
      return QPixmap::fromImage(imageOf(p.picture));
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
      return p.title;
    default:
      return {};
  }
}

PictureList::PictureList(QWidget* parent) : QListView(parent) {
  setObjectName("pictureList");
  setAccessibleName(tr("Pictures of music"));
  setModel(&model_);
  setViewMode(QListView::IconMode);
  setResizeMode(QListView::Adjust);
  setMovement(QListView::Static);
  setLayoutMode(QListView::Batched);
  setUniformItemSizes(true);
  setSelectionMode(QAbstractItemView::ExtendedSelection);
  setSpacing(3);
}

void PictureList::setPictures(std::vector<LabPicture> pictures) {
  if (!pictures.empty()) {
    const PictureShape shape = shapeOf(pictures.front().picture.kind);
    setIconSize({shape.columns, shape.keys});
  }
  model_.setPictures(std::move(pictures));
  if (model_.rowCount() > 0) setCurrentIndex(model_.index(0));
  Q_EMIT currentPictureChanged();
  Q_EMIT chosenChanged();
}

void PictureList::append(std::vector<LabPicture> pictures) {
  if (this->pictures().empty()) {
    setPictures(std::move(pictures));
  } else {
    model_.append(std::move(pictures));
  }
}

const LabPicture* PictureList::current() const {
  const QModelIndex index = currentIndex();
  return index.isValid() ? &pictures()[static_cast<std::size_t>(index.row())] : nullptr;
}

std::vector<const LabPicture*> PictureList::chosen() const {
  std::vector<int> rows;
  for (const QModelIndex& index : selectedIndexes()) rows.push_back(index.row());
  std::sort(rows.begin(), rows.end());
  std::vector<const LabPicture*> out;
  for (const int row : rows) out.push_back(&pictures()[static_cast<std::size_t>(row)]);
  return out;
}

void PictureList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QListView::currentChanged(current, previous);
  Q_EMIT currentPictureChanged();
}

void PictureList::selectionChanged(const QItemSelection& selected,
                                   const QItemSelection& deselected) {
  QListView::selectionChanged(selected, deselected);
  Q_EMIT chosenChanged();
}

}  // namespace incipit
