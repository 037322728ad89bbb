// The application's style sheet for a theme: spacing, corners and states of the standard widgets.
// Widgets ask for a role by the dynamic property "role": "heading", "muted", "primary" (the button
// that composes), "display" (the transport's read-outs), "chip" (small checkable buttons).
#pragma once

#include <QString>

#include "ui/theme/theme.h"

namespace incipit {

QString styleSheet(const Theme& theme);

// What the WCAG call the contrast ratio of two opaque colours, 1..21 (W3C, Web Content
// Accessibility Guidelines 2.1, "contrast ratio" and "relative luminance").
double contrastRatio(const QColor& a, const QColor& b);

// `share` 0..1 of b in a.
QColor mixed(const QColor& a, const QColor& b, double share);

}  // namespace incipit
