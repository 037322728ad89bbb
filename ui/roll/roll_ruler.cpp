#include "ui/roll/roll_ruler.h"

#include <QContextMenuEvent>
#include <QPaintEvent>
#include <QPainterPath>
#include <cmath>
#include <vector>

#include "ui/roll/grid_lines.h"
#include "ui/roll/live_painter.h"
#include "ui/roll/note_colours.h"

namespace incipit {
namespace {

constexpr double kHandleReachPx = 6;
constexpr double kNumberPx = 56;  // between bar numbers
constexpr double kBeatNumberPx = 34;
constexpr int kHeadPx = 6;  // half the width of the playhead's head

struct Flag {
  Tick at;
  QString text;
  bool marker = false;  // filled; the others are plain text
};

// Tempo, meter and markers within `window`, by time; the values in force at its start come first.
std::vector<Flag> flagsIn(const Document& d, TickRange window) {
  std::vector<Flag> flags;
  for (const TempoChange& t : d.tempo.changes()) {
    if (window.contains(t.at))
      flags.push_back({t.at, QStringLiteral("♩ = %1").arg(std::round(t.bpm() * 100) / 100)});
  }
  for (const MeterChange& m : d.meter.changes()) {
    if (window.contains(m.at))
      flags.push_back({m.at, QStringLiteral("%1/%2").arg(m.numerator).arg(m.denominator)});
  }
  for (const Marker& m : d.markers) {
    if (window.contains(m.at)) flags.push_back({m.at, QString::fromStdString(m.text), true});
  }
  std::stable_sort(flags.begin(), flags.end(),
                   [](const Flag& a, const Flag& b) { return a.at < b.at; });
  return flags;
}

}  // namespace

RollRuler::RollRuler(RollState& state, QWidget* parent) : RollPane(state, parent) {
  setObjectName(QStringLiteral("rollRuler"));
  setAccessibleName(tr("Ruler"));
  setFixedHeight(kRulerHeight);
  playhead_ = state_.transport().position();
  const auto repaint = qOverload<>(&QWidget::update);
  connect(&state_, &RollState::shownChanged, this, repaint);
  connect(&state_, &RollState::hoverChanged, this, repaint);
  connect(&state_.session(), &Session::editingStateChanged, this, repaint);
  connect(&state_, &RollState::liveChanged, this, [this](const LiveNotes& before) {
    if (before.recording != state_.live().recording || before.from != state_.live().from) update();
  });
  connect(&state_.transport(), &Transport::loopChanged, this, repaint);
  connect(&state_.transport(), &Transport::positionChanged, this, &RollRuler::movePlayhead);
}

void RollRuler::describe(Press& press) const {
  press.zone = Zone::kRuler;
  const TickRange loop = state_.transport().loopRange();
  if (loop.empty()) return;
  const double from = std::abs(press.pointer.at.x() - state_.view().x(loop.from));
  const double to = std::abs(press.pointer.at.x() - state_.view().x(loop.to));
  if (press.pointer.at.y() < height() - 2 * kLoopStripPx || std::min(from, to) > kHandleReachPx)
    return;
  press.zone = Zone::kLoopHandle;
  press.rightEdge = to <= from;
}

void RollRuler::act(Action action, const Press& press) {
  if (action == Action::kRulerMenu)
    Q_EMIT menuRequested(
        mapToGlobal(press.pointer.at).toPoint(),
        state_.snapNearest(press.tick, state_.gestureMap().free(press.pointer.modifiers)));
}

void RollRuler::contextMenuEvent(QContextMenuEvent* e) {
  e->accept();
  const Tick at = e->reason() == QContextMenuEvent::Mouse
                      ? state_.snapNearest(state_.view().tickAt(e->pos().x()), false)
                      : state_.transport().position();
  Q_EMIT menuRequested(e->globalPos(), at);
}

Qt::CursorShape RollRuler::hoverCursor(const Press& press, Action /*action*/) const {
  return press.zone == Zone::kLoopHandle ? Qt::SizeHorCursor : Qt::PointingHandCursor;
}

void RollRuler::movePlayhead(Tick to) {
  const auto strip = [this](Tick t) {
    const int x = static_cast<int>(std::floor(state_.view().x(t)));
    if (x > -2 * kHeadPx && x < width() + 2 * kHeadPx)
      update(x - kHeadPx - 2, 0, 2 * kHeadPx + 4, height());
  };
  strip(playhead_);
  if (state_.live().recording) update();  // the red ground follows
  playhead_ = to;
  strip(playhead_);
}

void RollRuler::paintEvent(QPaintEvent* e) {
  QPainter painter(this);
  painter.setClipRegion(e->region());
  painter.fillRect(rect(), theme().rulerGround);
  paintLoopGround(painter);
  paintRecorded(painter);
  paintNumbers(painter);
  paintLoopHandles(painter);
  paintFlags(painter);
  const double line = 1 / devicePixelRatioF();
  painter.fillRect(QRectF(0, height() - line, width(), line), theme().border);
  if (const auto at = state_.hover().at) {
    QColor mark = theme().rulerText;
    mark.setAlpha(110);
    painter.fillRect(QRectF(alignToDevice(state_.view().x(*at), devicePixelRatioF()), kFlagRowPx,
                            line, height() - kFlagRowPx),
                     mark);
  }
  paintPlayhead(painter);
  paintGesture(painter);
}

void RollRuler::paintNumbers(QPainter& painter) {
  const RollView& view = state_.view();
  const double dpr = devicePixelRatioF();
  const double line = 1 / dpr;
  const MeterMap& meter = state_.shown().meter;
  const auto lines =
      gridLines(view.ticks(-kNumberPx, width()), meter, state_.session().grid(), view.pxPerTick);
  QFont font = painter.font();
  font.setPixelSize(12);
  QFont small = font;
  small.setPixelSize(10);
  const int base = height() - kLoopStripPx - 5;
  for (const GridLine& l : lines) {
    const double x = alignToDevice(view.x(l.at), dpr);
    const MeterChange& m = meter.at(l.at);
    const bool bar = l.level == LineLevel::kBar;
    const double top = bar                           ? kFlagRowPx + 2
                       : l.level == LineLevel::kBeat ? height() - 13
                                                     : height() - 9;
    const bool numbered =
        bar && l.bar % barStride(meter.barLength(m), view.pxPerTick, kNumberPx) == 0;
    painter.fillRect(QRectF(x, bar && !numbered ? height() - 13 : top, line, height()),
                     bar ? theme().barLine : theme().beatLine);
    if (numbered) {
      painter.setFont(font);
      painter.setPen(theme().rulerText);
      painter.drawText(QPointF(x + 5, base), QString::number(l.bar + 1));
    } else if (l.level == LineLevel::kBeat && view.width(meter.beatLength(m)) >= kBeatNumberPx) {
      painter.setFont(small);
      painter.setPen(mixed(theme().rulerText, theme().rulerGround, 0.35));
      painter.drawText(QPointF(x + 4, base),
                       QStringLiteral("%1.%2").arg(l.bar + 1).arg(l.beat + 1));
    }
  }
}

void RollRuler::paintFlags(QPainter& painter) {
  QFont font = painter.font();
  font.setPixelSize(11);
  painter.setFont(font);
  const QFontMetricsF metrics(font);
  const double line = 1 / devicePixelRatioF();
  const RollView& view = state_.view();
  double free = 0;  // where the next flag may begin, so that none hides another
  for (const Flag& f : flagsIn(state_.shown(), view.ticks(-200, width()))) {
    const double x = alignToDevice(view.x(f.at), devicePixelRatioF());
    const double wanted = metrics.horizontalAdvance(f.text) + 10;
    const double left = std::max(x, free);
    if (left - x > 90) continue;
    const QRectF box(left, 1, wanted, kFlagRowPx - 2);
    painter.fillRect(QRectF(x, 1, line, kFlagRowPx - 1), theme().accent);
    if (f.marker) {
      painter.fillRect(box, mixed(theme().rulerGround, theme().accent, 0.22));
      painter.setPen(theme().text);
    } else {
      painter.setPen(theme().mutedText);
    }
    painter.drawText(box.adjusted(5, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, f.text);
    free = box.right() + 2;
  }
  painter.fillRect(QRectF(0, kFlagRowPx, width(), line), theme().beatLine);
}

void RollRuler::paintLoopGround(QPainter& painter) {
  const TickRange loop = state_.transport().loopRange();
  if (!state_.transport().looping()) return;
  const double x0 = alignToDevice(state_.view().x(loop.from), devicePixelRatioF());
  const double x1 = alignToDevice(state_.view().x(loop.to), devicePixelRatioF());
  painter.fillRect(QRectF(x0, kFlagRowPx, x1 - x0, height()), theme().loopFill);
}

// How far the recording has come.
void RollRuler::paintRecorded(QPainter& painter) {
  const LiveNotes& live = state_.live();
  if (!live.recording || playhead_ <= live.from) return;
  const double x0 = alignToDevice(state_.view().x(live.from), devicePixelRatioF());
  const double x1 = alignToDevice(state_.view().x(playhead_), devicePixelRatioF());
  QColor red = theme().record;
  red.setAlpha(90);
  painter.fillRect(QRectF(x0, kFlagRowPx, x1 - x0, height()), red);
}

void RollRuler::paintLoopHandles(QPainter& painter) {
  const TickRange loop = state_.transport().loopRange();
  if (loop.empty()) return;
  const double x0 = alignToDevice(state_.view().x(loop.from), devicePixelRatioF());
  const double x1 = alignToDevice(state_.view().x(loop.to), devicePixelRatioF());
  QColor edge = theme().loopEdge;
  if (!state_.transport().looping()) edge = mixed(edge, theme().rulerGround, 0.6);
  const double top = height() - kLoopStripPx + 2;
  painter.fillRect(QRectF(x0, top, x1 - x0, 4), edge);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(edge);
  // Quarter flags that point into the region.
  painter.drawPolygon(QPolygonF{{x0, top - 7}, {x0 + 8, top + 1}, {x0, top + 6}});
  painter.drawPolygon(QPolygonF{{x1, top - 7}, {x1 - 8, top + 1}, {x1, top + 6}});
  painter.setRenderHint(QPainter::Antialiasing, false);
}

void RollRuler::paintPlayhead(QPainter& painter) {
  const double x = alignToDevice(state_.view().x(playhead_), devicePixelRatioF());
  if (x < -kHeadPx || x > width() + kHeadPx) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  const QColor colour = playheadColour(state_);
  painter.setBrush(colour);
  const double top = height() - 15;
  QPainterPath head;
  head.moveTo(x + 0.75 - kHeadPx, top);
  head.lineTo(x + 0.75 + kHeadPx, top);
  head.lineTo(x + 0.75 + kHeadPx, top + 5);
  head.lineTo(x + 0.75, top + 11);
  head.lineTo(x + 0.75 - kHeadPx, top + 5);
  head.closeSubpath();
  painter.drawPath(head);
  painter.fillRect(QRectF(x, top + 8, 1.5, 10), colour);
  painter.setRenderHint(QPainter::Antialiasing, false);
}

}  // namespace incipit
