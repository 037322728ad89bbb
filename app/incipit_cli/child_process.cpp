#include "app/incipit_cli/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "app/incipit_cli/process.h"

namespace incipit {

ChildProcess::~ChildProcess() { stop(); }

Result<void> ChildProcess::start(const std::vector<std::string>& words,
                                 const std::vector<std::string>& environment) {
  stop();
  int to[2];
  int from[2];
  if (pipe2(to, O_CLOEXEC) != 0) return fail(words[0] + ": " + std::strerror(errno));
  if (pipe2(from, O_CLOEXEC) != 0) {
    const std::string why = std::strerror(errno);
    close(to[0]);
    close(to[1]);
    return fail(words[0] + ": " + why);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const auto started = spawnProgram(words, environment, actions);
  posix_spawn_file_actions_destroy(&actions);
  close(to[0]);
  close(from[1]);
  in_ = to[1];
  out_ = from[0];
  if (!started) {
    stop();
    return tl::unexpected(started.error());
  }
  pid_ = *started;
  ended_ = false;
  lines_.clear();
  reader_ = std::thread(&ChildProcess::read, this);
  return {};
}

void ChildProcess::read() {
  std::string pending;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto n = ::read(out_, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    pending.append(buffer.data(), static_cast<std::size_t>(n));
    const std::lock_guard lock(mutex_);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      lines_.push_back(pending.substr(begin, end - begin));
    }
    pending.erase(0, begin);
    wake_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

bool ChildProcess::running() { return pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == 0; }

bool ChildProcess::send(const std::string& line) {
  const std::string text = line + '\n';
  std::size_t sent = 0;
  while (in_ >= 0 && sent < text.size()) {
    const auto n = write(in_, text.data() + sent, text.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return in_ >= 0;
}

std::optional<std::string> ChildProcess::line(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, patience, [this] { return ended_ || !lines_.empty(); });
  if (lines_.empty()) return std::nullopt;
  std::string next = std::move(lines_.front());
  lines_.pop_front();
  return next;
}

void ChildProcess::stop() {
  if (in_ >= 0) close(in_);
  in_ = -1;
  constexpr int kPatience = 100;  // times 10 ms
  for (const int signal : {0, SIGTERM, SIGKILL}) {
    if (pid_ <= 0) break;
    if (signal != 0) kill(pid_, signal);
    for (int i = 0; i < kPatience; ++i) {
      const int gone = waitpid(pid_, nullptr, WNOHANG);
      if (gone == pid_ || (gone < 0 && errno == ECHILD)) {
        pid_ = -1;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  if (reader_.joinable()) reader_.join();
  if (out_ >= 0) close(out_);
  out_ = -1;
}

}  // namespace incipit
