// timbre: a sound, or a piece, through a model of sound.
#include <fmt/core.h>

#include "app/incipit_cli/support.h"
#include "core/compose/timbre_run.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string in;
  std::string out;
  std::string model = "hilbert-ae-improved";
  int program = -1;
};

bool isSound(const fs::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".wav" || ending == ".flac" || ending == ".ogg";
}

Result<TimbreSource> sourceOf(const Options& o, Console& console) {
  TimbreSource source;
  source.program = o.program;
  if (isSound(o.in)) {
    if (o.program >= 0) return fail("--program is for pieces: " + o.in + " is sound");
    source.file = o.in;
    return source;
  }
  auto document = readPiece(o.in, console);
  if (!document) return fail(document.error().message);
  source.document = std::move(*document);
  return source;
}

int timbre(Context& context, const Options& o) {
  Console& console = context.console;
  const auto source = sourceOf(o, console);
  if (!source) return console.error(source.error());
  const auto model = chooseModel(o.model);
  if (!model) return console.error(model.error());
  const auto studio = soundStudio();
  if (studio == nullptr) {
    return console.error("this build has no sound (INCIPIT_PLAYBACK is off)");
  }
  const auto engine = engineLoader()();
  if (!engine) return console.error(engine.error());
  const auto done = runTimbre(
      *(*engine)->lab(), *studio, model->path, *source, o.out,
      [&](double p) { console.progress(p, "making " + fs::path(o.out).filename().string()); },
      context.interrupt.token());
  console.clearProgress();
  if (!done) return console.error(done.error());
  for (const std::string& m : done->messages) console.remark(m);
  if (done->cancelled) {
    console.remark("interrupted: " + o.out + " was not written");
    return kInterrupted;
  }
  const double speed = done->soundSeconds / std::max(1e-9, done->seconds);
  console.result(
      {{"event", "timbre"},
       {"file", o.out},
       {"model", model->path.string()},
       {"rate", done->sampleRate},
       {"sound_seconds", done->soundSeconds},
       {"seconds", done->seconds},
       {"times_real_time", speed}},
      fmt::format("{}: {} of sound at {} Hz in {}, {:.2f} times real time", o.out,
                  duration(done->soundSeconds), done->sampleRate, duration(done->seconds), speed));
  return kDone;
}

}  // namespace

Verb addTimbre(CLI::App& app) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("timbre", "Give a sound, or a piece, the timbre of a model");
  c->add_option("IN", o->in,
                "Sound (.wav, .flac, .ogg), or a piece (.mid, .incipit) to be rendered")
      ->required();
  c->add_option("OUT", o->out, "The audio file; its ending decides the format")->required();
  c->add_option("--model", o->model,
                "Checkpoint of hilbert-ae, or of wavenet-audio, which plays a piece's notes itself")
      ->type_name("M")
      ->capture_default_str();
  c->add_option("--program", o->program,
                "General MIDI program that renders the piece, 0 to 127 (default: its own)")
      ->check(CLI::Range(0, 127));
  return {c, [o](Context& context) { return timbre(context, *o); }};
}

}  // namespace incipit
