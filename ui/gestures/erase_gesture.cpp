#include "ui/gestures/erase_gesture.h"

#include <QCoreApplication>
#include <cmath>

namespace incipit {
namespace {
constexpr double kSamplePx = 2;  // no note is drawn narrower
}

void EraseGesture::begin() { move(press_.pointer); }

void EraseGesture::move(const Pointer& p) {
  const QPointF from = last_.value_or(p.at);
  const QPointF way = p.at - from;
  const int samples =
      std::max(1, static_cast<int>(std::ceil(std::hypot(way.x(), way.y()) / kSamplePx)));
  const std::size_t before = erased_.size();
  for (int i = 1; i <= samples; ++i) eraseAt(from + way * (static_cast<double>(i) / samples));
  last_ = p.at;
  if (erased_.size() != before)
    state_.setPreview({removeNotes(document(), track(), erased_), {}}, false);
}

void EraseGesture::eraseAt(QPointF at) {
  const Track* t = session().track();
  if (t == nullptr) return;
  const auto hit = hitTest(t->notes, state_.view(), at);
  if (!hit) return;
  for (const Note& n : erased_) {
    if (n.id == hit->note.id) return;
  }
  erased_.push_back(hit->note);
}

void EraseGesture::release(const Pointer& p) {
  move(p);
  state_.commitPreview(editName(QCoreApplication::translate("Gesture", "Erase"), erased_.size()));
}

}  // namespace incipit
