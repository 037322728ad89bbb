#include "core/corpus/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "core/compose/catalogue.h"
#include "core/corpus/corpus_files.h"
#include "core/corpus/fingerprint.h"
#include "core/corpus/manifest.h"
#include "core/corpus/mix.h"
#include "core/corpus/sha256.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

bool onlyDrums(const Document& d) {
  return std::all_of(d.tracks.begin(), d.tracks.end(), [](const TrackPtr& t) {
    return t->notes.empty() || t->channel == kDrumChannel;
  });
}

Result<std::vector<ManifestEntry>> listFolder(const CorpusFiles& files) {
  auto names = files.list();
  if (!names) return tl::unexpected(names.error());
  std::vector<ManifestEntry> out(names->size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i].file = std::move((*names)[i]);
  return out;
}

Result<std::vector<ManifestEntry>> filtered(std::vector<ManifestEntry> entries,
                                            const CorpusOptions& options, const fs::path& folder) {
  std::set<std::string> wanted;
  for (std::size_t at = 0; at < options.sets.size();) {
    const std::size_t comma = std::min(options.sets.find(',', at), options.sets.size());
    if (comma > at) wanted.insert(options.sets.substr(at, comma - at));
    at = comma + 1;
  }
  std::set<std::string> known;
  for (const ManifestEntry& e : entries) known.insert(e.set);
  for (const std::string& name : wanted) {
    if (!known.contains(name)) {
      return fail(fmt::format("{}: no set is called \"{}\"; it has: {}", folder.string(), name,
                              fmt::join(known, ", ")));
    }
  }
  std::erase_if(entries, [&](const ManifestEntry& e) {
    return (!wanted.empty() && !wanted.contains(e.set)) || (options.shippableOnly && !e.ship);
  });
  if (entries.empty()) {
    return fail(fmt::format("{}: holds no MIDI file{}: choose a folder of .mid files",
                            folder.string(), options.shippableOnly ? " marked for shipping" : ""));
  }
  return entries;
}

// What a file gave, made without looking at any other.
struct Reading {
  std::string rejected;  // why; empty where it was not
  CorpusPiece piece;
  std::optional<Fingerprint> print;
  std::array<std::int64_t, 128> pitches{};
  std::vector<CorpusSequence> sequences;
};

void countPitches(const Document& d, std::array<std::int64_t, 128>& counts) {
  for (const TrackPtr& t : d.tracks) {
    if (t->channel == kDrumChannel) continue;
    for (const Note& n : t->notes) ++counts[n.pitch];
  }
}

Reading readPiece(const CorpusFiles& files, const ManifestEntry& e, const CorpusOptions& options) {
  Reading r;
  const Result<MidiImport> import = files.readMidi(e.file);
  if (!import) {
    r.rejected = import.error().message;
    return r;
  }
  const Document& d = import->document;
  const auto count = static_cast<std::int64_t>(d.noteCount());
  if (count == 0) {
    r.rejected = "no notes";
  } else if (onlyDrums(d)) {
    r.rejected = "only drums";
  } else if (count < options.leastNotes) {
    r.rejected =
        fmt::format("too short: {} notes, at least {} are needed", count, options.leastNotes);
  } else {
    r.piece = {e.file,         e.set, e.licence,  e.split,   e.ship,
               contentHash(d), 0,     factsOf(d), e.composer};
    r.print = fingerprintOf(d);
    countPitches(d, r.pitches);
    if (options.sequences) r.sequences = sequencesOf(d, options.leastNotes);
  }
  return r;
}

// The readings of `entries`, made by two threads.
std::vector<Reading> readPieces(const CorpusFiles& files, std::span<const ManifestEntry> entries,
                                const CorpusOptions& options, const std::stop_token& stop) {
  std::vector<Reading> out(entries.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < entries.size() && !stop.stop_requested(); i = next++) {
      out[i] = readPiece(files, entries[i], options);
    }
  };
  if (entries.size() == 1) {
    work();
  } else {
    const std::jthread other(work);
    work();
  }
  return out;
}

// Takes readings in the order of the files, so that of two copies the first stays.
class Collector {
 public:
  explicit Collector(Corpus& corpus) : corpus_(corpus) {}

  void take(Reading r, const std::string& file) {
    if (!r.rejected.empty()) return reject(file, std::move(r.rejected));
    const auto index = static_cast<std::uint32_t>(corpus_.pieces.size());
    const auto [first, fresh] = seen_.try_emplace(r.piece.contentHash, index);
    if (!fresh) {
      ++corpus_.duplicates;
      return reject(file, "duplicate of " + corpus_.pieces[first->second].file);
    }
    corpus_.notes += r.piece.facts.notes;
    corpus_.seconds += r.piece.facts.seconds;
    corpus_.pieces.push_back(std::move(r.piece));
    prints_.push_back(r.print);
    for (std::size_t i = 0; i < r.pitches.size(); ++i) corpus_.pitches[i] += r.pitches[i];
    for (CorpusSequence& s : r.sequences) {
      s.piece = index;
      corpus_.sequences.push_back(std::move(s));
    }
  }

  void group() {
    const std::vector<std::uint32_t> groups = groupNearDuplicates(prints_);
    std::vector<std::uint32_t> sizes(groups.size());
    std::vector<bool> torn(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      CorpusPiece& p = corpus_.pieces[i];
      p.group = groups[i];
      ++sizes[p.group];
      torn[p.group] = torn[p.group] || p.split != corpus_.pieces[p.group].split;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (sizes[i] < 2) continue;
      ++corpus_.groups;
      corpus_.grouped += sizes[i];
      corpus_.torn += torn[i] ? 1 : 0;
    }
  }

  // By the smallest hash of a group, which does not depend on the names of files.
  void split(const SplitShares& shares, std::uint64_t seed) {
    std::vector<CorpusPiece>& pieces = corpus_.pieces;
    std::vector<std::uint64_t> hashes(pieces.size(), std::numeric_limits<std::uint64_t>::max());
    for (const CorpusPiece& p : pieces) hashes[p.group] = std::min(hashes[p.group], p.contentHash);
    bool training = false;
    for (CorpusPiece& p : pieces) {
      p.split = splitOf(hashes[p.group], shares, seed);
      training = training || p.split == Split::kTrain;
    }
    for (CorpusPiece& p : pieces) {
      if (!training && p.group == 0) p.split = Split::kTrain;
    }
    corpus_.torn = 0;
  }

 private:
  void reject(const std::string& file, std::string reason) {
    corpus_.rejected.push_back({file, std::move(reason)});
  }

  Corpus& corpus_;
  std::vector<std::optional<Fingerprint>> prints_;
  std::unordered_map<std::uint64_t, std::size_t> seen_;
};

std::string hashOfPieces(const Corpus& corpus) {
  Sha256 hash;
  for (const CorpusPiece& p : corpus.pieces) {
    hash.update(fmt::format("{}\t{:016x}\n", p.file, p.contentHash));
  }
  return hash.hex();
}

}  // namespace

Histogram pitchHistogram(const Corpus& corpus) {
  Histogram h;
  h.name = "pitch (notes)";
  h.counts.assign(corpus.pitches.begin(), corpus.pitches.end());
  for (int i = 0; i < std::ssize(h.counts); ++i) h.labels.push_back(pitchName(i));
  return h;
}

std::uint64_t contentHash(const Document& document) {
  // A sum, so that the order of tracks does not matter; times in quarters, so that the division
  // does not either.
  std::uint64_t sum = 0;
  for (const TrackPtr& t : document.tracks) {
    for (const Note& n : t->notes) {
      std::uint64_t h = mix64(static_cast<std::uint64_t>(unitsOf(n.start, document.ppq)) + 1);
      h = mix64(h ^ (static_cast<std::uint64_t>(unitsOf(n.end(), document.ppq)) << 8U) ^ n.pitch);
      sum += h;
    }
  }
  return mix64(sum);
}

std::vector<CorpusSequence> sequencesOf(const Document& document, std::int64_t leastNotes) {
  std::vector<CorpusSequence> out;
  std::unordered_map<int, std::vector<std::vector<EncodedNote>>> byProgram;
  std::vector<int> programs;  // in the order of the tracks
  for (const TrackPtr& t : document.tracks) {
    if (t->channel == kDrumChannel || t->notes.empty()) continue;
    const std::vector<Note> notes = t->notes.toVector();
    std::vector<EncodedNote> encoded = encodeNotes(notes, document.tempo, document.meter);
    auto& group = byProgram[t->program];
    if (group.empty()) programs.push_back(t->program);
    group.push_back(encoded);
    if (static_cast<std::int64_t>(encoded.size()) < leastNotes) continue;
    out.push_back({0, false, std::move(encoded)});
  }
  constexpr std::size_t kMostMerged = 4;
  for (const int program : programs) {
    const auto& group = byProgram[program];
    if (group.size() < 2 || group.size() > kMostMerged) continue;
    std::vector<EncodedNote> merged = mergeSequences(group);
    if (static_cast<std::int64_t>(merged.size()) < leastNotes) continue;
    out.push_back({0, true, std::move(merged)});
  }
  return out;
}

Result<Corpus> readCorpus(const fs::path& folder, const CorpusOptions& options,
                          const std::function<void(double)>& progress,
                          const std::stop_token& stop) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    return fail(fmt::format("{}: is not a folder", folder.string()));
  }
  const fs::path manifestFile = folder / "manifest.jsonl";
  const bool manifest = fs::exists(manifestFile, ignored);
  const CorpusFiles files(folder);
  auto listed = manifest ? readManifest(manifestFile) : listFolder(files);
  if (!listed) return fail(listed.error().message);
  auto entries = filtered(std::move(*listed), options, folder);
  if (!entries) return fail(entries.error().message);

  Corpus corpus;
  corpus.folder = folder;
  Collector collector(corpus);
  const std::size_t stride = std::max<std::size_t>(1, entries->size() / 100);
  for (std::size_t at = 0; at < entries->size() && !corpus.cancelled; at += kFilesAtOnce) {
    const auto batch =
        std::span(*entries).subspan(at, std::min(kFilesAtOnce, entries->size() - at));
    std::vector<Reading> readings = readPieces(files, batch, options, stop);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (stop.stop_requested()) {
        corpus.cancelled = true;
        break;
      }
      collector.take(std::move(readings[i]), batch[i].file);
      const std::size_t done = at + i + 1;
      if (progress && done % stride == 0) {
        progress(static_cast<double>(done) / static_cast<double>(entries->size()));
      }
    }
  }
  collector.group();
  if (!manifest) collector.split(options.shares, options.splitSeed);
  if (manifest) {
    auto hash = fileSha256(manifestFile);
    if (!hash) return fail(hash.error().message);
    corpus.manifestHash = std::move(*hash);
  } else {
    corpus.manifestHash = hashOfPieces(corpus);
  }
  return corpus;
}

}  // namespace incipit
