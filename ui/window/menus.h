// The menu bar and the pop-up menus, all made of the action table.
//
// Thread safety: GUI thread only.
#pragma once

#include <QMenu>
#include <QMenuBar>

#include "ui/actions/action_table.h"
#include "ui/session/transport.h"

namespace incipit {

// Returns the submenu for recent files, to be filled by the caller.
QMenu* buildMenus(QMenuBar* bar, const ActionTable& table);

// Of the selection in the roll. Deletes itself when closed.
QMenu* makeNoteMenu(const ActionTable& table, QWidget* parent);

// Of the ruler at `at`: tempo, metre and marker there. Deletes itself when closed.
QMenu* makeRulerMenu(Session& session, Transport& transport, Tick at, QWidget* parent);

}  // namespace incipit
