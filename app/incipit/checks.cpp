#include "checks.h"

#include <unistd.h>
#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

#include "app/bench/paint_bench.h"
#include "core/compose/paths.h"
#include "core/edit/edits.h"
#include "core/io/midi_file.h"
#include "soundfonts/soundfonts.h"
#include "studio.h"
#include "ui/window/main_window.h"

namespace incipit {
namespace {

// Holds CLOCK_MONOTONIC in nanoseconds before the process was started anew.
constexpr const char* kStartVariable = "INCIPIT_BENCH_START_NS";

std::int64_t monotonicNanos() {
  timespec t = {};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * std::int64_t{1'000'000'000} + t.tv_nsec;
}

double residentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

bool report(const char* step, bool good, const std::string& detail) {
  std::printf("%-10s %s  %s\n", step, good ? "ok    " : "FAILED", detail.c_str());
  return good;
}

Document oneBar() {
  const Document d = newDocument();
  std::vector<Note> notes;
  for (const int pitch : {60, 64, 67, 72}) {
    Note n;
    n.start = {static_cast<std::int64_t>(notes.size()) * d.ppq};
    n.length = {d.ppq};
    n.pitch = static_cast<std::uint8_t>(pitch);
    notes.push_back(n);
  }
  return addNotes(d, d.tracks.front()->id, notes).document;
}

}  // namespace

int listDevices() {
  const Parts parts = makeParts({});
  std::printf("sound drivers:\n");
  if (parts.player != nullptr) {
    for (const std::string& name : parts.player->drivers()) std::printf("  %s\n", name.c_str());
  } else {
    std::printf("  none: this build has no sound\n");
  }
  std::printf("soundfonts, best first:\n");
  const std::vector<SoundfontInfo> fonts = findSoundfonts();
  for (const SoundfontInfo& s : fonts)
    std::printf("  %s  %s, %d presets%s\n", s.path.c_str(), s.name.c_str(), s.presets,
                s.drums ? ", drums" : "");
  if (fonts.empty()) std::printf("  none: install timgm6mb-soundfont\n");
  std::printf("models module:\n  %s%s\n", engineModulePath().c_str(),
              std::filesystem::exists(engineModulePath()) ? "" : "  (missing)");
  return 0;
}

int selfTest(const Options& options) {
  QTemporaryDir folder;
  const std::filesystem::path file = (folder.path() + "/bar.mid").toStdString();
  const Document bar = oneBar();
  const auto written = writeMidiFile(bar, file);
  if (!report("write", written.has_value(), written ? "bar.mid" : written.error().message))
    return 1;
  const auto read = readMidiFile(file);
  const bool same = read.has_value() && read->document.noteCount() == bar.noteCount();
  if (!report("read", same, read ? "4 notes" : read.error().message)) return 1;
  const Parts parts = makeParts(options);
  const Services services = makeServices(options, parts);
  if (!services.exportAudio)
    return report("render", true, "left out: no sound in this build") ? 0 : 1;
  AudioExportRequest request;
  request.document = std::make_shared<const Document>(bar);
  request.file = (folder.path() + "/bar.wav").toStdString();
  if (options.soundfont) request.audio.soundfont = *options.soundfont;
  const auto audio = services.exportAudio(request, [](double) {}, {});
  if (!audio) return report("render", false, audio.error().message) ? 0 : 1;
  const bool heard = audio->peak > 0.001 && audio->seconds > 2;
  char detail[80];
  std::snprintf(detail, sizeof detail, "%.2f s, peak %.3f", audio->seconds, audio->peak);
  return report("render", heard, detail) ? 0 : 1;
}

int benchPaint(int& argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  paintBenchmark(std::cout);
  return 0;
}

int benchStart(const Options& options, int& argc, char** argv) {
  const char* started = std::getenv(kStartVariable);
  if (started == nullptr) {
    setenv(kStartVariable, std::to_string(monotonicNanos()).c_str(), 1);
    execv("/proc/self/exe", argv);
    std::perror("incipit: --bench-start");
    return 1;
  }
  const std::int64_t from = std::strtoll(started, nullptr, 10);
  unsetenv(kStartVariable);
  QApplication app(argc, argv);
  Options quiet = options;
  quiet.noAudio = true;
  const Parts parts = makeParts(quiet);
  Services services = makeServices(quiet, parts);
  services.restore = false;
  services.warmUpAfter = std::chrono::milliseconds(-1);
  MainWindow window(services);
  int status = 0;
  QObject::connect(&window, &MainWindow::firstPainted, &window, [&] {
    std::printf("start_ms %.1f\nrss_mb %.1f\n", static_cast<double>(monotonicNanos() - from) / 1e6,
                residentMegabytes());
    std::fflush(stdout);
    QElapsedTimer loading;
    loading.start();
    parts.jobs->warmUp([&, loading] {
      QMetaObject::invokeMethod(
          &window,
          [&, loading] {
            const std::string error = parts.jobs->engineError();
            if (error.empty()) {
              std::printf("module_ms %lld\nrss_with_module_mb %.1f\n",
                          static_cast<long long>(loading.elapsed()), residentMegabytes());
            } else {
              std::fprintf(stderr, "%s\n", error.c_str());
              status = 1;
            }
            QApplication::quit();
          },
          Qt::QueuedConnection);
    });
  });
  window.show();
  QApplication::exec();
  return status;
}

}  // namespace incipit
