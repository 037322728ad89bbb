#include "ui/session/transport.h"

namespace incipit {
namespace {
constexpr int kFrameMs = 16;
// Edits in one burst (a drag's release, held arrow keys) become one plan.
constexpr int kPlanDelayMs = 15;
constexpr int kOneShotMs = 300;
}  // namespace

Transport::Transport(Session& session, Player* player, QObject* parent)
    : QObject(parent), session_(session), player_(player) {
  frame_.setInterval(kFrameMs);
  frame_.setTimerType(Qt::PreciseTimer);
  documentDelay_.setInterval(kPlanDelayMs);
  documentDelay_.setSingleShot(true);
  previewEnd_.setInterval(kOneShotMs);
  previewEnd_.setSingleShot(true);
  connect(&frame_, &QTimer::timeout, this, &Transport::tick);
  connect(&previewEnd_, &QTimer::timeout, this, &Transport::previewOff);
  connect(&documentDelay_, &QTimer::timeout, this, [this] {
    if (player_ != nullptr) player_->setDocument(session_.document());
  });
  connect(&session_, &Session::documentChanged, this, [this] { documentDelay_.start(); });
  connect(&session_, &Session::documentLoaded, this, [this] {
    stop();
    setLooping(false);
    loop_ = {};
    Q_EMIT loopChanged();
    if (player_ != nullptr) player_->setDocument(session_.document());
    seek({0});
  });
  if (player_ != nullptr) player_->setDocument(session_.document());
}

bool Transport::playing() const { return player_ != nullptr && player_->playing(); }

Tick Transport::position() const {
  return player_ != nullptr ? player_->position() : idlePosition_;
}

void Transport::play() { start(0); }

void Transport::playAfterCountIn(int bars) { start(std::clamp(bars, 0, 2)); }

int Transport::countInBeats() const { return player_ != nullptr ? player_->countInBeats() : 0; }

void Transport::start(int countInBars) {
  if (player_ == nullptr || playing()) return;
  if (documentDelay_.isActive()) {
    documentDelay_.stop();
    player_->setDocument(session_.document());
  }
  playedFrom_ = position();
  if (countInBars > 0) {
    player_->playAfterCountIn(countInBars);
  } else {
    player_->play();
  }
  frame_.start();
  showPlaying(true);
}

void Transport::showPlaying(bool playing) {
  if (playing == shownPlaying_) return;
  shownPlaying_ = playing;
  Q_EMIT playingChanged(playing);
}

void Transport::setFollowingClock(bool on) {
  following_ = on && player_ != nullptr;
  if (following_) frame_.start();
}

void Transport::stop() {
  if (!playing()) return;
  player_->stop();
  tick();
}

void Transport::togglePlay() { playing() ? stop() : play(); }

void Transport::stopAndReturn() {
  const Tick back = playing() ? playedFrom_ : Tick{0};
  stop();
  seek(back);
}

void Transport::seek(Tick t) {
  t = std::max(t, Tick{0});
  idlePosition_ = t;
  if (player_ != nullptr) player_->seek(t);
  shown_ = t;
  Q_EMIT sought(t);
  Q_EMIT positionChanged(t);
}

void Transport::setLoopRange(TickRange r) {
  loop_ = r;
  applyLoop();
}

void Transport::setLooping(bool on) {
  looping_ = on;
  applyLoop();
}

void Transport::applyLoop() {
  if (player_ != nullptr) player_->setLoop(looping() ? std::optional(loop_) : std::nullopt);
  Q_EMIT loopChanged();
}

void Transport::setMetronome(bool on) {
  if (on == metronome_) return;
  metronome_ = on;
  applyMetronome();
  Q_EMIT metronomeChanged(on);
}

void Transport::setRecordingClick(bool on) {
  recordingClick_ = on;
  applyMetronome();
}

void Transport::setEndless(bool on) {
  if (player_ != nullptr) player_->setEndless(on);
}

void Transport::applyMetronome() {
  if (player_ != nullptr) player_->setMetronome(metronome_ || recordingClick_);
}

void Transport::panic() {
  if (player_ != nullptr) player_->panic();
}

void Transport::preview(int pitch, int velocity, bool oneShot) {
  previewEnd_.stop();
  const Track* track = session_.track();
  if (player_ == nullptr || track == nullptr || pitch < kLowestPitch || pitch > kHighestPitch)
    return;
  if (previewed_ >= 0) player_->previewOff(previewed_);
  player_->previewOn(*track, pitch, velocity);
  previewed_ = pitch;
  if (oneShot) previewEnd_.start();
}

void Transport::previewOff() {
  previewEnd_.stop();
  if (player_ != nullptr && previewed_ >= 0) player_->previewOff(previewed_);
  previewed_ = -1;
}

void Transport::tick() {
  const Tick now = position();
  if (now != shown_) {
    shown_ = now;
    Q_EMIT positionChanged(now);
  }
  if (const int beats = countInBeats(); beats != countInShown_) {
    countInShown_ = beats;
    Q_EMIT countInChanged(beats);
  }
  const bool plays = playing();
  if (plays && !shownPlaying_) playedFrom_ = now;
  if (!plays && !following_) frame_.stop();
  showPlaying(plays);
}

}  // namespace incipit
