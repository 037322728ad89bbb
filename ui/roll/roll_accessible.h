// What a screen reader finds in the roll: a list whose items are the notes of the active track,
// made on demand, with names like "C sharp 4, bar 3 beat 2, one eighth, velocity 90". Follows the
// selection: selecting a single note focuses its item.
//
// Thread safety: GUI thread only.
#pragma once

namespace incipit {

// Makes every RollCanvas accessible. Idempotent.
void installRollAccessibility();

class RollCanvas;
// Tells a listening screen reader that another note is selected.
void announceSelection(RollCanvas& canvas);

}  // namespace incipit
