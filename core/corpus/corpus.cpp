#include "core/corpus/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "core/compose/catalogue.h"
#include "core/corpus/manifest.h"
#include "core/corpus/sha256.h"
#include "core/io/midi_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

std::uint64_t mix(std::uint64_t h) {
  h ^= h >> 33U;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33U;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33U);
}

Split splitByHash(std::uint64_t hash) {
  const std::uint64_t percent = mix(hash ^ 0x5eedULL) % 100;
  if (percent < 90) return Split::kTrain;
  return percent < 95 ? Split::kValid : Split::kTest;
}

bool onlyDrums(const Document& d) {
  return std::all_of(d.tracks.begin(), d.tracks.end(), [](const TrackPtr& t) {
    return t->notes.empty() || t->channel == kDrumChannel;
  });
}

Result<std::vector<ManifestEntry>> listFolder(const fs::path& folder) {
  std::vector<ManifestEntry> out;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  if (error)
    return fail(fmt::format("{}: cannot read the folder: {}", folder.string(), error.message()));
  for (; it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
    std::string extension = it->path().extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::error_code ignored;
    if ((extension != ".mid" && extension != ".midi") || !it->is_regular_file(ignored)) continue;
    ManifestEntry e;
    e.file = fs::relative(it->path(), folder, ignored).generic_string();
    out.push_back(std::move(e));
  }
  std::sort(out.begin(), out.end(),
            [](const ManifestEntry& a, const ManifestEntry& b) { return a.file < b.file; });
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

class Reader {
 public:
  Reader(Corpus& corpus, const CorpusOptions& options, bool manifest)
      : corpus_(corpus), options_(options), manifest_(manifest) {}

  void read(const ManifestEntry& e) {
    const Result<MidiImport> import = readMidiFile(corpus_.folder / e.file);
    if (!import) return reject(e.file, import.error().message);
    const Document& d = import->document;
    const auto count = static_cast<std::int64_t>(d.noteCount());
    if (count == 0) return reject(e.file, "no notes");
    if (onlyDrums(d)) return reject(e.file, "only drums");
    if (count < options_.leastNotes) {
      return reject(e.file, fmt::format("too short: {} notes, at least {} are needed", count,
                                        options_.leastNotes));
    }
    const std::uint64_t hash = contentHash(d);
    const auto [first, fresh] = seen_.try_emplace(hash, corpus_.pieces.size());
    if (!fresh) {
      ++corpus_.duplicates;
      return reject(e.file, "duplicate of " + corpus_.pieces[first->second].file);
    }
    const auto index = static_cast<std::uint32_t>(corpus_.pieces.size());
    CorpusPiece piece{e.file, e.set, e.licence, manifest_ ? e.split : splitByHash(hash),
                      e.ship, hash,  count,     d.tempo.seconds(d.end())};
    corpus_.notes += count;
    corpus_.seconds += piece.seconds;
    corpus_.pieces.push_back(std::move(piece));
    if (!options_.sequences) return;
    for (CorpusSequence& s : sequencesOf(d, options_.leastNotes)) {
      s.piece = index;
      corpus_.sequences.push_back(std::move(s));
    }
  }

 private:
  void reject(const std::string& file, std::string reason) {
    corpus_.rejected.push_back({file, std::move(reason)});
  }

  Corpus& corpus_;
  const CorpusOptions& options_;
  bool manifest_;
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

const char* splitName(Split s) {
  switch (s) {
    case Split::kTrain:
      return "train";
    case Split::kValid:
      return "valid";
    case Split::kTest:
      return "test";
  }
  return "";
}

Result<Split> splitNamed(const std::string& name) {
  for (const Split s : {Split::kTrain, Split::kValid, Split::kTest}) {
    if (name == splitName(s)) return s;
  }
  return fail(fmt::format("no split is called \"{}\": use train, valid or test", name));
}

std::uint64_t contentHash(const Document& document) {
  // A sum, so that the order of tracks does not matter; times in quarters, so that the division
  // does not either.
  std::uint64_t sum = 0;
  for (const TrackPtr& t : document.tracks) {
    for (const Note& n : t->notes) {
      std::uint64_t h = mix(static_cast<std::uint64_t>(unitsOf(n.start, document.ppq)) + 1);
      h = mix(h ^ (static_cast<std::uint64_t>(unitsOf(n.end(), document.ppq)) << 8U) ^ n.pitch);
      sum += h;
    }
  }
  return mix(sum);
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
  auto listed = manifest ? readManifest(manifestFile) : listFolder(folder);
  if (!listed) return fail(listed.error().message);
  auto entries = filtered(std::move(*listed), options, folder);
  if (!entries) return fail(entries.error().message);

  Corpus corpus;
  corpus.folder = folder;
  Reader reader(corpus, options, manifest);
  const std::size_t stride = std::max<std::size_t>(1, entries->size() / 100);
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (stop.stop_requested()) {
      corpus.cancelled = true;
      break;
    }
    reader.read((*entries)[i]);
    if (progress && (i + 1) % stride == 0) {
      progress(static_cast<double>(i + 1) / static_cast<double>(entries->size()));
    }
  }
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
