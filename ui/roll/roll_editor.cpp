#include "ui/roll/roll_editor.h"

#include <QGridLayout>
#include <QResizeEvent>
#include <cmath>

#include "ui/roll/note_text.h"
#include "ui/roll/roll_canvas.h"
#include "ui/roll/roll_keys.h"
#include "ui/roll/roll_ruler.h"
#include "ui/roll/velocity_lane.h"

namespace incipit {
namespace {

constexpr double kZoomStep = 1.4;
constexpr double kMarginShare = 0.04;  // left free when something is brought into view
constexpr int kLanePx = 96;

// The empty corner between ruler and keys.
class Corner : public QWidget {
 public:
  explicit Corner(QWidget* parent) : QWidget(parent) {
    setFixedSize(kKeysWidth, kRulerHeight);
    connect(&ThemeHolder::instance(), &ThemeHolder::changed, this, qOverload<>(&QWidget::update));
  }

 protected:
  void paintEvent(QPaintEvent* /*e*/) override {
    QPainter painter(this);
    const double line = 1 / devicePixelRatioF();
    painter.fillRect(rect(), theme().rulerGround);
    painter.fillRect(QRectF(width() - line, 0, line, height()), theme().border);
    painter.fillRect(QRectF(0, height() - line, width(), line), theme().border);
  }
};

struct PitchSpan {
  int lowest = kHighestPitch + 1;
  int highest = -1;
  template <typename Notes>
  explicit PitchSpan(const Notes& notes) {
    for (const Note& n : notes) {
      lowest = std::min<int>(lowest, n.pitch);
      highest = std::max<int>(highest, n.pitch);
    }
  }
  bool empty() const { return highest < 0; }
};

}  // namespace

RollEditor::RollEditor(Session& session, Transport& transport, Takes& takes, QWidget* parent)
    : QWidget(parent), state_(session, transport, takes) {
  canvas_ = new RollCanvas(state_, this);
  ruler_ = new RollRuler(state_, this);
  keys_ = new RollKeys(state_, this);
  lane_ = new VelocityLane(state_, this);
  across_ = new QScrollBar(Qt::Horizontal, this);
  down_ = new QScrollBar(Qt::Vertical, this);
  across_->setObjectName(QStringLiteral("rollScrollTime"));
  down_->setObjectName(QStringLiteral("rollScrollPitch"));
  layOut();

  connect(ruler_, &RollRuler::menuRequested, this, &RollEditor::rulerMenuRequested);
  connect(canvas_, &RollCanvas::contextMenuRequested, this, &RollEditor::contextMenuRequested);
  connect(&state_, &RollState::viewChanged, this, &RollEditor::syncScrollBars);
  connect(&session, &Session::documentChanged, this, &RollEditor::syncScrollBars);
  connect(&session, &Session::documentLoaded, this, [this] {
    zoomReset();
    centreOnNotes();
    syncScrollBars();
  });
  connect(&takes, &Takes::takesChanged, this, &RollEditor::showTakes);
  connect(&transport, &Transport::loopChanged, this, &RollEditor::syncScrollBars);
  connect(across_, &QScrollBar::valueChanged, this, &RollEditor::scrollBarsMoved);
  connect(down_, &QScrollBar::valueChanged, this, &RollEditor::scrollBarsMoved);
  connect(&state_, &RollState::hoverChanged, this, [this] { Q_EMIT statusChanged(statusText()); });
  connect(&transport, &Transport::positionChanged, this, &RollEditor::follow);
  centreOnNotes();
  syncScrollBars();
}

void RollEditor::layOut() {
  auto* roll = new QWidget(this);
  auto* top = new QGridLayout(roll);
  top->setContentsMargins(0, 0, 0, 0);
  top->setSpacing(0);
  const int bar = down_->sizeHint().width();
  down_->setFixedWidth(bar);
  top->addWidget(new Corner(roll), 0, 0);
  top->addWidget(ruler_, 0, 1);
  top->addWidget(keys_, 1, 0);
  top->addWidget(canvas_, 1, 1);
  top->addWidget(down_, 1, 2);
  top->setColumnStretch(1, 1);
  top->setRowStretch(1, 1);

  auto* lanes = new QWidget(this);
  auto* bottom = new QGridLayout(lanes);
  bottom->setContentsMargins(0, 0, 0, 0);
  bottom->setSpacing(0);
  bottom->addWidget(new LaneHeader(lanes), 0, 0);
  bottom->addWidget(lane_, 0, 1);
  bottom->addItem(new QSpacerItem(bar, 0, QSizePolicy::Fixed), 0, 2);
  bottom->setColumnStretch(1, 1);

  splitter_ = new QSplitter(Qt::Vertical, this);
  splitter_->setObjectName(QStringLiteral("rollSplitter"));
  splitter_->setChildrenCollapsible(true);
  splitter_->setHandleWidth(5);
  splitter_->addWidget(roll);
  splitter_->addWidget(lanes);
  splitter_->setCollapsible(0, false);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 0);
  splitter_->setSizes({500, kLanePx});

  auto* all = new QGridLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(0);
  all->addWidget(splitter_, 0, 0, 1, 3);
  all->addItem(new QSpacerItem(kKeysWidth, 0, QSizePolicy::Fixed), 1, 0);
  all->addWidget(across_, 1, 1);
  all->addItem(new QSpacerItem(bar, 0, QSizePolicy::Fixed), 1, 2);
  all->setColumnStretch(1, 1);
  setFocusProxy(canvas_);
}

void RollEditor::resizeEvent(QResizeEvent* e) {
  QWidget::resizeEvent(e);
  syncScrollBars();
}

void RollEditor::syncScrollBars() {
  const RollView& v = state_.view();
  const QSizeF page = state_.viewport();
  const auto px = [](double value) {
    return static_cast<int>(std::clamp(value, 0.0, double{1 << 30}));
  };
  syncing_ = true;
  // One page beyond the end, so that there is always room to write on.
  across_->setRange(
      0, std::max(px(v.width(state_.limits().end - Tick{0})), px(v.width(v.left - Tick{0}))));
  across_->setPageStep(px(page.width()));
  across_->setSingleStep(40);
  across_->setValue(px(v.width(v.left - Tick{0})));
  down_->setRange(0, px(kPitchRows * v.rowPx - page.height()));
  down_->setPageStep(px(page.height()));
  down_->setSingleStep(px(v.rowPx));
  down_->setValue(px((kPitchRows - v.topPitch) * v.rowPx));
  syncing_ = false;
}

void RollEditor::scrollBarsMoved() {
  if (syncing_) return;
  RollView v = state_.view();
  v.left = {std::llround(across_->value() / v.pxPerTick)};
  v.topPitch = kPitchRows - down_->value() / v.rowPx;
  state_.setView(v);
}

QString RollEditor::statusText() const {
  const RollState::Hover& h = state_.hover();
  QStringList parts;
  if (h.at) parts << barText(*h.at, state_.shown().meter);
  if (h.pitch >= 0) parts << QString::fromStdString(pitchName(h.pitch));
  return parts.join(QStringLiteral(" · "));
}

void RollEditor::zoomAround(double factor) {
  // The playhead stays where it is when it can be seen, else the middle.
  const double width = state_.viewport().width();
  const double playhead = state_.view().x(state_.transport().position());
  const double anchor = playhead >= 0 && playhead <= width ? playhead : width / 2;
  state_.setView(state_.view().zoomedTime(factor, anchor));
}

void RollEditor::zoomIn() { zoomAround(kZoomStep); }
void RollEditor::zoomOut() { zoomAround(1 / kZoomStep); }

void RollEditor::zoomReset() {
  RollView v = state_.view();
  const double middle = v.topPitch - state_.viewport().height() / v.rowPx / 2;
  v.pxPerTick = kDefaultQuarterPx / state_.shown().ppq;
  v.rowPx = kDefaultRowPx;
  v.topPitch = middle + state_.viewport().height() / v.rowPx / 2;
  state_.setView(v);
}

void RollEditor::showRange(TickRange range, int lowest, int highest) {
  const auto margin = TickDelta{
      static_cast<std::int64_t>(static_cast<double>(range.length().count) * kMarginShare)};
  RollView v = state_.view().showing({std::max(Tick{0}, range.from - margin), range.to + margin},
                                     state_.viewport().width());
  const double rows = highest - lowest + 5;  // two free rows at each side
  v.rowPx = std::clamp(std::floor(state_.viewport().height() / rows), kLowestRowPx, v.rowPx);
  const double shownRows = state_.viewport().height() / v.rowPx;
  v.topPitch = (highest + lowest + 1) / 2.0 + shownRows / 2;
  state_.setView(v);
}

void RollEditor::zoomToSelection() {
  const std::vector<Note>& notes = state_.session().selection();
  if (notes.empty()) {
    zoomToSong();
    return;
  }
  TickRange range{notes.front().start, notes.front().end()};
  for (const Note& n : notes) range.to = std::max(range.to, n.end());
  const PitchSpan span(notes);
  showRange(range, span.lowest, span.highest);
}

void RollEditor::zoomToSong() {
  const Tick end = state_.contentEnd();
  if (end <= Tick{0}) {
    zoomReset();
    return;
  }
  const Track* track = state_.session().track();
  const PitchSpan span(track != nullptr ? track->notes : NoteList());
  if (span.empty()) {
    state_.setView(state_.view().showing({Tick{0}, end}, state_.viewport().width()));
  } else {
    showRange({Tick{0}, end}, span.lowest, span.highest);
  }
}

void RollEditor::scrollToTick(Tick t) {
  RollView v = state_.view();
  const double width = state_.viewport().width();
  const double x = v.x(t);
  if (x >= 0 && x <= width * (1 - kMarginShare)) return;
  v.left = std::max(Tick{0}, t - (v.tickAt(width * kMarginShare) - v.left));
  state_.setView(v);
}

void RollEditor::centreOnNotes() {
  RollView v = state_.view();
  const double rows = state_.viewport().height() / v.rowPx;
  const Track* track = state_.session().track();
  const PitchSpan span(track != nullptr ? track->notes : NoteList());
  // Middle C and the octave above it where there is nothing yet.
  const double middle = span.empty() ? 66.5 : (span.lowest + span.highest + 1) / 2.0;
  v.topPitch = middle + rows / 2;
  v.left = span.empty() ? Tick{0} : track->notes.start();
  if (!span.empty() && state_.view().width(v.left - Tick{0}) < state_.viewport().width() / 2)
    v.left = {0};
  state_.setView(v);
}

void RollEditor::showTakes() {
  syncScrollBars();
  const TickRange range = state_.takes().range();
  if (range == takesShown_) return;
  takesShown_ = range;
  if (range.empty()) return;
  // New takes: what was asked for appears on the right of what it continues.
  RollView v = state_.view();
  const double width = state_.viewport().width();
  const double x = v.x(range.from);
  if (x >= 0 && v.x(range.to) <= width) return;
  v.left = std::max(Tick{0}, range.from - (v.tickAt(width / 4) - v.left));
  state_.setView(v);
}

void RollEditor::follow(Tick position) {
  if (!state_.transport().playing() || !state_.session().followPlayhead()) return;
  if (state_.previewing() || canvas_->gestureActive() || ruler_->gestureActive()) return;
  const double x = state_.view().x(position);
  if (x >= 0 && x < state_.viewport().width()) return;
  // A page at a time, from the bar that is playing.
  RollView v = state_.view();
  const Tick bar = state_.shown().meter.barStartAt(position);
  v.left = v.width(position - bar) < state_.viewport().width() / 2 ? bar : position;
  state_.setView(v);
}

}  // namespace incipit
