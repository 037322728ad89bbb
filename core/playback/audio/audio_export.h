// A document as an audio file: the scheduler and the synth of live playback, run as fast as they
// go. The same document with the same settings gives the same bytes each time, and the same samples
// that a fresh Player sends to its device. Tracks that are routed to a MIDI output are played by
// the synth here: nothing is missing in the file.
//
// 16 bits are dithered (triangular, one step either way, from a fixed seed: quantisation noise then
// does not follow the music, and the file still is the same each time); 24 bits and floats are not.
// Samples beyond full scale are clipped except in float files; AudioExportResult::peak tells.
//
// Thread safety: exportAudio may run on any number of threads at once.
#pragma once

#include <functional>
#include <stop_token>

#include "core/playback/player.h"

namespace incipit {

// An AudioExporter. Cancelling is not an error: the result says `cancelled` and no file is left.
// Fails, leaving no file and any older one of that name untouched: on an ending that is none of
// .wav, .flac and .ogg, bits or a rate out of range, no usable soundfont, or a file that cannot be
// written (folder, permission, disk space).
Result<AudioExportResult> exportAudio(const AudioExportRequest& request,
                                      const std::function<void(double)>& progress,
                                      std::stop_token stop);

}  // namespace incipit
