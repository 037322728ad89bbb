// The presets of the family event-lstm: a network that continues several tracks at once, as one
// sequence of bar-anchored events (core/encoding/event_tokens.h) that tells them apart by role.
//
// `improved`, the only one: an embedding of what is known before a symbol (event_features.h), LSTM
// layers whose outputs are added to what they were given, and a softmax over the symbols that the
// grammar allows. Ours; the encoding is of the REMI family (Huang and Yang 2020, "Pop Music
// Transformer").
//
// Thread safety: values and free functions.
#pragma once

#include <string>

#include "core/result.h"
#include "models/checkpoint.h"
#include "models/event_features.h"

namespace incipit {

inline constexpr const char* kEventLstm = "event-lstm";

struct EventPreset {
  std::string name = "improved";
  int hidden = 208;  // width of the embedding and of every layer
  int layers = 2;
  // Training.
  double dropout = 0.1;
  int window = 256;  // symbols of an example
  int batch = 16;
  int epochs = 12;
  std::int64_t examples = 2'000;  // an epoch
};

// "improved"; empty is the first.
Result<EventPreset> eventPresetNamed(const std::string& name);
std::string eventConfig(const EventPreset& preset);
std::string eventVocabulary();

struct EventCheckpoint {
  EventPreset preset;
  EventRoles heard;  // what it was trained on
};
// Of a whole checkpoint. One line for what is none.
Result<EventCheckpoint> eventCheckpoint(const TensorFile& file);
TensorShapes eventTensors(const EventPreset& preset);

// As a checkpoint keeps them: "melody,bass".
std::string rolesText(EventRoles roles);

}  // namespace incipit
