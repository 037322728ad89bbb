// The colours of notes, worked out once for a theme and a track colour: velocity is lightness, in
// eight shades.
#pragma once

#include <QBrush>
#include <QColor>
#include <array>
#include <cstdint>

#include "ui/theme/style_sheet.h"

namespace incipit {

inline constexpr int kShades = 8;
inline int shadeOf(int velocity) { return velocity / (128 / kShades); }

struct NoteColours {
  std::array<QColor, kShades> fill;      // soft to loud
  std::array<QColor, kShades> selected;  // the same, selected
  std::array<QColor, kShades> text;      // readable on fill
  std::array<QColor, kShades> selectedText;
  QColor border;
  QColor selection;  // border of a selected note

  NoteColours() = default;
  NoteColours(const Theme& theme, std::uint32_t trackColour);
};

}  // namespace incipit
