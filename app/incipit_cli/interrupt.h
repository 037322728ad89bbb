// SIGINT and SIGTERM as a stop token: the Cancel button of the command line. The first asks the job
// to stop and keep what it has; a second ends the process at once.
//
// Thread safety: one Interrupt at a time; its token may be used on any thread.
#pragma once

#include <stop_token>
#include <thread>

namespace incipit {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  bool requested() const { return stop_.stop_requested(); }

 private:
  std::stop_source stop_;
  std::jthread watcher_;
};

}  // namespace incipit
