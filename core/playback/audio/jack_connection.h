// The JACK server that this process is a client of. JACK's library needs every client of a server
// that ended to be closed before one of the next server is opened: whoever has a client, through
// FluidSynth or RtMidi, holds the server from before opening the client until after closing it.
//
// Thread safety: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace incipit {

class JackConnection {
 public:
  // The server named by JACK_DEFAULT_SERVER. None is ever started. Null: none runs, or one has
  // ended and is held still. May wait for the server.
  static std::shared_ptr<JackConnection> find();
  ~JackConnection();
  JackConnection(const JackConnection&) = delete;
  JackConnection& operator=(const JackConnection&) = delete;

  bool alive() const { return alive_.load(std::memory_order_acquire); }  // false for good, once
  std::uint64_t cycles() const {
    return cycles_.load(std::memory_order_acquire);
  }  // periods so far
  // Whether a port of a client whose name begins so is connected to the port.
  bool connected(const std::string& port, const std::string& client) const;
  // Frames until what our audio ports give is heard, the longest of them, as the server says; -1
  // where they are not there.
  int playbackLatency() const;
  // Frames since what a port gives was played, as the server says; 0 where there is no such port.
  int captureLatency(const std::string& port) const;
  int sampleRate() const { return sampleRate_; }
  int period() const { return period_; }

 private:
  struct Library;
  JackConnection() = default;
  bool open();

  std::unique_ptr<Library> library_;
  std::atomic<bool> alive_{true};
  std::atomic<std::uint64_t> cycles_{0};
  int sampleRate_ = 0;
  int period_ = 0;
};

}  // namespace incipit
