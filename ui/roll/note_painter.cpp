#include "ui/roll/note_painter.h"

#include <QCoreApplication>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <cstring>

namespace incipit {
namespace {

constexpr double kBorderedRowPx = 6;
constexpr double kBorderedWidthPx = 3;
constexpr double kRoundedRowPx = 10;
constexpr double kRoundedWidthPx = 6;
constexpr double kRadiusPx = 2.5;
constexpr double kLabelRowPx = 12;
constexpr double kLabelWidthPx = 26;
constexpr double kLockWidthPx = 40;  // beside a label

// What a cell of the occupancy grid holds; the greatest of the notes on it shows.
constexpr std::uint8_t kNoCell = 0;
constexpr std::uint8_t kGhostCell = 1;
constexpr std::uint8_t kNoteCell = 2;                        // + shade
constexpr std::uint8_t kSelectedCell = kNoteCell + kShades;  // + shade

std::size_t blockNotes(const NoteList& notes, TickRange window) {
  std::size_t count = 0;
  for (const auto& block : notes.blocks()) {
    if (block->notes.front().start >= window.to) break;
    if (block->latestEnd > window.from) count += block->notes.size();
  }
  return count;
}

QColor ghostColour(const Theme& theme, const Track& track) {
  QColor c = mixed(theme.ghostNote, QColor(static_cast<QRgb>(track.colour)), 0.5);
  c.setAlpha(theme.ghostNote.alpha());
  return c;
}

bool padlockFits(const QRectF& body) {
  return body.width() >= kLockWidthPx && body.height() >= kRoundedRowPx;
}

void paintLock(QPainter& painter, const QRectF& body, const QColor& colour) {
  if (!padlockFits(body)) {
    // A bar along the left edge, inside the border.
    const double in = body.width() >= 6 ? 2 : 0;
    painter.fillRect(QRectF(body.left() + in, body.top() + in, std::min(2.0, body.width()),
                            body.height() - 2 * in),
                     colour);
    return;
  }
  const QPointF middle(body.right() - 7, body.center().y() + 1);
  painter.setPen(QPen(colour, 1.2));
  painter.setBrush(Qt::NoBrush);
  painter.drawArc(QRectF(middle.x() - 2, middle.y() - 4.5, 4, 5), 0, 180 * 16);
  painter.fillRect(QRectF(middle.x() - 3, middle.y() - 1.5, 6, 4.5), colour);
}

}  // namespace

QRectF noteBody(const Note& n, const RollView& view, double dpr) {
  const double device = 1 / dpr;
  const double x0 = alignToDevice(view.x(n.start), dpr);
  double x1 = alignToDevice(view.x(n.end()), dpr);
  if (x1 - x0 >= kBorderedWidthPx) x1 -= device;
  const double y0 = alignToDevice(view.y(n.pitch), dpr);
  const double y1 = alignToDevice(view.y(n.pitch - 1), dpr) - (view.rowPx >= 5 ? device : 0);
  return {x0, y0, std::max(x1 - x0, 2 * device), y1 - y0};
}

bool NotePainter::dense(const Document& document, const RollView& view, TickRange window) {
  std::size_t count = 0;
  for (const TrackPtr& t : document.tracks) count += blockNotes(t->notes, window);
  return count > kDenseNotes ||
         (count > kDenseDots && view.pxPerTick * document.ppq < kDotQuarterPx);
}

void NotePainter::refreshColours(const RollState& state) {
  const Track* track = state.shownTrack();
  const std::uint32_t colour = track != nullptr ? track->colour : 0;
  if (theme_ != &theme() || trackColour_ != colour) {
    theme_ = &theme();
    trackColour_ = colour;
    colours_ = NoteColours(*theme_, colour);
  }
  if (labelRowPx_ == state.view().rowPx) return;
  labelRowPx_ = state.view().rowPx;
  font_ = QFont();
  font_.setPixelSize(static_cast<int>(std::clamp(labelRowPx_ - 5, 8.0, 12.0)));
  const QFontMetricsF metrics(font_);
  labelRise_ = metrics.capHeight() / 2;
}

NotePainter::NotePainter() {
  for (int p = kLowestPitch; p <= kHighestPitch; ++p)
    labels_[static_cast<std::size_t>(p)] = QString::fromStdString(pitchName(p));
}

void NotePainter::paint(QPainter& painter, const QRect& clip, const RollState& state, double dpr) {
  refreshColours(state);
  // Decided by the whole view, so that a partial repaint looks like its surroundings.
  if (dense(state.shown(), state.view(), state.view().ticks(0, state.viewport().width()))) {
    paintOccupancy(painter, clip, state, dpr);
    return;
  }
  paintGhosts(painter, clip, state, dpr);
  paintNotes(painter, clip, state, dpr);
}

void NotePainter::paintGhosts(QPainter& painter, const QRect& clip, const RollState& state,
                              double dpr) {
  const RollView& view = state.view();
  const TickRange window = view.ticks(clip.left() - 1, clip.right() + 2);
  painter.setRenderHint(QPainter::Antialiasing, false);
  for (const TrackPtr& t : state.shown().tracks) {
    if (t->id == state.session().activeTrack()) continue;
    const QColor colour = ghostColour(*theme_, *t);
    t->notes.forEachIn(window, [&](const Note& n) {
      const double y = view.y(n.pitch);
      if (y > clip.bottom() + 1 || y + view.rowPx < clip.top()) return;
      painter.fillRect(noteBody(n, view, dpr), colour);
    });
  }
}

void NotePainter::paintNotes(QPainter& painter, const QRect& clip, const RollState& state,
                             double dpr) {
  const Track* track = state.shownTrack();
  if (track == nullptr) return;
  const RollView& view = state.view();
  const bool anySelected = state.anythingSelected();
  const double device = 1 / dpr;
  const TickRange window = view.ticks(clip.left() - 2, clip.right() + 3);
  track->notes.forEachIn(window, [&](const Note& n) {
    const QRectF body = noteBody(n, view, dpr);
    if (body.top() > clip.bottom() + 1 || body.bottom() < clip.top()) return;
    const auto shade = static_cast<std::size_t>(shadeOf(n.velocity));
    const bool selected = anySelected && state.shownSelected(n.id);
    const QColor& fill = selected ? colours_.selected[shade] : colours_.fill[shade];
    const bool bordered = view.rowPx >= kBorderedRowPx && body.width() >= kBorderedWidthPx;
    const bool rounded = view.rowPx >= kRoundedRowPx && body.width() >= kRoundedWidthPx;
    if (rounded) {
      const double pen = selected ? 1.5 : 1;
      painter.setRenderHint(QPainter::Antialiasing, true);
      painter.setPen(QPen(selected ? colours_.selection : colours_.border, pen));
      painter.setBrush(fill);
      const double in = selected ? pen / 2 : device / 2;
      painter.drawRoundedRect(body.adjusted(in, in, -in, -in), kRadiusPx, kRadiusPx);
      painter.setRenderHint(QPainter::Antialiasing, false);
    } else if (bordered) {
      painter.fillRect(body, selected ? colours_.selection : colours_.border);
      painter.fillRect(body.adjusted(device, device, -device, -device), fill);
    } else {
      painter.fillRect(body, selected ? colours_.selection : fill);
    }
    if (view.rowPx >= kLabelRowPx && body.width() >= kLabelWidthPx)
      paintLabel(painter, n.locked && !padlockFits(body) ? body.adjusted(3, 0, 0, 0) : body,
                 n.pitch, selected ? colours_.selectedText[shade] : colours_.text[shade]);
    if (n.locked) paintLock(painter, body, theme_->lockMark);
  });
}

void NotePainter::paintLabel(QPainter& painter, const QRectF& body, int pitch,
                             const QColor& colour) {
  painter.setFont(font_);
  painter.setPen(colour);
  // A long note keeps its name in view.
  const double left = std::min(std::max(body.left(), 0.0), body.right() - kLabelWidthPx);
  painter.drawText(QPointF(std::max(left, body.left()) + 4, body.center().y() + labelRise_),
                   labels_[static_cast<std::size_t>(clampPitch(pitch))]);
}

void NotePainter::paintOccupancy(QPainter& painter, const QRect& clip, const RollState& state,
                                 double dpr) {
  const RollView& view = state.view();
  const int columns = static_cast<int>(std::ceil(clip.width() * dpr));
  if (columns <= 0) return;
  cells_.assign(static_cast<std::size_t>(columns) * kPitchRows, kNoCell);
  const TickRange window = view.ticks(clip.left(), clip.right() + 1);
  const double scale = view.pxPerTick * dpr;
  const double origin =
      static_cast<double>(view.left.count) * scale + static_cast<double>(clip.left()) * dpr;
  const bool anySelected = state.anythingSelected();
  for (const TrackPtr& t : state.shown().tracks) {
    const bool active = t->id == state.session().activeTrack();
    t->notes.forEachIn(window, [&](const Note& n) {
      std::uint8_t cell = kGhostCell;
      if (active) {
        const bool selected = anySelected && state.shownSelected(n.id);
        cell =
            static_cast<std::uint8_t>((selected ? kSelectedCell : kNoteCell) + shadeOf(n.velocity));
      }
      const double from = static_cast<double>(n.start.count) * scale - origin;
      const double to = from + static_cast<double>(n.length.count) * scale;
      const int x0 = from <= 0 ? 0 : static_cast<int>(from);
      int x1 = to >= columns ? columns : static_cast<int>(to);
      if (x1 <= x0) x1 = std::min(x0 + 1, columns);
      std::uint8_t* row = cells_.data() + static_cast<std::size_t>(n.pitch) * columns;
      for (int x = x0; x < x1; ++x) row[x] = std::max(row[x], cell);
    });
  }
  palette_.fill(0);
  palette_[kGhostCell] = qPremultiply(theme_->ghostNote.rgba());
  for (std::size_t i = 0; i < kShades; ++i) {
    palette_[kNoteCell + i] = colours_.fill[i].rgb();
    palette_[kSelectedCell + i] = colours_.selection.rgb();
  }
  paintRows(painter, clip, view, dpr);
}

// Turns the cells into pixels row by row, and draws each run of rows that hold anything: most of a
// roll is empty, and blending nothing costs as much as blending notes.
void NotePainter::paintRows(QPainter& painter, const QRect& clip, const RollView& view,
                            double dpr) {
  const int columns = static_cast<int>(std::ceil(clip.width() * dpr));
  const int lines = static_cast<int>(std::ceil(clip.height() * dpr));
  if (image_.width() < columns || image_.height() < lines) {
    image_ = QImage(std::max(columns, image_.width()), std::max(lines, image_.height()),
                    QImage::Format_ARGB32_Premultiplied);
  }
  line_.resize(static_cast<std::size_t>(columns));
  const std::size_t bytes = line_.size() * sizeof(QRgb);
  int runStart = 0;
  const auto flush = [&](int end) {
    if (end > runStart) {
      painter.drawImage(
          QRectF(clip.left(), clip.top() + runStart / dpr, columns / dpr, (end - runStart) / dpr),
          image_, QRectF(0, runStart, columns, end - runStart));
    }
  };
  for (int y = 0; y < lines;) {
    const int pitch = view.pitchAt(clip.top() + (y + 0.5) / dpr);
    const double bottom = alignToDevice(view.y(pitch - 1), dpr) - clip.top();
    const int end = std::clamp(static_cast<int>(std::lround(bottom * dpr)), y + 1, lines);
    const bool inRange = pitch >= kLowestPitch && pitch <= kHighestPitch;
    const std::uint8_t* row =
        cells_.data() + static_cast<std::size_t>(inRange ? pitch : 0) * columns;
    const bool empty =
        !inRange || std::all_of(row, row + columns, [](auto c) { return c == kNoCell; });
    if (empty) {
      flush(y);
      runStart = end;
    } else {
      std::transform(row, row + columns, line_.begin(), [this](auto c) { return palette_[c]; });
      for (int i = y; i < end; ++i) std::memcpy(image_.scanLine(i), line_.data(), bytes);
    }
    y = end;
  }
  flush(lines);
}

void NotePainter::paintTake(QPainter& painter, const QRect& clip, const RollState& state,
                            double dpr) {
  const Take* take = state.takes().currentTake();
  if (take == nullptr) return;
  refreshColours(state);
  const RollView& view = state.view();
  paintCandidateRange(painter, clip, state.takes().range(), view, dpr);
  const TickRange window = view.ticks(clip.left() - 2, clip.right() + 3);
  const auto paintPart = [&](const TrackNotes& part, bool faded) {
    const auto first = std::lower_bound(part.notes.begin(), part.notes.end(), window.to,
                                        [](const Note& n, Tick t) { return n.start < t; });
    for (auto n = part.notes.begin(); n != first; ++n) {
      if (n->end() > window.from) paintCandidate(painter, *n, view, faded, dpr);
    }
  };
  const TrackId active = state.session().activeTrack();
  for (const TrackNotes& part : take->tracks) {
    if (part.track != active) paintPart(part, true);
  }
  for (const TrackNotes& part : take->tracks) {
    if (part.track == active) paintPart(part, false);
  }
}

void paintCandidateRange(QPainter& painter, const QRect& clip, TickRange range,
                         const RollView& view, double dpr) {
  const double x0 = alignToDevice(view.x(range.from), dpr);
  const double x1 = alignToDevice(view.x(range.to), dpr);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(QRectF(x0, clip.top(), x1 - x0, clip.height()), theme().candidateRange);
  painter.setPen(QPen(theme().candidate, 1, Qt::DashLine));
  for (const double x : {x0, x1})
    painter.drawLine(QPointF(x, clip.top()), QPointF(x, clip.bottom() + 1));
}

void paintCandidate(QPainter& painter, const Note& n, const RollView& view, bool faded,
                    double dpr) {
  QColor fill = theme().candidate;
  QColor hatch = theme().candidate;
  fill.setAlpha(faded ? 40 : 96);
  hatch.setAlpha(faded ? 70 : 200);
  const QRectF body = noteBody(n, view, dpr);
  painter.fillRect(body, fill);
  if (view.rowPx < kBorderedRowPx || body.width() < kBorderedWidthPx) return;
  painter.fillRect(body, QBrush(hatch, Qt::BDiagPattern));
  painter.setPen(QPen(theme().candidate, faded ? 0.5 : 1));
  painter.setBrush(Qt::NoBrush);
  const double half = 0.5 / dpr;
  painter.drawRect(body.adjusted(half, half, -half, -half));
}

void paintCaption(QPainter& painter, const QString& text, double left, double right,
                  const QColor& ground, const RollState& state) {
  const QFontMetrics metrics(painter.font());
  const QRectF box(left, 6, metrics.horizontalAdvance(text) + 14, metrics.height() + 4);
  if (box.left() > state.viewport().width() || box.right() > right) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ground);
  painter.drawRoundedRect(box, 4, 4);
  const QColor black = theme().noteText;
  painter.setPen(contrastRatio(ground, black) >= 4.5 ? black : QColor(255, 255, 255));
  painter.drawText(box, Qt::AlignCenter, text);
}

void paintTakeCaption(QPainter& painter, const RollState& state) {
  const Take* take = state.takes().currentTake();
  if (take == nullptr) return;
  const RollView& view = state.view();
  const double left = std::max(view.x(state.takes().range().from), 0.0) + 6;
  const double right = view.x(state.takes().range().to);
  QString text = QCoreApplication::translate("Roll", "Take %1 of %2")
                     .arg(state.takes().current() + 1)
                     .arg(state.takes().takes().size());
  if (!take->job->finished()) text += QCoreApplication::translate("Roll", " · composing…");
  paintCaption(painter, text, left, right, theme().candidate, state);
}

}  // namespace incipit
