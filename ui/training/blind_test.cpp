#include "ui/training/blind_test.h"

#include <QMetaObject>
#include <algorithm>
#include <utility>

#include "core/corpus/sha256.h"
#include "core/io/number_text.h"
#include "core/rng.h"

namespace incipit {
namespace {

// Fisher and Yates 1938.
void shuffle(std::vector<CheckpointInfo>& models, Rng rng) {
  for (std::size_t i = models.size(); i > 1; --i) {
    std::swap(models[i - 1], models[rng.below(static_cast<std::uint32_t>(i))]);
  }
}

std::string hashOf(const std::string& text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

}  // namespace

BlindTest::BlindTest(JobRunner* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), alive_(std::make_shared<QObject>()) {}

BlindTest::~BlindTest() {
  for (const Candidate& c : all_) c.job->cancel();
  keepRatings();
}

void BlindTest::start(std::vector<CheckpointInfo> models, const ComposeRequest& request,
                      std::uint64_t chance) {
  if (jobs_ == nullptr || models.empty()) return;
  if (!keepRatings()) return;
  for (const Candidate& c : all_) c.job->cancel();
  all_.clear();
  revealed_ = false;
  ofOpenPiece_ = request.document != nullptr;
  ComposeRequest one = request;
  if (!ofOpenPiece_) {
    one.document = std::make_shared<const Document>(newDocument());
    one.track = one.document->tracks.front()->id;
    one.from = {};
  }
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  shuffle(models, Rng(chance));
  for (CheckpointInfo& m : models) {
    one.checkpoint = m.path;
    Candidate c;
    c.model = std::move(m);
    c.job = jobs_->compose(one, wake);
    all_.push_back(std::move(c));
  }
  Q_EMIT replaced();
}

bool BlindTest::composing() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Candidate& c) { return !c.job->finished(); });
}

void BlindTest::poll() {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    Candidate& c = all_[i];
    for (const ComposeJob::Heard& h : c.job->drain()) c.notes.push_back(h.note);
    std::sort(c.notes.begin(), c.notes.end(), NoteOrder{});
    c.problem = QString::fromStdString(c.job->error());
    Q_EMIT changed(i);
  }
}

void BlindTest::rate(std::size_t i, int rating) {
  if (revealed_ || i >= all_.size() || !all_[i].mayBeRated()) return;
  all_[i].rating = std::clamp(rating, 1, kBestRating);
  Q_EMIT changed(i);
}

void BlindTest::reveal() {
  if (revealed_ || all_.empty() || !keepRatings()) return;
  revealed_ = true;
  Q_EMIT nowRevealed();
}

bool BlindTest::keepRatings() {
  if (revealed_) return true;
  std::vector<Rating> given;
  for (const Candidate& c : all_) {
    const auto result = c.job->result();
    if (c.rating == 0 || !result) continue;
    Rating r;
    r.time = utcNow();
    r.model = c.model.path.stem().string();
    r.family = c.model.family;
    r.preset = c.model.preset;
    r.checkpoint = result->region.modelHash;
    r.rating = c.rating;
    r.compared = static_cast<int>(all_.size());
    r.seed = hashOf(result->region.context);
    given.push_back(std::move(r));
  }
  if (given.empty()) return true;
  if (const auto kept = appendRatings(ratingsFile(), given); !kept) {
    Q_EMIT failed(QString::fromStdString(kept.error().message));
    return false;
  }
  Q_EMIT ratingsKept();
  return true;
}

}  // namespace incipit
