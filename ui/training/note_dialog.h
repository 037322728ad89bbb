// The notes of a continuation as a table, to look at and to export.
//
// For tests: "noteDialog", "noteTable", "noteExportButton". Thread safety: GUI thread only.
#pragma once

#include "core/io/table.h"

class QString;
class QWidget;

namespace incipit {

// Shows it beside `parent`, which goes on; it is gone when it is closed.
void showNoteDialog(QWidget* parent, const QString& title, Table notes);

}  // namespace incipit
