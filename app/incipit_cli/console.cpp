#include "app/incipit_cli/console.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace incipit {
namespace {

constexpr int kBarWidth = 24;
constexpr std::chrono::seconds kShortWork{2};

bool wantsColour() {
  const char* no = std::getenv("NO_COLOR");
  return no == nullptr || no[0] == '\0';
}

}  // namespace

Console::Console(bool json, bool quiet)
    : json_(json),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      colour_(terminal_ && wantsColour()) {}

void Console::result(const Json& object, std::string_view text) {
  clearProgress();
  if (json_) {
    // Text from files may hold broken UTF-8; JSON must not.
    const std::string line = object.dump(-1, ' ', false, Json::error_handler_t::replace);
    fmt::print("{}\n", line);
    std::fflush(stdout);
  } else if (!text.empty()) {
    fmt::print("{}\n", text);
  }
}

void Console::text(std::string_view line) {
  clearProgress();
  if (!json_) fmt::print("{}\n", line);
}

void Console::remark(std::string_view line) {
  if (quiet_) return;
  clearProgress();
  fmt::print(stderr, "{}\n", line);
}

void Console::warning(std::string_view line) {
  clearProgress();
  fmt::print(stderr, "{}warning:{} {}\n", colour_ ? "\033[33m" : "", colour_ ? "\033[0m" : "",
             line);
}

int Console::error(std::string_view line) {
  clearProgress();
  fmt::print(stderr, "incipit-cli: {}error:{} {}\n", colour_ ? "\033[31m" : "",
             colour_ ? "\033[0m" : "", line);
  return kFailed;
}

void Console::progress(double fraction, std::string_view label) {
  if (quiet_) return;
  const double f = std::clamp(fraction, 0.0, 1.0);
  if (!terminal_) {
    const int tenth = static_cast<int>(f * 10);
    if (tenth == tenth_ || std::chrono::steady_clock::now() - start_ < kShortWork) return;
    tenth_ = tenth;
    fmt::print(stderr, "{:3.0f} % {}\n", f * 100, label);
    return;
  }
  const auto filled = static_cast<std::size_t>(f * kBarWidth);
  fmt::print(stderr, "\r\033[K[{}{}] {:3.0f} % {}", std::string(filled, '='),
             std::string(kBarWidth - filled, ' '), f * 100, label);
  std::fflush(stderr);
  progressShown_ = true;
}

void Console::clearProgress() {
  if (!progressShown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  progressShown_ = false;
}

bool Console::flushed() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  error(fmt::format("standard output: {}; the results were not written",
                    std::strerror(errno != 0 ? errno : EIO)));
  return false;
}

}  // namespace incipit
