#include "ui/roll/note_colours.h"

namespace incipit {
namespace {

constexpr double kReadable = 4.5;  // contrast of text, as the theme promises

// Of black and white one always reaches it.
QColor readableOn(const QColor& ground, const QColor& preferred) {
  if (contrastRatio(ground, preferred) >= kReadable) return preferred;
  const QColor white(255, 255, 255);
  return contrastRatio(ground, white) >= kReadable ? white : QColor(0, 0, 0);
}

// As the screen shows it: eight bits a channel.
QColor blend(const QColor& a, const QColor& b, double share) {
  return QColor(mixed(a, b, share).rgb());
}

}  // namespace

NoteColours::NoteColours(const Theme& theme, std::uint32_t trackColour)
    : border(theme.noteBorder), selection(theme.selection) {
  const QColor hue(static_cast<QRgb>(trackColour));
  // Soft notes sink towards the ground, loud ones stand out from it.
  const QColor soft = blend(hue, theme.whiteRow, theme.dark ? 0.62 : 0.66);
  const QColor loud =
      theme.dark ? blend(hue, QColor(255, 255, 255), 0.16) : blend(hue, QColor(0, 0, 0), 0.12);
  for (std::size_t i = 0; i < fill.size(); ++i) {
    const double share = static_cast<double>(i) / (kShades - 1);
    fill[i] = blend(soft, loud, share);
    selected[i] = blend(fill[i], theme.dark ? QColor(255, 255, 255) : QColor(20, 40, 80), 0.42);
    text[i] = readableOn(fill[i], theme.noteText);
    selectedText[i] = readableOn(selected[i], theme.noteText);
  }
}

}  // namespace incipit
