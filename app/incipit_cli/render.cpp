// render: a piece as an audio file, through the scheduler of live playback.
#include <fmt/core.h>

#include <cmath>

#include "app/incipit_cli/support.h"
#include "core/playback/audio/audio_export.h"

namespace incipit {
namespace {

struct Options {
  std::string in;
  std::string out;
  std::string outOption;
  AudioExportRequest request;
  std::string soundfont;
  bool dry = false;
};

int render(Context& context, Options& o) {
  Console& console = context.console;
  if (o.out.empty() == o.outOption.empty()) {
    console.error("name one output: incipit-cli render IN.mid OUT.wav");
    return kUsage;
  }
  const auto document = readPiece(o.in, console);
  if (!document) return console.error(document.error());
  if (const auto usable = checkSoundfont(o.soundfont); !usable) {
    return console.error(usable.error());
  }
  AudioExportRequest request = o.request;
  request.document = *document;
  request.file = o.out.empty() ? o.outOption : o.out;
  request.audio.soundfont = o.soundfont;
  if (o.dry) request.audio.reverb = request.audio.chorus = false;

  const auto done = exportAudio(
      request,
      [&](double p) { console.progress(p, "rendering " + request.file.filename().string()); },
      context.interrupt.token());
  console.clearProgress();
  if (!done) return console.error(done.error());
  if (done->cancelled) {
    console.remark("interrupted: " + request.file.string() + " was not written");
    return kInterrupted;
  }
  const double decibels = done->peak > 0 ? 20 * std::log10(done->peak) : -144;
  if (done->peak > 1) {
    console.warning(
        fmt::format("the loudest moment was clipped ({:+.1f} dB); use a lower --gain", decibels));
  }
  console.result({{"event", "rendered"},
                  {"file", request.file.string()},
                  {"seconds", done->seconds},
                  {"frames", done->frames},
                  {"peak", done->peak}},
                 fmt::format("{}: {}, peak {:.1f} dB", request.file.string(),
                             duration(done->seconds), decibels));
  return kDone;
}

}  // namespace

Verb addRender(CLI::App& app) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("render", "Render a piece as .wav, .flac or .ogg");
  c->add_option("IN", o->in, "The piece: .mid or .incipit")->required();
  c->add_option("OUT", o->out, "The audio file; its ending decides the format");
  c->add_option("-o,--output", o->outOption, "The same, as an option")->type_name("FILE");
  c->add_option("--soundfont", o->soundfont, "Soundfont (default: the best that is installed)")
      ->type_name("FILE");
  c->add_option("--rate", o->request.audio.sampleRate, "Samples a second")
      ->check(CLI::Range(8000, 96000))
      ->capture_default_str();
  c->add_option("--bits", o->request.bits, "Bits a sample")
      ->check(CLI::IsMember({16, 24, 32}))
      ->capture_default_str();
  c->add_option("--gain", o->request.audio.gain, "Loudness")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  c->add_option("--tail", o->request.longestTail, "Seconds after the last event, at most")
      ->check(CLI::Range(0.0, 600.0))
      ->capture_default_str();
  c->add_flag("--dry", o->dry, "No reverb and no chorus");
  return {c, [o](Context& context) { return render(context, *o); }};
}

}  // namespace incipit
