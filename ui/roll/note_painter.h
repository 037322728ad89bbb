// Draws the notes of a piano roll, the fastest way that still looks right: one by one with border,
// label and lock mark; or, where there are very many, as an occupancy grid (one byte for a pixel
// column of a row) that becomes an image. Allocates nothing per note; buffers are kept.
//
// Thread safety: GUI thread only.
#pragma once

#include <QFont>
#include <QImage>
#include <QPainter>
#include <QString>
#include <array>
#include <vector>

#include "ui/roll/note_colours.h"
#include "ui/roll/roll_state.h"

namespace incipit {

// Above this many notes in view, or this many at a zoom where they are dots, the grid is used.
inline constexpr std::size_t kDenseNotes = 20000;
inline constexpr std::size_t kDenseDots = 3000;
inline constexpr double kDotQuarterPx = 8;

class NotePainter {
 public:
  NotePainter();
  // Paints the notes within `clip` (device-independent pixels): other tracks as ghosts, then the
  // active one as RollState shows it.
  void paint(QPainter& painter, const QRect& clip, const RollState& state, double devicePixelRatio);
  // The current take over its range.
  void paintTake(QPainter& painter, const QRect& clip, const RollState& state,
                 double devicePixelRatio);

  // Whether `paint` would use the occupancy grid for a window.
  static bool dense(const Document& document, const RollView& view, TickRange window);

 private:
  void refreshColours(const RollState& state);
  void paintNotes(QPainter& painter, const QRect& clip, const RollState& state, double dpr);
  void paintGhosts(QPainter& painter, const QRect& clip, const RollState& state, double dpr);
  void paintOccupancy(QPainter& painter, const QRect& clip, const RollState& state, double dpr);
  void paintRows(QPainter& painter, const QRect& clip, const RollView& view, double dpr);
  void paintLabel(QPainter& painter, const QRectF& body, int pitch, const QColor& colour);

  const Theme* theme_ = nullptr;
  std::uint32_t trackColour_ = 0;
  NoteColours colours_;
  double labelRowPx_ = 0;  // that font_ is for
  QFont font_;
  double labelRise_ = 0;  // from the middle of a row to the baseline
  std::array<QString, kPitchRows> labels_;
  std::vector<std::uint8_t> cells_;
  std::vector<QRgb> line_;
  std::array<QRgb, 64> palette_{};
  QImage image_;
};

// Where a note is filled: crisp edges, a hairline free below and to the right.
QRectF noteBody(const Note& n, const RollView& view, double devicePixelRatio);

// A note that a model offers: see-through and hatched, so that it is told from a written one by
// more than its hue.
void paintCandidate(QPainter& painter, const Note& n, const RollView& view, bool faded, double dpr);
// The ground of a range that a model fills, with its edges.
void paintCandidateRange(QPainter& painter, const QRect& clip, TickRange range,
                         const RollView& view, double dpr);
// A caption in a filled box; `left` is of the box. Nothing where the box would pass `right`.
void paintCaption(QPainter& painter, const QString& text, double left, double right,
                  const QColor& ground, const RollState& state);

// The caption of the current take, "Take 2 of 3", at the start of its range.
void paintTakeCaption(QPainter& painter, const RollState& state);

}  // namespace incipit
