// The roll networks one column at a time, without LibTorch. State is kept from column to column;
// each pass of roll-seq2seq's decoder begins with what an encoder makes of the last columns alone.
//
// Thread safety: weights are immutable and may be shared; a decoder is one thread's.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "models/cells.h"
#include "models/roll_features.h"
#include "models/roll_presets.h"

namespace incipit {

struct RollWeights {
  RollPreset preset;
  RecurrentWeights encoder, back;  // `published` of roll-lstm has its one here
  RecurrentWeights lstm[2];        // the decoder of roll-seq2seq first
  std::vector<float> embedding, encoderEmbedding, given;
  Dense dense, summary, query, attended, head, out;
};
// Of a checkpoint that rollCheckpoint has passed.
std::shared_ptr<const RollWeights> rollWeights(const TensorFile& file, const RollPreset& preset);

// What is known before a column.
struct RollHistory {
  std::span<const RollCell> cells;      // whole columns, at least kRollHistory
  std::span<const ColumnPlace> places;  // of each of them, and of the next
};
inline constexpr int kRollHistory = kRollPast + kImprovedRollContext;

class RollDecoder {
 public:
  virtual ~RollDecoder() = default;
  // Columns before the first one to compose that it is to be advanced over, at most.
  virtual int warmUp() const = 0;
  // Reads what is known before the next column. Each call has one column more than the last.
  virtual void advance(const RollHistory& history) = 0;
  // Of the next column: the logits of a cell's classes, keys in descending order; a sounding cell
  // is told before the keys below it are asked for. Where the network answers with a number: that.
  virtual std::array<float, kRollClasses> logits(int key) const = 0;
  virtual void choose(int key, RollCell cell) = 0;
  virtual float value(int key) const = 0;
};

// For at most so many columns to compose.
std::unique_ptr<RollDecoder> makeRollDecoder(std::shared_ptr<const RollWeights> weights,
                                             std::int64_t columns);

}  // namespace incipit
