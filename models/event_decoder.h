// The network of event-lstm one symbol at a time, without LibTorch: see cells.h. Tested against
// LibTorch's forward pass over whole sequences.
//
// Thread safety: weights are immutable and may be shared; a decoder is one thread's.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "models/cells.h"
#include "models/event_presets.h"

namespace incipit {

struct EventWeights {
  EventCheckpoint checkpoint;
  std::vector<float> embedding;
  std::vector<RecurrentWeights> lstms;
  Dense out;
};
// Of a file that eventCheckpoint has passed.
std::shared_ptr<const EventWeights> eventWeights(const TensorFile& file,
                                                 EventCheckpoint checkpoint);

class EventDecoder {
 public:
  explicit EventDecoder(std::shared_ptr<const EventWeights> weights);
  void reset();
  // Reads what is known before the next symbol, each once.
  void advance(const EventHistory& history);
  // Of kEventSymbols, of the history that was read last; the grammar is the caller's to keep. Valid
  // until the next call.
  std::span<float> logits(const EventHistory& history);

 private:
  std::shared_ptr<const EventWeights> weights_;
  std::vector<RecurrentCell> cells_;
  std::vector<std::int64_t> rows_;
  std::vector<float> x_, sum_, out_, logits_;
};

}  // namespace incipit
