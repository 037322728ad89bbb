#include "ui/training/training_samples.h"

#include <QMetaObject>
#include <QPainter>
#include <algorithm>
#include <utility>

#include "ui/theme/theme.h"

namespace incipit {

TrainingSamples::TrainingSamples(JobRunner* jobs, QObject* parent)
    : QObject(parent), jobs_(jobs), alive_(std::make_shared<QObject>()) {}

TrainingSamples::~TrainingSamples() { clear(); }

void TrainingSamples::ask(int epoch, double validationLoss, ComposeRequest request) {
  if (jobs_ == nullptr) return;
  if (!all_.empty() && !all_.back().job->finished()) return;
  TrainingSample sample;
  sample.epoch = epoch;
  sample.validationLoss = validationLoss;
  sample.ofOpenPiece = request.document != nullptr;
  if (request.document == nullptr) {
    request.document = std::make_shared<const Document>(newDocument());
    request.track = request.document->tracks.front()->id;
    request.from = {};
  }
  const auto wake = [this, alive = std::weak_ptr<QObject>(alive_)] {
    // alive_ lives in this thread; the call is queued to it and dropped with it.
    if (const auto target = alive.lock()) {
      QMetaObject::invokeMethod(
          target.get(), [this] { poll(); }, Qt::QueuedConnection);
    }
  };
  sample.job = jobs_->compose(std::move(request), wake);
  all_.push_back(std::move(sample));
  Q_EMIT added();
}

void TrainingSamples::clear() {
  for (const TrainingSample& s : all_) s.job->cancel();
  all_.clear();
  Q_EMIT cleared();
}

void TrainingSamples::poll() {
  for (std::size_t i = 0; i < all_.size(); ++i) {
    TrainingSample& s = all_[i];
    const bool finished = s.job->finished();  // before draining, so that nothing is missed
    const std::vector<ComposeJob::Heard> fresh = s.job->drain();
    const QString problem = finished ? QString::fromStdString(s.job->error()) : QString();
    if (fresh.empty() && problem == s.problem && !(finished && i + 1 == all_.size())) continue;
    for (const ComposeJob::Heard& h : fresh) s.notes.push_back(h.note);
    std::sort(s.notes.begin(), s.notes.end(), NoteOrder{});
    s.problem = problem;
    Q_EMIT changed(i);
  }
}

QPixmap rollPicture(const std::vector<Note>& notes, TickRange range, QSize size, double ratio) {
  QPixmap picture(size * ratio);
  picture.setDevicePixelRatio(ratio);
  const Theme& t = theme();
  picture.fill(t.whiteRow);
  QPainter painter(&picture);
  painter.setPen(t.border);
  painter.drawRect(QRectF(0.5, 0.5, size.width() - 1.0, size.height() - 1.0));
  if (notes.empty() || range.empty()) return picture;
  int low = 127;
  int high = 0;
  for (const Note& n : notes) {
    low = std::min<int>(low, n.pitch);
    high = std::max<int>(high, n.pitch);
  }
  // An octave at least, so that a few notes do not become bricks.
  constexpr int kLeastRows = 13;
  const int rows = std::max(high - low + 3, kLeastRows);
  const int top = (low + high + rows) / 2;
  const double row = (size.height() - 2.0) / rows;
  const double tick = (size.width() - 2.0) / static_cast<double>(range.length().count);
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.candidate);
  for (const Note& n : notes) {
    const double x = 1 + static_cast<double>((n.start - range.from).count) * tick;
    const double width = std::max(static_cast<double>(n.length.count) * tick - 0.5, 1.5);
    painter.drawRect(QRectF(x, 1 + (top - n.pitch) * row, std::min(width, size.width() - 1 - x),
                            std::max(row - 0.5, 1.0)));
  }
  return picture;
}

}  // namespace incipit
