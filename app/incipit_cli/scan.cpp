// scan: what a folder of MIDI files holds as training data.
#include <fmt/core.h>

#include <fstream>
#include <map>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/compose/catalogue.h"
#include "core/corpus/corpus.h"
#include "core/io/atomic_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string folder;
  std::string out;
  CorpusOptions corpus;
  bool rejected = false;
};

Json pieceJson(const CorpusPiece& p) {
  Json j = {{"file", p.file},
            {"split", splitName(p.split)},
            {"notes", p.notes},
            {"seconds", p.seconds},
            {"ship", p.ship}};
  if (!p.set.empty()) j["set"] = p.set;
  if (!p.licence.empty()) j["license"] = p.licence;
  return j;
}

// A data folder of its own: copies of the accepted files and a manifest that names their splits.
Result<void> writeData(const Corpus& corpus, const fs::path& out) {
  std::string manifest;
  for (const CorpusPiece& p : corpus.pieces) {
    const fs::path to = out / p.file;
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (!error) {
      fs::copy_file(corpus.folder / p.file, to, fs::copy_options::overwrite_existing, error);
    }
    if (error) return fail(fmt::format("{}: cannot be written: {}", to.string(), error.message()));
    const auto hash = fileSha256(to);
    if (!hash) return tl::unexpected(hash.error());
    Json line = pieceJson(p);
    line["sha256"] = *hash;
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
    for (const CorpusPiece& p : corpus.pieces) {
      Json j = pieceJson(p);
      j["event"] = "accepted";
      console.result(j);
    }
  }
  console.result(
      {{"event", "scan"},
       {"folder", corpus.folder.string()},
       {"accepted", corpus.pieces.size()},
       {"rejected", corpus.rejected.size()},
       {"duplicates", corpus.duplicates},
       {"notes", corpus.notes},
       {"hours", corpus.seconds / 3600},
       {"splits", splits},
       {"corpus", corpus.manifestHash},
       {"complete", !corpus.cancelled}},
      fmt::format("accepted    {:>10}  ({} train, {} valid, {} test)\n"
                  "rejected    {:>10}  ({} of them duplicates)\n"
                  "notes       {:>10}\n"
                  "music       {:>10}\n"
                  "corpus      {}",
                  grouped(static_cast<std::int64_t>(corpus.pieces.size())), splits["train"],
                  splits["valid"], splits["test"],
                  grouped(static_cast<std::int64_t>(corpus.rejected.size())), corpus.duplicates,
                  grouped(corpus.notes), duration(corpus.seconds), corpus.manifestHash));
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

int scan(Context& context, const Options& o) {
  Console& console = context.console;
  JobRunner runner(engineModuleLoader());  // its worker alone is used; no model is loaded
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
  c->add_flag("--rejected", o->rejected, "List every rejected file and why");
  return {c, [o](Context& context) { return scan(context, *o); }};
}

}  // namespace incipit
