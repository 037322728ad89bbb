#include "ui/actions/action_table.h"

#include <QSettings>
#include <QStringList>
#include <QWidget>

#include "ui/theme/icons.h"

namespace incipit {
namespace {
constexpr const char* kSettingsGroup = "shortcuts";
}

ActionTable::ActionTable(QObject* parent) : QObject(parent) {
  for (const ActionSpec& spec : actionSpecs()) {
    auto* action = new QAction(spec.text, this);
    action->setObjectName(spec.id);
    action->setCheckable(spec.checkable);
    action->setShortcutContext(spec.context == ActionContext::kRoll ? Qt::WidgetWithChildrenShortcut
                                                                    : Qt::WindowShortcut);
    if (!spec.icon.isEmpty()) action->setIcon(themedIcon(spec.icon));
    // Preferences and Quit would otherwise be moved by the platform according to their text.
    action->setMenuRole(QAction::NoRole);
    actions_[spec.id] = action;
    show(spec);
  }
}

QAction* ActionTable::action(const QString& id) const {
  const auto found = actions_.find(id);
  if (found == actions_.end()) qFatal("There is no action '%s'.", qPrintable(id));
  return found->second;
}

void ActionTable::attach(QWidget* window, QWidget* roll) {
  for (const ActionSpec& spec : actionSpecs()) {
    QWidget* widget = spec.context == ActionContext::kRoll ? roll : window;
    if (widget != nullptr) widget->addAction(action(spec.id));
  }
}

QList<QKeySequence> ActionTable::keys(const QString& id) const {
  if (const auto found = overrides_.find(id); found != overrides_.end()) return found->second;
  for (const ActionSpec& spec : actionSpecs()) {
    if (spec.id == id) return spec.keys;
  }
  return {};
}

void ActionTable::show(const ActionSpec& spec) {
  QAction* action = actions_.at(spec.id);
  const QList<QKeySequence> sequences = keys(spec.id);
  action->setShortcuts(sequences);
  QStringList texts;
  for (const QKeySequence& k : sequences) texts << k.toString(QKeySequence::NativeText);
  QString tip = spec.text;
  tip.remove(QStringLiteral("…"));
  action->setToolTip(texts.isEmpty() ? tip : QString("%1 (%2)").arg(tip, texts.join(", ")));
}

void ActionTable::setKeys(const QString& id, const QList<QKeySequence>& keys) {
  for (const ActionSpec& spec : actionSpecs()) {
    if (spec.id != id) continue;
    if (keys == spec.keys) {
      overrides_.erase(id);
    } else {
      overrides_[id] = keys;
    }
    show(spec);
  }
  Q_EMIT keysChanged();
}

void ActionTable::resetKeys(const QString& id) {
  overrides_.erase(id);
  for (const ActionSpec& spec : actionSpecs()) {
    if (spec.id == id) show(spec);
  }
  Q_EMIT keysChanged();
}

QString ActionTable::conflict(const QString& id, const QKeySequence& key) const {
  if (key.isEmpty()) return {};
  for (const ActionSpec& spec : actionSpecs()) {
    if (spec.id == id) continue;
    for (const QKeySequence& other : keys(spec.id)) {
      if (other.matches(key) != QKeySequence::NoMatch ||
          key.matches(other) != QKeySequence::NoMatch)
        return spec.id;
    }
  }
  return {};
}

void ActionTable::load(QSettings& settings) {
  settings.beginGroup(kSettingsGroup);
  overrides_.clear();
  for (const ActionSpec& spec : actionSpecs()) {
    if (!settings.contains(spec.id)) continue;
    QList<QKeySequence> sequences;
    for (const QString& text : settings.value(spec.id).toStringList()) {
      const QKeySequence k = QKeySequence::fromString(text, QKeySequence::PortableText);
      if (!k.isEmpty()) sequences << k;
    }
    overrides_[spec.id] = sequences;
  }
  settings.endGroup();
  for (const ActionSpec& spec : actionSpecs()) show(spec);
  Q_EMIT keysChanged();
}

void ActionTable::save(QSettings& settings) const {
  settings.beginGroup(kSettingsGroup);
  settings.remove("");
  for (const auto& [id, sequences] : overrides_) {
    QStringList texts;
    for (const QKeySequence& k : sequences) texts << k.toString(QKeySequence::PortableText);
    settings.setValue(id, texts);
  }
  settings.endGroup();
}

}  // namespace incipit
