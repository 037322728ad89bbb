// A folder of MIDI files as training data: what is in it, what was rejected and why, duplicates,
// a split by piece, and the notes themselves as sequences.
//
// Where the folder holds a manifest.jsonl (one JSON object a line with "file", "split" and,
// optionally, "set", "ship", "license", "composer"), exactly its files are read and its splits are
// kept. Elsewhere every .mid and .midi file below the folder is read, also in .zip archives
// (corpus_files.h), and pieces are split by the hash of
// their notes (split.h): 90 % train, 5 % valid, 5 % test where nothing else is asked for. A file
// with the same notes as another is rejected; pieces that are nearly the same (transposed, at
// another tempo; fingerprint.h) stay, are one group, and lie on the same side of the split.
//
// Reading is fast enough (all 13.6 million notes of a 12,500-file corpus in seconds, on two
// threads) that nothing is cached. Memory: a kilobyte a piece, whatever it is, and kFilesAtOnce
// pieces at a time, plus the sequences where they are asked for. Thread safety: readCorpus may run
// on any thread; a Corpus is a value, the same for the same files and options.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/corpus/piece_facts.h"
#include "core/corpus/split.h"
#include "core/encoding/note_sequence.h"
#include "core/result.h"
#include "core/score/document.h"

namespace incipit {

struct CorpusPiece {
  std::string file;  // relative to the folder; CorpusFiles reads it
  std::string set;   // of the manifest; empty elsewhere
  std::string licence;
  Split split = Split::kTrain;
  bool ship = false;
  std::uint64_t contentHash = 0;  // of the notes of every track, whatever the file's bytes
  std::uint32_t group = 0;  // index of the first piece of its near-duplicates; its own if none
  PieceFacts facts;
  std::string composer;  // of the manifest; empty elsewhere
};

struct RejectedFile {
  std::string file;
  std::string reason;  // "no notes", "only drums", "duplicate of a.mid", a reader's error ...
};

// One track of a piece, or several tracks that share an instrument merged (the two staves of a
// piano part, the four of a choir).
struct CorpusSequence {
  std::uint32_t piece = 0;  // index into Corpus::pieces
  bool merged = false;
  std::vector<EncodedNote> notes;
};

struct Corpus {
  std::filesystem::path folder;
  // Hex SHA-256 of manifest.jsonl; elsewhere of the sorted lines "file TAB content hash".
  std::string manifestHash;
  std::vector<CorpusPiece> pieces;
  std::vector<RejectedFile> rejected;
  std::int64_t duplicates = 0;  // how many of `rejected` are
  std::int64_t groups = 0;      // of two or more near-duplicates
  std::int64_t grouped = 0;     // pieces in them
  std::int64_t torn = 0;        // groups on two sides of the split (of a manifest; else 0)
  std::int64_t notes = 0;       // of the accepted pieces
  double seconds = 0;
  std::array<std::int64_t, 128> pitches{};  // melodic notes of each pitch, of the accepted pieces
  std::vector<CorpusSequence> sequences;    // melodic tracks only; empty where not asked for
  bool cancelled = false;                   // what was read before the stop is here
};

struct CorpusOptions {
  std::string sets;            // comma-separated; empty: all. A name that no piece has is an error.
  bool shippableOnly = false;  // a folder without a manifest has none
  bool sequences = true;
  std::int64_t leastNotes = 16;  // a piece of fewer, and a sequence of fewer, is left out
  SplitShares shares;            // where there is no manifest
  std::uint64_t splitSeed = 0;
};

// How many files are held in memory at once while reading.
inline constexpr std::size_t kFilesAtOnce = 64;

// progress(0..1), at most a hundred times, on the calling thread. Where every group fell to
// validation or test (a small folder), the first is for training. Fails where the folder cannot be
// read, holds no MIDI file, or its manifest is damaged (naming the line).
Result<Corpus> readCorpus(const std::filesystem::path& folder, const CorpusOptions& options,
                          const std::function<void(double)>& progress, const std::stop_token& stop);

// The melodic sequences of one piece, as readCorpus makes them: each track that is not drums alone,
// then every group of two to four tracks with the same program merged.
std::vector<CorpusSequence> sequencesOf(const Document& document, std::int64_t leastNotes);

// How often each pitch is played in it, by name.
Histogram pitchHistogram(const Corpus& corpus);

// The same for the same notes, in whatever order the tracks come.
std::uint64_t contentHash(const Document& document);

}  // namespace incipit
