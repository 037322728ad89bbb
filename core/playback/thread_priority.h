// What a thread that must be in time asks of the system.
//
// Thread safety: functions without state.
#pragma once

#include <string>
#include <thread>

namespace incipit {

// Names the calling thread, as debuggers and `top` show it. 15 characters at most.
void nameThread(const char* name);

// Real-time priority (POSIX: SCHED_FIFO). Empty when it was given; else one line that says why not
// and what to do; the thread goes on as it was.
std::string raisePriority(std::thread& thread);

// The same for the calling thread, and silent where it is refused.
void raiseOwnPriority() noexcept;

}  // namespace incipit
