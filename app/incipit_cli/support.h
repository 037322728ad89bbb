// What several verbs need: following a job, choosing a model, reading and writing pieces.
// Thread safety: the main thread only.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "app/incipit_cli/verbs.h"
#include "core/compose/catalogue.h"
#include "core/compose/jobs.h"
#include "core/compose/sound.h"
#include "core/io/number_text.h"

namespace incipit {

// Wakes the main thread when a job on a worker has something new.
class Wake {
 public:
  Job::Notify notify() const;
  void wait();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable wake;
    bool set = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Runs news() on this thread whenever the job has some, a last time when it is finished. A stop
// cancels the job, which then finishes with what it has.
template <typename JobType, typename News>
void follow(JobType& job, Wake& wake, const std::stop_token& stop, News&& news) {
  const std::stop_callback cancel(stop, [&job] { job.cancel(); });
  while (true) {
    const bool last = job.finished();
    news();
    if (last) return;
    wake.wait();
  }
}

// The models' engine, with the studio that models of sound learn from; null in a build without
// sound.
std::shared_ptr<SoundStudio> soundStudio();
EngineLoader engineLoader();

// The exit status of a finished job; a failure is printed.
int statusOf(const Job& job, Console& console);

// `name`: a file, or the title or file name (with or without ending) of an installed model; empty:
// the first of the catalogue, which is the one that comes with the program. The file is checked.
Result<CheckpointInfo> chooseModel(const std::string& name);

// `--set NAME=VALUE`, as often as there are settings; settingsOf reads what was given.
void addSettings(CLI::App& verb, std::vector<std::string>& into);
Result<Settings> settingsOf(const std::vector<std::string>& assignments);

// The document of a project or MIDI file, with what was damaged said as warnings.
Result<DocumentPtr> readPiece(const std::filesystem::path& file, Console& console);

// By ending: a project for .incipit, else a Standard MIDI File; "-" writes one to stdout.
Result<void> writePiece(const Document& document, const std::filesystem::path& file);

// Refuses a soundfont that was asked for and cannot be used; playback would fall back to another.
// Empty is fine: the best that is installed.
Result<void> checkSoundfont(const std::string& file);

// "song.mid" and 2 of 3 makes "song-2.mid"; a single one keeps its name.
std::filesystem::path numbered(const std::filesystem::path& file, int number, int of);

}  // namespace incipit
