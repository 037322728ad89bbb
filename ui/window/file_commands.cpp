#include "ui/window/file_commands.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>

#include "core/io/midi_file.h"
#include "core/io/open_document.h"
#include "core/io/project_file.h"

namespace incipit {
namespace {

constexpr int kMostRecent = 10;

QString toText(const std::filesystem::path& p) { return QString::fromStdString(p.string()); }

}  // namespace

FileCommands::FileCommands(Session& session, BannerArea& banner, Autosaver& autosaver,
                           QSettings& settings, QWidget* window)
    : QObject(window),
      session_(session),
      banner_(banner),
      autosaver_(autosaver),
      settings_(settings),
      window_(window),
      recent_(settings.value("recent").toStringList()) {}

QString FileCommands::title() const { return title_.isEmpty() ? tr("Untitled") : title_; }

void FileCommands::error(const QString& message) {
  banner_.showMessage(BannerArea::Severity::kError, "file", message);
}

void FileCommands::opened(std::filesystem::path file, QString title) {
  file_ = std::move(file);
  title_ = std::move(title);
  banner_.clear("file");
  Q_EMIT titleChanged();
  Q_EMIT openedInNewDocument();
}

bool FileCommands::newDocument() {
  if (!mayClose()) return false;
  autosaver_.finish(false);
  session_.load(std::make_shared<const Document>(incipit::newDocument()));
  autosaver_.documentOpened({});
  opened({}, {});
  return true;
}

bool FileCommands::open(const std::filesystem::path& path) {
  auto result = openDocument(path);
  if (!result) {
    error(QString::fromStdString(result.error().message));
    return false;
  }
  if (!mayClose()) return false;
  // Saving a project that was only partly read would destroy what may still be rescued.
  const bool keepsFile = result->isProject && result->warnings.empty();
  autosaver_.finish(false);
  session_.load(std::make_shared<const Document>(std::move(result->document)));
  autosaver_.documentOpened(path);
  opened(keepsFile ? path : std::filesystem::path{}, QString::fromStdString(path.stem().string()));
  addRecent(path);
  rememberFolder(toText(path));
  if (!result->warnings.empty()) {
    QString text = QString::fromStdString(result->warnings.front());
    if (result->warnings.size() > 1) text += tr(" (and %1 more)").arg(result->warnings.size() - 1);
    banner_.showMessage(BannerArea::Severity::kWarning, "file", text);
  }
  return true;
}

void FileCommands::adopt(Document document, const QString& title) {
  autosaver_.finish(false);
  session_.load(std::make_shared<const Document>(std::move(document)), true);
  autosaver_.documentOpened({});
  opened({}, title);
}

bool FileCommands::openDialog() {
  const QString path =
      QFileDialog::getOpenFileName(window_, tr("Open"), settings_.value("folder").toString(),
                                   tr("Music (*.incipit *.mid *.midi *.smf *.kar);;All files (*)"));
  return !path.isEmpty() && open(path.toStdString());
}

bool FileCommands::save() { return file_.empty() ? saveAs() : saveTo(file_); }

bool FileCommands::saveAs() {
  QString path = QFileDialog::getSaveFileName(window_, tr("Save as"), suggestion(".incipit"),
                                              tr("Incipit project (*.incipit)"));
  if (path.isEmpty()) return false;
  if (QFileInfo(path).suffix().isEmpty()) path += ".incipit";
  return saveTo(path.toStdString());
}

bool FileCommands::saveTo(const std::filesystem::path& path) {
  if (path.extension() == ".mid" || path.extension() == ".midi") {
    error(tr("%1: a project keeps more than a MIDI file can: save it as .incipit, or use Export "
             "MIDI file.")
              .arg(toText(path)));
    return false;
  }
  if (const auto written = writeProjectFile(*session_.document(), path); !written) {
    error(QString::fromStdString(written.error().message));
    return false;
  }
  session_.markSaved();
  autosaver_.documentSaved(path);
  file_ = path;
  title_ = QString::fromStdString(path.stem().string());
  banner_.clear("file");
  addRecent(path);
  rememberFolder(toText(path));
  Q_EMIT titleChanged();
  return true;
}

bool FileCommands::exportMidi() {
  QString path = QFileDialog::getSaveFileName(window_, tr("Export MIDI file"), suggestion(".mid"),
                                              tr("Standard MIDI file (*.mid)"));
  if (path.isEmpty()) return false;
  if (QFileInfo(path).suffix().isEmpty()) path += ".mid";
  return exportMidiTo(path.toStdString());
}

bool FileCommands::exportMidiTo(const std::filesystem::path& path) {
  if (const auto written = writeMidiFile(*session_.document(), path); !written) {
    error(QString::fromStdString(written.error().message));
    return false;
  }
  rememberFolder(toText(path));
  banner_.showMessage(BannerArea::Severity::kInfo, "export", tr("Saved %1.").arg(toText(path)));
  return true;
}

bool FileCommands::mayClose() {
  session_.settle();
  if (!session_.history().modified()) return true;
  QMessageBox box(QMessageBox::Question, tr("Unsaved changes"),
                  tr("Save the changes to “%1”?").arg(title()), QMessageBox::NoButton, window_);
  box.setObjectName("unsavedDialog");
  box.setInformativeText(tr("What was changed since it was last saved is lost otherwise."));
  QPushButton* save = box.addButton(QMessageBox::Save);
  QPushButton* discard = box.addButton(tr("Don't save"), QMessageBox::DestructiveRole);
  discard->setObjectName("dontSaveButton");
  box.addButton(QMessageBox::Cancel);
  box.setDefaultButton(save);
  box.exec();
  if (box.clickedButton() == save) return this->save();
  return box.clickedButton() == discard;
}

void FileCommands::addRecent(const std::filesystem::path& path) {
  const QString text = QFileInfo(toText(path)).absoluteFilePath();
  recent_.removeAll(text);
  recent_.prepend(text);
  while (recent_.size() > kMostRecent) recent_.removeLast();
  settings_.setValue("recent", recent_);
  Q_EMIT recentChanged();
}

void FileCommands::clearRecent() {
  recent_.clear();
  settings_.setValue("recent", recent_);
  Q_EMIT recentChanged();
}

QString FileCommands::suggestion(const QString& ending) const {
  const QString folder = file_.empty() ? settings_.value("folder", QDir::homePath()).toString()
                                       : QString::fromStdString(file_.parent_path().string());
  return QDir(folder).filePath(title() + ending);
}

void FileCommands::rememberFolder(const QString& path) {
  settings_.setValue("folder", QFileInfo(path).absolutePath());
}

}  // namespace incipit
