// The stage of the live benchmark: a JACK server without a sound card, a peer that plays and
// listens, a client that does nothing, and the studio's player on the same server.
//
// Thread safety: one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/incipit_cli/child_process.h"
#include "core/playback/studio_player.h"

namespace incipit {

inline constexpr int kLiveRate = 48000;
inline constexpr int kLivePeriod = 256;

// Frames are JACK's frame times, which wrap after a day; differences are meant.
struct PeerEvent {
  enum class Kind { kSent, kMidi, kOnset };
  Kind kind = Kind::kMidi;
  std::uint32_t frame = 0;
  std::vector<std::uint8_t> bytes;
};

struct PeerFigures {
  long callbacks = 0;
  long xruns = 0;  // that JACK told of
  long late = 0;   // callbacks more than a period late
  long longest = 0;
};

class JackPeer {
 public:
  Result<void> start(const std::filesystem::path& program, const std::string& name,
                     bool silent = false);
  // The answer to a command; empty where none comes. What happens meanwhile is kept.
  std::string ask(const std::string& command);
  // Repeats a command until it is answered with "ok"; false after ten seconds.
  bool insist(const std::string& command);
  // What has happened since the last call; waits for more at most so long where there is nothing.
  std::vector<PeerEvent> events(std::chrono::milliseconds patience = {});
  PeerFigures figures();
  bool lost() const { return lost_; }  // events came faster than they could be told

 private:
  bool keep(const std::string& line);  // false where it is no event

  ChildProcess process_;
  std::vector<PeerEvent> events_;
  bool lost_ = false;
};

class LiveRig {
 public:
  // Fails with one line where jackd or the peer is missing.
  Result<void> start();
  // Waits until the condition holds; false after so long, or when `stop` is requested.
  bool wait(const std::function<bool()>& condition, std::chrono::milliseconds patience,
            const std::stop_token& stop);

  MeasuredPlayer& player() { return *player_; }
  JackPeer& peer() { return peer_; }
  JackPeer& silent() { return silent_; }
  // The peer's ports as the player lists them.
  static constexpr const char* kPeerOutput = "incipit-peer:in";  // where tracks are sent
  static constexpr const char* kPeerInput = "incipit-peer:out";  // the keyboard
  AudioSettings audio() const { return audio_; }

 private:
  ChildProcess server_;
  JackPeer peer_;
  JackPeer silent_;
  AudioSettings audio_;
  std::unique_ptr<MeasuredPlayer> player_;
};

}  // namespace incipit
