#include "core/playback/audio/jack_connection.h"

#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <string_view>

namespace incipit {
namespace {

// The few types and constants of JACK's stable C interface that are needed are spelled out, so that
// nothing here depends on its headers.
using Client = struct JackClient;
using Port = struct JackPort;
using Frames = std::uint32_t;
struct Range {
  Frames least;
  Frames most;
};
using AskLatency = void(Port*, int, Range*);
constexpr int kNoStartServer = 1;
constexpr int kCapture = 0;
constexpr int kPlayback = 1;

}  // namespace

// libjack, if it is there, and our client in it.
struct JackConnection::Library {
  Library() : handle(dlopen("libjack.so.0", RTLD_NOW | RTLD_LOCAL)) {}
  ~Library() {
    if (handle != nullptr) dlclose(handle);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  template <typename F>
  F* get(const char* name) const {
    return handle == nullptr ? nullptr : reinterpret_cast<F*>(dlsym(handle, name));
  }

  // What JACK's library prints otherwise on stderr.
  void beQuiet() const {
    for (const char* kind : {"jack_set_error_function", "jack_set_info_function"}) {
      if (auto* set = get<void(void (*)(const char*))>(kind)) set([](const char*) {});
    }
  }

  void* handle;
  Client* client = nullptr;
};

std::shared_ptr<JackConnection> JackConnection::find() {
  static std::mutex mutex;
  static std::weak_ptr<JackConnection> current;
  const std::scoped_lock lock(mutex);
  if (auto held = current.lock()) return held->alive() ? held : nullptr;
  std::shared_ptr<JackConnection> fresh(new JackConnection);
  if (!fresh->open()) return nullptr;
  current = fresh;
  return fresh;
}

bool JackConnection::open() {
  library_ = std::make_unique<Library>();
  auto* open = library_->get<Client*(const char*, int, int*, ...)>("jack_client_open");
  auto* close = library_->get<int(Client*)>("jack_client_close");
  auto* rate = library_->get<Frames(Client*)>("jack_get_sample_rate");
  auto* period = library_->get<Frames(Client*)>("jack_get_buffer_size");
  auto* onCycle =
      library_->get<int(Client*, int (*)(Frames, void*), void*)>("jack_set_process_callback");
  auto* onEnd = library_->get<void(Client*, void (*)(void*), void*)>("jack_on_shutdown");
  auto* activate = library_->get<int(Client*)>("jack_activate");
  if (open == nullptr || close == nullptr || rate == nullptr || period == nullptr ||
      onCycle == nullptr || onEnd == nullptr || activate == nullptr) {
    return false;
  }
  library_->beQuiet();
  int status = 0;
  Client* client = open("Incipit watch", kNoStartServer, &status);
  if (client == nullptr) return false;
  library_->client = client;
  sampleRate_ = static_cast<int>(rate(client));
  period_ = static_cast<int>(period(client));
  onCycle(
      client,
      [](Frames, void* self) {
        static_cast<JackConnection*>(self)->cycles_.fetch_add(1, std::memory_order_release);
        return 0;
      },
      this);
  onEnd(
      client,
      [](void* self) {
        static_cast<JackConnection*>(self)->alive_.store(false, std::memory_order_release);
      },
      this);
  return activate(client) == 0;
}

bool JackConnection::connected(const std::string& port, const std::string& client) const {
  auto* byName = library_->get<Port*(Client*, const char*)>("jack_port_by_name");
  auto* list =
      library_->get<const char**(const Client*, const Port*)>("jack_port_get_all_connections");
  auto* release = library_->get<void(void*)>("jack_free");
  if (byName == nullptr || list == nullptr || release == nullptr || !alive()) return false;
  const Port* there = byName(library_->client, port.c_str());
  const char** names = there == nullptr ? nullptr : list(library_->client, there);
  if (names == nullptr) return false;
  bool found = false;
  for (int i = 0; names[i] != nullptr; ++i) {
    found = found || std::string_view(names[i]).starts_with(client);
  }
  release(names);
  return found;
}

int JackConnection::playbackLatency() const {
  auto* list = library_->get<const char**(Client*, const char*, const char*, unsigned long)>(
      "jack_get_ports");
  auto* byName = library_->get<Port*(Client*, const char*)>("jack_port_by_name");
  auto* latency = library_->get<AskLatency>("jack_port_get_latency_range");
  auto* release = library_->get<void(void*)>("jack_free");
  if (list == nullptr || byName == nullptr || latency == nullptr || release == nullptr) return -1;
  constexpr unsigned long kOutput = 2;
  const char** names =
      alive() ? list(library_->client, "^Incipit(-[0-9]+)?:", "32 bit float mono audio", kOutput)
              : nullptr;
  if (names == nullptr) return -1;
  int most = -1;
  for (int i = 0; names[i] != nullptr; ++i) {
    Port* port = byName(library_->client, names[i]);
    if (port == nullptr) continue;
    Range range{0, 0};
    latency(port, kPlayback, &range);
    most = std::max(most, static_cast<int>(range.most));
  }
  release(names);
  return most;
}

int JackConnection::captureLatency(const std::string& port) const {
  auto* byName = library_->get<Port*(Client*, const char*)>("jack_port_by_name");
  auto* latency = library_->get<AskLatency>("jack_port_get_latency_range");
  if (byName == nullptr || latency == nullptr || !alive()) return 0;
  Port* there = byName(library_->client, port.c_str());
  if (there == nullptr) return 0;
  Range range{0, 0};
  latency(there, kCapture, &range);
  return static_cast<int>(range.most);
}

JackConnection::~JackConnection() {
  if (library_ == nullptr || library_->client == nullptr) return;
  if (auto* close = library_->get<int(Client*)>("jack_client_close")) close(library_->client);
}

}  // namespace incipit
