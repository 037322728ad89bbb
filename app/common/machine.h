// What a measurement was made on.
// Thread safety: a free function.
#pragma once

#include <string>

namespace incipit {

// "Intel Xeon ... , 2 cores, 23.4 GB, Debian GNU/Linux 12, g++ 12.2.0, Release"
std::string machineLine();

}  // namespace incipit
