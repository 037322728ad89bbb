#include "core/playback/midi/midi_port_table.h"

#include <algorithm>
#include <utility>

#include "core/playback/midi/midi_names.h"
#include "core/playback/midi/midi_parse.h"
#include "core/playback/midi/midi_ports.h"
#include "core/playback/waker.h"

namespace incipit {
namespace {

constexpr const char* kNotThere = "it is not connected";

MidiPortSettings settingsOf(const std::map<std::string, MidiPortSettings>& all,
                            const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? MidiPortSettings{} : found->second;
}

// The systems to use, the best first.
std::vector<std::string> systemsToTry(const MidiWishes& w) {
  if (!w.settings.system.empty()) return {w.settings.system};
  std::vector<std::string> order;
  if (!w.preferred.empty()) order.push_back(w.preferred);
  for (const std::string& name : midiSystems()) {  // the platform's own before JACK
    if (name != w.preferred) order.push_back(name);
  }
  return order;
}

// Our own port first, then by name.
void sort(std::vector<MidiPort>& ports) {
  std::sort(ports.begin(), ports.end(), [](const MidiPort& a, const MidiPort& b) {
    const bool ownA = a.name == kVirtualMidiPort;
    const bool ownB = b.name == kVirtualMidiPort;
    return ownA != ownB ? ownA : a.name < b.name;
  });
}

}  // namespace

MidiPortTable::MidiPortTable(MidiOut& out, LiveInput& in, MidiSystemOpener open)
    : out_(out), in_(in), open_(std::move(open)) {}

MidiPortTable::~MidiPortTable() { closeSystem(); }

MidiStatus MidiPortTable::look(const MidiWishes& wishes) {
  chooseSystem(wishes);
  MidiStatus status;
  status.systems = midiSystems();
  status.system = system_ == nullptr ? "" : systemName_;
  status.inputs = lookAtInputs(wishes);
  status.outputs = lookAtOutputs(wishes);
  status.problem = system_ == nullptr ? systemProblem_ : shortcoming();
  return status;
}

void MidiPortTable::chooseSystem(const MidiWishes& wishes) {
  const std::vector<std::string> candidates = systemsToTry(wishes);
  const bool good =
      candidates == candidates_ || (!candidates.empty() && systemName_ == candidates.front());
  if (system_ != nullptr && (!system_->alive() || !good)) closeSystem();
  candidates_ = candidates;
  if (system_ != nullptr) return;
  std::string problem;
  for (const std::string& name : candidates) {
    if (auto opened = open_(name)) {
      system_ = std::move(*opened);
      systemName_ = name;
      return;
    } else {
      problem += (problem.empty() ? "No MIDI: " : "; ") + opened.error().message;
    }
  }
  systemProblem_ = problem.empty() ? "No MIDI: RtMidi knows no MIDI system here" : problem;
}

void MidiPortTable::closeSystem() {
  while (!inputs_.empty()) closeInput(inputs_.begin()->first);
  while (!outputs_.empty()) closeOutput(outputs_.begin()->first);
  in_.clockSource = -1;
  system_.reset();
}

MidiPortTable::Places MidiPortTable::placesOf(const std::vector<std::string>& listed, bool ownPorts,
                                              bool (*hidden)(const std::string&)) const {
  Places places;
  const std::vector<std::string> names = stableNames(listed);
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (listed[i].empty() || ownPort(listed[i])) continue;
    if (hidden != nullptr && hidden(listed[i])) continue;
    places[names[i]] = {static_cast<int>(i), listed[i], false};
  }
  if (ownPorts && system_->hasVirtualPorts()) places[kVirtualMidiPort] = {-1, "", true};
  return places;
}

std::vector<MidiPort> MidiPortTable::lookAtInputs(const MidiWishes& wishes) {
  const MidiSettings& s = wishes.settings;
  Places places;
  if (system_ != nullptr) places = placesOf(system_->inputs(), s.virtualPorts, echoPort);
  const auto wanted = [&](const std::string& name) { return settingsOf(s.inputs, name).enabled; };

  std::vector<std::string> leaving;
  for (const auto& [name, input] : inputs_) {
    if (!places.contains(name) || !wanted(name) || !input.port->works()) leaving.push_back(name);
  }
  for (const std::string& name : leaving) closeInput(name);

  std::vector<MidiPort> ports;
  for (const auto& [name, place] : places) {
    MidiPort port{name, true, false, ""};
    if (wanted(name) && !inputs_.contains(name)) {
      port.problem = sourceOf(name, places) ? openInput(name, place)
                                            : "more than 16 inputs cannot be listened to";
    }
    if (const auto open = inputs_.find(name); open != inputs_.end()) {
      port.open = true;
      *open->second.latency =
          static_cast<std::int64_t>(settingsOf(s.inputs, name).latencyMs * 1e6) -
          open->second.port->advance();
    }
    ports.push_back(std::move(port));
  }
  std::set<std::string> known{s.followClock};
  for (const auto& [name, setting] : s.inputs) known.insert(name);
  known.insert(sources_.begin(), sources_.end());  // that were open before
  known.erase(kVirtualMidiPort);
  for (const std::string& name : known) {
    if (name.empty() || places.contains(name)) continue;
    ports.push_back({name, false, false, wanted(name) ? kNotThere : ""});
  }
  const auto followed = inputs_.find(s.followClock);
  in_.clockSource = followed == inputs_.end() ? -1 : followed->second.source;
  sort(ports);
  return ports;
}

std::vector<MidiPort> MidiPortTable::lookAtOutputs(const MidiWishes& wishes) {
  const MidiSettings& s = wishes.settings;
  Places places;
  if (system_ != nullptr) places = placesOf(system_->outputs(), s.virtualPorts, nullptr);
  const auto wanted = [&](const std::string& name) {
    return wishes.used.contains(name) || settingsOf(s.outputs, name).clock ||
           name == kVirtualMidiPort;
  };

  std::vector<std::string> leaving;
  for (const auto& [name, output] : outputs_) {
    if (!places.contains(name) || !wanted(name) || !output.port->works() ||
        !out_.works(output.slot)) {
      leaving.push_back(name);
    }
  }
  for (const std::string& name : leaving) closeOutput(name);

  std::vector<MidiPort> ports;
  for (const auto& [name, place] : places) {
    MidiPort port{name, true, false, ""};
    const auto slot = wishes.slots.find(name);
    if (wanted(name) && slot != wishes.slots.end() && !outputs_.contains(name)) {
      port.problem = openOutput(name, place, slot->second);
    }
    port.open = outputs_.contains(name);
    ports.push_back(std::move(port));
  }
  for (const auto& [name, slot] : wishes.slots) {
    if (slot == kRefusedMidiSlot) continue;
    const MidiPortSettings setting = settingsOf(s.outputs, name);
    out_.setLatency(slot, setting.latencyMs);
    out_.setClock(slot, setting.clock);
  }
  std::set<std::string> known = wishes.used;
  for (const auto& [name, setting] : s.outputs) known.insert(name);
  for (const std::string& name : known) {
    if (places.contains(name)) continue;
    ports.push_back({name, false, false, wanted(name) ? kNotThere : ""});
  }
  sort(ports);
  return ports;
}

std::string MidiPortTable::openInput(const std::string& name, const Place& place) {
  Input input;
  input.source =
      static_cast<int>(std::find(sources_.begin(), sources_.end(), name) - sources_.begin());
  input.latency = std::make_shared<std::atomic<std::int64_t>>(0);
  auto receive = [&in = in_, source = input.source,
                  latency = input.latency](std::span<const std::uint8_t> bytes) {
    const std::int64_t now = steadyNanoseconds() - latency->load(std::memory_order_relaxed);
    MidiParser parser(bytes);
    for (MidiMessage m; parser.next(m);) {
      const bool followed = in.clockSource.load(std::memory_order_relaxed) == source;
      if (m.channelMessage() || followed) in.push({m, now, source});
    }
  };
  auto opened = place.own ? system_->openVirtualInput(std::move(receive))
                          : system_->openInput(place.number, place.listed, std::move(receive));
  if (!opened) return opened.error().message;
  input.port = std::move(*opened);
  inputs_[name] = std::move(input);
  return {};
}

std::string MidiPortTable::openOutput(const std::string& name, const Place& place, int slot) {
  if (slot == kRefusedMidiSlot)
    return "more outputs than " + std::to_string(slot) + " cannot be used";
  auto opened =
      place.own ? system_->openVirtualOutput() : system_->openOutput(place.number, place.listed);
  if (!opened) return opened.error().message;
  outputs_[name] = {slot, *opened};
  out_.setPort(slot, std::move(*opened));
  return {};
}

void MidiPortTable::closeInput(const std::string& name) {
  auto closing = inputs_.extract(name);
  const int source = closing.mapped().source;
  closing.mapped().port.reset();  // then nobody else pushes for this source
  in_.push({{}, steadyNanoseconds(), source});
}

void MidiPortTable::closeOutput(const std::string& name) {
  const auto closing = outputs_.extract(name);
  out_.setPort(closing.mapped().slot, nullptr);
}

// An input keeps its number until more have come than there are numbers.
std::optional<int> MidiPortTable::sourceOf(const std::string& name, const Places& places) {
  const auto known = std::find(sources_.begin(), sources_.end(), name);
  if (known != sources_.end()) return static_cast<int>(known - sources_.begin());
  auto free = std::find(sources_.begin(), sources_.end(), "");
  if (free == sources_.end()) {
    free = std::find_if(sources_.begin(), sources_.end(),
                        [&](const std::string& s) { return !places.contains(s); });
  }
  if (free == sources_.end()) return std::nullopt;
  *free = name;
  return static_cast<int>(free - sources_.begin());
}

std::string MidiPortTable::shortcoming() const {
  if (const auto lost = out_.lostMessages(); lost > 0) {
    return std::to_string(lost) +
           " MIDI messages were lost, as the computer did not keep up; what sounded was ended";
  }
  return out_.priorityProblem();
}

}  // namespace incipit
