// What the panes of one piano roll (canvas, ruler, keys, velocity lane) share: the view, the
// preview of the gesture in progress and the pointer. Panes draw shown(), which is the document or,
// during a gesture, what it would become; the session hears of it on release only.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QString>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "ui/gestures/gesture_map.h"
#include "ui/roll/live_notes.h"
#include "ui/roll/roll_view.h"
#include "ui/session/session.h"
#include "ui/session/takes.h"
#include "ui/session/transport.h"

namespace incipit {

class RollState : public QObject {
  Q_OBJECT

 public:
  RollState(Session& session, Transport& transport, Takes& takes, QObject* parent = nullptr);

  Session& session() const { return session_; }
  Transport& transport() const { return transport_; }
  Takes& takes() const { return takes_; }
  const GestureMap& gestureMap() const { return gestureMap_; }
  void setGestureMap(const GestureMap& map) { gestureMap_ = map; }

  // --- View
  const RollView& view() const { return view_; }
  QSizeF viewport() const { return viewport_; }
  void setView(const RollView& view);  // clamped to limits()
  void setViewport(QSizeF size);
  RollLimits limits() const;
  Tick contentEnd() const;  // of notes, take and loop

  // --- Preview. `selects`: the edited notes are shown selected, and become the selection when
  // committed; otherwise the selection stays.
  const Document& shown() const { return preview_ ? preview_->document : *session_.document(); }
  const Track* shownTrack() const { return shown().track(session_.activeTrack()); }
  bool previewing() const { return preview_.has_value(); }
  bool shownSelected(NoteId id) const;
  bool anythingSelected() const;
  void setPreview(NoteEdit edit, bool selects = true);
  void clearPreview();
  // Makes the preview one undo step; nothing without one. Returns whether the document changed.
  bool commitPreview(const QString& name);

  // --- Snapping as the grid says; `free` ignores it.
  Tick snapDown(Tick t, bool free) const;
  Tick snapNearest(Tick t, bool free) const;
  TickDelta step(bool free) const;  // one grid step, one tick where there is none
  // Where a thing that stood at `from` and was dragged by `by` comes to rest: on a grid line, or
  // where it was when that is nearer.
  Tick snapMoved(Tick from, TickDelta by, bool free) const;

  // --- Pointer; pitch -1 and no tick where it is elsewhere. Shared so that keys and ruler follow.
  struct Hover {
    std::optional<Tick> at;
    int pitch = -1;
    bool operator==(const Hover&) const = default;
  };
  const Hover& hover() const { return hover_; }
  void setHover(const Hover& h);
  // The key that a gesture or the mouse makes sound; -1 for none.
  int sounding() const { return sounding_; }
  void sound(int pitch, int velocity, bool oneShot = false);
  void silence();

  // --- Live music
  const LiveNotes& live() const { return live_; }
  void setLive(LiveNotes live);
  // Keys that are down on a keyboard.
  const std::set<int>& heldKeys() const { return heldKeys_; }
  void setHeldKeys(std::set<int> keys);

 Q_SIGNALS:
  void viewChanged();
  void shownChanged();  // preview, document, selection or take
  void hoverChanged();
  void soundingChanged();  // also held keys
  void liveChanged(const incipit::LiveNotes& before);
  // The document moved under a gesture that did not do it.
  void gestureInvalid();

 private:
  struct Preview {
    Document document;
    std::vector<Note> notes;
    std::unordered_set<NoteId> ids;
    bool selects = true;
  };

  Session& session_;
  Transport& transport_;
  Takes& takes_;
  GestureMap gestureMap_;
  RollView view_;
  QSizeF viewport_{800, 480};
  std::optional<Preview> preview_;
  Hover hover_;
  int sounding_ = -1;
  LiveNotes live_;
  std::set<int> heldKeys_;
};

}  // namespace incipit
