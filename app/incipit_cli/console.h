// What incipit-cli prints: results on stdout (text, or with --json one object a line), everything
// said on the way (progress, remarks, errors) on stderr. Progress is redrawn in place on a
// terminal; elsewhere what takes longer than two seconds prints a line at every tenth. Colour only
// on a terminal without NO_COLOR.
//
// Thread safety: the main thread only.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.h"

namespace incipit {

// The exit status of every verb.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kInterrupted = 130;

using Json = nlohmann::ordered_json;

class Console {
 public:
  Console(bool json, bool quiet);

  bool json() const { return json_; }
  bool quiet() const { return quiet_; }

  // A result: `object` with --json, else `text`; the other is not shown. Empty text prints nothing.
  void result(const Json& object, std::string_view text = {});
  // Text that has no place in --json output, such as the head of a table.
  void text(std::string_view line);
  // A remark, on stderr; nothing with --quiet.
  void remark(std::string_view line);
  void warning(std::string_view line);
  // Always shown. Returns kFailed, so that a verb may return error(...).
  int error(std::string_view line);
  int error(const Error& e) { return error(e.message); }

  // fraction 0..1; `label` says what and how far. Nothing with --quiet.
  void progress(double fraction, std::string_view label);
  // Takes a progress line off the terminal.
  void clearProgress();

  // False, with an error shown, where stdout could not be written.
  bool flushed();

 private:
  bool json_;
  bool quiet_;
  bool terminal_;  // stderr is one
  bool colour_;
  bool progressShown_ = false;
  int tenth_ = 0;  // the last that was printed
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace incipit
