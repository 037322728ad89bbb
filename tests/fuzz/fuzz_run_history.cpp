// Any bytes as the history of a training run: reading ends, points never go back, and what was read
// can be told as a table.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/compose/run_history.h"
#include "tests/fuzz/check.h"

using namespace incipit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto run = parseRunHistory(std::string(data, data + size), "run.history.jsonl");
  if (!run) {
    fuzz::require(!run.error().message.empty(), "an error without a message");
    return 0;
  }
  for (std::size_t i = 1; i < run->points.size(); ++i) {
    fuzz::require(run->points[i - 1].step <= run->points[i].step, "points that go back");
  }
  fuzz::require(run->request.threads >= 1 && run->request.epochs >= 0, "a request of no use");
  (void)runCsv(*run);
  return 0;
}
