// Undo and redo. A patch is a named pair {before, after} of documents that share all they have in
// common, so it costs what changed; undo and redo move between the two. One gesture is one patch.
//
// Thread safety: none; the GUI thread owns it. Invariant: entries()[i].after ==
// entries()[i+1].before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/score/document.h"

namespace incipit {

struct Patch {
  std::string name;  // as the Edit menu shows it: "Move 3 notes"
  DocumentPtr before;
  DocumentPtr after;
};

class History {
 public:
  explicit History(DocumentPtr start);

  const DocumentPtr& document() const { return document_; }
  // Grows with every change, undo and redo included; what a job remembers of its input.
  std::uint64_t revision() const { return revision_; }

  // Makes `after` the document as one step, and drops what could be redone. Does nothing when
  // `after` equals the document (no empty steps).
  void commit(std::string name, Document after);
  bool canUndo() const { return position_ > 0; }
  bool canRedo() const { return position_ < entries_.size(); }
  void undo();  // nothing when !canUndo()
  void redo();
  // Undo or redo until `position` patches are applied; 0 is the start.
  void jumpTo(std::size_t position);

  const std::vector<Patch>& entries() const { return entries_; }
  std::size_t position() const { return position_; }

  // Whether the document differs from the one last marked as saved.
  bool modified() const { return saved_ != document_; }
  void markSaved() { saved_ = document_; }
  // As a recovered file is: modified until it is saved.
  void markUnsaved() { saved_ = nullptr; }

 private:
  DocumentPtr document_;
  DocumentPtr saved_;
  std::vector<Patch> entries_;
  std::size_t position_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace incipit
