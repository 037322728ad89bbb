#include "ui/theme/style_sheet.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace incipit {
namespace {

// Names in the sheet begin with @; longer names come first where one begins another.
constexpr const char* kSheet = R"(
* { outline: none; }
QMainWindow, QDialog { background: @window; }
QDialog, QWidget#trainingWindow { background: @panel; }
QMenuBar { background: @window; color: @text; padding: 2px 6px; border: none; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @panel; color: @text; border: 1px solid @border; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 26px; border-radius: 4px; }
QMenu::item:selected { background: @accent; color: @onaccent; }
QMenu::item:disabled { color: @disabled; background: transparent; }
QMenu::separator { height: 1px; background: @border; margin: 5px 8px; }
QMenu::icon { padding-left: 6px; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }

QWidget#transportBar { background: @panel; border-bottom: 1px solid @border; }
QWidget#sidePanel, QScrollArea#sidePanel { background: @panel; }
QWidget#trackRow { background: @panel; border-bottom: 1px solid @border; }
QWidget#trackRow:hover { background: @hover; }
QWidget#trackRow[active="true"] { background: @raised; }
QStatusBar { background: @window; color: @muted; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted; padding: 0 6px; }
QSplitter::handle { background: @border; }
QFrame[role="line"] { background: @border; border: none; }

QLabel[role="heading"] { color: @text; font-weight: 600; }
QLabel[role="title"] { color: @text; font-size: 15pt; font-weight: 600; }
QLabel#countInLabel { color: @text; background: @panel; border: 2px solid @record; border-radius: 16px;
  font-size: 54pt; font-weight: 600; }
QLabel[role="missing"] { color: @warning; font-size: 8pt; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="problem"] { color: @danger; }
QLabel[role="caption"] { color: @muted; font-size: 8pt; }
QLabel[role="display"] { color: @text; font-size: 14pt; font-weight: 600; }

QPushButton, QToolButton { background: @raised; color: @text; border: 1px solid @border;
  border-radius: 5px; padding: 5px 12px; }
QPushButton { min-height: 18px; }
QPushButton:hover, QToolButton:hover { background: @hover2; }
QPushButton:pressed, QToolButton:pressed { background: @pressed; }
QPushButton:disabled, QToolButton:disabled { color: @disabled; background: @panel; border-color: @softborder; }
QPushButton:focus, QToolButton:focus { border-color: @accent; }
QPushButton:default { border-color: @accent; }
QPushButton[role="primary"] { background: @candidate; color: #191204; border: 1px solid @candidate;
  font-weight: 600; min-height: 24px; }
QPushButton[role="primary"]:hover { background: @candhover; }
QPushButton[role="primary"]:pressed { background: @candpress; }
QPushButton[role="primary"]:focus { border: 1px solid @text; }
QPushButton[role="primary"]:disabled { background: @raised; color: @disabled; border-color: @softborder; }
QPushButton[role="accent"] { background: @accent; color: @onaccent; border-color: @accent; font-weight: 600; }
QPushButton[role="accent"]:hover { background: @acchover; }
QPushButton[role="accent"]:disabled { background: @raised; color: @disabled; border-color: @softborder; font-weight: 400; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: @accent; padding: 4px 6px; text-align: left; }
QPushButton:checked { background: @checked; border-color: @accent; }
QPushButton[role="link"]:hover { background: @hover; }

QToolButton { padding: 5px; }
QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; }
QToolButton[role="flat"]:hover { background: @hover2; }
QToolButton[role="flat"]:checked { background: @checked; border-color: @accent; }
QToolButton[role="flat"]:focus { border-color: @accent; }
QToolButton[role="chip"] { padding: 0; min-width: 22px; max-width: 22px; min-height: 20px;
  max-height: 20px; border-radius: 4px; font-weight: 600; font-size: 8pt; color: @muted; background: transparent; }
QToolButton[role="chip"]:hover { background: @hover2; }
QToolButton[role="chip"]:checked { background: @accent; color: @onaccent; border-color: @accent; }
QToolButton#armButton:checked { background: @record; color: @onrecord; border-color: @record; }
QToolButton#armButton[auto="true"] { color: @record; border-color: @record; }
QToolButton#recordButton:checked { background: @recording; border-color: @record; }
QToolButton#muteButton:checked { background: @warning; color: @onwarning; border-color: @warning; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: url(:/themes/@mode-down.svg); width: 9px; height: 9px;
  subcontrol-origin: padding; subcontrol-position: right center; right: 7px; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextBrowser, QListView, QTreeView, QTableView {
  background: @field; color: @text; border: 1px solid @border; border-radius: 5px;
  selection-background-color: @accent; selection-color: @onaccent; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 20px; padding: 3px 7px; }
QAbstractSpinBox { padding-right: 2px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: @hoverborder; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QListView:focus, QTreeView:focus,
QPlainTextEdit:focus, QTableView:focus { border-color: @accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @disabled; border-color: @softborder; background: @panel; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 16px; border: none;
  background: transparent; subcontrol-origin: border; margin-right: 2px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 2px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 2px; }
QAbstractSpinBox::up-arrow { image: url(:/themes/@mode-up.svg); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url(:/themes/@mode-down.svg); width: 9px; height: 9px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover2; border-radius: 3px; }
QComboBox::drop-down { width: 20px; border: none; }
QComboBox::down-arrow { image: url(:/themes/@mode-down.svg); width: 9px; height: 9px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @border; border-radius: 0; padding: 3px; }
QTableView::item { border: 0; padding: 0 6px; }
QListView::item, QTreeView::item { padding: 4px 6px; border-radius: 3px; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: @accent; color: @onaccent; }
QListView#historyList::item:selected, QListView#regionList::item:selected,
QListView#compareModelList::item:selected, QTreeView#runList::item:selected { background: @checked; color: @text; }
QListView::item:hover:!selected, QTreeView::item:hover:!selected { background: @hover; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @border; padding: 5px 6px; }

QCheckBox, QRadioButton { color: @text; spacing: 7px; padding: 2px 0; }
QCheckBox::indicator, QListView::indicator, QTreeView::indicator { width: 15px; height: 15px; border: 1px solid @strongborder; border-radius: 4px; background: @field; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: @accent; }
QCheckBox::indicator:checked, QListView::indicator:checked, QTreeView::indicator:checked { background: @accent; border-color: @accent; image: url(:/themes/@mode-check.svg); }
QCheckBox:disabled { color: @disabled; }

QSlider { min-height: 18px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @groove; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider[role="centred"]::sub-page:horizontal { background: @groove; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: @handle; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @accent; }

QProgressBar { background: @groove; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: @candidate; border-radius: 3px; }

QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar { background: @panel; }
QTabBar::tab { background: transparent; color: @muted; padding: 8px 14px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }

QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { width: 12px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 12px; background: transparent; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @scrollhover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame#bannerRow { border-radius: 6px; background: @raised; border: 1px solid @border; }
QFrame#bannerRow[severity="error"] { border-left: 4px solid @danger; }
QFrame#bannerRow[severity="warning"] { border-left: 4px solid @warning; }
QFrame#bannerRow[severity="info"] { border-left: 4px solid @accent; }
QFrame#card { background: @raised; border: 1px solid @border; border-radius: 7px; }
QGroupBox { border: none; margin-top: 22px; font-weight: 600; color: @text; }
QGroupBox::title { subcontrol-origin: margin; left: 0; padding: 0 0 4px 0; }
)";

double linear(double channel) {
  return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c) {
  return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

}  // namespace

double contrastRatio(const QColor& a, const QColor& b) {
  const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
  return (light + 0.05) / (dark + 0.05);
}

QColor mixed(const QColor& a, const QColor& b, double share) {
  const auto part = [share](double x, double y) { return static_cast<float>(x + (y - x) * share); };
  return QColor::fromRgbF(part(a.redF(), b.redF()), part(a.greenF(), b.greenF()),
                          part(a.blueF(), b.blueF()));
}

QString styleSheet(const Theme& t) {
  const QColor toText = t.text;
  std::vector<std::pair<QString, QString>> values = {
      {"@window", t.window.name()},
      {"@panel", t.panel.name()},
      {"@raised", t.raised.name()},
      {"@border", t.border.name()},
      {"@softborder", mixed(t.panel, t.border, 0.6).name()},
      {"@strongborder", mixed(t.border, toText, 0.35).name()},
      {"@hoverborder", mixed(t.border, toText, 0.25).name()},
      {"@text", t.text.name()},
      {"@muted", t.mutedText.name()},
      {"@disabled", mixed(t.mutedText, t.panel, 0.45).name()},
      {"@accent", t.accent.name()},
      {"@acchover", mixed(t.accent, toText, 0.15).name()},
      {"@onaccent", t.accentText.name()},
      {"@danger", t.danger.name()},
      {"@warning", t.warning.name()},
      {"@onwarning", t.dark ? QString("#191204") : QString("#ffffff")},
      {"@record", t.record.name()},
      {"@recording", mixed(t.panel, t.record, 0.28).name()},
      {"@onrecord", t.dark ? QString("#1f0604") : QString("#ffffff")},
      {"@candidate", t.candidate.name()},
      {"@candhover", t.candidate.lighter(110).name()},
      {"@candpress", t.candidate.darker(112).name()},
      {"@field", (t.dark ? t.window : t.raised).name()},
      {"@hover", mixed(t.panel, toText, 0.05).name()},
      {"@hover2", mixed(t.raised, toText, 0.08).name()},
      {"@pressed", mixed(t.raised, toText, 0.16).name()},
      {"@checked", mixed(t.panel, t.accent, 0.22).name()},
      {"@groove", mixed(t.panel, toText, 0.16).name()},
      {"@handle", mixed(t.panel, toText, 0.8).name()},
      {"@scroll", mixed(t.panel, toText, 0.22).name()},
      {"@scrollhover", mixed(t.panel, toText, 0.4).name()},
      {"@mode", t.dark ? "dark" : "light"},
  };
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  QString sheet = kSheet;
  for (const auto& [name, value] : values) sheet.replace(name, value);
  return sheet;
}

}  // namespace incipit
