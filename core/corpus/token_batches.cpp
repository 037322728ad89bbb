#include "core/corpus/token_batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/corpus/mix.h"

namespace incipit {

PieceStream::PieceStream(const Corpus& corpus, const PieceStreamOptions& options)
    : source_(std::make_shared<const CorpusFiles>(corpus.folder)), options_(options) {
  for (std::size_t i = 0; i < corpus.pieces.size(); ++i) {
    if (corpus.pieces[i].split != options.split) continue;
    files_.push_back({static_cast<std::uint32_t>(i), corpus.pieces[i].file});
  }
  order();
}

void PieceStream::order() {
  order_.resize(files_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  if (!options_.shuffle) return;
  Rng rng(options_.seed, static_cast<std::uint64_t>(epoch_));
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[rng.below(static_cast<std::uint32_t>(i))]);
  }
}

Result<std::optional<PieceStream::Piece>> PieceStream::next(const std::stop_token& stop) {
  if (at_ == order_.size()) {
    ++epoch_;
    at_ = 0;
    order();
  }
  if (files_.empty() || epoch_ >= options_.epochs || stop.stop_requested()) return std::nullopt;
  const File& file = files_[order_[at_++]];
  auto import = source_->readMidi(file.name);
  if (!import) return tl::unexpected(import.error());
  Piece piece{file.index, epoch_, std::move(import->document)};
  if (options_.augment) {
    // Of its own for each piece and epoch, whatever the order.
    Rng rng(mix64(options_.seed ^ mix64(file.index + 1)), static_cast<std::uint64_t>(epoch_));
    const Augmentation a = drawAugmentation(piece.document, *options_.augment, rng);
    piece.document = augmented(piece.document, a);
  }
  return piece;
}

TokenBatches::TokenBatches(PieceStream pieces, Encode encode, const BatchOptions& options)
    : pieces_(std::move(pieces)),
      encode_(std::move(encode)),
      options_(options),
      rng_(options.seed) {
  options_.rows = std::max(options_.rows, 1);
  options_.window = std::max(options_.window, 1);
  options_.mixed = std::max(options_.mixed, options_.rows);
}

void TokenBatches::window(const std::vector<std::int32_t>& sequence, std::size_t from) {
  const auto length = static_cast<std::size_t>(options_.window) + 1;
  const auto begin = sequence.begin() + static_cast<std::ptrdiff_t>(from);
  std::vector<std::int32_t> row(
      begin, begin + static_cast<std::ptrdiff_t>(std::min(length, sequence.size() - from)));
  row.resize(length, options_.padding);
  windows_.push_back(std::move(row));
}

void TokenBatches::cut(const std::vector<std::int32_t>& sequence) {
  const auto stride = static_cast<std::size_t>(options_.window);
  if (sequence.size() < 2) return;
  if (sequence.size() <= stride + 1) return window(sequence, 0);
  const std::size_t last = sequence.size() - stride - 1;
  const std::size_t start = rng_.below(static_cast<std::uint32_t>(std::min(stride, last + 1)));
  if (start > 0) window(sequence, 0);
  std::size_t from = start;
  for (; from < last; from += stride) window(sequence, from);
  window(sequence, last);
}

Result<std::optional<TokenBatch>> TokenBatches::next(const std::stop_token& stop) {
  while (!ended_ && windows_.size() < static_cast<std::size_t>(options_.mixed)) {
    auto piece = pieces_.next(stop);
    if (!piece) return tl::unexpected(piece.error());
    if (stop.stop_requested()) return std::nullopt;
    if (!*piece) {
      ended_ = true;
    } else {
      for (const auto& sequence : encode_((*piece)->document)) cut(sequence);
    }
  }
  if (windows_.empty() || stop.stop_requested()) return std::nullopt;
  TokenBatch batch;
  batch.length = options_.window + 1;
  while (batch.rows < options_.rows && !windows_.empty()) {
    std::swap(windows_[rng_.below(static_cast<std::uint32_t>(windows_.size()))], windows_.back());
    batch.tokens.insert(batch.tokens.end(), windows_.back().begin(), windows_.back().end());
    windows_.pop_back();
    ++batch.rows;
  }
  return batch;
}

}  // namespace incipit
