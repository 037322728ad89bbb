// The verbs of incipit-cli, one file each. A verb declares its options on the command line parser
// and gives back what runs it once they are parsed.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>

#include "app/incipit_cli/console.h"
#include "app/incipit_cli/interrupt.h"

namespace incipit {

struct Context {
  Console& console;
  Interrupt& interrupt;
};

struct Verb {
  CLI::App* command = nullptr;
  std::function<int(Context&)> run;  // returns the exit status
};

Verb addCompose(CLI::App& app);
Verb addRender(CLI::App& app);
Verb addTimbre(CLI::App& app);
Verb addScan(CLI::App& app);
Verb addTrain(CLI::App& app);
Verb addEvaluate(CLI::App& app);
Verb addModels(CLI::App& app);
Verb addPictures(CLI::App& app);
Verb addMatrix(CLI::App& app);
Verb addInfo(CLI::App& app);
Verb addDoctor(CLI::App& app);
Verb addBench(CLI::App& app);

}  // namespace incipit
