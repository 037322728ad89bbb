#include "unix_signals.h"

#include <fcntl.h>
#include <unistd.h>
#include <csignal>

namespace incipit {
namespace {

int pipeEnds[2] = {-1, -1};

// Only async-signal-safe calls belong here.
void onUnixSignal(int) {
  const char byte = 1;
  [[maybe_unused]] const auto written = write(pipeEnds[1], &byte, 1);
}

}  // namespace

UnixSignals::UnixSignals(std::function<void()> onSignal) {
  if (pipe2(pipeEnds, O_CLOEXEC | O_NONBLOCK) != 0) return;
  notifier_ = std::make_unique<QSocketNotifier>(pipeEnds[0], QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, notifier_.get(),
                   [call = std::move(onSignal)] {
                     char byte = 0;
                     while (read(pipeEnds[0], &byte, 1) > 0) {
                     }
                     call();
                   });
  struct sigaction action = {};
  action.sa_handler = onUnixSignal;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

UnixSignals::~UnixSignals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  notifier_.reset();
  for (int& end : pipeEnds) {
    if (end >= 0) close(end);
    end = -1;
  }
}

}  // namespace incipit
