#include "ui/session/takes.h"

#include <QMetaObject>
#include <QRandomGenerator>
#include <algorithm>

namespace incipit {
namespace {

// Empty lists of notes for the tracks of a request.
std::vector<TrackNotes> tracksOf(const ComposeRequest& request) {
  std::vector<TrackNotes> out{{request.track, {}}};
  for (const TrackId id : request.with) out.push_back({id, {}});
  return out;
}

}  // namespace

bool Take::hear() {
  const std::vector<ComposeJob::Heard> fresh = job->drain();
  for (const ComposeJob::Heard& h : fresh) {
    for (TrackNotes& t : tracks) {
      if (t.track == h.track) t.notes.push_back(h.note);
    }
  }
  if (fresh.empty()) return false;
  for (TrackNotes& t : tracks) std::sort(t.notes.begin(), t.notes.end(), NoteOrder{});
  return true;
}

std::size_t Take::noteCount() const {
  std::size_t count = 0;
  for (const TrackNotes& t : tracks) count += t.notes.size();
  return count;
}

Takes::Takes(Session& session, Transport& transport, JobRunner* jobs, QObject* parent)
    : QObject(parent),
      session_(session),
      transport_(transport),
      jobs_(jobs),
      alive_(std::make_shared<QObject>()) {
  connect(&session_, &Session::documentLoaded, this, &Takes::discard);
  connect(&session_, &Session::documentChanged, this, [this] {
    if (const Take* take = currentTake(); take != nullptr && !allThere(take->job->request())) {
      discard();
    }
  });
}

Takes::~Takes() { discard(); }

void Takes::setSettings(const ComposeSettings& s) {
  settings_ = s;
  Q_EMIT settingsChanged();
}

Tick Takes::continuationStart() const {
  const Track* t = session_.track();
  if (t == nullptr) return {0};
  Tick end = t->notes.latestEnd();
  for (const TrackId id : partners()) {
    end = std::max(end, session_.document()->track(id)->notes.latestEnd());
  }
  if (!session_.selection().empty()) {
    end = {0};
    for (const Note& n : session_.selection()) end = std::max(end, n.end());
  }
  return session_.document()->meter.barLineFrom(end);
}

std::vector<TrackId> Takes::partners() const {
  std::vector<TrackId> out;
  if (!settings_.together) return out;
  for (const TrackPtr& t : session_.document()->tracks) {
    if (!t->mute && t->id != session_.activeTrack()) out.push_back(t->id);
  }
  return out;
}

bool Takes::allThere(const ComposeRequest& request) const {
  const Document& d = *session_.document();
  return d.track(request.track) != nullptr &&
         std::all_of(request.with.begin(), request.with.end(),
                     [&](TrackId id) { return d.track(id) != nullptr; });
}

void Takes::generate() {
  discard();
  if (session_.track() == nullptr) {
    Q_EMIT failed(tr("There is no track to compose on: add one in the tracks panel."));
    return;
  }
  if (!settings_.seedFixed) {
    settings_.seed = QRandomGenerator::global()->generate();
    Q_EMIT settingsChanged();
  }
  std::vector<ComposeRequest> requests;
  for (int i = 0; i < settings_.takes; ++i) {
    ComposeRequest r;
    r.document = session_.document();
    r.track = session_.activeTrack();
    r.with = partners();
    r.from = continuationStart();
    r.bars = settings_.bars;
    r.temperature = settings_.temperature;
    r.topP = settings_.topP;
    r.seed = settings_.seed;
    r.take = i;
    r.settings = settings_.family;
    r.checkpoint = settings_.checkpoint;
    requests.push_back(std::move(r));
  }
  start(std::move(requests));
}

void Takes::start(std::vector<ComposeRequest> requests) {
  if (jobs_ == nullptr || requests.empty()) {
    Q_EMIT failed(tr("No model can run in this window."));
    return;
  }
  const ComposeRequest& first = requests.front();
  const MeterMap& meter = first.document->meter;
  track_ = first.track;
  range_ = {first.from, meter.barStart(meter.barBeat(first.from).bar + first.bars)};
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  for (ComposeRequest& r : requests) {
    auto tracks = tracksOf(r);
    takes_.push_back({jobs_->compose(std::move(r), wake), std::move(tracks)});
  }
  reported_.assign(takes_.size(), false);
  current_ = 0;
  Q_EMIT takesChanged();
  Q_EMIT progressChanged();
}

void Takes::regenerate(const GeneratedRegion& region, const std::filesystem::path& checkpoint) {
  discard();
  auto request = requestOf(region);
  if (!request) {
    Q_EMIT failed(QString::fromStdString(request.error().message));
    return;
  }
  request->document = session_.document();
  request->checkpoint = checkpoint;
  start({std::move(*request)});
}

void Takes::offer(const std::shared_ptr<ComposeJob>& job, std::vector<Note> notes) {
  const ComposeRequest& request = job->request();
  if (session_.document()->track(request.track) == nullptr) return;
  discard();
  const MeterMap& meter = session_.document()->meter;
  track_ = request.track;
  range_ = {request.from, meter.barStart(meter.barBeat(request.from).bar + request.bars)};
  takes_.push_back({job, {{track_, std::move(notes)}}});
  reported_.assign(1, true);
  current_ = 0;
  showOverlay();
  Q_EMIT takesChanged();
  Q_EMIT progressChanged();
}

bool Takes::generating() const {
  // Until its end was handled here: a job that has just finished may have notes to hand over.
  return std::find(reported_.begin(), reported_.end(), false) != reported_.end();
}

void Takes::cancel() {
  for (Take& t : takes_) t.job->cancel();
}

const Take* Takes::currentTake() const {
  return current_ < 0 ? nullptr : &takes_[static_cast<std::size_t>(current_)];
}

double Takes::progress() const {
  if (takes_.empty()) return 0;
  double sum = 0;
  for (const Take& t : takes_) sum += t.job->finished() ? 1 : t.job->progress();
  return sum / static_cast<double>(takes_.size());
}

void Takes::poll() {
  bool currentChanged = false;
  for (std::size_t i = 0; i < takes_.size(); ++i) {
    Take& t = takes_[i];
    const bool finished = t.job->finished();  // before draining, so that nothing is missed
    const bool fresh = t.hear();
    currentChanged = currentChanged || (fresh && static_cast<int>(i) == current_);
    if (!finished || reported_[i]) continue;
    reported_[i] = true;
    if (t.job->state() == JobState::kFailed) {
      const QString message = QString::fromStdString(t.job->error());
      cancel();
      discard();
      Q_EMIT failed(message);
      return;
    }
  }
  if (currentChanged) showOverlay();
  if (currentChanged) Q_EMIT takesChanged();
  Q_EMIT progressChanged();
}

void Takes::showOverlay() {
  Player* player = transport_.player();
  if (player == nullptr) return;
  const Take* take = currentTake();
  if (take == nullptr || take->noteCount() == 0) {
    player->clearOverlay();
  } else {
    player->setOverlay(take->tracks);
  }
}

void Takes::next() {
  if (takes_.empty()) return;
  current_ = (current_ + 1) % static_cast<int>(takes_.size());
  showOverlay();
  Q_EMIT takesChanged();
}

void Takes::previous() {
  if (takes_.empty()) return;
  current_ = (current_ + static_cast<int>(takes_.size()) - 1) % static_cast<int>(takes_.size());
  showOverlay();
  Q_EMIT takesChanged();
}

void Takes::accept() {
  const Take* take = currentTake();
  if (take == nullptr || take->noteCount() == 0) return;
  poll();
  take = currentTake();
  if (take == nullptr) return;
  NoteEdit edit = addNotes(*session_.document(), track_, take->notes());
  for (auto t = take->tracks.begin() + 1; t != take->tracks.end(); ++t) {
    edit.document = addNotes(edit.document, t->track, t->notes).document;
  }
  if (const auto result = take->job->result()) {
    if (!result->notes.empty()) edit.document.regions.push_back(result->region);
    for (const ComposedTrack& other : result->others) {
      if (!other.notes.empty()) edit.document.regions.push_back(other.region);
    }
  }
  session_.setActiveTrack(track_);
  discard();
  session_.commit(tr("Accept take"), std::move(edit));
}

void Takes::discard() {
  if (takes_.empty()) return;
  cancel();
  takes_.clear();
  reported_.clear();
  current_ = -1;
  range_ = {};
  showOverlay();
  Q_EMIT takesChanged();
  Q_EMIT progressChanged();
}

}  // namespace incipit
