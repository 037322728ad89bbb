// New, open, save, export and the list of recent files. A MIDI file and a damaged project open as
// documents without a name: their source is never overwritten unless the user picks it.
//
// Thread safety: GUI thread only. The functions that take a path ask nothing, except open() and
// newDocument() for changes that are not saved; the others show the file dialog first.
#pragma once

#include <QObject>
#include <QSettings>
#include <QStringList>
#include <filesystem>

#include "ui/session/session.h"
#include "ui/window/autosaver.h"
#include "ui/window/banner.h"

namespace incipit {

class FileCommands : public QObject {
  Q_OBJECT

 public:
  FileCommands(Session& session, BannerArea& banner, Autosaver& autosaver, QSettings& settings,
               QWidget* window);

  // The project's file; empty for a document without one.
  const std::filesystem::path& file() const { return file_; }
  // "Waltz" of Waltz.incipit or of the imported Waltz.mid, else "Untitled".
  QString title() const;

  bool newDocument();
  bool open(const std::filesystem::path& path);
  bool openDialog();
  bool save();  // asks for a name when there is none
  bool saveAs();
  bool saveTo(const std::filesystem::path& path);
  bool exportMidi();
  bool exportMidiTo(const std::filesystem::path& path);
  // Offers to save what was changed. False: the user wants to stay.
  bool mayClose();
  // A document from elsewhere (recovery): modified, and without a file.
  void adopt(Document document, const QString& title);

  QStringList recent() const { return recent_; }
  void clearRecent();
  // A name to offer for an export, in the folder used last.
  QString suggestion(const QString& ending) const;
  void rememberFolder(const QString& path);

 Q_SIGNALS:
  void titleChanged();
  void recentChanged();
  void openedInNewDocument();  // the view starts anew

 private:
  void opened(std::filesystem::path file, QString title);
  void addRecent(const std::filesystem::path& path);
  void error(const QString& message);

  Session& session_;
  BannerArea& banner_;
  Autosaver& autosaver_;
  QSettings& settings_;
  QWidget* window_;
  std::filesystem::path file_;
  QString title_;
  QStringList recent_;
};

}  // namespace incipit
