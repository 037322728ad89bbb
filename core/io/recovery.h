// Autosave, and what is found after a crash.
//
// An open document has an Autosave: a project file `UUID-PID.incipit` in the autosave folder with a
// sidecar `UUID-PID.json` (path of the user's file, time, whether the program ended in good order).
// It is made by the first write and removed when the document is saved, or discarded by the user.
// Nothing else removes it; in particular not a clean exit with unsaved work.
//
// Thread safety: an Autosave may be written on a worker (one write at a time) while the owner's
// thread calls the rest; of that only cleanExit waits for a write in progress. The free functions
// have no shared state.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "core/io/project_file.h"
#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

std::filesystem::path autosaveFolder();  // stateFolder() / "autosave"

class Autosave {
 public:
  // original: the user's file; empty for a document without one. Touches no file.
  explicit Autosave(std::filesystem::path original,
                    const std::filesystem::path& folder = autosaveFolder());
  Autosave(const Autosave&) = delete;
  Autosave& operator=(const Autosave&) = delete;

  // Blocking (a second for half a million notes). Replaces what was written before.
  Result<void> write(const Document& document);
  // The user saved to `original`: removes the autosave. A write in progress removes its own.
  void discardAfterSave(std::filesystem::path original);
  // The document is closed or the program ends. With unsaved work the file stays and is marked as
  // left in good order; without, it is removed.
  void cleanExit(bool unsaved);

  const std::filesystem::path& file() const { return file_; }

 private:
  void remove();
  Result<void> writeSidecar(bool clean);

  const std::filesystem::path file_;
  const std::filesystem::path sidecar_;
  std::mutex pathMutex_;  // guards original_
  std::filesystem::path original_;
  std::mutex fileMutex_;  // held while the files are touched
  std::atomic<unsigned> discards_{0};
};

struct Recoverable {
  std::filesystem::path file;
  std::filesystem::path original;  // empty when the document had no file
  std::chrono::system_clock::time_point time;
  std::uintmax_t bytes = 0;
  bool cleanExit = false;  // left unsaved on purpose, not by a crash
};

// Newest first. Files of processes that still run, this one included, are left out.
std::vector<Recoverable> listRecoverable(const std::filesystem::path& folder = autosaveFolder());
// A copy of the document; the file stays where it is until discarded.
Result<ProjectImport> openRecoverable(const Recoverable& leftover);
// Moves the file and its sidecar to the folder "trash" beside it.
Result<void> discardRecoverable(const Recoverable& leftover);
// Deletes what has been in the trash for more than 30 days before `now`.
void purgeTrash(std::chrono::system_clock::time_point now = std::chrono::system_clock::now(),
                const std::filesystem::path& folder = autosaveFolder());

}  // namespace incipit
