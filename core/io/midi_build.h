// The second pass of reading a Standard MIDI File: a scan becomes a document.
// Thread safety: a free function without shared state.
#pragma once

#include <cstdint>
#include <span>

#include "core/io/midi_scan.h"

namespace incipit::midi {

// bytes: what the scan was made of. Takes the notes out of the scan.
Document buildDocument(std::span<const std::uint8_t> bytes, MidiScan& scan);

}  // namespace incipit::midi
