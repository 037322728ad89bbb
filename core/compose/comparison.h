// Models compared: what each was measured to be, as one table for the terminal, the window and a
// file, and how it is kept.
//
// Thread safety: values and free functions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/compose/ratings.h"
#include "core/io/table.h"

namespace incipit {

struct ComparedModel {
  std::filesystem::path file;
  std::string hash;  // SHA-256 of the file
  Evaluation evaluation;
  std::string name() const { return file.stem().string(); }
};

struct Comparison {
  std::string date;         // UTC, "2026-11-21T15:04:05Z"
  EvaluateRequest request;  // that all were evaluated with; `checkpoint` is not set
  std::vector<ComparedModel> models;
};

// A row a model: family, preset, parameters, training time, held-out negative log-likelihood in the
// family's unit, top-1 accuracy, notes a second; where any of them was rated, mean and number of
// its ratings. What was interrupted says so.
Table modelTable(const std::vector<ComparedModel>& models, const RatingSummaries& ratings);

// A row a figure that any of the families tells (Evaluation::figures), a column a model.
Table figureTable(const std::vector<ComparedModel>& models);

// A row a metric of continuations: of what was written, and of what each model composed. No rows
// where none composed.
Table metricTable(const std::vector<ComparedModel>& models);

// Both for a spreadsheet: modelTable with a column for each metric, and a last row "written".
Table wholeTable(const std::vector<ComparedModel>& models, const RatingSummaries& ratings);

// As JSON, an object. What is no number is null.
std::string evaluationJson(const Evaluation& evaluation);
std::string comparisonJson(const Comparison& comparison);
// What comparisonJson() wrote; one line for what is none. Of a file that was changed by hand, what
// cannot be (a negative count, a distribution whose two sides differ in their bins) is left out.
Result<Comparison> parseComparison(const std::string& text, const std::filesystem::path& file);

// comparison.json in the user's data folder: where the window keeps the last one.
std::filesystem::path comparisonFile();

}  // namespace incipit
