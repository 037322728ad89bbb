// Any bytes as a project file: reading ends, what it gives is a sound document, and that document
// written and read again is equal.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/io/project_file.h"
#include "tests/fuzz/check.h"

using namespace incipit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<ProjectImport> first = readProject(text);
  if (!first) {
    fuzz::require(!first.error().message.empty(), "an error without a message");
    return 0;
  }
  fuzz::requireSound(first->document);
  for (const ProjectFault& f : first->faults) {
    fuzz::require(f.byte <= size, "a fault outside the file");
  }
  const std::string written = projectJson(first->document);
  const Result<ProjectImport> second = readProject(written);
  fuzz::require(second.has_value() && second->faults.empty(), "what was written cannot be read");
  fuzz::require(second->document == first->document, "written and read, it is another document");
  return 0;
}
