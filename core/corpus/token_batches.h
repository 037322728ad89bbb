// Training data from disk in bounded memory: the pieces of a corpus one by one in a shuffled order,
// augmented anew in every epoch, cut into windows of symbols, mixed, and handed out in batches.
// With core/corpus/prefetch.h around it a network never waits for the disk.
//
// Memory: one piece, and `mixed` windows. Deterministic: the same corpus, options and seeds give
// the same batches. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/corpus/augment.h"
#include "core/corpus/corpus.h"
#include "core/corpus/corpus_files.h"
#include "core/result.h"
#include "core/rng.h"

namespace incipit {

struct PieceStreamOptions {
  Split split = Split::kTrain;
  int epochs = 1;
  bool shuffle = true;
  std::optional<AugmentOptions> augment;  // none: pieces as they are
  std::uint64_t seed = 0;
};

class PieceStream {
 public:
  struct Piece {
    std::uint32_t index = 0;  // in Corpus::pieces
    int epoch = 0;
    Document document;
  };

  // Keeps the names of the files, not the corpus.
  PieceStream(const Corpus& corpus, const PieceStreamOptions& options);

  std::size_t piecesPerEpoch() const { return files_.size(); }
  // Nothing after the last epoch and where `stop` is requested. Fails where a file that was scanned
  // can no longer be read.
  Result<std::optional<Piece>> next(const std::stop_token& stop);

 private:
  struct File {
    std::uint32_t index;
    std::string name;
  };
  void order();

  std::shared_ptr<const CorpusFiles> source_;
  PieceStreamOptions options_;
  std::vector<File> files_;
  std::vector<std::uint32_t> order_;  // of this epoch
  std::size_t at_ = 0;
  int epoch_ = 0;
};

struct BatchOptions {
  int rows = 32;
  int window = 100;  // symbols that are seen; one more is predicted
  int mixed = 2048;  // windows that rows are drawn from
  std::int32_t padding = 0;
  std::uint64_t seed = 0;
};

struct TokenBatch {
  int rows = 0;                      // the last ones of a stream may be fewer
  int length = 0;                    // window + 1
  std::vector<std::int32_t> tokens;  // (rows, length)
};

class TokenBatches {
 public:
  // The symbols of a piece: one sequence or several (one a track).
  using Encode = std::function<std::vector<std::vector<std::int32_t>>(const Document&)>;

  TokenBatches(PieceStream pieces, Encode encode, const BatchOptions& options);

  // Nothing at the end and where `stop` is requested. Every symbol of every sequence is in at least
  // one row: windows follow each other, sharing the symbol between them, from a random start before
  // which an extra one lies; a sequence shorter than a window is padded at its end.
  Result<std::optional<TokenBatch>> next(const std::stop_token& stop);

 private:
  void cut(const std::vector<std::int32_t>& sequence);
  void window(const std::vector<std::int32_t>& sequence, std::size_t from);

  PieceStream pieces_;
  Encode encode_;
  BatchOptions options_;
  Rng rng_;
  std::vector<std::vector<std::int32_t>> windows_;
  bool ended_ = false;
};

}  // namespace incipit
