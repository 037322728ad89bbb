// The small dialogs that ask how to quantise and how far to transpose the selected notes. They are
// window-modal and do their work as one undo step when accepted.
//
// Thread safety: GUI thread only.
#pragma once

#include "ui/actions/edit_commands.h"

class QWidget;

namespace incipit {

void showQuantiseDialog(Session& session, EditCommands& edits, QWidget* parent);
void showTransposeDialog(Session& session, EditCommands& edits, QWidget* parent);

}  // namespace incipit
