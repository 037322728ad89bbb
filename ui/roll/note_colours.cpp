#include "ui/roll/note_colours.h"

namespace incipit {
namespace {

QColor readableOn(const QColor& ground, const QColor& preferred) {
  const QColor white(255, 255, 255);
  return contrastRatio(ground, preferred) >= contrastRatio(ground, white) ? preferred : white;
}

}  // namespace

NoteColours::NoteColours(const Theme& theme, std::uint32_t trackColour)
    : border(theme.noteBorder), selection(theme.selection) {
  const QColor hue(static_cast<QRgb>(trackColour));
  // Soft notes sink towards the ground, loud ones stand out from it.
  const QColor soft = mixed(hue, theme.whiteRow, theme.dark ? 0.62 : 0.66);
  const QColor loud =
      theme.dark ? mixed(hue, QColor(255, 255, 255), 0.16) : mixed(hue, QColor(0, 0, 0), 0.12);
  for (std::size_t i = 0; i < fill.size(); ++i) {
    const double share = static_cast<double>(i) / (kShades - 1);
    fill[i] = mixed(soft, loud, share);
    selected[i] = mixed(fill[i], theme.dark ? QColor(255, 255, 255) : QColor(20, 40, 80), 0.42);
    text[i] = readableOn(fill[i], theme.noteText);
    selectedText[i] = readableOn(selected[i], theme.noteText);
  }
}

}  // namespace incipit
