#include "core/score/note_list.h"

#include <algorithm>

namespace incipit {
namespace {
constexpr std::size_t kBlockNotes = 1024;  // of a freshly built block
constexpr std::size_t kMostNotes = 2048;   // more, and a block is split

std::shared_ptr<const NoteList::Block> makeBlock(std::vector<Note> notes) {
  auto block = std::make_shared<NoteList::Block>();
  block->notes = std::move(notes);
  block->latestEnd = block->notes.front().end();
  for (const Note& n : block->notes) block->latestEnd = std::max(block->latestEnd, n.end());
  return block;
}

bool samePlace(const Note& a, const Note& b) {
  return a.start == b.start && a.pitch == b.pitch && a.id == b.id;
}
}  // namespace

NoteList::NoteList(std::vector<Note> notes) {
  // As readers give them.
  if (!std::is_sorted(notes.begin(), notes.end(), NoteOrder{})) {
    std::sort(notes.begin(), notes.end(), NoteOrder{});
  }
  append(std::move(notes));
}

void NoteList::append(std::vector<Note> notes) {
  size_ += notes.size();
  if (notes.empty()) return;
  if (notes.size() <= kMostNotes) {
    blocks_.push_back(makeBlock(std::move(notes)));
    return;
  }
  const std::size_t parts = (notes.size() + kBlockNotes - 1) / kBlockNotes;
  for (std::size_t p = 0; p < parts; ++p) {
    const auto from = notes.begin() + static_cast<std::ptrdiff_t>(notes.size() * p / parts);
    const auto to = notes.begin() + static_cast<std::ptrdiff_t>(notes.size() * (p + 1) / parts);
    blocks_.push_back(makeBlock({from, to}));
  }
}

Tick NoteList::latestEnd() const {
  Tick latest{0};
  for (const auto& b : blocks_) latest = std::max(latest, b->latestEnd);
  return latest;
}

NoteList NoteList::edited(std::span<const Note> removed, std::span<const Note> added) const {
  const NoteOrder before;
  std::vector<Note> out(removed.begin(), removed.end());
  std::vector<Note> in(added.begin(), added.end());
  std::sort(out.begin(), out.end(), before);
  std::sort(in.begin(), in.end(), before);
  if (blocks_.empty()) return NoteList(std::move(in));

  NoteList result;
  auto o = out.begin();
  auto a = in.begin();
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    // A block owns every position up to the next block's first note; the first block also all
    // before it, the last all after it.
    const Note* next = i + 1 < blocks_.size() ? &blocks_[i + 1]->notes.front() : nullptr;
    const auto limit = [&](auto from, auto to) {
      return next == nullptr ? to : std::lower_bound(from, to, *next, before);
    };
    const auto oEnd = limit(o, out.end());
    const auto aEnd = limit(a, in.end());
    if (o == oEnd && a == aEnd) {
      result.blocks_.push_back(blocks_[i]);
      result.size_ += blocks_[i]->notes.size();
      continue;
    }
    std::vector<Note> notes;
    notes.reserve(blocks_[i]->notes.size() + static_cast<std::size_t>(aEnd - a));
    for (const Note& n : blocks_[i]->notes) {
      while (o != oEnd && before(*o, n)) ++o;
      if (o != oEnd && samePlace(*o, n)) continue;
      while (a != aEnd && before(*a, n)) notes.push_back(*a++);
      notes.push_back(n);
    }
    notes.insert(notes.end(), a, aEnd);
    o = oEnd;
    a = aEnd;
    result.append(std::move(notes));
  }
  return result;
}

std::vector<Note> NoteList::notesIn(TickRange range) const {
  std::vector<Note> out;
  forEachIn(range, [&](const Note& n) { out.push_back(n); });
  return out;
}

std::vector<Note> NoteList::notesStartingIn(TickRange range) const {
  std::vector<Note> out;
  forEachIn(range, [&](const Note& n) {
    if (n.start >= range.from) out.push_back(n);
  });
  return out;
}

std::vector<Note> NoteList::toVector() const {
  std::vector<Note> out;
  out.reserve(size_);
  for (const auto& b : blocks_) out.insert(out.end(), b->notes.begin(), b->notes.end());
  return out;
}

const Note* NoteList::find(NoteId id) const {
  for (const auto& b : blocks_) {
    for (const Note& n : b->notes) {
      if (n.id == id) return &n;
    }
  }
  return nullptr;
}

bool NoteList::operator==(const NoteList& o) const {
  if (size_ != o.size_) return false;
  auto mine = begin();
  for (const Note& n : o) {
    if (!(*mine == n)) return false;
    ++mine;
  }
  return true;
}

}  // namespace incipit
