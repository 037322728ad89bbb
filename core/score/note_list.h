// The notes of a track: an immutable sorted sequence whose blocks of about a thousand notes are
// shared between versions, so that an edit of a few notes in half a million copies a few blocks.
//
// Thread safety: a NoteList is a value; versions in different threads may share blocks, which never
// change. Invariants: notes are ordered by NoteOrder; no block is empty; a block knows the latest
// end of its notes, so that a window query skips what lies before it.
#pragma once

#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "core/score/note.h"

namespace incipit {

class NoteList {
 public:
  struct Block {
    std::vector<Note> notes;
    Tick latestEnd;
  };

  NoteList() = default;
  // Sorts.
  explicit NoteList(std::vector<Note> notes);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Tick start() const { return empty() ? Tick{0} : blocks_.front()->notes.front().start; }
  Tick latestEnd() const;  // 0 when empty

  // This list without every note of `removed` that it holds (compared by start, pitch and id) and
  // with every note of `added`. Blocks that neither touches are shared with this list.
  NoteList edited(std::span<const Note> removed, std::span<const Note> added) const;

  // Calls f(note) for each note that overlaps [range.from, range.to), in order.
  template <typename F>
  void forEachIn(TickRange range, F&& f) const {
    for (const auto& block : blocks_) {
      if (block->notes.front().start >= range.to) return;
      if (block->latestEnd <= range.from) continue;
      for (const Note& n : block->notes) {
        if (n.start >= range.to) return;
        if (n.end() > range.from) f(n);
      }
    }
  }

  std::vector<Note> notesIn(TickRange range) const;  // overlapping
  std::vector<Note> notesStartingIn(TickRange range) const;
  std::vector<Note> toVector() const;
  // The note, by a linear search; nullptr when absent. The pointer lives as long as this list.
  const Note* find(NoteId id) const;

  const std::vector<std::shared_ptr<const Block>>& blocks() const { return blocks_; }

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Note;
    using difference_type = std::ptrdiff_t;
    using pointer = const Note*;
    using reference = const Note&;
    Iterator() = default;
    Iterator(const NoteList* list, std::size_t block) : list_(list), block_(block) {}
    reference operator*() const { return list_->blocks_[block_]->notes[note_]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++note_ == list_->blocks_[block_]->notes.size()) {
        ++block_;
        note_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const NoteList* list_ = nullptr;
    std::size_t block_ = 0;
    std::size_t note_ = 0;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, blocks_.size()}; }

  bool operator==(const NoteList& o) const;

 private:
  void append(std::vector<Note> notes);

  std::vector<std::shared_ptr<const Block>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace incipit
