#include "ui/session/note_player.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace incipit {

NotePlayer::NotePlayer(Player* player, QObject* parent) : QObject(parent), player_(player) {
  timer_.setSingleShot(true);
  timer_.setTimerType(Qt::PreciseTimer);
  connect(&timer_, &QTimer::timeout, this, &NotePlayer::due);
}

NotePlayer::~NotePlayer() { stop(); }

void NotePlayer::play(const Track& track, const std::vector<Note>& notes, const TempoMap& tempo) {
  stop();
  if (player_ == nullptr || notes.empty()) return;
  track_ = track;
  events_.clear();
  const double begin = tempo.seconds(notes.front().start);
  const auto ms = [&](Tick t) {
    constexpr double kMilli = 1000;
    return static_cast<qint64>(std::llround((tempo.seconds(t) - begin) * kMilli));
  };
  for (const Note& n : notes) {
    events_.push_back({ms(n.start), true, n.pitch, n.velocity});
    events_.push_back({ms(n.end()), false, n.pitch, 0});
  }
  std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return std::tie(a.ms, a.on) < std::tie(b.ms, b.on);
  });
  next_ = 0;
  clock_.start();
  Q_EMIT playingChanged(true);
  due();
}

void NotePlayer::due() {
  while (playing() && events_[next_].ms <= clock_.elapsed()) {
    const Event& e = events_[next_++];
    if (e.on) {
      player_->previewOn(track_, e.pitch, e.velocity);
    } else {
      player_->previewOff(e.pitch);
    }
  }
  if (playing()) {
    timer_.start(static_cast<int>(std::max<qint64>(0, events_[next_].ms - clock_.elapsed())));
  } else {
    Q_EMIT playingChanged(false);
  }
}

void NotePlayer::stop() {
  if (!playing()) return;
  timer_.stop();
  for (; next_ < events_.size(); ++next_) {
    if (!events_[next_].on) player_->previewOff(events_[next_].pitch);
  }
  Q_EMIT playingChanged(false);
}

}  // namespace incipit
