#include "ui/window/autosaver.h"

#include <QPointer>

namespace incipit {

Autosaver::Autosaver(Session& session, std::filesystem::path folder,
                     std::chrono::milliseconds after, QObject* parent)
    : QObject(parent),
      session_(session),
      folder_(folder.empty() ? autosaveFolder() : std::move(folder)),
      autosave_(std::make_shared<Autosave>(std::filesystem::path{}, folder_)) {
  thread_.setMaxThreadCount(1);
  timer_.setSingleShot(true);
  timer_.setInterval(after);
  connect(&timer_, &QTimer::timeout, this, &Autosaver::write);
  connect(&session_, &Session::documentChanged, this, [this] {
    if (session_.history().modified()) touch();
  });
}

Autosaver::~Autosaver() { thread_.waitForDone(); }

void Autosaver::setEnabled(bool on) {
  enabled_ = on;
  if (!on) timer_.stop();
}

void Autosaver::touch() {
  if (enabled_ && !timer_.isActive()) timer_.start();
}

void Autosaver::documentOpened(const std::filesystem::path& original) {
  timer_.stop();
  autosave_ = std::make_shared<Autosave>(original, folder_);
}

void Autosaver::documentSaved(const std::filesystem::path& original) {
  timer_.stop();
  autosave_->discardAfterSave(original);
}

void Autosaver::write() {
  DocumentPtr document = unfinished_ ? unfinished_() : nullptr;
  if (document == nullptr && session_.history().modified()) document = session_.document();
  if (document == nullptr) return;
  thread_.start([autosave = autosave_, document, self = QPointer(this)] {
    const Result<void> written = autosave->write(*document);
    if (written) return;
    // The pool is waited for in the destructor, so `self` stands while this runs.
    QMetaObject::invokeMethod(
        self.data(),
        [self, message = QString::fromStdString(written.error().message)] {
          if (self) Q_EMIT self->failed(message);
        },
        Qt::QueuedConnection);
  });
}

void Autosaver::writeNow() {
  timer_.stop();
  write();
  thread_.waitForDone();
}

void Autosaver::finish(bool keep) {
  timer_.stop();
  thread_.waitForDone();
  autosave_->cleanExit(keep);
}

}  // namespace incipit
