// Composing with the token families: a chord of the vocabulary after another.
//
// `published` has no time: a word every eighth (or what "step" says) from where the range starts,
// each as long, as the texts that it follows do; chords of pitch classes stand around middle C. It
// looks back on as many words as it was trained on; a shorter seed is repeated in front of itself,
// and where there is none a scale stands in. `improved` chooses step, word and length.
//
// What of a seed is no word of the vocabulary is read as the word nearest in sound (`published`) or
// as the largest part that is one (`improved`). Velocity is that of the seed's last note.
//
// Rules that hold whatever the network says, beside those of take.h:
//  * `improved`: no silence between onsets is longer than a bar (or than the longest of the seed,
//  up
//    to two bars) unless the piece may end early and does; the range is never left empty;
//  * with startOnBeat, and with no seed, the first note stands where the range starts;
//  * with no seed the first chord of `improved` lies between C3 and C6.
//
// Thread safety: see family.h.
#pragma once

#include <memory>
#include <vector>

#include "core/compose/settings.h"
#include "models/family.h"

namespace incipit {

// FamilyInfo::settings of both families.
std::vector<SettingInfo> tokenComposeSettings();

Result<std::shared_ptr<const Composer>> loadTokenComposer(const TensorFile& checkpoint);

}  // namespace incipit
