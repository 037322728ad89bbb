// The files that a model is: NAME.safetensors, its further shards, what training keeps beside it
// (the last weights, the state to resume from, the history of the run) and its card NAME.md.
//
// Thread safety: free functions; two that change the same model at once are the caller's mistake.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit {

// NAME.safetensors -> NAME.last.safetensors, NAME.last.state.safetensors and NAME.md.
std::filesystem::path lastPath(const std::filesystem::path& out);
std::filesystem::path statePath(const std::filesystem::path& out);
std::filesystem::path cardPath(const std::filesystem::path& out);

// Those of the model's files that exist, the checkpoint itself first.
std::vector<std::filesystem::path> modelFiles(const std::filesystem::path& checkpoint);

// Copies a checkpoint with its shards and its card into `folder` (made where it is missing) and
// returns the copy. One line for what is no checkpoint of Incipit, for a name that is taken there,
// and for a copy that failed (which leaves nothing behind). Names end in .safetensors.
Result<std::filesystem::path> copyModel(const std::filesystem::path& checkpoint,
                                        const std::filesystem::path& folder,
                                        const std::string& name);

// Gives every file of the model the name NAME; returns the checkpoint's new path. All or nothing.
Result<std::filesystem::path> renameModel(const std::filesystem::path& checkpoint,
                                          const std::string& name);

// `text` without what must not be in a file's name; may be empty.
std::string modelName(const std::string& text);

}  // namespace incipit
