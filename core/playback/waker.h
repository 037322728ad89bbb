// Wakes one thread that sleeps to an absolute time: the sleep ends at the time or at a call of
// wakeRt, whichever is first. A wake before the sleep ends the next sleep at once; several count as
// one.
//
// Thread safety: one thread sleeps, any may wake it; wakeRt neither waits nor allocates.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>

#ifdef __linux__
#include <semaphore.h>
#else
#include <semaphore>
#endif

namespace incipit {

inline std::int64_t steadyNanoseconds() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Waker {
 public:
#ifdef __linux__
  Waker() { sem_init(&semaphore_, 0, 0); }
  ~Waker() { sem_destroy(&semaphore_); }
#else
  Waker() = default;
  ~Waker() = default;
#endif
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  void wakeRt() noexcept {
    // acq_rel: what the waking thread did before is seen by the woken one, also when an earlier
    // wake is still on its way.
    if (woken_.exchange(true, std::memory_order_acq_rel)) return;
#ifdef __linux__
    sem_post(&semaphore_);
#else
    semaphore_.release();
#endif
  }

  // until: steady clock, nanoseconds.
  void sleep(std::int64_t until) noexcept {
#ifdef __linux__
    constexpr std::int64_t kSecond = 1000000000;
    const std::int64_t time = until > 0 ? until : 0;
    timespec t{};
    t.tv_sec = static_cast<time_t>(time / kSecond);
    t.tv_nsec = static_cast<long>(time % kSecond);
    const bool posted = sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &t) == 0;
#else
    const bool posted = semaphore_.try_acquire_until(
        std::chrono::steady_clock::time_point(std::chrono::nanoseconds(until)));
#endif
    // Only who took the post resets the flag, so that there is never more than one post.
    if (posted) woken_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  std::atomic<bool> woken_{false};
#ifdef __linux__
  sem_t semaphore_;
#else
  std::binary_semaphore semaphore_{0};
#endif
};

}  // namespace incipit
