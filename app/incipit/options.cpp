#include "options.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace incipit {
namespace {

// "--name VALUE" or "--name=VALUE".
class Arguments {
 public:
  Arguments(int argc, char** argv) : words_(argv + 1, argv + argc) {}

  bool more() const { return next_ < words_.size(); }
  std::string_view take() { return words_[next_++]; }

  Result<std::string> value(std::string_view word) {
    if (const auto equals = word.find('='); equals != std::string_view::npos)
      return std::string(word.substr(equals + 1));
    if (!more()) return fail(std::string(word) + " needs a value; see incipit --help");
    return std::string(take());
  }

 private:
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
};

Result<void> oneOf(const std::string& name, const std::string& value,
                   std::initializer_list<std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return {};
  std::string list;
  for (const std::string_view a : allowed) list += (list.empty() ? "" : ", ") + std::string(a);
  return fail(name + " cannot be '" + value + "'; it is one of: " + list);
}

bool* flag(Options& o, std::string_view name) {
  if (name == "-h" || name == "--help") return &o.help;
  if (name == "--version") return &o.version;
  if (name == "--safe-mode") return &o.safeMode;
  if (name == "--no-audio") return &o.noAudio;
  if (name == "--demo") return &o.demo;
  if (name == "--list-devices") return &o.listDevices;
  if (name == "--self-test") return &o.selfTest;
  if (name == "--bench-start") return &o.benchStart;
  if (name == "--bench-paint") return &o.benchPaint;
  return nullptr;
}

Result<void> setValue(Options& o, const std::string& name, std::string value) {
  if (name == "--soundfont") {
    o.soundfont = value;
  } else if (name == "--audio-driver") {
    o.audioDriver = value;
  } else if (name == "--screenshot") {
    o.screenshot = value;
  } else if (name == "--theme") {
    o.theme = std::move(value);
    return oneOf(name, o.theme, {"dark", "light"});
  } else if (name == "--scene") {
    o.scene = std::move(value);
    return oneOf(name, o.scene,
                 {"empty", "seed", "take", "training", "training-music", "training-runs",
                  "training-compare", "training-listen", "training-models", "recording",
                  "midi-preferences", "lab-music", "lab-draw", "lab-map", "lab-timbre"});
  }
  return {};
}

bool takesValue(std::string_view name) {
  return name == "--soundfont" || name == "--audio-driver" || name == "--screenshot" ||
         name == "--theme" || name == "--scene";
}

}  // namespace

Result<Options> parseOptions(int argc, char** argv) {
  Options o;
  Arguments arguments(argc, argv);
  bool onlyFiles = false;
  while (arguments.more()) {
    const std::string_view word = arguments.take();
    if (onlyFiles || word.size() < 2 || word[0] != '-') {
      o.files.emplace_back(word);
    } else if (word == "--") {
      onlyFiles = true;
    } else if (bool* on = flag(o, word)) {
      *on = true;
    } else if (const std::string name(word.substr(0, word.find('='))); takesValue(name)) {
      auto value = arguments.value(word);
      if (!value) return tl::unexpected(value.error());
      if (auto set = setValue(o, name, std::move(*value)); !set) return tl::unexpected(set.error());
    } else {
      return fail("unknown option " + std::string(word) + "; see incipit --help");
    }
  }
  return o;
}

const char* helpText() {
  return R"(Usage: incipit [OPTION...] [FILE...]

A studio for composing with neural models: draw the opening notes, let a model
continue them, keep what you like. FILE is a project (.incipit) or a MIDI file;
further files open in windows of their own.

      --demo               open the demo piece
      --soundfont FILE     use this soundfont, for this run
      --audio-driver NAME  use this driver, for this run; see --list-devices
      --no-audio           open no sound device
      --safe-mode          default settings, no sound, no models, nothing restored
      --list-devices       print sound drivers and soundfonts, for a bug report
      --self-test          render a bar and check it; exit status 0 if all is well
      --screenshot FILE    draw the window into a PNG file and end
      --theme dark|light   the theme of --screenshot, or of this run
      --scene NAME         what --screenshot shows: empty, seed, take, training,
                           training-music, training-runs, training-compare,
                           training-listen, training-models, recording,
                           midi-preferences, lab-music, lab-draw, lab-map,
                           lab-timbre
      --bench-start        print how long the window takes to appear, and memory
      --bench-paint        print how long the piano roll takes to draw
  -h, --help               print this text
      --version            print the version

The same engine without a display: incipit-cli.
)";
}

}  // namespace incipit
