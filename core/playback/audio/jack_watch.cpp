#include "core/playback/audio/jack_watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/playback/audio/jack_connection.h"
#include "core/playback/thread_priority.h"

namespace incipit {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};

}  // namespace

JackWatch::JackWatch() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

void JackWatch::run(const std::stop_token& stop) {
  nameThread("jack-watch");
  std::mutex mutex;
  std::condition_variable_any stopping;
  std::unique_lock lock(mutex);
  std::shared_ptr<JackConnection> server;
  while (!stop.stop_requested()) {
    const std::uint64_t seen = server == nullptr ? 0 : server->cycles();
    stopping.wait_for(lock, stop, kBetweenLooks, [] { return false; });
    if (server != nullptr && !server->alive()) server.reset();
    if (server == nullptr) {
      found_ = false;
      server = JackConnection::find();
    } else if (server->cycles() > seen) {
      found_ = true;
    }
  }
}

}  // namespace incipit
