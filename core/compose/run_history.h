// What a training run was and what it said, as lines of JSON in NAME.history.jsonl beside its
// checkpoint NAME.safetensors: first what the run is, then its points and messages as they come,
// then how it ended. Each line is appended by one write, so a run that is killed loses the line
// that was being written at most; resuming cuts the file at the step that is gone on from, so that
// the curve is that of a run without a break.
//
// Lines: {"run":"incipit-run-1", "family", "preset", "settings", "data", "sets", "seed", "device",
// "loss_unit", "date", ...}; {"epoch", "step", "loss", "validation_loss", ..., "figures"}; {"step",
// "message"};
// {"end": "done", "stopped" or "failed"}. The reader passes over lines that it does not know and
// over a last line that was cut.
//
// Thread safety: free functions; a RunRecorder belongs to the thread that trains.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/compose/engine.h"

namespace incipit {

struct RunMessage {
  std::int64_t step = 0;  // of the point before it
  std::string text;
  bool operator==(const RunMessage&) const = default;
};

enum class RunEnd { kNone, kDone, kStopped, kFailed };  // kNone: it runs, or was killed

struct RunHistory {
  // What resuming needs: family, preset (never empty), data, sets, settings, seed and the rest;
  // `out` is the checkpoint beside the file, `resume` is not set.
  TrainRequest request;
  std::string lossUnit;
  std::string date;                // UTC, "2026-11-21T15:04:05Z"
  std::vector<TrainPoint> points;  // steps never fall; a loss that was not finite is NaN
  std::vector<RunMessage> messages;
  RunEnd end = RunEnd::kNone;
};

// NAME.safetensors -> NAME.history.jsonl, and back.
std::filesystem::path historyPath(const std::filesystem::path& out);
std::filesystem::path checkpointOfHistory(const std::filesystem::path& history);

// One line for a file that cannot be read or whose first line is not that of a run.
Result<RunHistory> readRunHistory(const std::filesystem::path& file);
// The same of its text.
Result<RunHistory> parseRunHistory(const std::string& text, const std::filesystem::path& file);

struct RunList {
  std::vector<RunHistory> runs;       // the latest first
  std::vector<std::string> problems;  // one line per file that was refused
};
// Of folders without their subfolders; those that do not exist are skipped.
RunList listRuns(const std::vector<std::filesystem::path>& folders);

// A table of the points for a spreadsheet: a head, then a line a point; empty where there is no
// value.
std::string runCsv(const RunHistory& run);

// Hands on what a run says and writes it down from begin() on (with what was said before). Of the
// points within epochs one is written for each thousandth of the steps so far, so that days of
// training are some thousand lines. Where the file cannot be written, the run goes on and one
// message says so; what could not be appended is tried again with the next line.
class RunRecorder final : public TrainSink {
 public:
  explicit RunRecorder(TrainSink& next) : next_(next) {}
  ~RunRecorder() override;
  RunRecorder(const RunRecorder&) = delete;
  RunRecorder& operator=(const RunRecorder&) = delete;

  // Takes the place of the history that request.out has. Where `resumed` names one, what it has up
  // to `step` is kept.
  void begin(const TrainRequest& request, const std::string& lossUnit,
             const std::filesystem::path& resumed = {}, std::int64_t step = 0);
  void message(const std::string& line) override;
  void point(const TrainPoint& p) override;
  // `last` is a message for the file alone: the warning or the error that the run returns.
  void end(RunEnd end, const std::string& last = {});

 private:
  void append(const std::string& line);

  TrainSink& next_;
  std::filesystem::path file_;
  int descriptor_ = -1;
  std::string unwritten_;
  bool said_ = false;  // that it cannot be written
  std::int64_t step_ = 0;
  std::int64_t written_ = 0;        // step of the last point that was
  std::vector<std::string> early_;  // messages before begin()
  bool begun_ = false;
};

}  // namespace incipit
