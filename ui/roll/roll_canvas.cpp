#include "ui/roll/roll_canvas.h"

#include <QContextMenuEvent>
#include <QPaintEvent>
#include <cmath>

#include "ui/roll/live_painter.h"
#include "ui/roll/note_strip.h"
#include "ui/roll/roll_accessible.h"

namespace incipit {
namespace {
constexpr double kPlayheadPx = 1.5;
}

RollCanvas::RollCanvas(RollState& state, QWidget* parent) : RollPane(state, parent) {
  setObjectName(QStringLiteral("rollCanvas"));
  setAccessibleName(tr("Piano roll"));
  setMinimumSize(120, 80);
  installRollAccessibility();
  playhead_ = state_.transport().position();
  const auto repaint = qOverload<>(&QWidget::update);
  connect(&state_, &RollState::shownChanged, this, repaint);
  connect(&state_, &RollState::liveChanged, this, &RollCanvas::updateLive);
  connect(&state_.session(), &Session::editingStateChanged, this, repaint);
  connect(&state_.session(), &Session::selectionChanged, this,
          [this] { announceSelection(*this); });
  connect(&state_.transport(), &Transport::loopChanged, this, repaint);
  connect(&state_.transport(), &Transport::positionChanged, this, &RollCanvas::movePlayhead);
}

void RollCanvas::describe(Press& press) const {
  press.zone = Zone::kEmptyGrid;
  const Track* track = state_.session().track();
  if (track == nullptr) return;
  press.hit = hitTest(track->notes, state_.view(), press.pointer.at);
  if (!press.hit) return;
  press.zone = press.hit->part == NotePart::kBody ? Zone::kNoteBody : Zone::kNoteEdge;
}

void RollCanvas::act(Action action, const Press& press) {
  if (action == Action::kContextMenu) {
    Session& s = state_.session();
    if (press.hit && !s.isSelected(press.hit->note.id)) s.select({press.hit->note});
    Q_EMIT contextMenuRequested(mapToGlobal(press.pointer.at).toPoint());
  } else if (action == Action::kEditNote && press.hit) {
    openStrip(press.hit->note);
  }
}

void RollCanvas::openStrip(const Note& note) {
  delete strip_;
  strip_ = new NoteStrip(state_.session(), note, this);
  connect(strip_, &QObject::destroyed, this, [this, old = strip_] {
    if (strip_ == old) strip_ = nullptr;
  });
  const QRectF at = noteRect(note, state_.view());
  strip_->showBeside(at);
}

Qt::CursorShape RollCanvas::hoverCursor(const Press& press, Action action) const {
  switch (action) {
    case Action::kResize:
      return Qt::SizeHorCursor;
    case Action::kDragVelocity:
      return Qt::SizeVerCursor;
    case Action::kDragNotes:
      return state_.gestureMap().copies(press.pointer.modifiers) ? Qt::DragCopyCursor
                                                                 : Qt::OpenHandCursor;
    case Action::kCut:
      return Qt::SplitHCursor;
    case Action::kErase:
      return press.hit ? Qt::ForbiddenCursor : Qt::CrossCursor;
    case Action::kDraw:
    case Action::kPaintRun:
      return Qt::CrossCursor;
    default:
      return Qt::ArrowCursor;
  }
}

void RollCanvas::resizeEvent(QResizeEvent* /*e*/) { state_.setViewport(size()); }

void RollCanvas::contextMenuEvent(QContextMenuEvent* e) {
  // A mouse press asked already, where it was meant to.
  if (e->reason() != QContextMenuEvent::Mouse)
    Q_EMIT contextMenuRequested(mapToGlobal(rect().center()));
  e->accept();
}

void RollCanvas::movePlayhead(Tick to) {
  const auto strip = [this](Tick t) {
    const int x = static_cast<int>(std::floor(state_.view().x(t)));
    if (x > -4 && x < width() + 4) update(x - 2, 0, 5, height());
  };
  strip(playhead_);
  playhead_ = to;
  strip(playhead_);
}

// What grows while one plays: the notes of the last moment; the rest is as it was painted.
void RollCanvas::updateLive(const LiveNotes& before) {
  const LiveNotes& now = state_.live();
  LiveNotes onlyPlayed = before;
  onlyPlayed.played = now.played;
  if (!(onlyPlayed == now)) {
    update();
    return;
  }
  QRectF changed;
  const auto differ = [&](const std::vector<Note>& a, const std::vector<Note>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i >= b.size() || !(a[i] == b[i])) changed |= noteRect(a[i], state_.view());
    }
  };
  differ(before.played, now.played);
  differ(now.played, before.played);
  update(changed.toAlignedRect().adjusted(-3, -3, 3, 3));
}

void RollCanvas::paintEvent(QPaintEvent* e) {
  QPainter painter(this);
  for (const QRect& r : e->region()) paintRect(painter, r);
  painter.setClipRegion(e->region());
  paintTakeCaption(painter, state_);
  paintLiveCaption(painter, state_);
  paintGesture(painter);
}

void RollCanvas::paintRect(QPainter& painter, const QRect& clip) {
  const double dpr = devicePixelRatioF();
  painter.save();
  painter.setClipRect(clip);
  const Session& s = state_.session();
  const QPixmap& ground =
      grid_.pixmap({state_.view(), size(), dpr, &theme(), s.grid(), state_.shown().meter,
                    s.scaleShown() ? std::optional(s.scale()) : std::nullopt, true});
  painter.drawPixmap(
      QRectF(clip), ground,
      QRectF(clip.x() * dpr, clip.y() * dpr, clip.width() * dpr, clip.height() * dpr));
  notes_.paint(painter, clip, state_, dpr);
  notes_.paintTake(painter, clip, state_, dpr);
  paintLive(painter, clip, state_, dpr);
  paintLoop(painter, clip);
  paintPlayhead(painter);
  painter.restore();
}

void RollCanvas::paintLoop(QPainter& painter, const QRect& clip) {
  const TickRange loop = state_.transport().loopRange();
  if (!state_.transport().looping() || loop.empty()) return;
  const double dpr = devicePixelRatioF();
  const double x0 = alignToDevice(state_.view().x(loop.from), dpr);
  const double x1 = alignToDevice(state_.view().x(loop.to), dpr);
  QColor fill = theme().loopFill;
  fill.setAlpha(fill.alpha() / 3);  // a hint; the ruler shows it in full
  painter.fillRect(QRectF(x0, clip.top(), x1 - x0, clip.height()), fill);
  QColor edge = theme().loopEdge;
  edge.setAlpha(150);
  for (const double x : {x0, x1})
    painter.fillRect(QRectF(x, clip.top(), 1 / dpr, clip.height()), edge);
}

void RollCanvas::paintPlayhead(QPainter& painter) {
  const double dpr = devicePixelRatioF();
  const double x = alignToDevice(state_.view().x(playhead_), dpr);
  if (x < -kPlayheadPx || x > width()) return;
  painter.fillRect(QRectF(x, 0, std::max(kPlayheadPx, 1 / dpr), height()), playheadColour(state_));
}

}  // namespace incipit
