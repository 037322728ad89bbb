// compose: continue a piece, or make its generated regions again.
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <random>

#include "app/common/engine_module.h"
#include "app/incipit_cli/support.h"
#include "core/compose/note_table.h"
#include "core/compose/paths.h"
#include "core/compose/request_json.h"
#include "core/edit/edits.h"
#include "core/io/atomic_file.h"
#ifdef INCIPIT_PLAYBACK
#include "core/playback/audio/audio_export.h"
#endif

namespace incipit {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string seedFile;
  std::string out;
  std::string wav;
  std::string table;
  std::string model;
  std::string again;
  std::string soundfont;
  int bars = 4;
  int takes = 1;
  double temperature = 0.9;
  double topP = 0.9;
  std::vector<std::string> settings;
  std::optional<std::uint64_t> seed;
  int track = 0;  // counted from 1; 0: the first that is not drums and has notes
  std::string tracks = "one";
  std::optional<int> from;  // bar, counted from 1
};

Result<const Track*> chooseTrack(const Document& d, int number) {
  if (number > 0) {
    if (static_cast<std::size_t>(number) <= d.tracks.size()) {
      return d.tracks[static_cast<std::size_t>(number) - 1].get();
    }
    return fail(fmt::format("--track {}: the piece has {} tracks; incipit-cli info lists them",
                            number, d.tracks.size()));
  }
  const auto melodic = [](const TrackPtr& t) { return t->channel != kDrumChannel; };
  const auto played = [&](const TrackPtr& t) { return melodic(t) && !t->notes.empty(); };
  auto found = std::find_if(d.tracks.begin(), d.tracks.end(), played);
  if (found == d.tracks.end()) found = std::find_if(d.tracks.begin(), d.tracks.end(), melodic);
  if (found == d.tracks.end()) return fail("the piece has no melodic track to compose on");
  return found->get();
}

// Counted from 1, as chooseTrack does; 0 for none.
int trackNumber(const Document& d, TrackId id) {
  for (std::size_t i = 0; i < d.tracks.size(); ++i) {
    if (d.tracks[i]->id == id) return static_cast<int>(i) + 1;
  }
  return 0;
}

Json noteJson(const Note& n, int track, int take) {
  return {{"event", "note"},          {"take", take},
          {"track", track},           {"start", n.start.count},
          {"length", n.length.count}, {"pitch", n.pitch},
          {"velocity", n.velocity}};
}

// Of the request's tracks in their order.
std::vector<const ComposedTrack*> composedTracks(const ComposeResult& result) {
  std::vector<const ComposedTrack*> out{&result};
  for (const ComposedTrack& t : result.others) out.push_back(&t);
  return out;
}

std::size_t noteCount(const ComposeResult& result) {
  std::size_t count = 0;
  for (const ComposedTrack* t : composedTracks(result)) count += t->notes.size();
  return count;
}

// Runs one request as a job; its notes appear as they are sampled.
Result<ComposeResult> runTake(Context& context, JobRunner& runner, ComposeRequest request,
                              const std::string& label, int take) {
  Console& console = context.console;
  Wake wake;
  const DocumentPtr document = request.document;
  const auto job = runner.compose(std::move(request), wake.notify());
  std::size_t count = 0;
  follow(*job, wake, context.interrupt.token(), [&] {
    for (const auto& [track, n] : job->drain()) {
      ++count;
      if (console.json()) console.result(noteJson(n, trackNumber(*document, track), take));
    }
    console.progress(job->progress(), fmt::format("{}, {} notes", label, count));
  });
  console.clearProgress();
  if (job->state() == JobState::kFailed) return fail(job->error());
  if (auto result = job->result()) return std::move(*result);
  ComposeResult nothing;
  nothing.cancelled = true;
  return nothing;
}

#ifdef INCIPIT_PLAYBACK
Result<void> writeSound(Context& context, const DocumentPtr& document, const fs::path& file,
                        const std::string& soundfont) {
  AudioExportRequest request;
  request.document = document;
  request.file = file;
  request.audio.soundfont = soundfont;
  const auto done = exportAudio(
      request,
      [&](double p) { context.console.progress(p, "rendering " + file.filename().string()); },
      context.interrupt.token());
  context.console.clearProgress();
  if (!done) return tl::unexpected(done.error());
  if (done->cancelled) return fail(file.string() + ": rendering was interrupted, not written");
  return {};
}
#else
Result<void> writeSound(Context&, const DocumentPtr&, const fs::path& file, const std::string&) {
  return fail(file.string() + ": this build has no sound (INCIPIT_PLAYBACK is off)");
}
#endif

Result<ComposeRequest> requestFor(const Options& o, const DocumentPtr& document,
                                  const fs::path& checkpoint) {
  const auto track = chooseTrack(*document, o.track);
  if (!track) return fail(o.seedFile + ": " + track.error().message);
  ComposeRequest request;
  request.document = document;
  request.track = (*track)->id;
  Tick end = (*track)->notes.latestEnd();
  for (const TrackPtr& t : document->tracks) {
    if (o.tracks != "all" || t->mute || t->id == request.track) continue;
    request.with.push_back(t->id);
    end = std::max(end, t->notes.latestEnd());
  }
  request.from = o.from ? document->meter.barStart(*o.from - 1) : document->meter.barLineFrom(end);
  request.bars = o.bars;
  request.temperature = o.temperature;
  request.topP = o.topP;
  request.seed = o.seed ? *o.seed : std::random_device{}();
  request.checkpoint = checkpoint;
  auto settings = settingsOf(o.settings);
  if (!settings) return tl::unexpected(settings.error());
  request.settings = std::move(*settings);
  return request;
}

// The notes of all tracks.
ComposedTrack asOne(const ComposeResult& take) {
  std::vector<std::pair<Note, float>> notes;
  for (const ComposedTrack* t : composedTracks(take)) {
    for (std::size_t i = 0; i < t->notes.size(); ++i) {
      notes.emplace_back(t->notes[i], t->probabilities[i]);
    }
  }
  const NoteOrder before;
  std::stable_sort(notes.begin(), notes.end(),
                   [&](const auto& a, const auto& b) { return before(a.first, b.first); });
  ComposedTrack out;
  for (const auto& [note, probability] : notes) {
    out.notes.push_back(note);
    out.probabilities.push_back(probability);
  }
  return out;
}

// " on 4 tracks", empty for one.
std::string onTracks(const ComposeResult& take) {
  return take.others.empty() ? "" : fmt::format(" on {} tracks", 1 + take.others.size());
}

Json tracksJson(const Document& d, const ComposeResult& take) {
  Json out = Json::array();
  for (const ComposedTrack* t : composedTracks(take)) {
    const Track* track = d.track(t->region.track);
    out.push_back({{"track", trackNumber(d, t->region.track)},
                   {"name", track == nullptr ? "" : track->name},
                   {"notes", t->notes.size()}});
  }
  return out;
}

// Writes a take: the seed followed by the notes, with their provenance.
Result<DocumentPtr> writeTake(Context& context, const Options& o, const ComposeRequest& request,
                              const ComposeResult& take, const fs::path& file) {
  Document made = *request.document;
  for (const ComposedTrack* t : composedTracks(take)) {
    if (t->notes.empty()) continue;
    made = addNotes(made, t->region.track, t->notes).document;
    made.regions.push_back(t->region);
  }
  auto document = std::make_shared<const Document>(std::move(made));
  if (auto written = writePiece(*document, file); !written) {
    return tl::unexpected(written.error());
  }
  if (!o.table.empty()) {
    const ComposedTrack all = asOne(take);
    const Table notes =
        noteTable(all.notes, all.probabilities, request.from, request.document->tempo);
    const fs::path csv = numbered(o.table, request.take + 1, o.takes);
    if (auto written = writeFileAtomically(csv, tableCsv(notes), false); !written) {
      return tl::unexpected(written.error());
    }
  }
  if (!o.wav.empty() && !take.cancelled) {
    const fs::path wav = numbered(o.wav, request.take + 1, o.takes);
    if (auto sound = writeSound(context, document, wav, o.soundfont); !sound) {
      return tl::unexpected(sound.error());
    }
  }
  return document;
}

int composeNew(Context& context, const Options& o) {
  Console& console = context.console;
  const auto document = readPiece(o.seedFile, console);
  if (!document) return console.error(document.error());
  if (const auto usable = checkSoundfont(o.soundfont); !usable) {
    return console.error(usable.error());
  }
  const auto model = chooseModel(o.model);
  if (!model) return console.error(model.error());
  auto request = requestFor(o, *document, model->path);
  if (!request) return console.error(request.error());
  std::size_t seedNotes =
      (*document)->track(request->track)->notes.notesIn({{0}, request->from}).size();
  for (const TrackId id : request->with) {
    seedNotes += (*document)->track(id)->notes.notesIn({{0}, request->from}).size();
  }
  console.remark(fmt::format("{} from bar {}, {} bars after {} seed notes, seed {}", model->title,
                             (*document)->meter.barBeat(request->from).bar + 1, o.bars, seedNotes,
                             request->seed));

  JobRunner runner(engineModuleLoader(), JobRunner::Beside::kNothing);
  for (int take = 0; take < o.takes; ++take) {
    request->take = take;
    const std::string label =
        o.takes > 1 ? fmt::format("take {} of {}", take + 1, o.takes) : "composing";
    const auto result = runTake(context, runner, *request, label, take + 1);
    if (!result) return console.error(result.error());
    const fs::path file = numbered(o.out, take + 1, o.takes);
    const std::size_t notes = noteCount(*result);
    if (!result->cancelled || notes > 0) {
      const auto written = writeTake(context, o, *request, *result, file);
      if (!written) return console.error(written.error());
      const double rate = result->seconds > 0 ? static_cast<double>(notes) / result->seconds : 0;
      console.result({{"event", "take"},
                      {"take", take + 1},
                      {"file", file.string()},
                      {"notes", notes},
                      {"tracks", tracksJson(**document, *result)},
                      {"seed", request->seed},
                      {"seconds", result->seconds},
                      {"seconds_to_first_note", result->secondsToFirstNote},
                      {"complete", !result->cancelled}},
                     file == "-" ? ""
                                 : fmt::format("{}: {} notes{}{}, {:.0f} notes/s", file.string(),
                                               notes, onTracks(*result),
                                               result->cancelled ? " (interrupted)" : "", rate));
    }
    if (result->cancelled) return kInterrupted;
  }
  return kDone;
}

// The installed model whose file has the hash that the region names.
Result<fs::path> modelOf(const GeneratedRegion& region, const std::string& named) {
  if (!named.empty()) {
    const auto model = chooseModel(named);
    if (!model) return tl::unexpected(model.error());
    const auto hash = fileSha256(model->path);
    if (!hash) return tl::unexpected(hash.error());
    if (*hash == region.modelHash) return model->path;
    return fail(fmt::format("{}: is not the model that made the region (SHA-256 {}, not {})",
                            model->path.string(), *hash, region.modelHash));
  }
  auto model = findModel(listModels(modelFolders()), region.modelHash);
  if (!model) return fail(model.error().message + "; name its file with --model");
  return model;
}

int composeAgain(Context& context, const Options& o) {
  Console& console = context.console;
  const auto document = readPiece(o.again, console);
  if (!document) return console.error(document.error());
  const auto& regions = (*document)->regions;
  if (regions.empty()) return console.error(o.again + ": holds no generated region");

  JobRunner runner(engineModuleLoader(), JobRunner::Beside::kNothing);
  int different = 0;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const GeneratedRegion& region = regions[i];
    const std::string name = fmt::format("{}: region {}", o.again, i + 1);
    auto request = requestOf(region);
    if (!request) return console.error(name + ": " + request.error().message);
    const auto checkpoint = modelOf(region, o.model);
    if (!checkpoint) return console.error(name + ": " + checkpoint.error().message);
    request->document = *document;
    request->checkpoint = *checkpoint;
    const auto result = runTake(context, runner, *request, fmt::format("region {}", i + 1),
                                static_cast<int>(i) + 1);
    if (!result) return console.error(name + ": " + result.error().message);
    if (result->cancelled) return kInterrupted;

    const Track* track = (*document)->track(region.track);
    const auto stored =
        track != nullptr ? track->notes.notesStartingIn(region.range) : std::vector<Note>();
    const auto same = std::count_if(stored.begin(), stored.end(), [&](const Note& n) {
      return std::any_of(result->notes.begin(), result->notes.end(),
                         [&](const Note& m) { return sameSound(n, m); });
    });
    const bool equal =
        static_cast<std::size_t>(same) == stored.size() && stored.size() == result->notes.size();
    different += equal ? 0 : 1;
    console.result({{"event", "region"},
                    {"region", i + 1},
                    {"equal", equal},
                    {"same", same},
                    {"stored", stored.size()},
                    {"regenerated", result->notes.size()},
                    {"model", checkpoint->string()}},
                   equal ? fmt::format("{}: equal, {} notes", name, stored.size())
                         : fmt::format("{}: differs, {} of {} stored notes came again ({} made)",
                                       name, same, stored.size(), result->notes.size()));
  }
  return different == 0 ? kDone : kFailed;
}

}  // namespace

Verb addCompose(CLI::App& app) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("compose", "Continue a piece with a neural model");
  CLI::Option* seedFile =
      c->add_option("SEED", o->seedFile, "The piece to continue: .mid or .incipit");
  CLI::Option* out =
      c->add_option("-o,--output", o->out, "Where the piece goes: .mid, .incipit, or - for stdout");
  CLI::Option* again = c->add_option("--again", o->again,
                                     "Make the generated regions stored in this file again and say "
                                     "whether they are equal (status 1 if not)");
  again->type_name("FILE")->excludes(seedFile)->excludes(out);
  c->add_option("--wav", o->wav, "Also render it: .wav, .flac or .ogg")->type_name("FILE");
  c->add_option("--table", o->table,
                "Also write the composed notes as a table (CSV): pitch, start, end, step and "
                "duration in seconds, and the probability that the model gave")
      ->type_name("FILE");
  c->add_option("--soundfont", o->soundfont, "Soundfont for --wav")->type_name("FILE");
  c->add_option("--model", o->model, "A checkpoint file or the name of an installed model");
  c->add_option("--bars", o->bars, "Bars to add")->check(CLI::Range(1, 256))->capture_default_str();
  c->add_option("--takes,--variations", o->takes, "How many; several are numbered NAME-1.mid ...")
      ->check(CLI::Range(1, 999))
      ->capture_default_str();
  c->add_option("--temperature", o->temperature, "Boldness of the choice of notes")
      ->check(CLI::Range(0.05, 4.0))
      ->capture_default_str();
  c->add_option("--top-p", o->topP, "Share of the likeliest pitches to choose from")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  addSettings(*c, o->settings);
  c->add_option("--seed", o->seed, "Random seed: the same one gives the same notes");
  c->add_option("--track", o->track, "The track to continue, counted from 1")
      ->check(CLI::PositiveNumber);
  c->add_option(
       "--tracks", o->tracks,
       "Which go on: one, or all that are not muted together, each hearing the others (with "
       "a model of several tracks; an empty track gets a part for its instrument)")
      ->check(CLI::IsMember({"one", "all"}))
      ->capture_default_str();
  c->add_option("--from", o->from, "The first bar to compose, counted from 1 (default: the end)")
      ->type_name("BAR")
      ->check(CLI::Range(1, 1'000'000));
  return {c, [o](Context& context) {
            if (!o->again.empty()) return composeAgain(context, *o);
            std::string wrong;
            if (o->seedFile.empty()) wrong = "SEED is required (or --again FILE)";
            if (wrong.empty() && o->out.empty()) wrong = "-o OUT.mid is required";
            if (o->out == "-" && (o->takes > 1 || context.console.json())) {
              wrong = "-o - holds one take and no --json";
            }
            if (wrong.empty()) return composeNew(context, *o);
            context.console.error(wrong + "; see incipit-cli compose --help");
            return kUsage;
          }};
}

}  // namespace incipit
