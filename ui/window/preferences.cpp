#include "ui/window/preferences.h"

#include <QDir>
#include <QUuid>
#include <algorithm>

#include "core/compose/paths.h"

namespace incipit {
namespace {

constexpr int kRates[] = {44100, 48000, 88200, 96000};

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
  p.audio.gain = std::clamp(settings.value("gain", d.audio.gain).toDouble(), 0.0, 10.0);
  p.audio.polyphony = std::clamp(settings.value("polyphony", d.audio.polyphony).toInt(), 16, 4096);
  p.audio.reverb = settings.value("reverb", d.audio.reverb).toBool();
  p.audio.chorus = settings.value("chorus", d.audio.chorus).toBool();
  p.audio.soundfont = settings.value("soundfont").toString().toStdString();
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
