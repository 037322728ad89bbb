#include "app/incipit_cli/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

extern char** environ;

namespace incipit {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> p;
  for (std::string& w : words) p.push_back(w.data());
  p.push_back(nullptr);
  return p;
}

std::string readAll(int fd) {
  std::string all;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

Result<int> spawnProgram(std::vector<std::string> words,
                         const std::vector<std::string>& environment,
                         const posix_spawn_file_actions_t& actions) {
  // Ours first: of two settings of one variable the first is found.
  std::vector<std::string> variables = environment;
  for (char** v = environ; *v != nullptr; ++v) variables.emplace_back(*v);
  pid_t child = 0;
  const int error = posix_spawnp(&child, words[0].c_str(), &actions, nullptr,
                                 pointers(words).data(), pointers(variables).data());
  if (error != 0) return fail(words[0] + ": cannot be started: " + std::strerror(error));
  return child;
}

Result<ProcessResult> runProgram(const std::vector<std::string>& words,
                                 const std::vector<std::string>& environment, bool quiet,
                                 std::stop_token stop) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(words[0] + ": " + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  if (quiet) posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);

  const auto begin = std::chrono::steady_clock::now();
  const auto started = spawnProgram(words, environment, actions);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (!started) {
    close(ends[0]);
    return tl::unexpected(started.error());
  }
  const pid_t child = *started;
  ProcessResult result;
  int status = 0;
  {
    const std::stop_callback onStop(stop, [child] { kill(child, SIGTERM); });
    result.out = readAll(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  }
  close(ends[0]);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

bool programExists(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace incipit
