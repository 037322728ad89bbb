#include "models/compute.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#if defined(__unix__)
#include <climits>
#include <cstdlib>
#endif

namespace incipit {
namespace {

// The file that this process has mapped as its BLAS: Debian's alternatives make libblas.so.3 a link
// to whichever library was chosen.
std::string mappedBlas() {
  std::ifstream maps("/proc/self/maps");
  std::string best;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string path = line.substr(slash);
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name.find("libopenblas") == 0 || name.find("libmkl_rt") == 0 ||
        name.find("libmkl_core") == 0 || name.find("libblis") == 0) {
      return path;
    }
    if (name.find("libblas") == 0) best = path;
  }
  return best.empty() ? "built into LibTorch" : best;
}

bool isReference(const std::string& blas) {
  return blas.find("/blas/libblas.so") != std::string::npos;
}

}  // namespace

ComputeReport measureCompute() {
  ComputeReport report;
  report.library = std::string("LibTorch ") + TORCH_VERSION;
  report.threads = at::get_num_threads();
  constexpr std::int64_t kSize = 1024;
  const at::NoGradGuard noGrad;
  const at::Tensor a = at::ones({kSize, kSize});
  const at::Tensor b = at::ones({kSize, kSize});
  double fastest = 1e9;
  double spent = 0;
  constexpr double kEnough = 0.4;  // seconds
  for (int i = 0; i < 10 && (i < 2 || spent < kEnough); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const at::Tensor c = at::mm(a, b);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fastest = std::min(fastest, seconds);
    spent += seconds;
  }
  report.gflops = 2.0 * kSize * kSize * kSize / fastest / 1e9;
  report.blas = mappedBlas();
  report.devices.emplace_back("cpu");
  if (torch::cuda::is_available()) {
    for (std::size_t i = 0; i < torch::cuda::device_count(); ++i) {
      report.devices.push_back(fmt::format("cuda:{}", i));
    }
  }
  constexpr double kSlow = 20;
  if (isReference(report.blas) || report.gflops < kSlow) {
    report.warning = fmt::format(
        "matrix products run at {:.0f} GFLOP/s through {}: install libopenblas0-openmp, which is "
        "10 to 50 times faster",
        report.gflops, report.blas);
  }
  return report;
}

}  // namespace incipit
