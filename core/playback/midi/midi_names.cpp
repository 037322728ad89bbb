#include "core/playback/midi/midi_names.h"

#include <regex>
#include <set>
#include <string_view>

namespace incipit {
namespace {

// "Keystation:Keystation MIDI 1 20:0" (ALSA), "a2j:Keystation [20] (capture): ..." (its bridge to
// JACK), "Keystation 3" stays.
std::string withoutNumbers(const std::string& listed) {
  static const std::regex atTheEnd(R"( \d+:\d+$)");
  static const std::regex inBrackets(R"( \[\d+\])");
  return std::regex_replace(std::regex_replace(listed, atTheEnd, ""), inBrackets, "");
}

}  // namespace

std::vector<std::string> stableNames(const std::vector<std::string>& listed) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const std::string& raw : listed) {
    const std::string base = withoutNumbers(raw);
    std::string name = base;
    for (int n = 2; !taken.insert(name).second; ++n) name = base + " (" + std::to_string(n) + ")";
    names.push_back(name);
  }
  return names;
}

bool ownPort(const std::string& listed) {
  const std::string_view own = "Incipit";
  if (!listed.starts_with(own)) return false;
  return listed.size() == own.size() ||
         std::string_view(" :-").find(listed[own.size()]) != std::string_view::npos;
}

std::vector<std::string> othersPorts(const std::vector<std::string>& listed) {
  std::vector<std::string> names = stableNames(listed);
  std::erase_if(names, [](const std::string& name) { return ownPort(name); });
  return names;
}

bool echoPort(const std::string& listed) {
  return listed.starts_with("Midi Through") || listed.find(":Midi Through") != std::string::npos;
}

}  // namespace incipit
