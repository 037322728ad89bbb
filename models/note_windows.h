// Which stretches of a corpus a training run sees, drawn by seed, so that the same seed names the
// same subset on every machine.
//
// A set of a manifest is drawn with a probability that grows with the 0.7th power of its notes, so
// that a folk set of a hundredth of the notes is heard more often than one window in a hundred;
// within it single tracks and merged ones half the time each; within those every note is as likely.
// Thread safety: a WindowSampler is const after construction; it keeps a reference to the corpus.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/corpus/corpus.h"
#include "core/rng.h"

namespace incipit {

struct NoteWindow {
  const CorpusSequence* sequence = nullptr;
  std::uint32_t first = 0;
  std::uint32_t count = 0;  // at least 1

  std::span<const EncodedNote> notes() const {
    return std::span(sequence->notes).subspan(first, count);
  }
};

class WindowSampler {
 public:
  // Sequences of fewer than leastNotes are not drawn.
  WindowSampler(const Corpus& corpus, Split split, std::int64_t leastNotes);

  bool empty() const { return groups_.empty(); }
  std::int64_t notes() const { return notes_; }
  // Up to `length` notes; one window in ten starts where its sequence does.
  NoteWindow draw(std::int64_t length, Rng& rng) const;
  std::vector<NoteWindow> draw(std::int64_t windows, std::int64_t length, Rng rng) const;

 private:
  struct Group {
    double until = 0;  // cumulative probability
    std::vector<const CorpusSequence*> sequences;
    std::vector<std::int64_t> notesUntil;
  };
  std::vector<Group> groups_;
  std::int64_t notes_ = 0;
};

// Windows of up to `length` notes that hold every note but the first `context` of each sequence
// once after at least so many others; a seeded part of them where fewer `notes` are wanted, 0: all.
std::vector<NoteWindow> evaluationWindows(const Corpus& corpus, Split split, std::uint32_t length,
                                          std::uint32_t context, std::int64_t notes,
                                          std::uint64_t seed);

// A permutation of 0..n-1 (Fisher and Yates 1938).
std::vector<std::uint32_t> permutation(std::size_t n, Rng rng);

}  // namespace incipit
