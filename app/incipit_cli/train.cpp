// train: the job of the training window.
#include <fmt/core.h>

#include "app/incipit_cli/support.h"
#include "core/compose/model_files.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

struct Options {
  TrainRequest request;
  std::string data;
  std::string out;
  std::string resume;
  std::string startFrom;
  std::vector<std::string> settings;
};

fs::path withEnding(fs::path file) {
  if (file.extension() != ".safetensors") file += ".safetensors";
  return file;
}

Json pointJson(const TrainPoint& p) {
  Json j = {{"event", "point"},
            {"epoch", p.epoch},
            {"step", p.step},
            {"loss", p.trainLoss},
            {"learning_rate", p.learningRate},
            {"gradient_norm", p.gradientNorm},
            {"seconds_left", p.secondsLeft},
            {"examples_per_second", p.examplesPerSecond},
            {"fraction", p.fraction}};
  if (p.trainAccuracy) j["accuracy"] = *p.trainAccuracy;
  if (p.validationLoss) j["validation_loss"] = *p.validationLoss;
  if (p.validationAccuracy) j["validation_accuracy"] = *p.validationAccuracy;
  for (const auto& [name, value] : p.figures) j["figures"][name] = value;
  return j;
}

void showPoint(Console& console, const TrainPoint& p) {
  if (console.json()) {
    console.result(pointJson(p));
  } else if (p.validationLoss) {
    std::string line = fmt::format("epoch {:3}  step {:7}  loss {:.4f}  validation {:.4f}", p.epoch,
                                   p.step, p.trainLoss, *p.validationLoss);
    for (const auto& [name, value] : p.figures) line += fmt::format("  {} {:.4f}", name, value);
    console.remark(line);
  }
  console.progress(p.fraction,
                   fmt::format("epoch {}, loss {:.4f}, {:.0f} examples/s, {} left", p.epoch,
                               p.trainLoss, p.examplesPerSecond, duration(p.secondsLeft)));
}

int train(Context& context, const Options& o) {
  Console& console = context.console;
  TrainRequest request = o.request;
  request.data = o.data;
  request.out = withEnding(o.out);
  if (!o.resume.empty()) {
    request.resume = o.resume == "true" ? lastPath(request.out) : fs::path(o.resume);
    std::error_code ignored;
    if (!fs::is_regular_file(*request.resume, ignored)) {
      return console.error(
          fmt::format("{}: no such checkpoint to resume from; leave --resume out "
                      "to start from nothing",
                      request.resume->string()));
    }
  }
  if (!o.startFrom.empty()) {
    const auto model = chooseModel(o.startFrom);
    if (!model) return console.error(model.error());
    request.startFrom = model->path;
  }
  auto settings = settingsOf(o.settings);
  if (!settings) return console.error(settings.error());
  request.settings = std::move(*settings);
  JobRunner runner(engineLoader(), JobRunner::Beside::kNothing);
  Wake wake;
  const auto job = runner.train(std::move(request), wake.notify());
  follow(*job, wake, context.interrupt.token(), [&] {
    const TrainJob::News news = job->drain();
    for (const std::string& m : news.messages) {
      if (console.json()) console.result({{"event", "message"}, {"text", m}});
      console.remark(m);
    }
    for (const TrainPoint& p : news.points) showPoint(console, p);
  });
  console.clearProgress();

  const int status = statusOf(*job, console);
  const auto result = job->result();
  if (!result) return status;
  if (!result->warning.empty()) console.warning(result->warning);
  const std::string kept = result->best.empty() ? result->last.string() : result->best.string();
  console.result(
      {{"event", "trained"},
       {"best", result->best.string()},
       {"last", result->last.string()},
       {"epochs", result->epochs},
       {"validation_loss", result->bestValidationLoss},
       {"complete", !result->cancelled},
       {"warning", result->warning}},
      kept.empty()
          ? "interrupted before there was anything to keep"
          : fmt::format("{}: {} epochs{}, validation loss {:.4f}", kept, result->epochs,
                        result->cancelled ? " (interrupted)" : "", result->bestValidationLoss));
  return status;
}

}  // namespace

Verb addTrain(CLI::App& app) {
  auto o = std::make_shared<Options>();
  TrainRequest& r = o->request;
  CLI::App* c = app.add_subcommand("train", "Train a model on a folder of MIDI files");
  c->add_option(
       "DIR", o->data,
       "Folder of MIDI files, one with a manifest.jsonl, or (frame families) sets of frames, or "
       "(families of sound) of .wav, .flac and .ogg")
      ->required();
  c->add_option("--out,-o", o->out, "NAME.safetensors: the best; NAME.last.safetensors: the last")
      ->required()
      ->type_name("FILE");
  c->add_option("--model,--family", r.family, "Kind of network; incipit-cli models lists them")
      ->capture_default_str();
  c->add_option("--preset", r.preset, "Preset of the family (default: its first)");
  c->add_flag("--resume", o->resume, "Go on from NAME.last.safetensors, or --resume=FILE");
  c->add_option("--start-from", o->startFrom,
                "Fine-tune this checkpoint: its weights, with these data")
      ->type_name("CKPT");
  addSettings(*c, o->settings);
  c->add_option("--epochs", r.epochs, "Passes (default: the preset's)")
      ->check(CLI::Range(1, 100000));
  c->add_option("--examples", r.examples, "Windows an epoch draws from (default: the preset's)")
      ->check(CLI::PositiveNumber);
  c->add_option("--threads", r.threads, "Threads to compute with")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  c->add_option("--seed", r.seed, "Random seed: the same one gives the same curve")
      ->capture_default_str();
  c->add_option("--device", r.device, "cpu, cuda or cuda:N")->capture_default_str();
  c->add_option("--sets", r.sets,
                "Sets of the manifest, with commas (default: all), or the set of frames");
  c->add_flag("--shippable-only", r.shippableOnly, "Only what the manifest marks for shipping");
  c->add_flag("--half", r.half, "Write NAME.safetensors in half precision: half the bytes");
  c->add_option("--shard-size", r.shardSize, "Split checkpoint files larger than this many bytes")
      ->check(CLI::NonNegativeNumber);
  return {c, [o](Context& context) { return train(context, *o); }};
}

}  // namespace incipit
