// Running another program and reading what it prints: the yardsticks of the benchmarks.
// Thread safety: free functions.
#pragma once

#include <spawn.h>

#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

struct ProcessResult {
  int status = 0;      // exit status; 128 + N for signal N
  std::string out;     // stdout; stderr is passed through unless quiet
  double seconds = 0;  // from start to end
};

// words[0] is looked for on PATH. Fails where it cannot be started. A stop sends it SIGTERM.
Result<ProcessResult> runProgram(const std::vector<std::string>& words,
                                 const std::vector<std::string>& environment = {},
                                 bool quiet = true, std::stop_token stop = {});

// Starts a program with these file actions and gives its process. words[0] is looked for on PATH.
Result<int> spawnProgram(std::vector<std::string> words,
                         const std::vector<std::string>& environment,
                         const posix_spawn_file_actions_t& actions);

// Whether a program of that name is on PATH.
bool programExists(const std::string& name);

}  // namespace incipit
