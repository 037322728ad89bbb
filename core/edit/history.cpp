#include "core/edit/history.h"

namespace incipit {

History::History(DocumentPtr start) : document_(std::move(start)), saved_(document_) {}

void History::commit(std::string name, Document after) {
  if (after == *document_) return;
  auto next = std::make_shared<const Document>(std::move(after));
  entries_.resize(position_);
  entries_.push_back({std::move(name), document_, next});
  ++position_;
  document_ = std::move(next);
  ++revision_;
}

void History::undo() {
  if (!canUndo()) return;
  document_ = entries_[--position_].before;
  ++revision_;
}

void History::redo() {
  if (!canRedo()) return;
  document_ = entries_[position_++].after;
  ++revision_;
}

void History::jumpTo(std::size_t position) {
  while (position_ > position && canUndo()) undo();
  while (position_ < position && canRedo()) redo();
}

}  // namespace incipit
