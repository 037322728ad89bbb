#include "ui/roll/live_painter.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/roll/note_painter.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr double kBorderedWidthPx = 3;
constexpr double kCursorPx = 2;

QString tr(const char* text) { return QCoreApplication::translate("Roll", text); }

bool inside(const QRectF& body, const QRect& clip) {
  return body.intersects(QRectF(clip).adjusted(-2, -2, 2, 2));
}

void paintPlayed(QPainter& painter, const QRect& clip, const RollState& state, double dpr) {
  const RollView& view = state.view();
  const bool faded = state.live().track != state.session().activeTrack();
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (const Note& n : state.live().played) {
    const QRectF body = noteBody(n, view, dpr);
    if (!inside(body, clip)) continue;
    // As everywhere soft notes are nearer to the ground.
    QColor fill = mixed(theme().whiteRow, theme().record, 0.45 + 0.55 * n.velocity / 127.0);
    if (faded) fill.setAlpha(110);
    painter.fillRect(body, fill);
    if (body.width() < kBorderedWidthPx) continue;
    painter.setPen(QPen(theme().record, 1));
    painter.setBrush(Qt::NoBrush);
    const double half = 0.5 / dpr;
    painter.drawRect(body.adjusted(half, half, -half, -half));
  }
}

void paintCursor(QPainter& painter, const QRect& clip, const RollState& state, double dpr) {
  const LiveNotes& live = state.live();
  if (!live.cursor) return;
  const RollView& view = state.view();
  const double x = alignToDevice(view.x(*live.cursor), dpr);
  const double width = view.width(live.step);
  QColor ground = theme().record;
  ground.setAlpha(36);
  painter.fillRect(QRectF(x, clip.top(), width, clip.height()), ground);
  painter.fillRect(QRectF(x, clip.top(), kCursorPx, clip.height()), theme().record);
  for (const Note& n : live.pending) {
    const QRectF body = noteBody(n, view, dpr);
    if (inside(body, clip)) painter.fillRect(body, theme().record);
  }
}

}  // namespace

void paintLive(QPainter& painter, const QRect& clip, const RollState& state, double dpr) {
  const LiveNotes& live = state.live();
  if (!live.answerRange.empty()) {
    paintCandidateRange(painter, clip, live.answerRange, state.view(), dpr);
    const bool faded = live.track != state.session().activeTrack();
    for (const Note& n : live.answer) {
      if (inside(noteBody(n, state.view(), dpr), clip))
        paintCandidate(painter, n, state.view(), faded, dpr);
    }
  }
  paintPlayed(painter, clip, state, dpr);
  paintCursor(painter, clip, state, dpr);
}

QColor playheadColour(const RollState& state) {
  return state.live().recording ? theme().record : theme().playhead;
}

void paintLiveCaption(QPainter& painter, const RollState& state) {
  const LiveNotes& live = state.live();
  const RollView& view = state.view();
  const auto caption = [&](const QString& text, TickRange range, const QColor& ground) {
    const double left = std::max(view.x(range.from), 0.0) + 6;
    if (!range.empty()) paintCaption(painter, text, left, view.x(range.to), ground, state);
  };
  caption(tr("Your call"), live.call, theme().record);
  caption(live.late ? tr("Answer, a bar late") : tr("Answer"), live.answerRange, theme().candidate);
}

}  // namespace incipit
