#include "core/io/recovery.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include "core/compose/paths.h"
#include "core/io/atomic_file.h"
#include "core/io/json_reader.h"
#include "core/io/text.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::system_clock;
constexpr auto kKept = std::chrono::hours(24 * 30);

std::string uuid() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::random_device source;
  std::string out;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    unsigned digit = source() & 15U;
    if (i == 12) digit = 4;                  // random, by RFC 4122
    if (i == 16) digit = 8U | (digit & 3U);  // its variant
    out += kHex[digit];
  }
  return out;
}

// When a process started, in ticks since the machine did; 0 when there is none, or when it has
// ended and only waits for its parent to notice. With it a number that the system has given to
// another process is not mistaken for the one that wrote a file.
std::int64_t startOf(std::int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::size_t at = text.rfind(')');  // the name before it may hold anything
  if (at != std::string::npos && at + 2 < text.size() && text[at + 2] == 'Z') return 0;
  constexpr int kFieldsBetween = 20;
  for (int i = 0; i < kFieldsBetween && at != std::string::npos; ++i) at = text.find(' ', at + 1);
  std::int64_t start = 0;
  if (at != std::string::npos) {
    std::from_chars(text.data() + at + 1, text.data() + text.size(), start);
  }
  return start;
}

struct Sidecar {
  std::int64_t pid = 0;
  std::int64_t started = 0;
  std::string original;
  std::int64_t time = 0;  // seconds since 1970
  bool clean = false;
};

std::string sidecarText(const Sidecar& s) {
  std::string out = "{\"pid\": " + std::to_string(s.pid) +
                    ", \"started\": " + std::to_string(s.started) +
                    ", \"time\": " + std::to_string(s.time) +
                    ", \"clean\": " + (s.clean ? "true" : "false") + ",\n \"original\": ";
  appendJsonString(out, s.original);
  return out + "}\n";
}

std::optional<Sidecar> readSidecar(const fs::path& file) {
  const auto bytes = readFile(file);
  if (!bytes) return {};
  JsonReader in({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  Sidecar s;
  std::string key;
  in.enterObject();
  while (in.nextMember(key)) {
    if (key == "pid") {
      s.pid = in.integer();
    } else if (key == "started") {
      s.started = in.integer();
    } else if (key == "time") {
      s.time = in.integer();
    } else if (key == "clean") {
      s.clean = in.boolean();
    } else if (key == "original") {
      s.original = in.string();
    } else {
      in.skip();
    }
  }
  if (in.faulty()) return {};
  return s;
}

// The process of "UUID-PID.incipit", for a file whose sidecar is lost.
std::int64_t pidOfName(const fs::path& file) {
  const std::string stem = file.stem().string();
  std::int64_t pid = 0;
  const std::size_t dash = stem.rfind('-');
  if (dash != std::string::npos) {
    std::from_chars(stem.data() + dash + 1, stem.data() + stem.size(), pid);
  }
  return pid;
}

bool lives(std::int64_t pid, std::int64_t started) {
  if (pid <= 0 || pid > std::numeric_limits<pid_t>::max()) return false;
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
  return started == 0 || startOf(pid) == started;
}

fs::path sidecarOf(const fs::path& file) { return fs::path(file).replace_extension(".json"); }

fs::path named(const fs::path& folder) {
  return folder / (uuid() + "-" + std::to_string(::getpid()) + ".incipit");
}

std::int64_t seconds(Clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

// Moves a file and sets its time to now, which is what the purge counts from.
bool moveToFolder(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path to = folder / file.filename();
  fs::rename(file, to, error);
  if (error) return false;
  ::utimensat(AT_FDCWD, to.c_str(), nullptr, 0);
  return true;
}

}  // namespace

fs::path autosaveFolder() { return stateFolder() / "autosave"; }

Autosave::Autosave(fs::path original, const fs::path& folder)
    : file_(named(folder)), sidecar_(sidecarOf(file_)), original_(std::move(original)) {}

Result<void> Autosave::writeSidecar(bool clean) {
  Sidecar s{::getpid(), startOf(::getpid()), {}, seconds(Clock::now()), clean};
  {
    const std::lock_guard lock(pathMutex_);
    s.original = original_.string();
  }
  return writeFileAtomically(sidecar_, sidecarText(s), false);
}

Result<void> Autosave::write(const Document& document) {
  const unsigned before = discards_.load();
  const std::string json = projectJson(document);
  Result<void> done;
  {
    const std::lock_guard lock(fileMutex_);
    if (discards_.load() != before) return {};  // saved by the user meanwhile
    std::error_code error;
    fs::create_directories(file_.parent_path(), error);
    if (error) {
      return fail(file_.parent_path().string() + ": no autosave: " + error.message() +
                  "; check the folder");
    }
    // The sidecar first: a file is never without the process that it belongs to.
    done = writeSidecar(false);
    if (done) done = writeFileAtomically(file_, json, false);
    if (!done && !fs::exists(file_, error)) remove();
  }
  // Whoever discarded while the lock was held has left the removal to us.
  if (discards_.load() != before) {
    const std::lock_guard lock(fileMutex_);
    remove();
  }
  return done;
}

void Autosave::remove() {
  std::error_code ignored;
  fs::remove(file_, ignored);
  fs::remove(sidecar_, ignored);
}

void Autosave::discardAfterSave(fs::path original) {
  {
    const std::lock_guard lock(pathMutex_);
    original_ = std::move(original);
  }
  ++discards_;
  // Else a write is in progress, which removes its files when it is done.
  if (fileMutex_.try_lock()) {
    remove();
    fileMutex_.unlock();
  }
}

void Autosave::cleanExit(bool unsaved) {
  if (!unsaved) {
    ++discards_;
    const std::lock_guard lock(fileMutex_);
    remove();
    return;
  }
  const std::lock_guard lock(fileMutex_);
  std::error_code error;
  if (fs::exists(file_, error)) (void)writeSidecar(true);
}

std::vector<Recoverable> listRecoverable(const fs::path& folder) {
  std::vector<Recoverable> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const fs::path& file = it->path();
    std::error_code ignored;
    if (file.extension() != ".incipit" || !it->is_regular_file(ignored)) continue;
    const std::optional<Sidecar> sidecar = readSidecar(sidecarOf(file));
    const bool clean = sidecar && sidecar->clean;
    if (sidecar ? lives(sidecar->pid, sidecar->started) : lives(pidOfName(file), 0)) {
      // A document that was closed unsaved is over even while its program runs on.
      if (!clean) continue;
    }
    Recoverable r;
    r.file = file;
    r.bytes = it->file_size(ignored);
    r.cleanExit = clean;
    if (sidecar) {
      r.original = sidecar->original;
      r.time = Clock::time_point(std::chrono::seconds(sidecar->time));
    } else if (struct stat status{}; ::stat(file.c_str(), &status) == 0) {
      r.time = Clock::from_time_t(status.st_mtime);
    }
    out.push_back(std::move(r));
  }
  std::sort(out.begin(), out.end(), [](const Recoverable& a, const Recoverable& b) {
    return a.time != b.time ? a.time > b.time : a.file < b.file;
  });
  return out;
}

Result<ProjectImport> openRecoverable(const Recoverable& leftover) {
  return readProjectFile(leftover.file);
}

Result<void> discardRecoverable(const Recoverable& leftover) {
  const fs::path trash = leftover.file.parent_path() / "trash";
  std::error_code error;
  fs::create_directories(trash, error);
  if (error || !moveToFolder(leftover.file, trash)) {
    return fail(leftover.file.string() + ": not moved to " + trash.string() +
                "; check that folder's permissions");
  }
  moveToFolder(sidecarOf(leftover.file), trash);
  return {};
}

void purgeTrash(Clock::time_point now, const fs::path& folder) {
  std::error_code error;
  const auto limit = Clock::to_time_t(now - kKept);
  for (fs::directory_iterator it(folder / "trash", error), end; !error && it != end;
       it.increment(error)) {
    struct stat status {};
    std::error_code ignored;
    const bool old = ::stat(it->path().c_str(), &status) == 0 && status.st_mtime < limit;
    if (old && it->is_regular_file(ignored)) fs::remove(it->path(), ignored);
  }
}

}  // namespace incipit
