#include "app/common/engine_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "core/compose/paths.h"

namespace incipit {
namespace {

bool hasAvx512() {
#if defined(__x86_64__) && defined(__GNUC__)
  // What OpenBLAS's SkylakeX kernels use.
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

Result<std::unique_ptr<Engine>> load(const std::filesystem::path& module) {
  std::error_code ignored;
  const std::string name = module.lexically_normal().string();
  if (!std::filesystem::exists(module, ignored)) {
    return fail(name +
                ": the neural models are not installed; install the package incipit completely, "
                "or build the target incipit_models_module");
  }
  prepareEngineEnvironment();
  void* handle = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* why = dlerror();
    return fail(name + ": cannot be loaded (" + (why != nullptr ? why : "no reason given") +
                "); install libtorch1.13 and libopenblas0-openmp");
  }
  const auto version = reinterpret_cast<int (*)()>(dlsym(handle, kEngineVersionSymbol));
  const auto create = reinterpret_cast<Engine* (*)()>(dlsym(handle, kEngineCreateSymbol));
  if (version == nullptr || create == nullptr) {
    return fail(name + ": is not a models module of Incipit; install incipit again");
  }
  if (const int found = version(); found != kEngineVersion) {
    return fail(name + ": has interface version " + std::to_string(found) +
                ", this program needs " + std::to_string(kEngineVersion) +
                "; install both from the same release");
  }
  std::unique_ptr<Engine> engine(create());
  if (!engine) return fail(name + ": did not start; run incipit-cli doctor");
  return engine;
}

}  // namespace

void prepareEngineEnvironment() {
  constexpr int kKeep = 0;
  setenv("OMP_NUM_THREADS", "1", kKeep);
  setenv("OPENBLAS_NUM_THREADS", "1", kKeep);
  if (hasAvx512()) setenv("OPENBLAS_CORETYPE", "SkylakeX", kKeep);
}

EngineLoader engineModuleLoader() { return engineModuleLoader(engineModulePath()); }

EngineLoader engineModuleLoader(std::filesystem::path module) {
  return [module = std::move(module)] { return load(module); };
}

}  // namespace incipit
