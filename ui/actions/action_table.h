// Every command of the window in one table: id, text, keys and where the keys are heard. Menus,
// tool bars, the shortcut sheet, the palette and the preferences are all made from it. Keys that
// the user chose are kept apart from the defaults and stored as overrides.
//
// Thread safety: GUI thread only.
#pragma once

#include <QAction>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QString>
#include <map>
#include <vector>

class QSettings;

namespace incipit {

// kWindow: anywhere in the window, unless the focused control needs the key itself (see
// KeyRouting). kRoll: only while the piano roll has the focus.
enum class ActionContext { kWindow, kRoll };

struct ActionSpec {
  QString id;  // "notes.octaveUp"; also the QAction's object name
  QString text;
  QList<QKeySequence> keys;  // the defaults; the first is the one menus show
  ActionContext context = ActionContext::kWindow;
  QString icon;  // of resources/icons, or empty
  bool checkable = false;

  QString group() const { return id.section('.', 0, 0); }
};

// What the program has, in the order of the menus.
const std::vector<ActionSpec>& actionSpecs();
// "Notes" for "notes".
QString actionGroupName(const QString& group);

class ActionTable : public QObject {
  Q_OBJECT

 public:
  explicit ActionTable(QObject* parent = nullptr);

  // The action with that id; asking for one that is not in the table ends the program.
  QAction* action(const QString& id) const;
  // Makes the shortcuts work in `window`, those of kRoll in `roll`.
  void attach(QWidget* window, QWidget* roll);

  QList<QKeySequence> keys(const QString& id) const;
  bool overridden(const QString& id) const { return overrides_.contains(id); }
  void setKeys(const QString& id, const QList<QKeySequence>& keys);
  void resetKeys(const QString& id);
  // The id of another action that is heard on `key` too; empty when it is free. A longer sequence
  // conflicts with its own beginning.
  QString conflict(const QString& id, const QKeySequence& key) const;

  void load(QSettings& settings);
  void save(QSettings& settings) const;

 Q_SIGNALS:
  void keysChanged();

 private:
  void show(const ActionSpec& spec);

  std::map<QString, QAction*> actions_;
  std::map<QString, QList<QKeySequence>> overrides_;
};

}  // namespace incipit
