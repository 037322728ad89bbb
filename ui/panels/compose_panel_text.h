// The sentences of the compose panel.
//
// Thread safety: GUI thread only.
#pragma once

#include <QString>

#include "core/compose/catalogue.h"
#include "ui/session/takes.h"

namespace incipit {

// "note-lstm, improved · 1.2 M parameters · validation loss 3.21"
QString modelSummary(const CheckpointInfo& info);
// "23 notes · 41 notes/s"
QString generatingText(std::size_t notes, double seconds);
// "23 notes · seed 7"; of a failed or stopped take, that too.
QString takeSummary(const Take& take);
// "Continues Piano from bar 9 to bar 12."
QString continuationText(const Session& session, const Takes& takes);
// "Bars 9–12, Piano"
QString regionTitle(const Document& d, const GeneratedRegion& r);
// Model hash and settings, for a tool tip.
QString regionDetail(const GeneratedRegion& r);

}  // namespace incipit
