// A ComposeRequest's settings as JSON, as a GeneratedRegion keeps them (the document and the
// context apart) and as the command line prints them.
#pragma once

#include <string>

#include "core/compose/engine.h"

namespace incipit {

std::string settingsJson(const ComposeRequest& request);

// The request that made `region`: settings and context restored; document, and checkpoint where the
// file has moved, are the caller's to set. Fails on damaged settings.
Result<ComposeRequest> requestOf(const GeneratedRegion& region);

}  // namespace incipit
