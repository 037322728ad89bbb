#include <fmt/format.h>

#include <cmath>

#include "core/compose/comparison.h"
#include "core/io/json_fields.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFormat = "incipit-comparison-1";

Json numberJson(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json distributionJson(const Evaluation::Distribution& d) {
  return {{"name", d.composed.name},       {"low", d.composed.low},
          {"width", d.composed.width},     {"labels", d.composed.labels},
          {"composed", d.composed.counts}, {"written", d.written.counts}};
}

Json jsonOf(const Evaluation& e) {
  Json metrics = Json::object();
  for (const Evaluation::Metric& m : e.metrics) {
    metrics[m.name] = {{"composed", numberJson(m.composed)}, {"written", numberJson(m.written)}};
  }
  Json figures = Json::object();
  for (const auto& [name, value] : e.figures) figures[name] = numberJson(value);
  Json distributions = Json::array();
  for (const auto& d : e.distributions) distributions.push_back(distributionJson(d));
  Json j = {{"complete", !e.cancelled},
            {"family", e.family},
            {"preset", e.preset},
            {"parameters", e.parameters},
            {"training_seconds", numberJson(e.trainingSeconds)},
            {"loss_unit", e.lossUnit}};
  if (e.loss) j["loss"] = numberJson(*e.loss);
  if (e.accuracy) j["accuracy"] = numberJson(*e.accuracy);
  if (e.notesPerSecond) j["notes_per_second"] = numberJson(*e.notesPerSecond);
  j["metrics"] = std::move(metrics);
  j["distributions"] = std::move(distributions);
  j["figures"] = std::move(figures);
  return j;
}

// The object of that name, or an empty one.
Json objectOf(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_object() ? *it : Json::object();
}

Json listOf(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_array() ? *it : Json::array();
}

// Empty where it holds anything but counts.
std::vector<std::int64_t> countsOf(const Json& j, const char* key) {
  std::vector<std::int64_t> out;
  for (const Json& n : listOf(j, key)) {
    // Far from where a sum of them overflows.
    constexpr std::int64_t kMost = 1'000'000'000'000;
    if (!n.is_number_integer() || n.get<std::int64_t>() < 0 || n.get<std::int64_t>() > kMost) {
      return {};
    }
    out.push_back(n.get<std::int64_t>());
  }
  return out;
}

std::optional<Evaluation::Distribution> distributionOf(const Json& j) {
  if (!j.is_object()) return {};
  Evaluation::Distribution d;
  Histogram& h = d.composed;
  h.name = textOf(j, "name");
  h.low = numberOf(j, "low");
  h.width = numberOf(j, "width");
  for (const Json& label : listOf(j, "labels")) {
    h.labels.push_back(label.is_string() ? label.get<std::string>() : std::string());
  }
  d.written = h;
  h.counts = countsOf(j, "composed");
  d.written.counts = countsOf(j, "written");
  const std::size_t bins = h.counts.size();
  constexpr std::size_t kMostBins = 10'000;
  const bool good = bins > 0 && bins <= kMostBins && d.written.counts.size() == bins &&
                    (h.labels.empty() || h.labels.size() == bins) && std::isfinite(h.low) &&
                    std::isfinite(h.width) && h.width > 0;
  return good ? std::optional(std::move(d)) : std::nullopt;
}

Evaluation evaluationOf(const Json& j) {
  Evaluation e;
  e.cancelled = !switchOf(j, "complete");
  e.family = textOf(j, "family");
  e.preset = textOf(j, "preset");
  e.parameters = std::max<std::int64_t>(0, integerOf(j, "parameters"));
  e.trainingSeconds = numberOf(j, "training_seconds");
  e.lossUnit = textOf(j, "loss_unit");
  e.loss = maybeOf(j, "loss");
  e.accuracy = maybeOf(j, "accuracy");
  e.notesPerSecond = maybeOf(j, "notes_per_second");
  const Json metrics = objectOf(j, "metrics");
  for (const auto& [name, m] : metrics.items()) {
    if (!m.is_object()) continue;
    e.metrics.push_back({name, numberOf(m, "composed"), numberOf(m, "written")});
  }
  for (const Json& d : listOf(j, "distributions")) {
    if (auto found = distributionOf(d)) e.distributions.push_back(std::move(*found));
  }
  const Json figures = objectOf(j, "figures");
  for (const auto& [name, value] : figures.items()) {
    e.figures.emplace_back(name, value.is_number() ? value.get<double>() : std::nan(""));
  }
  return e;
}

}  // namespace

std::string evaluationJson(const Evaluation& evaluation) {
  return jsonOf(evaluation).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string comparisonJson(const Comparison& c) {
  Json models = Json::array();
  for (const ComparedModel& m : c.models) {
    Json j = {{"file", m.file.string()}, {"checkpoint", m.hash}};
    j.update(jsonOf(m.evaluation));
    models.push_back(std::move(j));
  }
  const EvaluateRequest& r = c.request;
  return lineOf(Json{{"comparison", kFormat},
                     {"date", c.date},
                     {"data", r.data.string()},
                     {"sets", r.sets},
                     {"split", r.split},
                     {"examples", r.examples},
                     {"continuations", r.continuations},
                     {"seed", r.seed},
                     {"models", std::move(models)}});
}

Result<Comparison> parseComparison(const std::string& text, const fs::path& file) {
  const Json j = parseJson(text);
  if (!j.is_object() || textOf(j, "comparison") != kFormat) {
    return fail(fmt::format("{}: is not a comparison of models", file.string()));
  }
  Comparison c;
  c.date = textOf(j, "date");
  c.request.data = textOf(j, "data");
  c.request.sets = textOf(j, "sets");
  c.request.split = textOf(j, "split");
  c.request.examples = std::max<std::int64_t>(0, integerOf(j, "examples"));
  c.request.continuations = smallOf(j, "continuations");
  c.request.seed = static_cast<std::uint64_t>(integerOf(j, "seed"));
  for (const Json& m : listOf(j, "models")) {
    if (m.is_object()) {
      c.models.push_back({textOf(m, "file"), textOf(m, "checkpoint"), evaluationOf(m)});
    }
  }
  return c;
}

}  // namespace incipit
