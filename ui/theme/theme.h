// Every colour of the program in one value, and the two built-in themes. Text has a contrast of
// 4.5:1 or more on its ground; notes are told apart by lightness too, never by hue alone.
//
// Thread safety: GUI thread only.
#pragma once

#include <QColor>
#include <QObject>
#include <QPalette>

namespace incipit {

struct Theme {
  bool dark = true;
  // Chrome
  QColor window, panel, raised, border, text, mutedText, accent, accentText, danger, warning;
  // Roll
  QColor whiteRow, blackRow, scaleRow, octaveLine, stepLine, beatLine, barLine;
  QColor keyWhite, keyBlack, keyText, keyPressed;
  QColor rulerGround, rulerText, playhead, loopFill, loopEdge;
  QColor noteText, noteBorder, selection, rubberBand, ghostNote;
  QColor candidate, candidateRange, lockMark;  // takes; locked notes
  QColor record;                               // what is being recorded
  QColor laneGround, laneStem;

  QPalette palette() const;
};

const Theme& darkTheme();
const Theme& lightTheme();

// The theme in use. Views repaint on changed().
class ThemeHolder : public QObject {
  Q_OBJECT

 public:
  static ThemeHolder& instance();
  const Theme& theme() const { return *theme_; }
  // Also sets the application's palette and style sheet.
  void apply(bool dark);

 Q_SIGNALS:
  void changed();

 private:
  ThemeHolder() = default;
  const Theme* theme_ = &darkTheme();
};

inline const Theme& theme() { return ThemeHolder::instance().theme(); }

}  // namespace incipit
