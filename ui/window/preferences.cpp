#include "ui/window/preferences.h"

#include <QDir>
#include <QUuid>
#include <algorithm>
#include <cmath>

#include "core/compose/paths.h"

namespace incipit {
namespace {

constexpr int kRates[] = {44100, 48000, 88200, 96000};
constexpr double kMostLatencyMs = 500;

using Ports = std::map<std::string, MidiPortSettings>;

Ports loadPorts(QSettings& settings, const QString& key) {
  Ports ports;
  const MidiPortSettings d;
  const int count = settings.beginReadArray(key);
  for (int i = 0; i < count; ++i) {
    settings.setArrayIndex(i);
    const std::string name = settings.value("name").toString().toStdString();
    if (name.empty()) continue;
    MidiPortSettings port;
    port.enabled = settings.value("enabled", d.enabled).toBool();
    port.clock = settings.value("clock", d.clock).toBool();
    const double latency = settings.value("latency", d.latencyMs).toDouble();
    if (std::abs(latency) <= kMostLatencyMs) port.latencyMs = latency;  // not where it is no number
    if (port != d) ports[name] = port;
  }
  settings.endArray();
  return ports;
}

void savePorts(QSettings& settings, const QString& key, const Ports& ports) {
  settings.remove(key);
  settings.beginWriteArray(key);
  int i = 0;
  for (const auto& [name, port] : ports) {
    if (port == MidiPortSettings{}) continue;
    settings.setArrayIndex(i++);
    settings.setValue("name", QString::fromStdString(name));
    settings.setValue("enabled", port.enabled);
    settings.setValue("clock", port.clock);
    settings.setValue("latency", port.latencyMs);
  }
  settings.endArray();
}

}  // namespace

Preferences loadPreferences(QSettings& settings) {
  Preferences p;
  const Preferences d;
  p.dark = settings.value("theme", "dark").toString() != "light";
  p.autosave = settings.value("autosave", d.autosave).toBool();
  settings.beginGroup("audio");
  p.audio.driver = settings.value("driver").toString().toStdString();
  p.audio.device = settings.value("device").toString().toStdString();
  p.audio.sampleRate = settings.value("rate", d.audio.sampleRate).toInt();
  if (std::find(std::begin(kRates), std::end(kRates), p.audio.sampleRate) == std::end(kRates))
    p.audio.sampleRate = d.audio.sampleRate;
  p.audio.period = settings.value("period", d.audio.period).toInt();
  if (p.audio.period < 64 || p.audio.period > 4096) p.audio.period = d.audio.period;
  const double gain = settings.value("gain", d.audio.gain).toDouble();
  if (gain >= 0 && gain <= 10) p.audio.gain = gain;
  p.audio.polyphony = std::clamp(settings.value("polyphony", d.audio.polyphony).toInt(), 16, 4096);
  p.audio.reverb = settings.value("reverb", d.audio.reverb).toBool();
  p.audio.chorus = settings.value("chorus", d.audio.chorus).toBool();
  p.audio.soundfont = settings.value("soundfont").toString().toStdString();
  settings.endGroup();
  settings.beginGroup("midi");
  p.midi.system = settings.value("system").toString().toStdString();
  p.midi.virtualPorts = settings.value("virtualPorts", d.midi.virtualPorts).toBool();
  p.midi.followClock = settings.value("followClock").toString().toStdString();
  p.midi.inputs = loadPorts(settings, "inputs");
  p.midi.outputs = loadPorts(settings, "outputs");
  settings.endGroup();
  return p;
}

void savePreferences(QSettings& settings, const Preferences& p) {
  settings.setValue("theme", p.dark ? "dark" : "light");
  settings.setValue("autosave", p.autosave);
  settings.beginGroup("audio");
  settings.setValue("driver", QString::fromStdString(p.audio.driver));
  settings.setValue("device", QString::fromStdString(p.audio.device));
  settings.setValue("rate", p.audio.sampleRate);
  settings.setValue("period", p.audio.period);
  settings.setValue("gain", p.audio.gain);
  settings.setValue("polyphony", p.audio.polyphony);
  settings.setValue("reverb", p.audio.reverb);
  settings.setValue("chorus", p.audio.chorus);
  settings.setValue("soundfont", QString::fromStdString(p.audio.soundfont.string()));
  settings.endGroup();
  settings.beginGroup("midi");
  settings.setValue("system", QString::fromStdString(p.midi.system));
  settings.setValue("virtualPorts", p.midi.virtualPorts);
  settings.setValue("followClock", QString::fromStdString(p.midi.followClock));
  savePorts(settings, "inputs", p.midi.inputs);
  savePorts(settings, "outputs", p.midi.outputs);
  settings.endGroup();
}

std::unique_ptr<QSettings> openSettings(const Services& services) {
  if (!services.restore) {
    const QString name = "incipit-safe-" + QUuid::createUuid().toString(QUuid::WithoutBraces);
    return std::make_unique<QSettings>(QDir::temp().filePath(name), QSettings::IniFormat);
  }
  const std::filesystem::path file =
      services.settingsFile.empty() ? configFolder() / "incipit.ini" : services.settingsFile;
  return std::make_unique<QSettings>(QString::fromStdString(file.string()), QSettings::IniFormat);
}

}  // namespace incipit
