// A program that runs beside this one and is talked to in lines: the servers and peers of a
// benchmark.
//
// Thread safety: one thread; lines are read on a thread of the class's own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/result.h"

namespace incipit {

class ChildProcess {
 public:
  ChildProcess() = default;
  // Closes its stdin, waits a second, then sends SIGTERM, then SIGKILL.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // words[0] is looked for on PATH. Its stderr is dropped.
  Result<void> start(const std::vector<std::string>& words,
                     const std::vector<std::string>& environment = {});
  bool running();
  // Without the newline. False where it no longer reads.
  bool send(const std::string& line);
  // The next line of its stdout; nothing after `patience` or at its end.
  std::optional<std::string> line(std::chrono::milliseconds patience);
  void stop();

 private:
  void read();

  int pid_ = -1;
  int in_ = -1;       // its stdin
  int out_ = -1;      // its stdout
  std::mutex mutex_;  // guards lines_ and ended_
  std::condition_variable wake_;
  std::deque<std::string> lines_;
  bool ended_ = false;
  std::thread reader_;
};

}  // namespace incipit
