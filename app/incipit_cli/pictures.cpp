// pictures: what a model of pictures draws, or what a folder of MIDI files becomes, as PNG and MIDI
// files.
#include <fmt/core.h>

#include <algorithm>

#include "app/incipit_cli/support.h"
#include "core/compose/lab.h"
#include "core/corpus/corpus_files.h"
#include "core/encoding/picture_encoding.h"
#include "core/io/picture_file.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

// Drawn together; each such batch has a seed of its own.
constexpr int kBatch = 256;

struct Options {
  std::string model;
  std::string from;
  std::string kind = "ticks";
  std::string out;
  int count = 64;
  std::uint64_t seed = 1;
  double temperature = 1;
};

struct Written {
  int pictures = 0;
  std::int64_t notes = 0;
};

// NAME.png, and NAME.mid where it has notes.
Result<void> writeBoth(const Picture& picture, const fs::path& stem, Written& written) {
  fs::path png = stem;
  png += ".png";
  if (auto done = writePicture(picture, png); !done) return done;
  ++written.pictures;
  const PictureNotes notes = readPictures({&picture, 1});
  written.notes += static_cast<std::int64_t>(notes.size());
  if (notes.empty()) return {};
  fs::path mid = stem;
  mid += ".mid";
  return writeMidiFile(pictureDocument(picture.kind, notes), mid);
}

Result<void> drawAll(Context& context, const Options& o, Written& written) {
  const auto model = chooseModel(o.model);
  if (!model) return tl::unexpected(model.error());
  const auto engine = engineLoader()();
  if (!engine) return tl::unexpected(engine.error());
  Lab* lab = (*engine)->lab();
  if (lab == nullptr) return fail("this build has no laboratory");
  ImagineRequest request;
  request.checkpoint = model->path;
  request.temperature = o.temperature;
  for (int first = 0; first < o.count && !context.interrupt.requested(); first += kBatch) {
    request.count = std::min(kBatch, o.count - first);
    request.seed = o.seed + static_cast<std::uint64_t>(first / kBatch);
    const auto drawn = lab->imagine(request, {}, context.interrupt.token());
    if (!drawn) return tl::unexpected(drawn.error());
    for (std::size_t i = 0; i < drawn->pictures.size(); ++i) {
      const auto number = static_cast<std::size_t>(first) + i + 1;
      auto done =
          writeBoth(drawn->pictures[i], fs::path(o.out) / fmt::format("{:06}", number), written);
      if (!done) return done;
    }
    context.console.progress(static_cast<double>(written.pictures) / o.count,
                             fmt::format("{} pictures", written.pictures));
  }
  return {};
}

PictureKind kindNamed(const std::string& id) {
  for (const PictureKind kind : kPictureKinds) {
    if (id == pictureKindId(kind)) return kind;
  }
  return PictureKind::kTicks;
}

// A name for each picture of a file, without folders.
std::string flat(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return fs::path(name).stem().string();
}

Result<void> exportAll(Context& context, const Options& o, Written& written) {
  const CorpusFiles files(o.from);
  const auto names = files.list();
  if (!names) return tl::unexpected(names.error());
  if (names->empty()) return fail(fmt::format("{}: holds no MIDI file", o.from));
  const PictureKind kind = kindNamed(o.kind);
  PictureLoss loss;
  for (std::size_t i = 0; i < names->size() && !context.interrupt.requested(); ++i) {
    const auto import = files.readMidi((*names)[i]);
    if (!import) {
      context.console.warning(import.error().message);
      continue;
    }
    loss += pictureLoss(import->document, kind);
    for (const auto& p : paintPictures(kind, pictureNotes(import->document, kind))) {
      const std::string name = fmt::format("{}-{:04}", flat((*names)[i]), p.index + 1);
      if (auto done = writeBoth(p.picture, fs::path(o.out) / name, written); !done) return done;
    }
    context.console.progress(static_cast<double>(i + 1) / static_cast<double>(names->size()),
                             fmt::format("{} pictures", written.pictures));
  }
  const auto kept = static_cast<double>(std::max<std::int64_t>(1, loss.kept));
  const double share =
      static_cast<double>(loss.kept) / static_cast<double>(std::max<std::int64_t>(1, loss.notes));
  context.console.result({{"event", "loss"},
                          {"kind", o.kind},
                          {"notes", loss.notes},
                          {"kept", loss.kept},
                          {"onset_error", loss.onsetError / kept},
                          {"length_error", loss.lengthError / kept}},
                         fmt::format("{}: {:.2f} % of {} notes kept, onsets {:.1f} ms and lengths "
                                     "{:.1f} ms off on average",
                                     o.kind, 100 * share, loss.notes, 1000 * loss.onsetError / kept,
                                     1000 * loss.lengthError / kept));
  return {};
}

int pictures(Context& context, const Options& o) {
  Console& console = context.console;
  if (o.model.empty() == o.from.empty()) {
    console.error("either a MODEL or --from DIR is required; see incipit-cli pictures --help");
    return kUsage;
  }
  std::error_code error;
  fs::create_directories(o.out, error);
  if (error) return console.error(fmt::format("{}: {}", o.out, error.message()));
  Written written;
  const auto done = o.from.empty() ? drawAll(context, o, written) : exportAll(context, o, written);
  console.clearProgress();
  if (!done) return console.error(done.error());
  const bool complete = !context.interrupt.requested();
  console.result({{"event", "pictures"},
                  {"folder", o.out},
                  {"pictures", written.pictures},
                  {"notes", written.notes},
                  {"complete", complete}},
                 fmt::format("{}: {} pictures, {} notes", o.out, written.pictures, written.notes));
  return complete ? kDone : kInterrupted;
}

}  // namespace

Verb addPictures(CLI::App& app) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("pictures",
                                   "What a model draws, or music as pictures: PNG and MIDI files");
  c->add_option("MODEL", o->model,
                "Checkpoint of a picture family, or the name of an installed one");
  c->add_option("--from", o->from, "Write what these MIDI files become instead")->type_name("DIR");
  c->add_option("--out,-o", o->out, "Folder to write to; it is made")->required()->type_name("DIR");
  c->add_option("--kind", o->kind, "With --from: how music becomes a picture")
      ->check(CLI::IsMember({"image1", "image2", "image3", "ticks"}))
      ->capture_default_str();
  c->add_option("--count,-n", o->count, "Pictures to draw")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  c->add_option("--seed", o->seed, "Random seed")->capture_default_str();
  c->add_option("--temperature", o->temperature, "Spread of what pictures are drawn from")
      ->check(CLI::Range(0.0, 4.0))
      ->capture_default_str();
  return {c, [o](Context& context) { return pictures(context, *o); }};
}

}  // namespace incipit
