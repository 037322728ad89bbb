// The presets of the families roll-lstm and roll-seq2seq: sizes of the networks and how they are
// trained.
//
// Both continue a piano roll of 88 keys (core/encoding/roll_columns.h) column by column.
//
// `published` is what a paper of 2020 trained on pictures of piano performances: columns of a
// twentieth of a second whose cells are numbers, an LSTM of 128 units. roll-lstm: 100 columns in,
// the next one out; 122,456 parameters. roll-seq2seq: an encoder reads 100 columns, a decoder
// writes the next 10 or 100, fed with what it said itself, also in training; 250,072 parameters.
// The loss is a choice: squared error; the noise-suppressing loss; cross-entropy of the three
// classes (then with three outputs a key).
//
// `improved`: columns of a sixteenth with their place in the bar; two LSTM layers over embeddings
// of the column before and of those one and two bars ago (roll-seq2seq: a bidirectional encoder of
// the last 128 columns that the decoder attends to, Bahdanau et al. 2015); and the cells of a
// column chosen one after another, from the highest key down, each knowing those above it (NADE,
// Larochelle and Murray 2011), so that chords are chords.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/compose/settings.h"
#include "core/result.h"
#include "models/checkpoint.h"

namespace incipit {

inline constexpr const char* kRollLstm = "roll-lstm";
inline constexpr const char* kRollSeq2seq = "roll-seq2seq";

enum class RollLossKind { kSquares, kNoiseSuppressing, kClasses };

struct RollPreset {
  std::string family;
  std::string name;  // "published" or "improved"
  // Network.
  int unitsPerColumn = 0;  // of the beat grid; 0: kColumnSeconds
  int classes = 1;         // outputs a key: 1, a number, or 3, RollCell's logits
  bool bidirectional = false;
  int hidden = 128;
  int encoder = 0;  // units of each direction of the encoder; `improved` of roll-seq2seq
  int head = 0;     // `improved`
  int out = 1;      // columns that one pass of roll-seq2seq writes; of an example of roll-lstm
  // Training.
  RollLossKind loss = RollLossKind::kSquares;
  double pitchNoise = 0;  // share of the notes
  bool transpose = false;
  double dropout = 0;
  int batch = 64;
  int epochs = 50;
  std::int64_t examples = 6'000;
  double rate = 0.001;
  double weightDecay = 0;
  double clip = 0;
  double average = 0;

  bool published() const { return name == "published"; }
  bool seq2seq() const { return family == kRollSeq2seq; }
};

// Columns that a network reads before the first one that it is trained or measured on. Training
// roll-lstm improved begins with none.
inline constexpr int kRollContext = 100;          // published
inline constexpr int kImprovedRollContext = 128;  // improved

Result<RollPreset> rollPresetNamed(const std::string& family, const std::string& name);
// Of training, beyond those that every preset has.
std::vector<SettingInfo> rollSettings(const RollPreset& preset);
void setRollSettings(RollPreset& preset, const SettingValues& settings);

std::string rollConfig(const RollPreset& preset);
// What cells and columns mean.
std::string rollVocabulary(const RollPreset& preset);
// The preset of a whole checkpoint. One line for what is none.
Result<RollPreset> rollCheckpoint(const TensorFile& file);
TensorShapes rollTensors(const RollPreset& preset);

}  // namespace incipit
