#include "ui/gestures/lane_gestures.h"

#include <QCoreApplication>
#include <cmath>

#include "ui/theme/theme.h"

namespace incipit {
namespace {

constexpr double kStemReachPx = 5;

std::uint8_t asVelocity(double v) {
  return static_cast<std::uint8_t>(std::clamp<long>(std::lround(v), 1, 127));
}

}  // namespace

double VelocityScale::y(int velocity) const {
  return height - kLanePaddingPx - (height - 2 * kLanePaddingPx) * velocity / 127.0;
}

int VelocityScale::velocityAt(double y) const {
  const double span = std::max(1.0, height - 2 * kLanePaddingPx);
  return asVelocity((height - kLanePaddingPx - y) / span * 127.0);
}

std::optional<Note> stemAt(const RollState& state, const VelocityScale& scale, QPointF at) {
  const Track* track = state.shownTrack();
  if (track == nullptr) return std::nullopt;
  const RollView& view = state.view();
  std::optional<Note> best;
  double bestScore = 0;
  track->notes.forEachIn(view.ticks(at.x() - kStemReachPx, at.x() + kStemReachPx),
                         [&](const Note& n) {
                           const double dx = std::abs(view.x(n.start) - at.x());
                           const double above = scale.y(n.velocity) - at.y();
                           if (dx > kStemReachPx || above > kStemReachPx) return;
                           // Nearest stem, then nearest head; a selected note wins over both.
                           double score = dx * 4 + std::abs(above) * 0.1;
                           if (state.shownSelected(n.id)) score -= 1000;
                           if (best && score > bestScore) return;
                           best = n;
                           bestScore = score;
                         });
  return best;
}

LaneGesture::LaneGesture(RollState& state, const Press& press)
    : Gesture(state, press), scale_{press.pane.height()} {}

std::vector<Note> LaneGesture::affected(TickRange range) const {
  const Track* t = session().track();
  if (t == nullptr) return {};
  bool selectedOnly = false;
  const TickRange visible = state_.view().ticks(0, press_.pane.width());
  if (!session().selection().empty()) {
    t->notes.forEachIn(visible, [&](const Note& n) {
      selectedOnly = selectedOnly || (n.start >= visible.from && session().isSelected(n.id));
    });
  }
  std::vector<Note> out;
  t->notes.forEachIn(range, [&](const Note& n) {
    if (range.contains(n.start) && (!selectedOnly || session().isSelected(n.id))) out.push_back(n);
  });
  return out;
}

void LaneGesture::preview(const std::vector<Note>& before, std::vector<Note> after) {
  state_.setPreview(replaceNotes(document(), track(), before, std::move(after)), false);
}

void LaneGesture::setTip(int velocity) {
  tip_ = QCoreApplication::translate("Gesture", "Velocity %1").arg(velocity);
}

void LaneGesture::release(const Pointer& p) {
  move(p);
  state_.commitPreview(QCoreApplication::translate("Gesture", "Change velocity"));
}

void StemGesture::begin() {
  const Note& n = press_.hit->note;
  session().setNewNote(n.length, n.velocity);
}

void StemGesture::move(const Pointer& p) {
  moved_ = moved_ || std::abs(p.at.y() - press_.pointer.at.y()) > 1;
  if (!moved_) return;
  const Note& n = press_.hit->note;
  const int velocity = scale_.velocityAt(p.at.y());
  setTip(velocity);
  const std::vector<Note> group =
      session().isSelected(n.id) ? session().selection() : std::vector<Note>{n};
  state_.setPreview(offsetVelocity(document(), track(), group, velocity - n.velocity), false);
}

FreehandGesture::FreehandGesture(RollState& state, const Press& press)
    : LaneGesture(state, press), last_(press.tick), lastY_(press.pointer.at.y()) {}

void FreehandGesture::move(const Pointer& p) {
  const Tick at = tickAt(p);
  // Half a stem's reach each side, so that a click beside a stem finds it.
  const TickDelta reach = state_.view().tickAt(kStemReachPx) - state_.view().tickAt(0);
  const TickRange range{std::min(last_, at) - reach, std::max(last_, at) + reach};
  const double way = static_cast<double>((at - last_).count);
  for (const Note& n : affected(range)) {
    const double along =
        way == 0 ? 1 : std::clamp(static_cast<double>((n.start - last_).count) / way, 0.0, 1.0);
    Note changed = n;
    changed.velocity = asVelocity(scale_.velocityAt(lastY_ + (p.at.y() - lastY_) * along));
    const auto [known, fresh] = index_.try_emplace(n.id, after_.size());
    if (fresh) {
      before_.push_back(n);
      after_.push_back(changed);
    } else {
      after_[known->second].velocity = changed.velocity;
    }
  }
  last_ = at;
  lastY_ = p.at.y();
  setTip(scale_.velocityAt(p.at.y()));
  if (!after_.empty()) preview(before_, after_);
}

void RampGesture::move(const Pointer& p) {
  now_ = p.at;
  dragged_ = dragged_ || std::abs(wayX(p)) > kDragThresholdPx;
  if (!dragged_) return;
  const Tick at = tickAt(p);
  const double from = scale_.velocityAt(press_.pointer.at.y());
  const double to = scale_.velocityAt(p.at.y());
  const double way = static_cast<double>((at - press_.tick).count);
  const TickRange range{std::min(press_.tick, at), std::max(press_.tick, at) + TickDelta{1}};
  const std::vector<Note> before = affected(range);
  std::vector<Note> after = before;
  for (Note& n : after) {
    const double along = way == 0 ? 1 : static_cast<double>((n.start - press_.tick).count) / way;
    n.velocity = asVelocity(from + (to - from) * along);
  }
  setTip(scale_.velocityAt(p.at.y()));
  preview(before, std::move(after));
}

void RampGesture::paint(QPainter& painter) const {
  if (!dragged_) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme().accent, 1.5, Qt::DashLine));
  painter.drawLine(QPointF(state_.view().x(press_.tick), press_.pointer.at.y()), now_);
}

void SpreadGesture::move(const Pointer& p) {
  const std::vector<Note> before = session().selection().empty()
                                       ? affected(state_.view().ticks(0, press_.pane.width()))
                                       : session().selection();
  if (before.empty()) return;
  double mean = 0;
  for (const Note& n : before) mean += n.velocity;
  mean /= static_cast<double>(before.size());
  // From the press to the middle of the lane is once as much again.
  const double factor = std::max(0.0, 1 + (press_.pointer.at.y() - p.at.y()) / (scale_.height / 2));
  std::vector<Note> after = before;
  for (Note& n : after) n.velocity = asVelocity(mean + (n.velocity - mean) * factor);
  preview(before, std::move(after));
}

}  // namespace incipit
