// A sound taken through a model of timbre into a file, with pictures of both: what the Lab's page
// does. Everything is streamed; memory does not grow with the sound.
//
// Thread safety: free functions and values; a run blocks and belongs on a worker.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/compose/lab.h"
#include "core/encoding/mel.h"

namespace incipit {

// A sound file, or music that is rendered.
struct TimbreSource {
  std::filesystem::path file;  // where empty, the document
  DocumentPtr document;
  int program = -1;  // as SoundStudio::render

  Result<std::unique_ptr<SoundReader>> open(
      SoundStudio& studio, int sampleRate,
      const std::function<void(const std::string&)>& say) const;
};
// A document with one track of another.
DocumentPtr trackAlone(const Document& document, TrackId track);

struct TimbreOutcome {
  Spectrogram before;
  Spectrogram after;
  std::vector<std::string> messages;  // one line each, as that the file was resampled
  int sampleRate = 0;                 // of the file that was written
  double soundSeconds = 0;            // of sound
  double seconds = 0;                 // that it took
  bool cancelled = false;             // nothing was written
};

// Columns and bands of the pictures.
inline constexpr int kTimbreColumns = 600;
inline constexpr int kTimbreBands = 96;

// Writes `out` (.wav, .flac or .ogg), and nothing where it fails or is stopped. Fails with one line
// for a source that is silent or empty, a model that is none of timbre, a full disk.
Result<TimbreOutcome> runTimbre(Lab& lab, SoundStudio& studio,
                                const std::filesystem::path& checkpoint, const TimbreSource& source,
                                const std::filesystem::path& out, const LabProgress& progress,
                                const std::stop_token& stop);

}  // namespace incipit
