// The program's icons: strokes on a 24-unit square, kept as SVG in resources/icons and drawn in the
// theme's colours at the size and pixel ratio asked for, so that they follow a change of theme.
//
// Thread safety: GUI thread only.
#pragma once

#include <QIcon>
#include <QString>

namespace incipit {

// `name` as the file resources/icons/NAME.svg; an unknown one gives an empty icon.
QIcon themedIcon(const QString& name);

// The application's own icon, in its own colours.
QIcon applicationIcon();

}  // namespace incipit
