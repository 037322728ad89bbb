#include "app/incipit_cli/support.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "app/common/engine_module.h"
#include "app/common/sounding_engine.h"
#include "core/compose/paths.h"
#include "core/io/midi_file.h"
#include "core/io/open_document.h"
#include "core/io/project_file.h"
#include "soundfonts/soundfonts.h"
#ifdef INCIPIT_PLAYBACK
#include "core/playback/audio/sound_studio.h"
#endif

namespace incipit {
namespace fs = std::filesystem;

Job::Notify Wake::notify() const {
  return [state = state_] {
    {
      const std::lock_guard lock(state->mutex);
      state->set = true;
    }
    state->wake.notify_one();
  };
}

void Wake::wait() {
  std::unique_lock lock(state_->mutex);
  state_->wake.wait(lock, [this] { return state_->set; });
  state_->set = false;
}

std::shared_ptr<SoundStudio> soundStudio() {
#ifdef INCIPIT_PLAYBACK
  return makeSoundStudio();
#else
  return nullptr;
#endif
}

EngineLoader engineLoader() { return withSound(engineModuleLoader(), soundStudio()); }

int statusOf(const Job& job, Console& console) {
  switch (job.state()) {
    case JobState::kDone:
      return kDone;
    case JobState::kCancelled:
      return kInterrupted;
    default:
      return console.error(job.error());
  }
}

Result<CheckpointInfo> chooseModel(const std::string& name) {
  std::error_code ignored;
  if (!name.empty() && fs::is_regular_file(name, ignored)) return readCheckpointInfo(name);
  const Catalogue catalogue = listModels(modelFolders());
  if (name.empty()) {
    if (!catalogue.models.empty()) return catalogue.models.front();
    return fail(fmt::format(
        "no model is installed in {}; train one with `incipit-cli train` or name one with --model",
        (dataFolder() / "models").string()));
  }
  std::string known;
  for (const CheckpointInfo& m : catalogue.models) {
    if (name == m.title || name == m.path.stem() || name == m.path.filename()) return m;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", m.path.stem().string());
  }
  return fail(fmt::format("{}: no such file and no installed model of that name; installed: {}",
                          name, known.empty() ? "none" : known));
}

void addSettings(CLI::App& verb, std::vector<std::string>& into) {
  verb.add_option("--set", into, "A setting of the family; incipit-cli models lists them")
      ->type_name("NAME=VALUE")
      ->take_all();
}

Result<Settings> settingsOf(const std::vector<std::string>& assignments) {
  Settings out;
  for (const std::string& a : assignments) {
    const auto setting = settingOf(a);
    if (!setting) return fail("--set " + setting.error().message);
    out.insert_or_assign(setting->first, setting->second);
  }
  return out;
}

Result<DocumentPtr> readPiece(const fs::path& file, Console& console) {
  auto opened = openDocument(file);
  if (!opened) return tl::unexpected(opened.error());
  for (const std::string& w : opened->warnings) console.warning(w);
  return std::make_shared<const Document>(std::move(opened->document));
}

Result<void> writePiece(const Document& document, const fs::path& file) {
  if (file == "-") {
    const std::vector<std::uint8_t> bytes = writeMidi(document);
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto n = write(STDOUT_FILENO, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return fail(std::string("standard output: ") + std::strerror(errno));
      done += static_cast<std::size_t>(n);
    }
    return {};
  }
  if (file.extension() == ".incipit") return writeProjectFile(document, file);
  return writeMidiFile(document, file);
}

Result<void> checkSoundfont(const std::string& file) {
  if (file.empty()) return {};
  if (auto info = inspectSoundfont(file); !info) return tl::unexpected(info.error());
  return {};
}

fs::path numbered(const fs::path& file, int number, int of) {
  if (of <= 1 || file == "-") return file;
  fs::path name = file.stem();
  name += fmt::format("-{}", number);
  name += file.extension();
  return file.parent_path() / name;
}

}  // namespace incipit
