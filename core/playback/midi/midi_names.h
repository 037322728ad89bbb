// Names of MIDI ports that stay the same from one day to the next.
//
// Thread safety: functions without state.
#pragma once

#include <string>
#include <vector>

namespace incipit {

// The names of `listed`, as a MIDI system gave them, in its order: without the client and port
// numbers that ALSA adds, every name once ("NAME", "NAME (2)" ...).
std::vector<std::string> stableNames(const std::vector<std::string>& listed);

// Whether a name as it was listed is that of a port of Incipit.
bool ownPort(const std::string& listed);

// The stable names of those that are not.
std::vector<std::string> othersPorts(const std::vector<std::string>& listed);

// Whether it is one that gives back what it is sent.
bool echoPort(const std::string& listed);

// The clients in a MIDI system that our ports belong to: the two that other programs connect to,
// and those that are connected to devices.
inline constexpr const char* kMidiInClient = "Incipit in";
inline constexpr const char* kMidiOutClient = "Incipit out";
inline constexpr const char* kMidiLinkClient = "Incipit link";

}  // namespace incipit
