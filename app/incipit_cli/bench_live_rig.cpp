#include "app/incipit_cli/bench_live_rig.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "app/incipit_cli/process.h"

namespace incipit {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;

fs::path peerProgram() {
  if (const char* named = std::getenv("INCIPIT_JACK_PEER"); named != nullptr) return named;
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  return here.parent_path() / "tests" / "incipit_jack_peer";
}

std::vector<std::uint8_t> bytesOf(const std::string& hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

Result<void> JackPeer::start(const fs::path& program, const std::string& name, bool silent) {
  std::vector<std::string> words{program.string(), "--name", name};
  if (silent) words.emplace_back("--silent");
  if (auto started = process_.start(words); !started) return started;
  const auto first = process_.line(milliseconds(5000));
  if (!first || *first != "ready") return fail(name + ": " + first.value_or("does not answer"));
  return {};
}

bool JackPeer::keep(const std::string& line) {
  std::istringstream words(line);
  std::string kind;
  PeerEvent e;
  std::string hex;
  words >> kind >> e.frame >> hex;
  if (kind == "lost") lost_ = true;
  if (kind == "lost" || kind == "shutdown") return true;
  if (kind == "midi" || kind == "sent") {
    e.kind = kind == "midi" ? PeerEvent::Kind::kMidi : PeerEvent::Kind::kSent;
    e.bytes = bytesOf(hex);
  } else if (kind == "onset") {
    e.kind = PeerEvent::Kind::kOnset;
  } else {
    return false;
  }
  events_.push_back(std::move(e));
  return true;
}

std::string JackPeer::ask(const std::string& command) {
  if (!process_.send(command)) return {};
  while (const auto line = process_.line(milliseconds(2000))) {
    if (!keep(*line)) return *line;
  }
  return {};
}

bool JackPeer::insist(const std::string& command) {
  constexpr int kTries = 200;
  for (int i = 0; i < kTries; ++i) {
    if (ask(command).starts_with("ok")) return true;
    std::this_thread::sleep_for(milliseconds(50));
  }
  return false;
}

std::vector<PeerEvent> JackPeer::events(milliseconds patience) {
  while (const auto line = process_.line(events_.empty() ? patience : milliseconds(0))) keep(*line);
  return std::exchange(events_, {});
}

PeerFigures JackPeer::figures() {
  PeerFigures f;
  std::istringstream words(ask("figures"));
  std::string verb;
  words >> verb >> f.callbacks >> f.xruns >> f.late >> f.longest;
  return f;
}

Result<void> LiveRig::start() {
  if (!programExists("jackd")) return fail("no jackd; install jackd2");
  const fs::path program = peerProgram();
  if (!fs::exists(program)) {
    return fail(program.string() + ": not built; build incipit_jack_peer (part of the tests)");
  }
  setenv("JACK_DEFAULT_SERVER", ("incipit-bench-" + std::to_string(getpid())).c_str(), 1);
  setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
  setenv("JACK_NO_START_SERVER", "1", 1);
  auto started = server_.start({"jackd", "-r", "-d", "dummy", "-r", std::to_string(kLiveRate), "-p",
                                std::to_string(kLivePeriod)});
  if (!started) return started;
  constexpr int kTries = 100;
  Result<void> peer = fail("");
  for (int i = 0; i < kTries && !peer && server_.running(); ++i) {
    std::this_thread::sleep_for(milliseconds(50));
    peer = peer_.start(program, "incipit-peer");
  }
  if (!peer) return fail("jackd does not run here: " + peer.error().message);
  if (auto silent = silent_.start(program, "incipit-silent", true); !silent) return silent;

  player_ = makePlayer();
  audio_.driver = "jack";
  audio_.reverb = audio_.chorus = false;  // onsets are looked for
  player_->configure(audio_);
  MidiSettings midi;
  midi.system = "jack";
  player_->configureMidi(midi);
  if (!wait([this] { return player_->status().sounding; }, milliseconds(20000), {})) {
    return fail("no sound: " + player_->status().problem);
  }
  if (player_->status().driver != "jack") return fail("the player does not use JACK");
  if (!peer_.insist("hear ^Incipit:")) return fail("the peer cannot hear the player");
  return {};
}

bool LiveRig::wait(const std::function<bool()>& condition, milliseconds patience,
                   const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (stop.stop_requested() || std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

}  // namespace incipit
