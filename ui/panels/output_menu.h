// Where a track is heard: the synthesizer or a MIDI output and channel, as a menu and as a text.
//
// Thread safety: GUI thread only.
#pragma once

#include <QMenu>
#include <QString>
#include <vector>

#include "core/playback/player.h"
#include "ui/session/session.h"

namespace incipit {

// "Incipit (virtual)" for our own port, others by their name.
QString midiPortTitle(const std::string& name);
// "Expander · channel 3", with "(missing)" where the output is not there; empty for the
// synthesizer.
QString outputText(const Track& track, const std::vector<MidiPort>& outputs);
bool outputMissing(const Track& track, const std::vector<MidiPort>& outputs);
// Puts the choices of a track into the menu; what is chosen is one undo step.
void fillOutputMenu(QMenu& menu, Session& session, TrackId track,
                    const std::vector<MidiPort>& outputs);

}  // namespace incipit
