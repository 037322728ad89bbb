// Any bytes as what pictures are read from: a PNG file, a packed picture, a whole set. Reading
// ends, refuses in one line, and what it takes is a picture that is written and read as itself.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/corpus/picture_set.h"
#include "core/encoding/picture_encoding.h"
#include "core/io/picture_file.h"
#include "tests/fuzz/check.h"

using namespace incipit;

namespace {

void requirePicture(const Result<Picture>& read, PictureKind kind) {
  if (!read) {
    fuzz::require(read.error().message.find('\n') == std::string::npos,
                  "an error of several lines");
    return;
  }
  fuzz::require(read->kind == kind && read->values.size() == shapeOf(kind).size(), "its size");
  const auto packed = unpackPicture(packPicture(*read), kind);
  fuzz::require(packed && *packed == *read, "packed, it is another");
  for (const PictureNote& n : readPictures({&*read, 1})) {
    fuzz::require(n.length >= 1 && n.pitch <= 127 && n.velocity >= 1 && n.velocity <= 127,
                  "a note");
  }
}

// The file lives in memory only.
void requireSet(const std::uint8_t* data, std::size_t size) {
  const int file = ::memfd_create("pictures", MFD_CLOEXEC);
  if (file < 0) return;
  if (::write(file, data, size) == static_cast<ssize_t>(size)) {
    const auto set = PictureSet::read("/proc/self/fd/" + std::to_string(file), PictureKind::kTicks,
                                      std::vector<CorpusPiece>(3));
    for (std::uint32_t i = 0; set && i < set->entries().size(); ++i) {
      requirePicture(set->picture(i), PictureKind::kTicks);
    }
  }
  ::close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  for (const PictureKind kind : kPictureKinds) {
    requirePicture(pictureOfPng(bytes, kind), kind);
    requirePicture(unpackPicture(bytes, kind), kind);
  }
  requireSet(data, size);
  return 0;
}
