#include "core/playback/thread_priority.h"

#ifndef _WIN32
#include <pthread.h>
#include <sched.h>

#include <cstring>
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

std::string raisePriority(std::thread& thread) {
#ifdef _WIN32
  (void)thread;
  return {};
#else
  int refused = 0;
  // Systems that give less than they could (RLIMIT_RTPRIO) still give the smaller ones.
  for (const int priority : {60, 20, 1}) {
    sched_param parameters{};
    parameters.sched_priority = priority;
    refused = pthread_setschedparam(thread.native_handle(), SCHED_FIFO, &parameters);
    if (refused == 0) return {};
  }
  return std::string(
             "MIDI is sent without real-time priority and may be late on a busy machine (") +
         std::strerror(refused) + "): let your user use it, on Debian by joining the group audio";
#endif
}

}  // namespace incipit
