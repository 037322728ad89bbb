// Finds and loads the module that implements Engine. The programs are not linked to it, so that a
// window or a `--help` appears before LibTorch and the libraries it pulls in are read.
//
// Thread safety: the loader runs on a worker; prepareEngineEnvironment() belongs at the start of
// main(), before another thread reads the environment.
#pragma once

#include <filesystem>

#include "core/compose/engine.h"

namespace incipit {

// Sets what the linear algebra library reads when it is loaded, and only what the user has not set:
// one OpenMP and one OpenBLAS thread (parallelism goes across takes; a second spinning thread costs
// more than it gives), and OPENBLAS_CORETYPE=SkylakeX on a processor with AVX-512, which an older
// OpenBLAS does not recognise when the processor is newer than itself.
void prepareEngineEnvironment();

// Loads engineModulePath(), or the module given. The error names the file and what to install. A
// module stays loaded until the process ends: LibTorch does not survive being unloaded.
EngineLoader engineModuleLoader();
EngineLoader engineModuleLoader(std::filesystem::path module);

}  // namespace incipit
