#include "core/corpus/picture_set.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/compose/paths.h"
#include "core/corpus/augment.h"
#include "core/corpus/corpus_files.h"
#include "core/corpus/sha256.h"
#include "core/encoding/picture_encoding.h"
#include "core/io/atomic_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

// The file: the pictures; the entries, 16 bytes each; how many; the mark. Numbers are
// little-endian.
constexpr std::string_view kMark = "INCPIC01";
constexpr std::size_t kEntryBytes = 16;
constexpr std::size_t kTailBytes = 16;

void putNumber(std::uint64_t value, int bytes, std::vector<std::uint8_t>& into) {
  for (int i = 0; i < bytes; ++i) into.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
std::uint64_t numberAt(const std::uint8_t* p, int bytes) {
  std::uint64_t value = 0;
  for (int i = bytes; i-- > 0;) value = value << 8U | p[i];
  return value;
}

// Seven bits a byte, the last one without the high bit.
void putVarint(std::size_t value, std::vector<std::uint8_t>& into) {
  for (; value >= 128; value >>= 7U) into.push_back(static_cast<std::uint8_t>(value | 128U));
  into.push_back(static_cast<std::uint8_t>(value));
}
bool takeVarint(std::span<const std::uint8_t>& from, std::size_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    if (from.empty()) return false;
    const std::uint8_t byte = from.front();
    from = from.subspan(1);
    value |= static_cast<std::size_t>(byte & 127U) << shift;
    if (byte < 128) return true;
  }
  return false;
}

std::string keyOf(const Corpus& corpus, PictureKind kind) {
  Sha256 hash;
  hash.update(fmt::format("{} {}\n", kMark, pictureKindId(kind)));
  for (const CorpusPiece& p : corpus.pieces) {
    hash.update(fmt::format("{}\t{:016x}\n", p.file, p.contentHash));
  }
  return hash.hex().substr(0, 24);
}

// Appends to a file of its own, which takes its place when it is whole.
class Builder {
 public:
  explicit Builder(const fs::path& file) : file_(file) {
    partial_ = file;
    partial_ += fmt::format(".{}.tmp", ::getpid());
    descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor_ < 0) error_ = errno;
  }
  ~Builder() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!done_) ::unlink(partial_.c_str());
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  void add(const Picture& picture, std::uint32_t piece, std::uint32_t place) {
    entries_.push_back({at_, piece, place});
    write(packPicture(picture));
  }
  bool empty() const { return entries_.empty(); }
  bool failed() const { return error_ != 0; }

  Result<void> finish() {
    std::vector<std::uint8_t> tail;
    for (const PictureSet::Entry& e : entries_) {
      putNumber(e.offset, 8, tail);
      putNumber(e.piece, 4, tail);
      putNumber(e.place, 4, tail);
    }
    putNumber(entries_.size(), 8, tail);
    tail.insert(tail.end(), kMark.begin(), kMark.end());
    write(tail);
    if (error_ == 0 && ::rename(partial_.c_str(), file_.c_str()) != 0) error_ = errno;
    if (error_ != 0) {
      return fail(fmt::format("{}: cannot be written: {}", file_.string(), writeAdvice(error_)));
    }
    done_ = true;
    return {};
  }

 private:
  void write(std::span<const std::uint8_t> bytes) {
    at_ += bytes.size();
    while (error_ == 0 && !bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        error_ = errno;
      } else {
        bytes = bytes.subspan(static_cast<std::size_t>(n));
      }
    }
  }

  fs::path file_, partial_;
  int descriptor_ = -1;
  int error_ = 0;
  bool done_ = false;
  std::uint64_t at_ = 0;
  std::vector<PictureSet::Entry> entries_;
};

// False where stopped.
Result<bool> build(const Corpus& corpus, PictureKind kind, const fs::path& file,
                   const std::function<void(double)>& progress, const std::stop_token& stop) {
  const CorpusFiles files(corpus.folder);
  Builder builder(file);
  for (std::uint32_t i = 0; i < corpus.pieces.size() && !builder.failed(); ++i) {
    if (stop.stop_requested()) return false;
    const auto import = files.readMidi(corpus.pieces[i].file);
    if (!import) return fail(import.error().message);
    for (const PlacedPicture& p : paintPictures(kind, pictureNotes(import->document, kind))) {
      builder.add(p.picture, i, static_cast<std::uint32_t>(p.index));
    }
    if (progress) progress(static_cast<double>(i + 1) / static_cast<double>(corpus.pieces.size()));
  }
  if (builder.empty() && !builder.failed()) {
    return fail(fmt::format("{}: none of its notes lies in a picture \"{}\"",
                            corpus.folder.string(), pictureKindId(kind)));
  }
  auto finished = builder.finish();
  if (!finished) return tl::unexpected(finished.error());
  return true;
}

bool readAt(int descriptor, std::uint64_t offset, std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const ssize_t n = ::pread(descriptor, into.data(), into.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    offset += static_cast<std::uint64_t>(n);
    into = into.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

std::vector<std::uint8_t> packPicture(const Picture& picture) {
  std::vector<std::uint8_t> out;
  const auto& v = picture.values;
  std::size_t silentFrom = 0;
  for (std::size_t i = 0; i < v.size();) {
    if (v[i] == 0) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < v.size() && v[end] == v[i]) ++end;
    putVarint(i - silentFrom, out);
    putVarint(end - i, out);
    out.push_back(v[i]);
    silentFrom = i = end;
  }
  return out;
}

Result<Picture> unpackPicture(std::span<const std::uint8_t> bytes, PictureKind kind) {
  Picture picture(kind);
  std::size_t at = 0;
  while (!bytes.empty()) {
    std::size_t silent = 0;
    std::size_t run = 0;
    if (!takeVarint(bytes, silent) || !takeVarint(bytes, run) || bytes.empty()) {
      return fail("a picture breaks off");
    }
    const std::size_t left = picture.values.size() - at;
    if (silent > left || run > left - silent) return fail("a picture is too large");
    at += silent;
    std::fill_n(picture.values.begin() + static_cast<std::ptrdiff_t>(at), run, bytes.front());
    at += run;
    bytes = bytes.subspan(1);
  }
  return picture;
}

Result<PictureSet> PictureSet::read(const fs::path& file, PictureKind kind,
                                    std::vector<CorpusPiece> pieces) {
  const auto damaged = [&] {
    return fail(fmt::format("{}: is not a whole set of pictures", file.string()));
  };
  PictureSet set;
  set.kind_ = kind;
  set.file_ = file;
  set.pieces_ = std::move(pieces);
  set.descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat facts {};
  if (set.descriptor_ < 0 || ::fstat(set.descriptor_, &facts) != 0) {
    return fail(fmt::format("{}: {}", file.string(), std::generic_category().message(errno)));
  }
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  std::array<std::uint8_t, kTailBytes> tail{};
  if (size < kTailBytes || !readAt(set.descriptor_, size - kTailBytes, tail)) return damaged();
  if (!std::equal(kMark.begin(), kMark.end(), tail.begin() + 8)) return damaged();
  const std::uint64_t count = numberAt(tail.data(), 8);
  if (count > (size - kTailBytes) / kEntryBytes) return damaged();
  set.end_ = size - kTailBytes - count * kEntryBytes;
  std::vector<std::uint8_t> index(static_cast<std::size_t>(count) * kEntryBytes);
  if (!readAt(set.descriptor_, set.end_, index)) return damaged();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* p = index.data() + i * kEntryBytes;
    const Entry e{numberAt(p, 8), static_cast<std::uint32_t>(numberAt(p + 8, 4)),
                  static_cast<std::uint32_t>(numberAt(p + 12, 4))};
    const bool rises =
        set.entries_.empty() ? e.offset == 0 : e.offset >= set.entries_.back().offset;
    if (!rises || e.offset > set.end_ || e.piece >= set.pieces_.size()) return damaged();
    set.entries_.push_back(e);
  }
  return set;
}

Result<PictureSet> PictureSet::open(const Corpus& corpus, const PictureSetOptions& options,
                                    const std::function<void(double)>& progress,
                                    const std::stop_token& stop) {
  const fs::path folder = options.folder.empty() ? cacheFolder() / "pictures" : options.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
  const fs::path file = folder / (keyOf(corpus, options.kind) + ".pictures");
  if (fs::exists(file, error)) {
    auto known = read(file, options.kind, corpus.pieces);
    if (known) return known;
  }
  auto built = build(corpus, options.kind, file, progress, stop);
  if (!built) return tl::unexpected(built.error());
  if (!*built) return PictureSet();
  return read(file, options.kind, corpus.pieces);
}

PictureSet::PictureSet(PictureSet&& other) noexcept { *this = std::move(other); }

PictureSet& PictureSet::operator=(PictureSet&& other) noexcept {
  std::swap(kind_, other.kind_);
  std::swap(file_, other.file_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(pieces_, other.pieces_);
  std::swap(entries_, other.entries_);
  std::swap(end_, other.end_);
  return *this;
}

PictureSet::~PictureSet() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::vector<std::uint32_t> PictureSet::of(Split split) const {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    if (pieces_[entries_[i].piece].split == split) out.push_back(i);
  }
  return out;
}

std::string PictureSet::name(std::uint32_t entry) const {
  const Entry& e = entries_[entry];
  return fmt::format("{}, picture {}", pieces_[e.piece].file, e.place + 1);
}

Result<Picture> PictureSet::picture(std::uint32_t entry) const {
  const std::uint64_t from = entries_[entry].offset;
  const std::uint64_t to = entry + 1 < entries_.size() ? entries_[entry + 1].offset : end_;
  // No picture has longer runs: a run takes at most nine bytes for each of its cells.
  if (to - from <= 9 * shapeOf(kind_).size()) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(to - from));
    if (readAt(descriptor_, from, bytes)) {
      auto picture = unpackPicture(bytes, kind_);
      if (picture) return picture;
    }
  }
  return fail(fmt::format("{}: is damaged; delete it to have it made again", file_.string()));
}

Picture augmented(const Picture& picture, const PictureAugmentation& augmentation, Rng& rng) {
  constexpr int kDown = 5;
  constexpr int kUp = 6;
  PictureNotes notes = readPictures({&picture, 1});
  if (notes.empty()) return picture;
  const PictureShape shape = shapeOf(picture.kind);
  const int highest = shape.lowest + shape.keys - 1;
  int low = highest;
  int high = shape.lowest;
  for (const PictureNote& n : notes) {
    low = std::min<int>(low, n.pitch);
    high = std::max<int>(high, n.pitch);
  }
  int move = 0;
  if (augmentation.transpose) {
    const int down = std::min(kDown, low - shape.lowest);
    const int up = std::min(kUp, highest - high);
    move = static_cast<int>(rng.below(static_cast<std::uint32_t>(down + up + 1))) - down;
  }
  for (PictureNote& n : notes) {
    int pitch = n.pitch + move;
    if (augmentation.noisyNotes > 0 && rng.uniform() < augmentation.noisyNotes) {
      pitch = std::clamp(pitch + static_cast<int>(standardNormal(rng)), shape.lowest, highest);
    }
    n.pitch = static_cast<std::uint8_t>(pitch);
  }
  return paintPicture(picture.kind, notes);
}

}  // namespace incipit
