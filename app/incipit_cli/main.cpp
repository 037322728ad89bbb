// incipit-cli: composing, rendering and training without a display.
#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <memory>
#include <vector>

#include "app/incipit_cli/verbs.h"

namespace incipit {
namespace {

constexpr const char* kFooter =
    "Results go to stdout, progress and errors to stderr. Exit status: 0 done, 1 failed, 2 wrong\n"
    "usage, 130 interrupted (Ctrl-C keeps what there is). `incipit-cli VERB --help` tells more.";

int runVerb(const Verb& verb, bool json, bool quiet) {
  Console console(json, quiet);
  Interrupt interrupt;
  Context context{console, interrupt};
  int status = kFailed;
  try {
    status = verb.run(context);
  } catch (const std::exception& e) {
    console.error(fmt::format("internal error: {}; please report it", e.what()));
  }
  console.clearProgress();
  if (!console.flushed() && status == kDone) status = kFailed;
  return status;
}

int runMain(int argc, char** argv) {
  CLI::App app{"Incipit on the command line: compose, render and train with neural models",
               "incipit-cli"};
  const std::string version = "incipit-cli " INCIPIT_VERSION;
  app.set_version_flag("--version", version, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.require_subcommand(1);
  app.footer(kFooter);

  bool json = false;
  bool quiet = false;
  const std::vector<Verb> verbs = {
      addCompose(app),
#ifdef INCIPIT_PLAYBACK
      addRender(app),
#endif
      addTimbre(app),   addScan(app),   addTrain(app), addEvaluate(app), addModels(app),
      addPictures(app), addMatrix(app), addInfo(app),  addDoctor(app),   addBench(app),
  };
  for (const Verb& v : verbs) {
    v.command->add_flag("--json", json, "Results as JSON, one object a line, on stdout");
    v.command->add_flag("--quiet", quiet, "No progress and no remarks on stderr");
    v.command->set_version_flag("--version", version, "Print the version and exit");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    return app.exit(done);
  } catch (const CLI::ParseError& e) {
    const auto parsed = app.get_subcommands();
    std::string what = e.what();
    if (parsed.empty() && argc > 1 && argv[1][0] != '-') {
      what = fmt::format("there is no verb \"{}\"", argv[1]);
    }
    // Several lines (as for a list of choices) are one here.
    std::replace(what.begin(), what.end(), '\n', ' ');
    fmt::print(stderr, "incipit-cli: error: {}; see incipit-cli {}--help\n", what,
               parsed.empty() ? "" : parsed.front()->get_name() + " ");
    return kUsage;
  }
  for (const Verb& v : verbs) {
    if (v.command->parsed()) return runVerb(v, json, quiet);
  }
  return kUsage;
}

}  // namespace
}  // namespace incipit

int main(int argc, char** argv) {
  // A file that may not grow (ulimit -f) is an error of the write, with a message, like a full
  // disk.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return incipit::runMain(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "incipit-cli: error: internal error: {}; please report it\n", e.what());
    return incipit::kFailed;
  }
}
