#include "app/incipit_cli/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace incipit {
namespace {

// A signal handler may only write to it; the watcher reads. 'q' ends the watcher.
int pipeEnds[2] = {-1, -1};

extern "C" void onSignal(int /*number*/) {
  const int saved = errno;
  const char byte = 's';
  [[maybe_unused]] const auto written = write(pipeEnds[1], &byte, 1);
  errno = saved;
}

}  // namespace

Interrupt::Interrupt() {
  if (pipe2(pipeEnds, O_CLOEXEC) != 0) return;  // without it a signal ends the process, as ever
  watcher_ = std::jthread([this] {
    char byte = 0;
    while (true) {
      const auto n = read(pipeEnds[0], &byte, 1);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0 || byte == 'q') return;
      stop_.request_stop();
    }
  });
  struct sigaction action = {};
  action.sa_handler = onSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Interrupt::~Interrupt() {
  if (!watcher_.joinable()) return;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  const char byte = 'q';
  [[maybe_unused]] const auto written = write(pipeEnds[1], &byte, 1);
  watcher_.join();
  close(pipeEnds[0]);
  close(pipeEnds[1]);
}

}  // namespace incipit
