// Any bytes as a checkpoint: reading its header ends, and what it names lies within the file.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/compose/catalogue.h"
#include "core/compose/safetensors_header.h"
#include "tests/fuzz/check.h"

using namespace incipit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("checkpoint", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  fuzz::require(file >= 0 && ::ftruncate(file, 0) == 0, "no memory file");
  fuzz::require(::pwrite(file, data, size, 0) == static_cast<ssize_t>(size), "no memory file");
  const Result<SafetensorsHeader> header = readSafetensorsHeader(path);
  if (header) {
    for (const TensorEntry& t : header->tensors) {
      fuzz::require(t.begin <= t.end && t.end <= size, "a tensor outside the file");
      fuzz::require(t.elements() >= 0, "a tensor of a negative size");
    }
  } else {
    fuzz::require(!header.error().message.empty(), "an error without a message");
  }
  (void)readCheckpointInfo(path);
  return 0;
}
