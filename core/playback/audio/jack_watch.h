// Waits for a JACK server, on a thread of its own, as asking one that stands still would hold up
// who asks.
//
// Thread safety: one thread calls everything.
#pragma once

#include <atomic>
#include <thread>

namespace incipit {

class JackWatch {
 public:
  JackWatch();
  // A server runs, its periods go by, and this process is its client until the watch is destroyed.
  bool found() const { return found_.load(); }

 private:
  void run(const std::stop_token& stop);

  std::atomic<bool> found_{false};
  std::jthread thread_;  // last: it uses the other
};

}  // namespace incipit
