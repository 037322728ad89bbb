#include "ui/training/corpus_table.h"

#include <QLocale>
#include <utility>

namespace incipit {
namespace {

QString timeText(double seconds) {
  const auto s = static_cast<qint64>(seconds + 0.5);
  return QString("%1:%2").arg(s / 60).arg(s % 60, 2, 10, QChar('0'));
}

}  // namespace

void CorpusTable::setCorpus(std::shared_ptr<const Corpus> corpus) {
  beginResetModel();
  corpus_ = std::move(corpus);
  endResetModel();
}

int CorpusTable::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || corpus_ == nullptr) return 0;
  return static_cast<int>(corpus_->pieces.size() + corpus_->rejected.size());
}

int CorpusTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

CorpusTable::Kind CorpusTable::kindOf(std::size_t row) const {
  if (row >= corpus_->pieces.size()) return Kind::kRejected;
  return corpus_->pieces[row].group == row ? Kind::kAccepted : Kind::kNearDuplicate;
}

QVariant CorpusTable::pieceData(std::size_t i, int column, bool asText) const {
  const CorpusPiece& p = corpus_->pieces[i];
  const PieceFacts& f = p.facts;
  switch (column) {
    case kFile:
      return QString::fromStdString(p.file);
    case kState:
      return kindOf(i) == Kind::kAccepted
                 ? tr("accepted")
                 : tr("accepted, nearly the same as %1")
                       .arg(QString::fromStdString(corpus_->pieces[p.group].file));
    case kNotes:
      return asText ? QVariant(QLocale().toString(static_cast<qlonglong>(f.notes)))
                    : QVariant(static_cast<qlonglong>(f.notes));
    case kLength:
      return asText ? QVariant(timeText(f.seconds)) : QVariant(f.seconds);
    case kKey:
      return QString::fromStdString(scaleName(f.key));
    case kTempo:
      return asText ? QVariant(QString::number(f.bpm, 'f', 0)) : QVariant(f.bpm);
    case kPolyphony:
      return asText ? QVariant(QString::number(f.polyphony, 'f', 1)) : QVariant(f.polyphony);
    case kTracks:
      return f.tracks;
    case kSet:
      return p.set.empty() ? tr(splitName(p.split))
                           : QString::fromStdString(p.set) + ", " + tr(splitName(p.split));
    default:
      return {};
  }
}

QVariant CorpusTable::rejectedData(std::size_t i, int column) const {
  const RejectedFile& r = corpus_->rejected[i];
  if (column == kFile) return QString::fromStdString(r.file);
  if (column == kState) return tr("rejected: %1").arg(QString::fromStdString(r.reason));
  return {};
}

QVariant CorpusTable::data(const QModelIndex& index, int role) const {
  if (corpus_ == nullptr || !index.isValid()) return {};
  const auto row = static_cast<std::size_t>(index.row());
  const std::size_t pieces = corpus_->pieces.size();
  if (role == kKindRole) return static_cast<int>(kindOf(row));
  if (role == Qt::TextAlignmentRole) {
    const bool number =
        index.column() >= kNotes && index.column() <= kTracks && index.column() != kKey;
    return QVariant(number ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
  }
  const bool tip = role == Qt::ToolTipRole && index.column() <= kState;
  if (role != Qt::DisplayRole && role != kSortRole && !tip) return {};
  return row < pieces ? pieceData(row, index.column(), role != kSortRole)
                      : rejectedData(row - pieces, index.column());
}

QVariant CorpusTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  const QString names[kColumns] = {tr("File"),   tr("State"),  tr("Notes"),
                                   tr("Length"), tr("Key"),    tr("Tempo"),
                                   tr("Voices"), tr("Tracks"), tr("Set, split")};
  return section < kColumns ? names[section] : QString();
}

CorpusFilter::CorpusFilter(QObject* parent) : QSortFilterProxyModel(parent) {
  setSortRole(CorpusTable::kSortRole);
  setSortCaseSensitivity(Qt::CaseInsensitive);
}

void CorpusFilter::show(Show what) {
  show_ = what;
  invalidateFilter();
}

void CorpusFilter::setText(const QString& text) {
  text_ = text;
  invalidateFilter();
}

bool CorpusFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const auto at = [&](int column, int role) {
    return sourceModel()->data(sourceModel()->index(row, column, parent), role);
  };
  const auto kind = static_cast<CorpusTable::Kind>(at(0, CorpusTable::kKindRole).toInt());
  const bool rejected = kind == CorpusTable::Kind::kRejected;
  if (show_ == Show::kAccepted && rejected) return false;
  if (show_ == Show::kNearDuplicates && kind != CorpusTable::Kind::kNearDuplicate) return false;
  if (show_ == Show::kRejected && !rejected) return false;
  return text_.isEmpty() ||
         at(CorpusTable::kFile, Qt::DisplayRole).toString().contains(text_, Qt::CaseInsensitive) ||
         at(CorpusTable::kState, Qt::DisplayRole).toString().contains(text_, Qt::CaseInsensitive);
}

}  // namespace incipit
