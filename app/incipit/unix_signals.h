// SIGINT and SIGTERM as a call in the event loop, so that the program ends in good order.
//
// Thread safety: one at a time, on the GUI thread.
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <memory>

namespace incipit {

class UnixSignals {
 public:
  explicit UnixSignals(std::function<void()> onSignal);
  ~UnixSignals();  // the default actions hold again
  UnixSignals(const UnixSignals&) = delete;
  UnixSignals& operator=(const UnixSignals&) = delete;

 private:
  std::unique_ptr<QSocketNotifier> notifier_;
};

}  // namespace incipit
