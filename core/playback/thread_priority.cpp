#include "core/playback/thread_priority.h"

#ifndef _WIN32
#include <pthread.h>
#include <sched.h>

#include <cstring>
#include <initializer_list>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace incipit {

void nameThread(const char* name) {
#ifdef __linux__
  pthread_setname_np(pthread_self(), name);
  // Sleeps end on time also without real-time priority; the default lets them be 50 us late.
  prctl(PR_SET_TIMERSLACK, 1UL);
#else
  (void)name;
#endif
}

#ifndef _WIN32
namespace {

// 0, or the error of the last try. Systems that give less than they could (RLIMIT_RTPRIO) still
// give the smaller ones.
int raise(pthread_t thread, std::initializer_list<int> priorities) noexcept {
  int refused = 0;
  for (const int priority : priorities) {
    sched_param parameters{};
    parameters.sched_priority = priority;
    refused = pthread_setschedparam(thread, SCHED_FIFO, &parameters);
    if (refused == 0) break;
  }
  return refused;
}

}  // namespace
#endif

std::string raisePriority(std::thread& thread) {
#ifdef _WIN32
  (void)thread;
  return {};
#else
  const int refused = raise(thread.native_handle(), {60, 20, 1});
  if (refused == 0) return {};
  return std::string(
             "MIDI is sent without real-time priority and may be late on a busy machine (") +
         std::strerror(refused) + "): let your user use it, on Debian by joining the group audio";
#endif
}

void raiseOwnPriority() noexcept {
#ifndef _WIN32
  int policy = 0;
  sched_param now{};
  // A server that gave its clients real-time priority knows best which.
  if (pthread_getschedparam(pthread_self(), &policy, &now) == 0 && policy != SCHED_OTHER) return;
  raise(pthread_self(), {55, 15, 1});
#endif
}

}  // namespace incipit
