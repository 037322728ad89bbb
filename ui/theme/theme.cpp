#include "ui/theme/theme.h"

#include <QApplication>
#include <QStyleFactory>

#include "ui/theme/style_sheet.h"

// The style sheet names images of the resource; the macro must stand outside namespaces.
static void registerThemeResources() { Q_INIT_RESOURCE(incipit); }

namespace incipit {
namespace {

// Graphite, so that the notes are the brightest thing on the screen. Blue is the program's own
// colour, amber is what a model made: the two stay apart for every kind of colour vision.
Theme makeDark() {
  Theme t;
  t.dark = true;
  t.window = 0x17191d;
  t.panel = 0x1f2227;
  t.raised = 0x2b2f37;
  t.border = 0x3a3f49;
  t.text = 0xe8eaed;
  t.mutedText = 0xa2a9b4;
  t.accent = 0x6aa5ff;
  t.accentText = 0x0a1424;
  t.danger = 0xff8b80;
  t.warning = 0xf2b84b;

  t.whiteRow = 0x23262c;
  t.blackRow = 0x1e2126;
  t.scaleRow = 0x25303f;
  t.octaveLine = 0x3c424d;
  t.stepLine = 0x292d34;
  t.beatLine = 0x343942;
  t.barLine = 0x555d6b;
  t.keyWhite = 0xd9dce1;
  t.keyBlack = 0x2a2d33;
  t.keyText = 0x3a3f48;
  t.keyPressed = 0x6aa5ff;
  t.rulerGround = 0x1b1e22;
  t.rulerText = 0xb4bac4;
  t.playhead = 0xffffff;
  t.loopFill = QColor(106, 165, 255, 46);
  t.loopEdge = 0x6aa5ff;
  t.noteText = 0x0c1118;
  t.noteBorder = QColor(0, 0, 0, 150);
  t.selection = 0xffffff;
  t.rubberBand = QColor(106, 165, 255, 60);
  t.ghostNote = QColor(150, 158, 170, 70);
  t.candidate = 0xf2b84b;
  t.candidateRange = QColor(242, 184, 75, 22);
  t.lockMark = 0xffffff;
  t.record = 0xff6259;
  t.laneGround = 0x1b1e22;
  t.laneStem = 0x6aa5ff;
  return t;
}

// Warm paper, ink and the same two colours, deep enough to be read on it.
Theme makeLight() {
  Theme t;
  t.dark = false;
  t.window = 0xece9e3;
  t.panel = 0xf7f5f1;
  t.raised = 0xffffff;
  t.border = 0xcfcac0;
  t.text = 0x1d2025;
  t.mutedText = 0x575d67;
  t.accent = 0x2460c4;
  t.accentText = 0xffffff;
  t.danger = 0xb3261e;
  t.warning = 0x855400;

  t.whiteRow = 0xffffff;
  t.blackRow = 0xf4f2ee;
  t.scaleRow = 0xe6eefb;
  t.octaveLine = 0xc4bfb4;
  t.stepLine = 0xedeae4;
  t.beatLine = 0xdcd8d0;
  t.barLine = 0xa49e92;
  t.keyWhite = 0xffffff;
  t.keyBlack = 0x3a3d43;
  t.keyText = 0x575d67;
  t.keyPressed = 0x7fb0ff;
  t.rulerGround = 0xf7f5f1;
  t.rulerText = 0x4a505a;
  t.playhead = 0xc22f25;
  t.loopFill = QColor(36, 96, 196, 36);
  t.loopEdge = 0x2460c4;
  t.noteText = 0x0c1118;
  t.noteBorder = QColor(20, 24, 32, 150);
  t.selection = 0x14181f;
  t.rubberBand = QColor(36, 96, 196, 40);
  t.ghostNote = QColor(90, 96, 106, 60);
  t.candidate = 0xe09a17;
  t.candidateRange = QColor(224, 154, 23, 28);
  t.lockMark = 0x14181f;
  t.record = 0xcf2e24;
  t.laneGround = 0xf7f5f1;
  t.laneStem = 0x2460c4;
  return t;
}

}  // namespace

QPalette Theme::palette() const {
  QPalette p;
  p.setColor(QPalette::Window, panel);
  p.setColor(QPalette::WindowText, text);
  p.setColor(QPalette::Base, dark ? window : raised);
  p.setColor(QPalette::AlternateBase, panel);
  p.setColor(QPalette::ToolTipBase, raised);
  p.setColor(QPalette::ToolTipText, text);
  p.setColor(QPalette::PlaceholderText, mutedText);
  p.setColor(QPalette::Text, text);
  p.setColor(QPalette::Button, raised);
  p.setColor(QPalette::ButtonText, text);
  p.setColor(QPalette::BrightText, danger);
  p.setColor(QPalette::Link, accent);
  p.setColor(QPalette::LinkVisited, accent);
  p.setColor(QPalette::Highlight, accent);
  p.setColor(QPalette::HighlightedText, accentText);
  p.setColor(QPalette::Light, raised.lighter(115));
  p.setColor(QPalette::Midlight, raised);
  p.setColor(QPalette::Mid, border);
  p.setColor(QPalette::Dark, border);
  p.setColor(QPalette::Shadow, dark ? QColor(0, 0, 0) : border.darker(130));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    QColor faded = mutedText;
    faded.setAlpha(140);
    p.setColor(QPalette::Disabled, role, faded);
  }
  return p;
}

const Theme& darkTheme() {
  static const Theme theme = makeDark();
  return theme;
}

const Theme& lightTheme() {
  static const Theme theme = makeLight();
  return theme;
}

ThemeHolder& ThemeHolder::instance() {
  static ThemeHolder holder;
  return holder;
}

void ThemeHolder::apply(bool dark) {
  ::registerThemeResources();
  theme_ = dark ? &darkTheme() : &lightTheme();
  if (qApp != nullptr) {
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    QApplication::setPalette(theme_->palette());
    qApp->setStyleSheet(styleSheet(*theme_));
  }
  Q_EMIT changed();
}

}  // namespace incipit
