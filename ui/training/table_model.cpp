#include "ui/training/table_model.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <utility>

namespace incipit {

void TableModel::setTable(Table table) {
  beginResetModel();
  table_ = std::move(table);
  endResetModel();
}

int TableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(table_.rows.size());
}

int TableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(table_.columns.size());
}

QVariant TableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const auto column = static_cast<std::size_t>(index.column());
  const TableCell& cell = table_.rows[static_cast<std::size_t>(index.row())][column];
  switch (role) {
    case Qt::DisplayRole:
      return cell.text.empty() ? QString("–") : QString::fromStdString(cell.text);
    case Qt::ToolTipRole:
      return QString::fromStdString(cell.text);
    case kSortRole:
      return cell.value ? QVariant(*cell.value) : QVariant(QString::fromStdString(cell.text));
    case Qt::TextAlignmentRole:
      return QVariant((table_.columns[column].number ? Qt::AlignRight : Qt::AlignLeft) |
                      Qt::AlignVCenter);
    default:
      return {};
  }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section >= columnCount()) return {};
  const Table::Column& column = table_.columns[static_cast<std::size_t>(section)];
  if (role == Qt::TextAlignmentRole) {
    return QVariant((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  return role == Qt::DisplayRole ? QVariant(QString::fromStdString(column.name)) : QVariant();
}

QTableView* makeTableView(TableModel* model, const char* name, const QString& accessibleName) {
  auto* view = new QTableView;
  auto* sorted = new QSortFilterProxyModel(view);
  sorted->setSourceModel(model);
  sorted->setSortRole(TableModel::kSortRole);
  sorted->setSortCaseSensitivity(Qt::CaseInsensitive);
  view->setObjectName(name);
  view->setAccessibleName(accessibleName);
  view->setModel(sorted);
  view->setSortingEnabled(true);
  view->sortByColumn(-1, Qt::AscendingOrder);
  view->setShowGrid(false);
  view->setWordWrap(false);
  view->setTabKeyNavigation(false);
  view->setSelectionBehavior(QAbstractItemView::SelectRows);
  view->setSelectionMode(QAbstractItemView::SingleSelection);
  constexpr int kRowHeight = 24;
  view->verticalHeader()->hide();
  view->verticalHeader()->setDefaultSectionSize(kRowHeight);
  view->horizontalHeader()->setHighlightSections(false);
  return view;
}

int sourceRow(const QTableView* view) {
  const auto* sorted = qobject_cast<const QSortFilterProxyModel*>(view->model());
  const QModelIndex current = view->currentIndex();
  return current.isValid() ? sorted->mapToSource(current).row() : -1;
}

void chooseSourceRow(QTableView* view, int row) {
  const auto* sorted = qobject_cast<const QSortFilterProxyModel*>(view->model());
  view->setCurrentIndex(sorted->mapFromSource(sorted->sourceModel()->index(row, 0)));
}

}  // namespace incipit
