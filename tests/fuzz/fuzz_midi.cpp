// Any bytes as a Standard MIDI File: reading ends, what it gives is a sound document, and that
// document written and read again is the same music, without a fault.
#include <cstddef>
#include <cstdint>

#include "core/io/midi_file.h"
#include "core/score/same_music.h"
#include "tests/fuzz/check.h"

using namespace incipit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<MidiImport> first = readMidi({data, size});
  if (!first) {
    fuzz::require(!first.error().message.empty(), "an error without a message");
    return 0;
  }
  fuzz::requireSound(first->document);
  for (const MidiFault& f : first->faults)
    fuzz::require(f.byte <= size, "a fault outside the file");
  const std::vector<std::uint8_t> written = writeMidi(first->document);
  const Result<MidiImport> second = readMidi(written);
  fuzz::require(second.has_value(), "what was written cannot be read");
  fuzz::require(second->faults.empty(),
                "fault in what was written: " +
                    (second->faults.empty() ? std::string() : second->faults.front().what));
  const std::string difference = musicDifference(first->document, second->document);
  fuzz::require(difference.empty(), "written and read: " + difference);
  // One chunk cannot hold all; it must be sound all the same.
  const Result<MidiImport> single = readMidi(writeMidi(first->document, 0));
  fuzz::require(single.has_value() && single->faults.empty(), "format 0");
  fuzz::requireSound(single->document);
  return 0;
}
