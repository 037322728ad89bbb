#include "ui/roll/note_colours.h"

#include <cmath>

namespace incipit {
namespace {

double luminance(const QColor& c) {
  const auto linear = [](double v) {
    return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

QColor readableOn(const QColor& ground, const QColor& preferred) {
  const QColor white(255, 255, 255);
  return contrast(ground, preferred) >= contrast(ground, white) ? preferred : white;
}

}  // namespace

QColor mixed(const QColor& a, const QColor& b, double share) {
  const auto mix = [share](int x, int y) {
    return static_cast<int>(std::lround(x + (y - x) * share));
  };
  return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

double contrast(const QColor& a, const QColor& b) {
  const double x = luminance(a);
  const double y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

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
