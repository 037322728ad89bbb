// The files of a scanned folder as a table: the accepted pieces with their figures, the rejected
// files with the reason.
//
// Thread safety: GUI thread only.
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <memory>

#include "core/corpus/corpus.h"

namespace incipit {

class CorpusTable : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum class Kind { kAccepted, kNearDuplicate, kRejected };
  enum Column { kFile, kState, kNotes, kLength, kKey, kTempo, kPolyphony, kTracks, kSet, kColumns };
  static constexpr int kSortRole = Qt::UserRole;      // numbers as numbers
  static constexpr int kKindRole = Qt::UserRole + 1;  // a Kind as int

  explicit CorpusTable(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  void setCorpus(std::shared_ptr<const Corpus> corpus);  // may be null

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QVariant pieceData(std::size_t i, int column, bool asText) const;
  QVariant rejectedData(std::size_t i, int column) const;
  Kind kindOf(std::size_t row) const;

  std::shared_ptr<const Corpus> corpus_;
};

// The rows whose state and text are asked for.
class CorpusFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit CorpusFilter(QObject* parent = nullptr);
  enum class Show { kAll, kAccepted, kNearDuplicates, kRejected };
  void show(Show what);
  void setText(const QString& text);  // in the name or the state

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  Show show_ = Show::kAll;
  QString text_;
};

}  // namespace incipit
