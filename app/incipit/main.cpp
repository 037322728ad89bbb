// The desktop program. What only prints is answered before Qt or sound is touched.
#include <cstdio>

#include "app/common/engine_module.h"
#include "checks.h"
#include "options.h"
#include "screenshot.h"
#include "studio.h"

int main(int argc, char** argv) {
  const auto options = incipit::parseOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "incipit: %s\n", options.error().message.c_str());
    return 2;
  }
  if (options->help) {
    std::fputs(incipit::helpText(), stdout);
    return 0;
  }
  if (options->version) {
    std::puts("incipit " INCIPIT_VERSION);
    return 0;
  }
  incipit::prepareEngineEnvironment();
  if (options->listDevices) return incipit::listDevices();
  if (options->selfTest) return incipit::selfTest(*options);
  if (options->benchStart) return incipit::benchStart(*options, argc, argv);
  if (options->benchPaint) return incipit::benchPaint(argc, argv);
  if (options->screenshot) return incipit::takeScreenshot(*options, argc, argv);
  return incipit::runStudio(*options, argc, argv);
}
