// Makes items ahead of their use on a thread of its own, a bounded number of them.
//
// Thread safety: `produce` runs on the prefetch thread only, one call at a time; next() is for one
// thread at a time. Items come in the order in which they were made, whatever the timing. The
// destructor asks `produce` to stop and waits for its call in progress.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "core/result.h"

namespace incipit {

template <typename T>
class Prefetch {
 public:
  // The next item; nothing at the end. Is not called again after the end or an error.
  using Produce = std::function<Result<std::optional<T>>(const std::stop_token&)>;

  // At most `capacity` (at least 1) finished items wait; one more may be in the making.
  Prefetch(Produce produce, std::size_t capacity)
      : produce_(std::move(produce)),
        capacity_(capacity > 0 ? capacity : 1),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

  // Waits for the next item. Nothing at the end and where `stop` is requested; the error of
  // `produce` after the items before it, then again at every call.
  Result<std::optional<T>> next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool ready = wake_.wait(lock, stop, [this] { return !items_.empty() || ended_; });
    if (!ready || stop.stop_requested()) return std::nullopt;
    if (items_.empty()) {
      if (error_) return tl::unexpected(*error_);
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    wake_.notify_all();
    return item;
  }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Result<std::optional<T>> item = produce_(stop);
      std::unique_lock lock(mutex_);
      if (!item || !*item) {
        if (!item) error_ = item.error();
        ended_ = true;
        lock.unlock();
        wake_.notify_all();
        return;
      }
      if (!wake_.wait(lock, stop, [this] { return items_.size() < capacity_; })) return;
      items_.push_back(std::move(**item));
      lock.unlock();
      wake_.notify_all();
    }
  }

  Produce produce_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<T> items_;
  std::optional<Error> error_;
  bool ended_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace incipit
