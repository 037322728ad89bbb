#include "ui/roll/velocity_lane.h"

#include <QPaintEvent>
#include <cmath>

#include "ui/roll/live_painter.h"
#include "ui/roll/note_painter.h"
#include "ui/roll/roll_keys.h"

namespace incipit {
namespace {
constexpr double kHeadPx = 3.5;  // radius
constexpr int kWheelPauseMs = 900;
}  // namespace

VelocityLane::VelocityLane(RollState& state, QWidget* parent) : RollPane(state, parent) {
  setObjectName(QStringLiteral("velocityLane"));
  setAccessibleName(tr("Velocity lane"));
  setMinimumHeight(36);
  playhead_ = state_.transport().position();
  connect(&state_, &RollState::liveChanged, this, [this](const LiveNotes& before) {
    if (before.recording != state_.live().recording) update();
  });
  const auto repaint = qOverload<>(&QWidget::update);
  connect(&state_, &RollState::shownChanged, this, repaint);
  connect(&state_.session(), &Session::editingStateChanged, this, repaint);
  connect(&state_.transport(), &Transport::positionChanged, this, &VelocityLane::movePlayhead);
}

void VelocityLane::describe(Press& press) const {
  press.zone = Zone::kLaneEmpty;
  const auto stem = stemAt(state_, scale(), press.pointer.at);
  if (!stem) return;
  press.zone = Zone::kLaneStem;
  press.hit = NoteHit{*stem, NotePart::kBody};
}

Qt::CursorShape VelocityLane::hoverCursor(const Press& press, Action /*action*/) const {
  return press.zone == Zone::kLaneStem ? Qt::SizeVerCursor : Qt::CrossCursor;
}

void VelocityLane::leaveEvent(QEvent* e) {
  wheelAfter_.reset();
  RollPane::leaveEvent(e);
}

void VelocityLane::wheelVelocity(int delta, const Pointer& p) {
  Session& s = state_.session();
  if (gestureActive() || s.track() == nullptr) return;
  std::vector<Note> notes = s.selection();
  if (notes.empty()) {
    // Every note whose stem is under the pointer: a chord has one column.
    const double reach = 5;
    s.track()->notes.forEachIn(state_.view().ticks(p.at.x() - reach, p.at.x() + reach),
                               [&](const Note& n) {
                                 if (std::abs(state_.view().x(n.start) - p.at.x()) <= reach)
                                   notes.push_back(n);
                               });
  }
  if (notes.empty()) return;
  const auto same = [](const Note& a, const Note& b) { return a.id == b.id; };
  const bool goesOn =
      wheelAfter_ != nullptr && wheelAfter_ == s.document() && wheelTime_.isValid() &&
      wheelTime_.elapsed() < kWheelPauseMs &&
      std::equal(notes.begin(), notes.end(), wheelNotes_.begin(), wheelNotes_.end(), same);
  if (goesOn) {
    wheelDelta_ += delta;
    s.undo();  // and made again, with the sum of the notches
  } else {
    wheelBefore_ = s.document();
    wheelNotes_ = notes;
    wheelDelta_ = delta;
  }
  s.commit(tr("Change velocity"),
           offsetVelocity(*wheelBefore_, s.activeTrack(), wheelNotes_, wheelDelta_).document);
  wheelAfter_ = s.document() == wheelBefore_ ? nullptr : s.document();
  wheelTime_.start();
}

void VelocityLane::movePlayhead(Tick to) {
  const auto strip = [this](Tick t) {
    const int x = static_cast<int>(std::floor(state_.view().x(t)));
    if (x > -4 && x < width() + 4) update(x - 2, 0, 5, height());
  };
  strip(playhead_);
  playhead_ = to;
  strip(playhead_);
}

void VelocityLane::paintEvent(QPaintEvent* e) {
  QPainter painter(this);
  const double dpr = devicePixelRatioF();
  const double line = 1 / dpr;
  const QPixmap& ground =
      grid_.pixmap({state_.view(), size(), dpr, &theme(), state_.session().grid(),
                    state_.shown().meter, std::nullopt, false});
  const bool dense = NotePainter::dense(state_.shown(), state_.view(),
                                        state_.view().ticks(0, state_.viewport().width()));
  for (const QRect& clip : e->region()) {
    painter.setClipRect(clip);
    painter.drawPixmap(
        QRectF(clip), ground,
        QRectF(clip.x() * dpr, clip.y() * dpr, clip.width() * dpr, clip.height() * dpr));
    for (const int level : {0, 64, 127}) {
      painter.fillRect(QRectF(clip.x(), alignToDevice(scale().y(level), dpr), clip.width(), line),
                       theme().beatLine);
    }
    if (dense) {
      paintColumns(painter, clip);
    } else {
      paintStems(painter, clip);
    }
    const double x = alignToDevice(state_.view().x(playhead_), dpr);
    painter.fillRect(QRectF(x, 0, 1.5, height()), playheadColour(state_));
  }
  painter.setClipRegion(e->region());
  paintGesture(painter);
}

void VelocityLane::paintStems(QPainter& painter, const QRect& clip) {
  const Track* track = state_.shownTrack();
  if (track == nullptr) return;
  const RollView& view = state_.view();
  const double dpr = devicePixelRatioF();
  const NoteColours colours(theme(), track->colour);
  const VelocityScale s = scale();
  const double base = s.y(0);
  const bool anySelected = state_.anythingSelected();
  const TickRange window = view.ticks(clip.left() - 6, clip.right() + 7);
  painter.setRenderHint(QPainter::Antialiasing);
  // Selected stems lie on top, so that they can be seen and grasped in a chord.
  for (const bool selectedPass : {false, true}) {
    if (selectedPass && !anySelected) break;
    track->notes.forEachIn(window, [&](const Note& n) {
      if (n.start < window.from) return;
      if ((anySelected && state_.shownSelected(n.id)) != selectedPass) return;
      const double x = alignToDevice(view.x(n.start), dpr);
      const double y = s.y(n.velocity);
      const auto shade = static_cast<std::size_t>(shadeOf(n.velocity));
      const QColor& colour = selectedPass ? colours.selection : colours.fill[shade];
      painter.fillRect(QRectF(x, y, 2, base - y), colour);
      painter.setPen(QPen(theme().laneGround, 1));
      painter.setBrush(colour);
      painter.drawEllipse(QPointF(x + 1, y), kHeadPx, kHeadPx);
    });
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

void VelocityLane::paintColumns(QPainter& painter, const QRect& clip) {
  const Track* track = state_.shownTrack();
  if (track == nullptr || clip.width() <= 0) return;
  const RollView& view = state_.view();
  const bool anySelected = state_.anythingSelected();
  const NoteColours colours(theme(), track->colour);
  columns_.assign(static_cast<std::size_t>(clip.width()), 0);
  const TickRange window = view.ticks(clip.left(), clip.right() + 1);
  track->notes.forEachIn(window, [&](const Note& n) {
    const double x = view.x(n.start) - clip.left();
    if (x < 0 || x >= clip.width()) return;
    auto& column = columns_[static_cast<std::size_t>(x)];
    const int value = n.velocity + (anySelected && state_.shownSelected(n.id) ? 128 : 0);
    column = static_cast<std::uint8_t>(std::max<int>(column, value));
  });
  const double base = scale().y(0);
  for (int i = 0; i < clip.width(); ++i) {
    const int value = columns_[static_cast<std::size_t>(i)];
    if (value == 0) continue;
    const int velocity = value & 127;
    const double y = scale().y(velocity);
    painter.fillRect(QRectF(clip.left() + i, y, 1, base - y),
                     value > 127 ? colours.selection
                                 : colours.fill[static_cast<std::size_t>(shadeOf(velocity))]);
  }
}

LaneHeader::LaneHeader(QWidget* parent) : QWidget(parent) {
  setFixedWidth(kKeysWidth);
  connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, qOverload<>(&QWidget::update));
}

void LaneHeader::paintEvent(QPaintEvent* /*e*/) {
  QPainter painter(this);
  const double line = 1 / devicePixelRatioF();
  painter.fillRect(rect(), theme().rulerGround);
  painter.fillRect(QRectF(width() - line, 0, line, height()), theme().border);
  QFont font = painter.font();
  font.setPixelSize(11);
  painter.setFont(font);
  painter.setPen(theme().rulerText);
  const VelocityScale s{static_cast<double>(height())};
  painter.drawText(QRectF(8, 4, width(), 16), Qt::AlignLeft | Qt::AlignVCenter, tr("Velocity"));
  font.setPixelSize(10);
  painter.setFont(font);
  painter.setPen(theme().mutedText);
  if (height() < 64) return;
  for (const int level : {1, 64}) {  // the caption stands at the top
    painter.drawText(QRectF(0, s.y(level) - 8, width() - 8, 16), Qt::AlignRight | Qt::AlignVCenter,
                     QString::number(level));
  }
}

}  // namespace incipit
