// A Table of core for a view: numbers to the right, sorted as numbers.
//
// Thread safety: GUI thread only.
#pragma once

#include <QAbstractTableModel>

#include "core/io/table.h"

class QTableView;

namespace incipit {

class TableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  static constexpr int kSortRole = Qt::UserRole;

  explicit TableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  void setTable(Table table);
  const Table& table() const { return table_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  Table table_;
};

// A view of `model` in which a click on a head sorts, and whole rows are chosen. The rows of its
// model() are in the order shown; sourceRow() gives the table's.
QTableView* makeTableView(TableModel* model, const char* name, const QString& accessibleName);
int sourceRow(const QTableView* view);  // of the current row; -1 where there is none
void chooseSourceRow(QTableView* view, int row);

}  // namespace incipit
