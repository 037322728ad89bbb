#include "core/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace incipit {
namespace fs = std::filesystem;
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Closes; false where that says that the bytes did not arrive.
  bool reset() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

tl::unexpected<Error> cannotWrite(const fs::path& file, int error) {
  return fail(file.string() + ": not saved: " + writeAdvice(error));
}

bool writeAll(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// Some file systems cannot sync a folder; the rename has happened all the same.
void syncFolder(const fs::path& folder) {
  const Descriptor d(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (d.valid()) ::fsync(d.get());
}

fs::path withSuffix(fs::path file, const char* suffix) {
  file += suffix;
  return file;
}

// Leaves the present version also under "name~", without a moment at which either is missing.
bool keepVersion(const fs::path& file) {
  const fs::path kept = withSuffix(file, "~");
  const fs::path link = withSuffix(file, "~.tmp");
  ::unlink(link.c_str());
  if (::link(file.c_str(), link.c_str()) == 0) {
    if (::rename(link.c_str(), kept.c_str()) != 0) {
      const int error = errno;
      ::unlink(link.c_str());
      errno = error;
      return false;
    }
    // Two names of one file: rename did nothing and left the link.
    ::unlink(link.c_str());
    return true;
  }
  if (errno == ENOENT) return true;  // the first version
  std::error_code error;             // a disk without hard links
  fs::copy_file(file, kept, fs::copy_options::overwrite_existing, error);
  errno = error.value();
  return !error;
}

}  // namespace

std::string writeAdvice(int error) {
  switch (error) {
    case ENOENT:
      return "the folder does not exist; create it or choose another";
    case ENOTDIR:
      return "a part of its path is not a folder; choose another place";
    case EACCES:
    case EPERM:
      return "no permission to write there; choose another folder";
    case EROFS:
      return "the disk is read-only; choose another folder";
    case ENOSPC:
      return "the disk is full; free some space or choose another disk";
    case EDQUOT:
      return "your disk quota is used up; free some space or choose another disk";
    case EFBIG:
      return "the file is larger than this disk allows; choose another disk";
    case EISDIR:
      return "it is a folder; choose a file name";
    case ENAMETOOLONG:
      return "the name is too long; choose a shorter one";
    case ELOOP:
      return "its symbolic links lead in a circle; choose another name";
    default:
      return std::strerror(error);  // NOLINT(concurrency-mt-unsafe): glibc's is safe
  }
}

Result<std::vector<std::uint8_t>> readFile(const fs::path& file) {
  const auto cannotRead = [&file](const char* why) { return fail(file.string() + ": " + why); };
  Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!in.valid() || ::fstat(in.get(), &status) != 0) {
    switch (errno) {
      case ENOENT:
        return cannotRead("there is no such file; check its name");
      case EACCES:
        return cannotRead("no permission to read it");
      default:
        return cannotRead(std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
    }
  }
  if (S_ISDIR(status.st_mode)) return cannotRead("it is a folder; choose a file");
  if (!S_ISREG(status.st_mode)) return cannotRead("it is not a regular file");
  constexpr off_t kLargest = off_t{1} << 31U;
  if (status.st_size >= kLargest) return cannotRead("it is larger than 2 GiB");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = ::read(in.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannotRead(std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
    if (n == 0) break;                                   // it was cut while we read
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

Result<void> writeFileAtomically(const fs::path& file, std::span<const std::uint8_t> bytes,
                                 bool keepPrevious) {
  std::error_code error;
  fs::path target = file;
  if (fs::is_symlink(file, error)) {
    const fs::path real = fs::weakly_canonical(file, error);
    if (!error) target = real;
  }
  if (fs::is_directory(target, error)) return cannotWrite(file, EISDIR);
  const fs::path temporary = withSuffix(target, ".tmp");
  struct stat old {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  Descriptor out(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!out.valid()) return cannotWrite(file, errno);
  const auto failed = [&] {
    const int reason = errno;
    out.reset();
    ::unlink(temporary.c_str());
    return cannotWrite(file, reason);
  };
  if (exists && ::fchmod(out.get(), old.st_mode & 07777U) != 0 && errno != EPERM) return failed();
  if (!writeAll(out.get(), bytes) || ::fsync(out.get()) != 0 || !out.reset()) return failed();
  if (keepPrevious && !keepVersion(target)) return failed();
  if (::rename(temporary.c_str(), target.c_str()) != 0) return failed();
  syncFolder(target.has_parent_path() ? target.parent_path() : fs::path("."));
  return {};
}

Result<void> writeFileAtomically(const fs::path& file, std::string_view text, bool keepPrevious) {
  return writeFileAtomically(
      file, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()),
      keepPrevious);
}

}  // namespace incipit
