#include "core/compose/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/compose/paths.h"
#include "core/io/number_text.h"

namespace incipit {
namespace {

constexpr int kLossDigits = 4;
constexpr int kMetricDigits = 4;
constexpr double kPercent = 100;

TableCell countCell(std::int64_t n) { return {grouped(n), static_cast<double>(n)}; }

TableCell timeCell(double seconds) {
  return seconds > 0 ? TableCell{duration(seconds), seconds} : TableCell();
}

TableCell shareCell(const std::optional<double>& share) {
  TableCell cell = numberCell(share ? std::optional(*share * kPercent) : std::nullopt, 1);
  if (cell.value) cell = {cell.text + " %", share};
  return cell;
}

std::vector<TableCell> rowOf(const ComparedModel& m) {
  const Evaluation& e = m.evaluation;
  return {textCell(e.cancelled ? m.name() + " (interrupted)" : m.name()),
          textCell(e.family),
          textCell(e.preset),
          countCell(e.parameters),
          timeCell(e.trainingSeconds),
          numberCell(e.loss, kLossDigits),
          textCell(e.lossUnit),
          shareCell(e.accuracy),
          numberCell(e.notesPerSecond, 0)};
}

// The first whose continuations were all compared, else the first of which any was; null where none
// was.
const Evaluation* measured(const std::vector<ComparedModel>& models) {
  const Evaluation* found = nullptr;
  for (const ComparedModel& m : models) {
    if (m.evaluation.metrics.empty()) continue;
    if (!m.evaluation.cancelled) return &m.evaluation;
    if (found == nullptr) found = &m.evaluation;
  }
  return found;
}

TableCell composedCell(const Evaluation& e, std::size_t metric) {
  return metric < e.metrics.size() ? numberCell(e.metrics[metric].composed, kMetricDigits)
                                   : TableCell();
}

}  // namespace

Table modelTable(const std::vector<ComparedModel>& models, const RatingSummaries& ratings) {
  Table t;
  t.columns = {{"model", false},     {"family", false}, {"preset", false},
               {"parameters", true}, {"trained", true}, {"NLL", true},
               {"unit", false},      {"top-1", true},   {"notes/s", true}};
  const bool rated = std::any_of(models.begin(), models.end(),
                                 [&](const ComparedModel& m) { return ratings.contains(m.hash); });
  if (rated) {
    t.columns.push_back({"rating", true});
    t.columns.push_back({"ratings", true});
  }
  for (const ComparedModel& m : models) {
    t.rows.push_back(rowOf(m));
    if (!rated) continue;
    const auto found = ratings.find(m.hash);
    const bool there = found != ratings.end();
    t.rows.back().push_back(there ? numberCell(found->second.mean, 2) : TableCell());
    t.rows.back().push_back(countCell(there ? found->second.count : 0));
  }
  return t;
}

Table figureTable(const std::vector<ComparedModel>& models) {
  Table t;
  t.columns = {{"figure", false}};
  for (std::size_t column = 1; column <= models.size(); ++column) {
    t.columns.push_back({models[column - 1].name(), true});
    for (const auto& [name, value] : models[column - 1].evaluation.figures) {
      auto row = std::find_if(t.rows.begin(), t.rows.end(),
                              [&](const auto& r) { return r.front().text == name; });
      if (row == t.rows.end()) row = t.rows.insert(row, {textCell(name)});
      row->resize(column);
      row->push_back(std::isfinite(value) ? TableCell{fmt::format("{:.5g}", value), value}
                                          : TableCell());
    }
  }
  for (auto& row : t.rows) row.resize(t.columns.size());
  return t;
}

Table metricTable(const std::vector<ComparedModel>& models) {
  Table t;
  t.columns = {{"mean over continuations", false}, {"written", true}};
  for (const ComparedModel& m : models) t.columns.push_back({m.name(), true});
  const Evaluation* first = measured(models);
  if (first == nullptr) return t;
  for (std::size_t i = 0; i < first->metrics.size(); ++i) {
    t.rows.push_back(
        {textCell(first->metrics[i].name), numberCell(first->metrics[i].written, kMetricDigits)});
    for (const ComparedModel& m : models) {
      t.rows.back().push_back(composedCell(m.evaluation, i));
    }
  }
  return t;
}

Table wholeTable(const std::vector<ComparedModel>& models, const RatingSummaries& ratings) {
  Table t = modelTable(models, ratings);
  const Evaluation* first = measured(models);
  if (first == nullptr) return t;
  std::vector<TableCell> written(t.columns.size());
  written.front() = textCell("written");
  for (std::size_t i = 0; i < first->metrics.size(); ++i) {
    t.columns.push_back({first->metrics[i].name, true});
    for (std::size_t row = 0; row < models.size(); ++row) {
      t.rows[row].push_back(composedCell(models[row].evaluation, i));
    }
    written.push_back(numberCell(first->metrics[i].written, kMetricDigits));
  }
  t.rows.push_back(std::move(written));
  return t;
}

std::filesystem::path comparisonFile() { return dataFolder() / "comparison.json"; }

}  // namespace incipit
