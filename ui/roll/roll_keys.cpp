#include "ui/roll/roll_keys.h"

#include <QPaintEvent>

#include "core/score/drum_names.h"
#include "ui/roll/grid_layer.h"
#include "ui/roll/note_colours.h"

namespace incipit {
namespace {
constexpr double kBlackShare = 0.6;
}

RollKeys::RollKeys(RollState& state, QWidget* parent) : RollPane(state, parent) {
  setObjectName(QStringLiteral("rollKeys"));
  setAccessibleName(tr("Piano keys"));
  setFixedWidth(kKeysWidth);
  connect(&state_, &RollState::hoverChanged, this, qOverload<>(&QWidget::update));
  connect(&state_, &RollState::soundingChanged, this, qOverload<>(&QWidget::update));
  // The track may have become one of drums, or another is shown.
  connect(&state_, &RollState::shownChanged, this, [this] {
    if (drums() != drumsShown_) update();
  });
}

void RollKeys::act(Action action, const Press& press) {
  const Track* track = state_.session().track();
  if (action != Action::kSelectPitch || track == nullptr) return;
  std::vector<Note> row;
  for (const Note& n : track->notes) {
    if (n.pitch == press.pitch) row.push_back(n);
  }
  state_.session().select(std::move(row));
}

void RollKeys::hovered(const Press& press) { state_.setHover({std::nullopt, press.pitch}); }

Qt::CursorShape RollKeys::hoverCursor(const Press& /*press*/, Action /*action*/) const {
  return Qt::PointingHandCursor;
}

void RollKeys::paintEvent(QPaintEvent* e) {
  QPainter painter(this);
  painter.setClipRegion(e->region());
  painter.fillRect(rect(), theme().keyWhite);
  const int highest = clampPitch(state_.view().pitchAt(0));
  const int lowest = clampPitch(state_.view().pitchAt(height()));
  drumsShown_ = drums();
  for (int pitch = highest; pitch >= lowest; --pitch)
    drumsShown_ ? paintDrum(painter, pitch) : paintKey(painter, pitch);
  const double line = 1 / devicePixelRatioF();
  painter.fillRect(QRectF(width() - line, 0, line, height()), theme().border);
}

bool RollKeys::drums() const {
  const Track* track = state_.session().track();
  return track != nullptr && track->channel == kDrumChannel;
}

bool RollKeys::sounding(int pitch) const {
  return pitch == state_.sounding() || state_.heldKeys().contains(pitch);
}

void RollKeys::paintDrum(QPainter& painter, int pitch) {
  const Theme& t = theme();
  const RollView& view = state_.view();
  const double dpr = devicePixelRatioF();
  const double line = 1 / dpr;
  const double top = alignToDevice(view.y(pitch), dpr);
  const double bottom = alignToDevice(view.y(pitch - 1), dpr);
  QColor shade = t.keyWhite;
  if (pitch == state_.hover().pitch) shade = mixed(shade, t.keyPressed, 0.35);
  if (sounding(pitch)) shade = t.keyPressed;
  painter.fillRect(QRectF(0, top, width(), bottom - top), shade);
  painter.fillRect(QRectF(0, bottom - line, width(), line),
                   mixed(t.keyWhite, QColor(0, 0, 0), 0.22));
  if (view.rowPx < 9) return;
  QFont font = painter.font();
  font.setPixelSize(static_cast<int>(std::clamp(view.rowPx - 5, 8.0, 11.0)));
  painter.setFont(font);
  painter.setPen(t.keyText);
  painter.drawText(QRectF(5, top, width() - 7, bottom - top), Qt::AlignLeft | Qt::AlignVCenter,
                   QString::fromLatin1(drumName(pitch)));
}

void RollKeys::paintKey(QPainter& painter, int pitch) {
  const Theme& t = theme();
  const RollView& view = state_.view();
  const double dpr = devicePixelRatioF();
  const double line = 1 / dpr;
  const double top = alignToDevice(view.y(pitch), dpr);
  const double bottom = alignToDevice(view.y(pitch - 1), dpr);
  const double blackWidth = alignToDevice(width() * kBlackShare, dpr);
  const bool black = isBlackKey(pitch);
  const bool sounding = this->sounding(pitch);
  const bool hovered = pitch == state_.hover().pitch;
  const QColor separator = mixed(t.keyWhite, QColor(0, 0, 0), 0.22);
  QColor shade = black ? t.keyBlack : t.keyWhite;
  if (hovered) shade = mixed(shade, t.keyPressed, 0.35);
  if (sounding) shade = t.keyPressed;
  if (!black) {
    painter.fillRect(QRectF(0, top, width(), bottom - top), shade);
    // Where two white keys meet without a black one between them.
    const int below = (pitch % 12 + 11) % 12;
    if (!isBlackKey(below)) painter.fillRect(QRectF(0, bottom - line, width(), line), separator);
  } else {
    const double middle = alignToDevice((top + bottom) / 2, dpr);
    const QRectF rest(blackWidth, top, width() - blackWidth, bottom - top);
    painter.fillRect(rest, t.keyWhite);
    painter.fillRect(QRectF(blackWidth, middle, rest.width(), line), separator);
    painter.fillRect(QRectF(0, top, blackWidth, bottom - top), t.keyWhite);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(shade);
    painter.drawRoundedRect(QRectF(-4, top + line, blackWidth + 4, bottom - top - line), 2.5, 2.5);
    painter.setRenderHint(QPainter::Antialiasing, false);
  }
  const bool named = pitch % 12 == 0 || sounding || hovered;
  if (!named || view.rowPx < 9) return;
  QFont font = painter.font();
  font.setPixelSize(static_cast<int>(std::clamp(view.rowPx - 5, 8.0, 11.0)));
  painter.setFont(font);
  painter.setPen(t.keyText);
  painter.drawText(QRectF(blackWidth, top, width() - blackWidth - 5, bottom - top),
                   Qt::AlignRight | Qt::AlignVCenter, QString::fromStdString(pitchName(pitch)));
}

}  // namespace incipit
