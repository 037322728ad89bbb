#include "ui/window/midi_watch.h"

#include <algorithm>

namespace incipit {
namespace {

constexpr int kPollMs = 500;
// The list of ports may take a moment; before that nothing is called missing.
constexpr int kPollsToList = 3;

const MidiPort* find(const std::vector<MidiPort>& ports, const std::string& name) {
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const MidiPort& p) { return p.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

}  // namespace

MidiWatch::MidiWatch(Session& session, Transport& transport, BannerArea& banner, QObject* parent)
    : QObject(parent), session_(session), transport_(transport), banner_(banner) {
  timer_.setInterval(kPollMs);
  connect(&timer_, &QTimer::timeout, this, &MidiWatch::poll);
}

void MidiWatch::start(const MidiSettings& settings) {
  if (transport_.player() == nullptr) return;
  settings_ = settings;
  polls_ = 0;
  timer_.start();
  poll();
}

void MidiWatch::poll() {
  const MidiStatus before = std::exchange(status_, transport_.player()->midiStatus());
  ++polls_;
  for (const MidiPort& p : status_.inputs) {
    // Our own port is open for whoever may come.
    if (p.open && p.name != kVirtualMidiPort) opened_.insert(p.name);
  }
  watchPorts(Direction::kOutput, status_.outputs, usedOutputs());
  watchPorts(Direction::kInput, status_.inputs, usedInputs());
  watchSystem();
  if (!(before == status_)) Q_EMIT statusChanged();
}

MidiWatch::Names MidiWatch::usedOutputs() const {
  Names used;
  for (const TrackPtr& t : session_.document()->tracks) {
    if (!t->output.empty()) used.insert(t->output);
  }
  return used;
}

MidiWatch::Names MidiWatch::usedInputs() const {
  Names used;
  for (const std::string& name : opened_) {
    const auto set = settings_.inputs.find(name);
    if (set == settings_.inputs.end() || set->second.enabled) used.insert(name);
  }
  if (!settings_.followClock.empty()) used.insert(settings_.followClock);
  return used;
}

void MidiWatch::watchPorts(Direction direction, const std::vector<MidiPort>& ports,
                           const Names& used) {
  const QString prefix = direction == Direction::kInput ? "midi:in:" : "midi:out:";
  for (const std::string& name : used)
    say(prefix + QString::fromStdString(name), portMessage(direction, name, find(ports, name)));
  // A copy: say() takes out what is no longer said.
  for (const auto& [key, text] : std::map(said_)) {
    if (key.startsWith(prefix) && !used.contains(key.mid(prefix.size()).toStdString()))
      say(key, {});
  }
}

QString MidiWatch::portMessage(Direction direction, const std::string& name, const MidiPort* port) {
  if (status_.system.empty()) return {};  // said once, for all of them
  const bool input = direction == Direction::kInput;
  const QString shown =
      (input ? tr("MIDI input %1") : tr("MIDI output %1")).arg(QString::fromStdString(name));
  if (port != nullptr && port->present) {
    seen_.insert({direction, name});
    if (port->problem.empty()) return {};
    return tr("%1 is not open: %2").arg(shown, QString::fromStdString(port->problem));
  }
  if (seen_.contains({direction, name})) {
    return input ? tr("%1 is gone; it is opened again when it returns.").arg(shown)
                 : tr("%1 is gone: its notes were ended; it is opened again when it returns.")
                       .arg(shown);
  }
  if (polls_ < kPollsToList) return {};
  return input ? tr("%1, whose clock is followed, is not there; it is opened when it comes.")
                     .arg(shown)
               : tr("%1 is not there: its tracks are silent until it comes.").arg(shown);
}

void MidiWatch::watchSystem() {
  const bool wanted = !settings_.system.empty() || !usedInputs().empty() || !usedOutputs().empty();
  say("midi", wanted ? QString::fromStdString(status_.problem) : QString());
}

void MidiWatch::say(const QString& key, const QString& text) {
  const auto found = said_.find(key);
  if ((found == said_.end() ? QString() : found->second) == text) return;
  if (text.isEmpty()) {
    said_.erase(key);
    banner_.clear(key);
    return;
  }
  said_[key] = text;
  banner_.showMessage(BannerArea::Severity::kWarning, key, text,
                      {tr("MIDI settings…"), [this] { Q_EMIT settingsWanted(); }});
}

}  // namespace incipit
