#include "ui/roll/roll_accessible.h"

#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

#include "ui/roll/note_text.h"
#include "ui/roll/roll_canvas.h"

namespace incipit {
namespace {

// The note at a place in the list; null beyond its end. Skips whole blocks.
const Note* noteAt(const NoteList& notes, int index) {
  auto left = static_cast<std::size_t>(std::max(index, 0));
  for (const auto& block : notes.blocks()) {
    if (left < block->notes.size()) return &block->notes[left];
    left -= block->notes.size();
  }
  return nullptr;
}

int indexOf(const NoteList& notes, const Note& note) {
  int before = 0;
  for (const auto& block : notes.blocks()) {
    if (!NoteOrder{}(block->notes.back(), note)) {
      const auto at = std::lower_bound(block->notes.begin(), block->notes.end(), note, NoteOrder{});
      return at->id == note.id ? before + static_cast<int>(at - block->notes.begin()) : -1;
    }
    before += static_cast<int>(block->notes.size());
  }
  return -1;
}

// One note. Holds the value it was made for; invalid once the track has no such note any more.
class NoteItem : public QAccessibleInterface {
 public:
  NoteItem(RollCanvas* canvas, const Note& note) : canvas_(canvas), note_(note) {}

  bool isValid() const override {
    const Track* track = canvas_ != nullptr ? canvas_->rollState().session().track() : nullptr;
    return track != nullptr && indexOf(track->notes, note_) >= 0;
  }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* parent() const override {
    return QAccessible::queryAccessibleInterface(canvas_);
  }
  QAccessibleInterface* child(int) const override { return nullptr; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QAccessible::Role role() const override { return QAccessible::ListItem; }
  void setText(QAccessible::Text, const QString&) override {}

  QString text(QAccessible::Text t) const override {
    if (t != QAccessible::Name || !isValid()) return {};
    return spokenNote(note_, *canvas_->rollState().session().document());
  }
  QRect rect() const override {
    if (canvas_ == nullptr) return {};
    const QRect r = noteRect(note_, canvas_->rollState().view()).toAlignedRect();
    return {canvas_->mapToGlobal(r.topLeft()), r.size()};
  }
  QAccessible::State state() const override {
    QAccessible::State s;
    if (!isValid()) {
      s.invalid = true;
      return s;
    }
    const Session& session = canvas_->rollState().session();
    s.selectable = true;
    s.multiSelectable = true;
    s.focusable = true;
    s.selected = session.isSelected(note_.id);
    s.focused = s.selected && session.selection().size() == 1 && canvas_->hasFocus();
    const QRectF r = noteRect(note_, canvas_->rollState().view());
    s.offscreen = !r.intersects(QRectF(canvas_->rect()));
    return s;
  }
  const Note& note() const { return note_; }

 private:
  QPointer<RollCanvas> canvas_;
  const Note note_;
};

class CanvasList : public QAccessibleWidget {
 public:
  explicit CanvasList(RollCanvas* canvas) : QAccessibleWidget(canvas, QAccessible::List) {}
  ~CanvasList() override { forget(); }

  int childCount() const override {
    const Track* t = track();
    return t == nullptr ? 0 : static_cast<int>(t->notes.size());
  }
  QAccessibleInterface* child(int index) const override {
    const Note* n = track() == nullptr ? nullptr : noteAt(track()->notes, index);
    return n == nullptr ? nullptr : item(*n);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    const auto* note = dynamic_cast<const NoteItem*>(child);
    return note == nullptr || track() == nullptr ? -1 : indexOf(track()->notes, note->note());
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    if (track() == nullptr) return nullptr;
    const auto hit = hitTest(track()->notes, canvas()->rollState().view(),
                             canvas()->mapFromGlobal(QPoint(x, y)));
    return hit ? item(hit->note) : nullptr;
  }
  QAccessibleInterface* focusChild() const override {
    const std::vector<Note>& selected = canvas()->rollState().session().selection();
    return selected.size() == 1 ? item(selected.front()) : nullptr;
  }
  QString text(QAccessible::Text t) const override {
    if (t != QAccessible::Description) return QAccessibleWidget::text(t);
    const std::size_t selected = canvas()->rollState().session().selection().size();
    return RollCanvas::tr("%1 notes, %2 selected").arg(childCount()).arg(selected);
  }

 private:
  // A screen reader walks a window of notes; beyond this many the items of older ones are let go.
  static constexpr qsizetype kMostItems = 4096;

  RollCanvas* canvas() const { return static_cast<RollCanvas*>(widget()); }
  const Track* track() const { return canvas()->rollState().session().track(); }

  QAccessibleInterface* item(const Note& n) const {
    const auto known = items_.constFind(n.id);
    if (known != items_.constEnd()) {
      auto* made = static_cast<NoteItem*>(QAccessible::accessibleInterface(*known));
      if (made != nullptr && made->note() == n) return made;
      QAccessible::deleteAccessibleInterface(*known);
      items_.erase(known);
    }
    if (items_.size() >= kMostItems) forget();
    auto* made = new NoteItem(canvas(), n);  // owned by Qt's registry from here on
    items_.insert(n.id, QAccessible::registerAccessibleInterface(made));
    return made;
  }
  void forget() const {
    for (const QAccessible::Id id : items_) QAccessible::deleteAccessibleInterface(id);
    items_.clear();
  }

  mutable QHash<NoteId, QAccessible::Id> items_;
};

QAccessibleInterface* makeInterface(const QString& /*className*/, QObject* object) {
  auto* canvas = qobject_cast<RollCanvas*>(object);
  return canvas == nullptr ? nullptr : new CanvasList(canvas);
}

}  // namespace

void installRollAccessibility() {
  static const bool installed = [] {
    QAccessible::installFactory(makeInterface);
    return true;
  }();
  (void)installed;
}

void announceSelection(RollCanvas& canvas) {
  if (!QAccessible::isActive()) return;
  QAccessibleEvent changed(&canvas, QAccessible::SelectionWithin);
  QAccessible::updateAccessibility(&changed);
  const std::vector<Note>& selected = canvas.rollState().session().selection();
  const Track* track = canvas.rollState().session().track();
  if (selected.size() != 1 || track == nullptr) return;
  QAccessibleEvent focus(&canvas, QAccessible::Focus);
  focus.setChild(indexOf(track->notes, selected.front()));
  QAccessible::updateAccessibility(&focus);
}

}  // namespace incipit
