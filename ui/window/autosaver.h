// Keeps a copy of unsaved work: some seconds after a change the document is written to the autosave
// folder (core/io/recovery.h) on a thread of its own, because the workers may be busy for hours
// with training or a long take.
//
// Thread safety: GUI thread only.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/io/recovery.h"
#include "ui/session/session.h"

namespace incipit {

class Autosaver : public QObject {
  Q_OBJECT

 public:
  // folder: empty for the usual one.
  Autosaver(Session& session, std::filesystem::path folder, std::chrono::milliseconds after,
            QObject* parent = nullptr);
  ~Autosaver() override;  // waits for a write in progress

  void setEnabled(bool on);
  // Gives the document with what is not committed yet (a recording that runs), or null. While there
  // is such a thing, touch() is called now and then.
  void setUnfinished(std::function<DocumentPtr()> unfinished) {
    unfinished_ = std::move(unfinished);
  }
  void touch();
  std::filesystem::path file() const { return autosave_->file(); }

  // Another document, or the same under another name.
  void documentOpened(const std::filesystem::path& original);
  void documentSaved(const std::filesystem::path& original);
  // Writes now and waits; for a program that is asked to end.
  void writeNow();
  // The end of this document: with `keep` the copy stays and is found at the next start.
  void finish(bool keep);

 Q_SIGNALS:
  void failed(const QString& message);

 private:
  void write();

  Session& session_;
  std::filesystem::path folder_;
  QTimer timer_;
  bool enabled_ = true;
  std::function<DocumentPtr()> unfinished_;
  std::shared_ptr<Autosave> autosave_;
  QThreadPool thread_;
};

}  // namespace incipit
