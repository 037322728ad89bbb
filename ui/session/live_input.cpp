#include "ui/session/live_input.h"

namespace incipit {
namespace {
constexpr int kPollMs = 16;
}  // namespace

LiveInput::LiveInput(Session& session, Transport& transport, QObject* parent)
    : QObject(parent), session_(session), player_(transport.player()) {
  timer_.setInterval(kPollMs);
  timer_.setTimerType(Qt::PreciseTimer);
  connect(&timer_, &QTimer::timeout, this, &LiveInput::poll);
  connect(&session_, &Session::activeTrackChanged, this, &LiveInput::follow);
  connect(&session_, &Session::documentChanged, this, &LiveInput::follow);
  connect(&session_, &Session::documentLoaded, this, [this] {
    armed_ = 0;
    told_ = 0;
    follow();
  });
  follow();
  if (player_ != nullptr) timer_.start();
}

TrackId LiveInput::track() const { return armed_ != 0 ? armed_ : session_.activeTrack(); }

void LiveInput::arm(TrackId track) {
  if (track == armed_) return;
  armed_ = track;
  follow();
  Q_EMIT trackChanged();
}

std::set<int> LiveInput::held() const {
  std::set<int> keys;
  for (const auto& [channel, key] : held_) keys.insert(key);
  return keys;
}

void LiveInput::follow() {
  if (armed_ != 0 && session_.document()->track(armed_) == nullptr) armed_ = 0;
  if (track() == told_) return;
  told_ = track();
  if (player_ != nullptr) player_->setLiveTrack(told_);
  Q_EMIT trackChanged();
}

void LiveInput::poll() {
  if (player_ == nullptr) return;
  const std::set<std::pair<int, int>> before = held_;
  for (const LiveEvent& e : player_->takeLiveEvents()) {
    const std::pair key{e.message.channel(), e.message.data1()};
    if (e.message.noteOn()) held_.insert(key);
    if (e.message.noteOff()) held_.erase(key);
    Q_EMIT played(e);
  }
  if (held_ != before) Q_EMIT heldChanged();
  Q_EMIT polled();
}

}  // namespace incipit
