// The runs of the program that print something and end: devices, self-test, measurements.
//
// Thread safety: main thread. Each returns the exit status.
#pragma once

#include "options.h"

namespace incipit {

int listDevices();
// A document is written, read back and one bar of it rendered; each step says what it found.
int selfTest(const Options& options);
// The piano roll at three document sizes; see app/bench/paint_bench.h.
int benchPaint(int& argc, char** argv);
// From the start of the process to the first painted frame, in a process of its own: prints
// "start_ms", "rss_mb", and with the models module loaded "module_ms" and "rss_with_module_mb".
int benchStart(const Options& options, int& argc, char** argv);

}  // namespace incipit
