// What a mouse does between press and release. A gesture previews in RollState while it lasts; its
// release is one undo step, cancelling it leaves no trace. Positions are kept in ticks and pitches,
// so that a gesture goes on correctly while the view scrolls under it.
//
// Thread safety: GUI thread only.
#pragma once

#include <QPainter>
#include <QPointF>
#include <QString>
#include <memory>
#include <optional>

#include "ui/roll/note_hit.h"
#include "ui/roll/roll_state.h"

namespace incipit {

struct Pointer {
  QPointF at;  // in the pane's pixels
  Qt::KeyboardModifiers modifiers;
};

struct Press {
  Pointer pointer;
  Qt::MouseButton button = Qt::LeftButton;
  Zone zone = Zone::kEmptyGrid;
  std::optional<NoteHit> hit;  // the note under the pointer (grid) or whose stem it is (lane)
  Tick tick;
  int pitch = 60;
  QSizeF pane;            // size of the pane it happened in
  bool rightEdge = true;  // of the two loop handles
  bool doubleClick = false;
  bool spaceHeld = false;
};

// Movements shorter than this are a click.
inline constexpr double kDragThresholdPx = 3;

class Gesture {
 public:
  Gesture(RollState& state, const Press& press) : state_(state), press_(press) {}
  virtual ~Gesture() = default;
  Gesture(const Gesture&) = delete;
  Gesture& operator=(const Gesture&) = delete;

  // What the press itself does. Not called for a gesture that takes over from another because a
  // modifier changed.
  virtual void begin() {}
  virtual void move(const Pointer& p) = 0;  // also when only the modifiers or the view changed
  virtual void release(const Pointer& p) = 0;
  virtual void cancel();

  virtual void paint(QPainter& /*painter*/) const {}
  // Shown beside the pointer; empty for none.
  virtual QString tip() const { return {}; }
  virtual bool autoScrolls() const { return true; }
  virtual std::optional<Qt::CursorShape> cursor() const { return std::nullopt; }

 protected:
  Session& session() const { return state_.session(); }
  const Document& document() const { return *state_.session().document(); }
  TrackId track() const { return state_.session().activeTrack(); }
  bool free(const Pointer& p) const { return state_.gestureMap().free(p.modifiers); }
  Tick tickAt(const Pointer& p) const { return state_.view().tickAt(p.at.x()); }
  int pitchAt(const Pointer& p) const { return clampPitch(state_.view().pitchAt(p.at.y())); }
  // Horizontal way from the press, in pixels of the present zoom.
  double wayX(const Pointer& p) const { return p.at.x() - state_.view().x(press_.tick); }

  RollState& state_;
  const Press press_;
};

// "Move note", "Move 3 notes": what the Edit menu shows.
QString editName(const QString& verb, std::size_t notes);

// The gesture for an action; null for actions that are no gesture.
std::unique_ptr<Gesture> makeGesture(Action action, RollState& state, const Press& press);

}  // namespace incipit
