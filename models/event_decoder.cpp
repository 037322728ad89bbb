#include "models/event_decoder.h"

#include <fmt/format.h>

#include <algorithm>

namespace incipit {

std::shared_ptr<const EventWeights> eventWeights(const TensorFile& file,
                                                 EventCheckpoint checkpoint) {
  auto w = std::make_shared<EventWeights>();
  w->checkpoint = std::move(checkpoint);
  w->embedding = valuesOf(file, "embedding");
  for (int i = 1; i <= w->checkpoint.preset.layers; ++i) {
    w->lstms.push_back(recurrentOf(file, fmt::format("lstm{}", i)));
  }
  w->out = denseOf(file, "out.weight", "out.bias");
  return w;
}

EventDecoder::EventDecoder(std::shared_ptr<const EventWeights> weights)
    : weights_(std::move(weights)) {
  for (const RecurrentWeights& w : weights_->lstms) cells_.emplace_back(w);
  const auto hidden = static_cast<std::size_t>(weights_->checkpoint.preset.hidden);
  x_.resize(hidden);
  sum_.resize(hidden);
  out_.resize(EventLogits::kOutputs);
  logits_.resize(kEventSymbols);
}

void EventDecoder::reset() {
  for (RecurrentCell& cell : cells_) cell.reset();
}

void EventDecoder::advance(const EventHistory& history) {
  rows_.clear();
  history.appendInputs(rows_);
  std::fill(x_.begin(), x_.end(), 0.0F);
  addRows(weights_->embedding, rows_, x_);
  sum_ = x_;
  for (RecurrentCell& cell : cells_) {
    const std::span<const float> out = cell.step(x_.data());
    std::copy(out.begin(), out.end(), x_.begin());
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += x_[i];
  }
}

std::span<float> EventDecoder::logits(const EventHistory& history) {
  weights_->out(sum_.data(), out_.data());
  const int reference = history.reference();
  for (int s = 0; s < kEventSymbols; ++s) {
    const int move = EventLogits::move(s, reference);
    logits_[static_cast<std::size_t>(s)] =
        out_[static_cast<std::size_t>(s)] + (move < 0 ? 0 : out_[static_cast<std::size_t>(move)]);
  }
  if (const int proposal = history.proposal(); proposal < kEventSymbols) {
    logits_[static_cast<std::size_t>(proposal)] += out_[EventLogits::kFavour];
  }
  return logits_;
}

}  // namespace incipit
