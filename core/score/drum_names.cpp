#include "core/score/drum_names.h"

#include <array>

namespace incipit {
namespace {

constexpr int kFirst = 35;
constexpr std::array kNames = {
    "Kick 2",      "Kick",       "Rim",        "Snare",       "Clap",       "Snare 2",
    "Floor tom 2", "Closed hat", "Floor tom",  "Pedal hat",   "Low tom",    "Open hat",
    "Mid tom 2",   "Mid tom",    "Crash",      "High tom",    "Ride",       "China",
    "Ride bell",   "Tambourine", "Splash",     "Cowbell",     "Crash 2",    "Vibraslap",
    "Ride 2",      "High bongo", "Low bongo",  "Mute conga",  "High conga", "Low conga",
    "Hi timbale",  "Lo timbale", "High agogo", "Low agogo",   "Cabasa",     "Maracas",
    "Whistle",     "Whistle 2",  "Guiro",      "Guiro 2",     "Claves",     "High block",
    "Low block",   "Mute cuica", "Open cuica", "Mute triang", "Open triang"};
static_assert(kNames.size() == 81 - kFirst + 1);

}  // namespace

const char* drumName(int pitch) {
  const int index = pitch - kFirst;
  return index < 0 || index >= static_cast<int>(kNames.size())
             ? ""
             : kNames[static_cast<std::size_t>(index)];
}

}  // namespace incipit
