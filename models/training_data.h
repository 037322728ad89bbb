// What the families that train on a folder of MIDI files share.
//
// Thread safety: free functions.
#pragma once

#include <stop_token>
#include <string>

#include "core/compose/engine.h"
#include "core/corpus/corpus.h"

namespace incipit {

// Reads the request's folder and says what is in it; `cancelled` where stopped. Fails where no
// training sequence has at least `leastNotes`.
Result<Corpus> readTrainingCorpus(const TrainRequest& request, std::int64_t leastNotes,
                                  TrainSink& sink, const std::stop_token& stop);

// What a checkpoint keeps as the licences of the data. Whoever trains a model decides on its own.
std::string dataLicences(const Corpus& corpus);

}  // namespace incipit
