// The arrows of the architecture as rules about #include lines.
#pragma once

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QStringList>

namespace incipit {

// Forbids what `pattern` matches in the files whose path starts with one of `folders`, but for
// those that start with one of `except`. The pattern is matched against the name between <> or "".
struct IncludeRule {
  QStringList folders;
  QStringList except;
  QString pattern;
  QString reason;
};

inline QList<IncludeRule> includeRules() {
  const QStringList everything = {"app/", "core/", "models/", "soundfonts/", "ui/"};
  const QString qt = "^Q[A-Za-z]|^Qt|^qt|^q[a-z]+\\.h$";
  const QString others = "^(app|models|ui|soundfonts|tests)/";
  return {
      {everything, {"models/"}, "^(torch|ATen|c10)/", "LibTorch is included by models only"},
      {everything,
       {"core/playback/"},
       "^(fluidsynth|rtmidi|RtMidi|sndfile|samplerate)",
       "FluidSynth, RtMidi, libsndfile and libsamplerate are included by core/playback only"},
      {{"core/", "models/", "soundfonts/", "app/incipit_cli/", "app/common/"},
       {},
       qt,
       "Qt is included by ui and the desktop program only"},
      {{"core/"}, {"core/playback/"}, others, "core knows nobody"},
      {{"core/playback/"},
       {},
       "^(app|models|ui|tests)/",
       "playback knows core and soundfonts only"},
      {{"core/"},
       {"core/playback/"},
       "^core/playback/(?!(player|midi_message)\\.h$)",
       "core knows the interface of playback only, not playback"},
      {{"models/"}, {}, "^(app|ui|soundfonts|core/playback)/", "models know core only"},
      {{"ui/"},
       {},
       "^(app|models|tests)/|^core/playback/(?!(player|midi_message)\\.h$)",
       "ui knows core and the interface of playback only"},
      {{"soundfonts/"}, {}, "^(app|models|ui|core/playback)/", "soundfonts know core only"},
  };
}

struct Inclusion {
  QString file;  // relative to the root
  int line = 0;
  QString name;
};

inline QList<Inclusion> inclusionsUnder(const QString& root) {
  static const QRegularExpression include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  QList<Inclusion> found;
  for (const char* folder : {"app", "core", "models", "soundfonts", "ui"}) {
    QDirIterator it(root + "/" + folder, {"*.h", "*.cpp", "*.hpp", "*.cc", "*.inc"}, QDir::Files,
                    QDirIterator::Subdirectories);
    while (it.hasNext()) {
      QFile file(it.next());
      if (!file.open(QIODevice::ReadOnly)) continue;
      const QString relative = QDir(root).relativeFilePath(file.fileName());
      const QStringList lines = QString::fromUtf8(file.readAll()).split('\n');
      for (int i = 0; i < lines.size(); ++i) {
        if (const auto m = include.match(lines[i]); m.hasMatch()) {
          found.append({relative, i + 1, m.captured(1)});
        }
      }
    }
  }
  return found;
}

// One line for each forbidden include.
inline QStringList violations(const QList<Inclusion>& inclusions) {
  const auto startsWithAny = [](const QString& path, const QStringList& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const QString& p) { return path.startsWith(p); });
  };
  QStringList found;
  for (const IncludeRule& rule : includeRules()) {
    const QRegularExpression pattern(rule.pattern);
    for (const Inclusion& i : inclusions) {
      if (!startsWithAny(i.file, rule.folders) || startsWithAny(i.file, rule.except)) continue;
      if (!pattern.match(i.name).hasMatch()) continue;
      found.append(
          QString("%1:%2: includes %3: %4").arg(i.file).arg(i.line).arg(i.name).arg(rule.reason));
    }
  }
  return found;
}

// The files that include LibTorch itself; each takes 11 to 16 seconds to compile.
inline QSet<QString> torchFiles(const QList<Inclusion>& inclusions) {
  QSet<QString> files;
  for (const Inclusion& i : inclusions) {
    if (i.name.startsWith("torch/") || i.name.startsWith("ATen/")) files.insert(i.file);
  }
  return files;
}

}  // namespace incipit
