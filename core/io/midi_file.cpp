#include "core/io/midi_file.h"

#include <algorithm>

#include "core/io/atomic_file.h"
#include "core/io/midi_build.h"
#include "core/io/midi_scan.h"

namespace incipit {

Result<MidiImport> readMidi(std::span<const std::uint8_t> bytes) {
  Result<midi::MidiScan> scan = midi::scanMidi(bytes);
  if (!scan) return tl::unexpected(std::move(scan.error()));
  MidiImport out;
  out.format = scan->format;
  out.document = midi::buildDocument(bytes, *scan);
  out.faults = std::move(scan->faults);
  std::stable_sort(out.faults.begin(), out.faults.end(),
                   [](const MidiFault& a, const MidiFault& b) { return a.byte < b.byte; });
  if (scan->moreFaults > 0) {
    out.faults.push_back(
        {out.faults.back().byte, "and " + std::to_string(scan->moreFaults) + " more faults"});
  }
  return out;
}

Result<MidiImport> readMidiFile(const std::filesystem::path& file) {
  const Result<std::vector<std::uint8_t>> bytes = readFile(file);
  if (!bytes) return tl::unexpected(bytes.error());
  Result<MidiImport> out = readMidi(*bytes);
  if (!out) return fail(file.string() + ": " + out.error().message);
  return out;
}

Result<void> writeMidiFile(const Document& document, const std::filesystem::path& file,
                           int format) {
  return writeFileAtomically(file, writeMidi(document, format), /*keepPrevious=*/false);
}

}  // namespace incipit
