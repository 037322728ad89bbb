// scan: what a folder of MIDI files holds as training data.
#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/corpus/corpus.h"
#include "core/corpus/corpus_files.h"
#include "core/corpus/corpus_table.h"
#include "core/corpus/sha256.h"
#include "core/io/atomic_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string folder;
  std::string out;
  CorpusOptions corpus;
  std::string split;
  std::string table;
  bool rejected = false;
  bool distributions = false;
};

// What a line of a manifest says.
Json pieceJson(const CorpusPiece& p) {
  Json j = {{"file", p.file},
            {"split", splitName(p.split)},
            {"notes", p.facts.notes},
            {"seconds", p.facts.seconds},
            {"ship", p.ship}};
  if (!p.set.empty()) j["set"] = p.set;
  if (!p.licence.empty()) j["license"] = p.licence;
  return j;
}

Json acceptedJson(const Corpus& corpus, const CorpusPiece& p) {
  const PieceFacts& f = p.facts;
  Json j = pieceJson(p);
  j["event"] = "accepted";
  if (const CorpusPiece& first = corpus.pieces[p.group]; &first != &p) {
    j["near_duplicate_of"] = first.file;
  }
  j["quarters"] = f.quarters;
  j["tracks"] = f.tracks;
  j["programs"] = f.programs;
  j["drums"] = f.drums;
  j["key"] = scaleName(f.key);
  j["tempo"] = f.bpm;
  j["meter"] = fmt::format("{}/{}", f.meterNumerator, f.meterDenominator);
  j["notes_per_second"] = f.density;
  j["polyphony"] = f.polyphony;
  j["lowest"] = f.lowest;
  j["highest"] = f.highest;
  return j;
}

std::string binName(const Histogram& h, std::size_t bin) {
  if (!h.labels.empty()) return h.labels[bin];
  const std::string low = fmt::format("{:g}", h.low + h.width * static_cast<double>(bin));
  return bin + 1 == h.counts.size() ? low + " and more" : low;
}

// Each bin that holds something as a bar; the fullest is as long as a column of forty.
void reportDistributions(Console& console, const Corpus& corpus) {
  std::vector<const PieceFacts*> facts;
  for (const CorpusPiece& p : corpus.pieces) facts.push_back(&p.facts);
  for (const Histogram& h : histogramsOf(facts)) {
    std::string text = "\n" + h.name;
    const std::int64_t most = *std::max_element(h.counts.begin(), h.counts.end());
    for (std::size_t i = 0; i < h.counts.size(); ++i) {
      if (h.counts[i] == 0) continue;
      constexpr std::int64_t kLongest = 40;
      const auto length = static_cast<std::size_t>((h.counts[i] * kLongest + most - 1) / most);
      text +=
          fmt::format("\n  {:>24} {:>8} {}", binName(h, i), h.counts[i], std::string(length, '#'));
    }
    Json j = {{"event", "distribution"},
              {"name", h.name},
              {"low", h.low},
              {"width", h.width},
              {"counts", h.counts}};
    if (!h.labels.empty()) j["labels"] = h.labels;
    console.result(j, text);
  }
}

// A data folder of its own: copies of the accepted files and a manifest that names their splits.
Result<void> writeData(const Corpus& corpus, const fs::path& out) {
  const CorpusFiles files(corpus.folder);
  std::string manifest;
  for (const CorpusPiece& p : corpus.pieces) {
    const fs::path to = out / p.file;
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (error) return fail(fmt::format("{}: cannot be written: {}", to.string(), error.message()));
    const auto bytes = files.read(p.file);
    if (!bytes) return tl::unexpected(bytes.error());
    std::ofstream file(to, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes->data()),
               static_cast<std::streamsize>(bytes->size()));
    if (!file.flush()) return fail(fmt::format("{}: cannot be written", to.string()));
    Sha256 hash;
    hash.update(*bytes);
    Json line = pieceJson(p);
    line["sha256"] = hash.hex();
    manifest += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return writeFileAtomically(out / "manifest.jsonl", manifest, /*keepPrevious=*/false);
}

void report(Console& console, const Corpus& corpus, bool listRejected) {
  std::map<std::string, int> splits;
  for (const CorpusPiece& p : corpus.pieces) ++splits[splitName(p.split)];
  std::map<std::string, int> reasons;
  for (const RejectedFile& r : corpus.rejected) {
    if (console.json() || listRejected) {
      console.result({{"event", "rejected"}, {"file", r.file}, {"reason", r.reason}},
                     fmt::format("{}: {}", r.file, r.reason));
    }
    // Reasons that name a file or a place are one kind.
    ++reasons[r.reason.starts_with("duplicate") ? "duplicate" : r.reason];
  }
  if (console.json()) {
    for (const CorpusPiece& p : corpus.pieces) console.result(acceptedJson(corpus, p));
  }
  console.result({{"event", "scan"},
                  {"folder", corpus.folder.string()},
                  {"accepted", corpus.pieces.size()},
                  {"rejected", corpus.rejected.size()},
                  {"duplicates", corpus.duplicates},
                  {"near_duplicates", corpus.grouped},
                  {"near_duplicate_groups", corpus.groups},
                  {"torn_groups", corpus.torn},
                  {"notes", corpus.notes},
                  {"hours", corpus.seconds / 3600},
                  {"splits", splits},
                  {"corpus", corpus.manifestHash},
                  {"complete", !corpus.cancelled}},
                 fmt::format("accepted    {:>10}  ({} train, {} valid, {} test)\n"
                             "rejected    {:>10}  ({} of them duplicates)\n"
                             "alike       {:>10}  (in {} groups of near-duplicates)\n"
                             "notes       {:>10}\n"
                             "music       {:>10}\n"
                             "corpus      {}",
                             grouped(static_cast<std::int64_t>(corpus.pieces.size())),
                             splits["train"], splits["valid"], splits["test"],
                             grouped(static_cast<std::int64_t>(corpus.rejected.size())),
                             corpus.duplicates, grouped(corpus.grouped), corpus.groups,
                             grouped(corpus.notes), duration(corpus.seconds), corpus.manifestHash));
  if (corpus.torn > 0) {
    console.warning(fmt::format(
        "{} groups of near-duplicates are on two sides of the manifest's split", corpus.torn));
  }
  if (listRejected) return;
  constexpr std::size_t kMostReasons = 12;
  std::vector<std::pair<std::string, int>> byCount(reasons.begin(), reasons.end());
  std::stable_sort(byCount.begin(), byCount.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (std::size_t i = 0; i < std::min(byCount.size(), kMostReasons); ++i) {
    console.text(fmt::format("  {:>8}  {}", byCount[i].second, byCount[i].first));
  }
  if (byCount.size() > kMostReasons) {
    console.text(fmt::format("  {:>8}  other reasons; --rejected lists every file",
                             byCount.size() - kMostReasons));
  }
}

int scan(Context& context, Options o) {
  Console& console = context.console;
  if (!o.split.empty()) {
    const auto shares = splitSharesNamed(o.split);
    if (!shares) {
      console.error(shares.error());
      return kUsage;
    }
    o.corpus.shares = *shares;
  }
  JobRunner runner(engineModuleLoader(),
                   JobRunner::Beside::kNothing);  // its worker alone is used; no model is loaded
  Wake wake;
  Result<Corpus> corpus = fail("not scanned");
  const auto job = runner.run(
      JobRunner::Where::kInteractive,
      [&](const TaskJob::Progress& progress, const std::stop_token& stop) -> Result<void> {
        corpus = readCorpus(o.folder, o.corpus, progress, stop);
        if (!corpus) return tl::unexpected(corpus.error());
        return {};
      },
      wake.notify());
  follow(*job, wake, context.interrupt.token(),
         [&] { console.progress(job->progress(), "reading " + o.folder); });
  console.clearProgress();
  const int status = statusOf(*job, console);
  if (!corpus) return status;
  report(console, *corpus, o.rejected);
  if (o.distributions) reportDistributions(console, *corpus);
  if (!o.table.empty()) {
    const auto written = writeFileAtomically(o.table, corpusCsv(*corpus), /*keepPrevious=*/false);
    if (!written) return console.error(written.error());
  }
  if (status == kDone && !o.out.empty()) {
    if (const auto written = writeData(*corpus, o.out); !written) {
      return console.error(written.error());
    }
    console.remark(
        fmt::format("wrote {} pieces and manifest.jsonl to {}", corpus->pieces.size(), o.out));
  }
  return status;
}

}  // namespace

Verb addScan(CLI::App& app) {
  auto o = std::make_shared<Options>();
  o->corpus.sequences = false;
  CLI::App* c = app.add_subcommand("scan", "What a folder of MIDI files holds");
  c->add_option("DIR", o->folder, "Folder of MIDI files, or one with a manifest.jsonl")->required();
  c->add_option("--out,-o", o->out, "Copy what is accepted here, with a manifest.jsonl")
      ->type_name("DIR");
  c->add_option("--sets", o->corpus.sets, "Sets of the manifest, with commas (default: all)");
  c->add_flag("--shippable-only", o->corpus.shippableOnly,
              "Only what the manifest marks for shipping");
  c->add_option("--least-notes", o->corpus.leastNotes, "Fewer notes are not a piece")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  c->add_option("--split", o->split,
                "Percents of training, validation and test, such as 70/20/10 or 80/20 (default "
                "90/5/5); a manifest's own split stays");
  c->add_option("--split-seed", o->corpus.splitSeed, "Another number gives another split")
      ->capture_default_str();
  c->add_option("--table", o->table, "Write a line for every file as comma-separated values")
      ->type_name("FILE.csv");
  c->add_flag("--distributions", o->distributions,
              "Show how length, tempo, key, density, polyphony and instruments are distributed");
  c->add_flag("--rejected", o->rejected, "List every rejected file and why");
  return {c, [o](Context& context) { return scan(context, *o); }};
}

}  // namespace incipit
