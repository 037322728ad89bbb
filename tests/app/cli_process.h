// Runs incipit-cli as its users do: a process of its own, with folders of its own, so that what is
// installed on the machine plays no part.
#pragma once

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <memory>

#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "core/rng.h"

namespace incipit::clitest {

constexpr int kPatience = 240'000;  // milliseconds, never waited for where all is well

struct Outcome {
  int status = -1;
  QByteArray out;
  QByteArray err;

  // The objects of --json; a line that is none makes the list empty.
  QList<QJsonObject> objects() const {
    QList<QJsonObject> all;
    for (const QByteArray& line : out.split('\n')) {
      if (line.isEmpty()) continue;
      const QJsonDocument d = QJsonDocument::fromJson(line);
      if (!d.isObject()) return {};
      all.append(d.object());
    }
    return all;
  }
  QJsonObject event(const QString& name) const {
    for (const QJsonObject& o : objects()) {
      if (o["event"] == name) return o;
    }
    return {};
  }
  QByteArray all() const { return "status " + QByteArray::number(status) + "\n" + out + err; }
  // The errors of a failure: one line that says where.
  bool oneLineNaming(const QByteArray& what) const {
    return err.count('\n') == 1 && err.startsWith("incipit-cli: error: ") && err.contains(what);
  }
};

class Cli {
 public:
  Cli() {
    environment_ = QProcessEnvironment::systemEnvironment();
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "HOME"}) {
      environment_.insert(name, folder_.path());
    }
  }

  QString path(const QString& name) const { return folder_.filePath(name); }

  static QString program() { return QStringLiteral(INCIPIT_BIN_DIR "/incipit-cli"); }
  static bool hasModels() {
    return QFile::exists(QStringLiteral(INCIPIT_BIN_DIR "/../lib/incipit/libincipit_models.so"));
  }

  std::unique_ptr<QProcess> start(const QString& command, const QStringList& arguments) const {
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environment_);
    process->setWorkingDirectory(folder_.path());
    process->start(command, arguments);
    return process;
  }
  static Outcome finish(QProcess& process) {
    Outcome o;
    if (!process.waitForFinished(kPatience)) {
      process.kill();
      process.waitForFinished();
    }
    // A signal counts as the shell counts it.
    o.status = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 128;
    o.out = process.readAllStandardOutput();
    o.err = process.readAllStandardError();
    return o;
  }
  Outcome run(const QStringList& arguments) const { return finish(*start(program(), arguments)); }
  // Through the shell, with "$0" the program: for redirections and limits.
  Outcome shell(const QString& script) const {
    return finish(*start("/bin/sh", {"-c", script, program()}));
  }

  QString write(const QString& name, const QByteArray& bytes) const {
    QDir(folder_.path()).mkpath(QFileInfo(path(name)).path());
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) return {};
    return path(name);
  }
  static QByteArray read(const QString& file) {
    QFile f(file);
    return f.open(QIODevice::ReadOnly) ? f.readAll() : QByteArray();
  }

  // A melody that walks up and down C major, eight eighths a bar; another one for another seed.
  QString writeMelody(const QString& name, int bars, std::uint64_t seed) const {
    constexpr int kScale[] = {60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79};
    Rng rng(seed);
    std::vector<Note> notes;
    int step = static_cast<int>(rng.below(8)) + 2;
    for (int i = 0; i < bars * 8; ++i) {
      Note n;
      n.start = {i * 480};
      n.length = {480};
      n.pitch = static_cast<std::uint8_t>(kScale[step]);
      n.velocity = static_cast<std::uint8_t>(70 + 4 * rng.below(8));
      notes.push_back(n);
      step = std::clamp(step + static_cast<int>(rng.below(5)) - 2, 0, 11);
    }
    const Document empty = newDocument();
    const Document d = addNotes(empty, empty.tracks.front()->id, notes).document;
    QDir(folder_.path()).mkpath(QFileInfo(path(name)).path());
    return writeMidiFile(d, path(name).toStdString()) ? path(name) : QString();
  }

 private:
  QTemporaryDir folder_;
  QProcessEnvironment environment_;
};

}  // namespace incipit::clitest
