// A disk that fills and memory that runs out, of this process alone while one of these lives.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <fstream>

namespace incipit {

class ResourceLimit {
 public:
  ResourceLimit(const ResourceLimit&) = delete;
  ResourceLimit& operator=(const ResourceLimit&) = delete;

 protected:
  ResourceLimit(decltype(RLIMIT_AS) what, rlim_t most) : what_(what) {
    ::getrlimit(what_, &before_);
    rlimit limit = before_;
    limit.rlim_cur = most;
    ::setrlimit(what_, &limit);
  }
  ~ResourceLimit() { ::setrlimit(what_, &before_); }

 private:
  decltype(RLIMIT_AS) what_;
  rlimit before_{};
};

// No file grows beyond `bytes`.
class FileSizeLimit : public ResourceLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : ResourceLimit(RLIMIT_FSIZE, bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
  }
};

// No more than `bytes` beyond what is taken now.
class AddressLimit : public ResourceLimit {
 public:
  explicit AddressLimit(rlim_t bytes) : ResourceLimit(RLIMIT_AS, taken() + bytes) {}

 private:
  static rlim_t taken() {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    constexpr rlim_t kPage = 4096;
    return pages * kPage;
  }
};

}  // namespace incipit
