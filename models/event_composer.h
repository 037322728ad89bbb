// Composing with event-lstm: the tracks of a context continued together, one symbol after another.
//
// The document says where bars lie and how fast they are; the network says what stands in them and,
// in its own words, when the piece ends. Tracks of one role (core/encoding/event_tokens.h) share
// its notes: each goes to the track whose last note is nearest, a busy one last.
//
// Rules that hold whatever the network says, beside those of take.h: no bar of the range is empty;
// no track rests for longer than "rest" bars, and one without notes comes in at once; with
// startOnBeat, and with no seed, the first note stands where the range starts; an end, where it
// may, never leaves the range empty.
//
// Thread safety: see family.h.
#pragma once

#include <memory>
#include <vector>

#include "core/compose/settings.h"
#include "models/family.h"

namespace incipit {

// FamilyInfo::settings.
std::vector<SettingInfo> eventComposeSettings();

Result<std::shared_ptr<const Composer>> loadEventComposer(const TensorFile& checkpoint);

}  // namespace incipit
