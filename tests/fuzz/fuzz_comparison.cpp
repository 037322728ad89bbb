// Any bytes as a kept comparison of models: reading ends, what is read can be shown as tables and
// plots, and written and read again it is the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/compose/comparison.h"
#include "tests/fuzz/check.h"

using namespace incipit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = parseComparison(std::string(data, data + size), "comparison.json");
  if (!first) {
    fuzz::require(!first.error().message.empty(), "an error without a message");
    return 0;
  }
  for (const ComparedModel& m : first->models) {
    for (const Evaluation::Distribution& d : m.evaluation.distributions) {
      fuzz::require(
          !d.composed.counts.empty() && d.composed.counts.size() == d.written.counts.size() &&
              (d.composed.labels.empty() || d.composed.labels.size() == d.composed.counts.size()),
          "bins that differ");
      const double o = overlap(d.composed, d.written);
      fuzz::require(o >= 0 && o <= 1 + 1e-9, "an overlap of more than all");
    }
  }
  for (const Table& t : {modelTable(first->models, {}), figureTable(first->models),
                         metricTable(first->models), wholeTable(first->models, {})}) {
    for (const auto& row : t.rows) {
      fuzz::require(row.size() == t.columns.size(), "a row that is not as long as the head");
    }
    (void)tableText(t);
    (void)tableCsv(t);
  }
  const std::string written = comparisonJson(*first);
  const auto second = parseComparison(written, "comparison.json");
  fuzz::require(second && comparisonJson(*second) == written, "written and read, it is another");
  return 0;
}
