// The project file, `.incipit`: a document as JSON, complete.
//
// One object: "format" (1), "ppq", "division", "next_note", "next_track", "tempo" [[tick, micros]],
// "meter" [[tick, numerator, denominator, clocks, thirty-seconds]], "keys" [[tick, sharps, minor]],
// "markers" [[tick, text]], "raw" [[tick, hexadecimal bytes]], "regions" and "tracks"; a track's
// notes are [start, length, pitch, velocity, id] with the release velocity (64), the lock (0) and how
// far from its start the note was played (0) after them where they differ from those. What is short comes first, so that a file cut off
// anywhere still gives what stood before the cut.
//
// Members that this version does not know, of the document and of its tracks, are kept in
// Document::unknownFields and written back.
//
// Thread safety: free functions without shared state.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

struct ProjectFault {
  std::size_t byte;
  std::string what;
};

struct ProjectImport {
  Document document;
  std::vector<ProjectFault> faults;  // empty for a sound file
};

// Fails for what is not a project, for one of a newer format, and where nothing could be read.
Result<ProjectImport> readProject(std::string_view json);
Result<ProjectImport> readProjectFile(const std::filesystem::path& file);

std::string projectJson(const Document& document);
// Atomically, the version before it kept as "name~".
Result<void> writeProjectFile(const Document& document, const std::filesystem::path& file);

}  // namespace incipit
