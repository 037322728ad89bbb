// RtMidi: the only file that sees it. With an error callback set it throws from constructors alone;
// what else it throws by contract is caught nevertheless.
#include <RtMidi.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <map>
#include <utility>

#include "core/playback/audio/jack_connection.h"
#include "core/playback/midi/midi_names.h"
#include "core/playback/midi/midi_ports.h"
#include "core/playback/midi/midi_system.h"

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#endif

namespace incipit {
namespace {

const std::map<std::string, RtMidi::Api>& apis() {
  static const std::map<std::string, RtMidi::Api> known{{"alsa", RtMidi::LINUX_ALSA},
                                                        {"core", RtMidi::MACOSX_CORE},
                                                        {"winmm", RtMidi::WINDOWS_MM},
                                                        {"jack", RtMidi::UNIX_JACK}};
  return known;
}

// Null where the system is not JACK.
using Jack = std::shared_ptr<JackConnection>;

// Whether RtMidi's input stands in a system exclusive message that has not ended. Its JACK port
// then brings nothing until an end comes, and never says so; the flag is protected, and written by
// its own thread.
class WatchedInput : public RtMidiIn {
 public:
  using RtMidiIn::RtMidiIn;
  bool insideSystemExclusive() const {
    struct Key : MidiInApi {
      static bool& of(MidiInApi& api) { return (api.*(&Key::inputData_)).continueSysex; }
    };
    return std::atomic_ref(Key::of(static_cast<MidiInApi&>(*rtapi_)))
        .load(std::memory_order_relaxed);
  }
};

// A WatchedInput or RtMidiOut with what it has to say. JACK's library needs the connection to be
// held longer than the port.
template <typename Port>
class Endpoint {
 public:
  Endpoint(RtMidi::Api api, const char* client, Jack jack)
      : jack_(std::move(jack)), port_(std::make_unique<Port>(api, client)) {
    port_->setErrorCallback(&Endpoint::onError, this);
  }
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  Port& port() { return *port_; }
  const Jack& jack() const { return jack_; }
  // What was said since the last call; empty: nothing.
  std::string complaint() { return std::exchange(said_, {}); }

  std::vector<std::string> list() {
    std::vector<std::string> names;
    const unsigned count = port_->getPortCount();
    for (unsigned i = 0; i < count; ++i) names.push_back(port_->getPortName(i));
    return names;
  }

  // Opens what stands at a place of the list, which may change meanwhile. The reason why not.
  std::string open(int place, const std::string& listed) {
    const auto number = static_cast<unsigned>(place);
    const auto there = [&] {
      return number < port_->getPortCount() && port_->getPortName(number) == listed;
    };
    if (!there()) return "it went away";
    (void)complaint();
    port_->openPort(number, "link");
    if (std::string said = complaint(); !said.empty()) return said;
    if (!port_->isPortOpen()) return "the system does not open it";
    listed_ = listed;
    return works() && there() ? "" : "it went away";
  }
  std::string openVirtual() {
    (void)complaint();
    port_->openVirtualPort("midi");
    return complaint();
  }
  bool works() { return jack_ == nullptr || listed_.empty() || linked(); }
  const std::string& listed() const { return listed_; }

 private:
  static void onError(RtMidiError::Type type, const std::string& text, void* self) {
    if (type != RtMidiError::DEBUG_WARNING) static_cast<Endpoint*>(self)->said_ = text;
  }
  // RtMidi does not say whether the server made the connection, nor that it is gone.
  bool linked() { return jack_->connected(listed_, kMidiLinkClient); }

  Jack jack_;
  std::string said_;
  std::string listed_;
  std::unique_ptr<Port> port_;
};

class Input final : public MidiInputPort {
 public:
  Input(RtMidi::Api api, const char* client, Jack jack, MidiReceiver receiver)
      : receiver_(std::move(receiver)), end_(api, client, std::move(jack)) {
    end_.port().ignoreTypes(true, false, true);  // system exclusive and active sensing
    end_.port().setCallback(&Input::onMessage, this);
  }
  Endpoint<WatchedInput>& end() { return end_; }
  bool works() override {
    const bool before = std::exchange(inside_, end_.port().insideSystemExclusive());
    return end_.works() && !(before && inside_);  // one that lasts from one look to the next
  }
  // RtMidi calls at the start of a period with all of its messages; what JACK says that they were
  // under way before is a device's.
  std::int64_t advance() const override {
    const JackConnection* jack = end_.jack().get();
    if (jack == nullptr) return 0;
    const double frames = jack->period() / 2.0 - jack->captureLatency(end_.listed());
    return std::llround(frames / jack->sampleRate() * 1e9);
  }

 private:
  static void onMessage(double, std::vector<unsigned char>* bytes, void* self) {
    if (bytes != nullptr && !bytes->empty()) static_cast<Input*>(self)->receiver_(*bytes);
  }

  bool inside_ = false;
  MidiReceiver receiver_;  // longer than the port that calls it
  Endpoint<WatchedInput> end_;
};

class Output final : public MidiOutputPort {
 public:
  Output(RtMidi::Api api, const char* client, Jack jack) : end_(api, client, std::move(jack)) {}
  Endpoint<RtMidiOut>& end() { return end_; }
  bool works() override { return end_.works(); }

  bool write(const MidiMessage& m) override {
    if (end_.jack() != nullptr && !room(*end_.jack())) return false;
    try {
      end_.port().sendMessage(m.bytes.data(), m.size);
    } catch (const std::exception&) {
      return false;
    }
    return end_.complaint().empty();
  }

 private:
  // RtMidi's JACK port queues 16 kB and spins for ever when that is full: a server that has ended
  // or stands still must not be written to. Each period empties the queue; one that is being
  // counted may have done it before the last message, the next one has not.
  bool room(const JackConnection& jack) {
    constexpr int kMost = 1000;
    const std::uint64_t now = jack.cycles();
    if (now >= since_ + 2) {
      since_ = now;
      sent_ = 0;
    }
    return jack.alive() && ++sent_ <= kMost;
  }

  Endpoint<RtMidiOut> end_;
  std::uint64_t since_ = 0;
  int sent_ = 0;
};

class RtMidiSystem final : public MidiSystem {
 public:
  RtMidiSystem(RtMidi::Api api, Jack jack)
      : api_(api),
        jack_(std::move(jack)),
        inputs_(api, "Incipit watch", jack_),
        outputs_(api, "Incipit watch", jack_) {}

  bool alive() const override { return jack_ == nullptr || jack_->alive(); }
  bool hasVirtualPorts() const override { return api_ != RtMidi::WINDOWS_MM; }
  std::vector<std::string> inputs() override { return inputs_.list(); }
  std::vector<std::string> outputs() override { return outputs_.list(); }

  Result<std::unique_ptr<MidiInputPort>> openInput(int place, const std::string& listed,
                                                   MidiReceiver receiver) override {
    return opened<Input>(
        kMidiLinkClient, [&](auto& end) { return end.open(place, listed); }, std::move(receiver));
  }
  Result<std::shared_ptr<MidiOutputPort>> openOutput(int place,
                                                     const std::string& listed) override {
    return opened<Output>(kMidiLinkClient, [&](auto& end) { return end.open(place, listed); });
  }
  Result<std::unique_ptr<MidiInputPort>> openVirtualInput(MidiReceiver receiver) override {
    return opened<Input>(
        kMidiInClient, [](auto& end) { return end.openVirtual(); }, std::move(receiver));
  }
  Result<std::shared_ptr<MidiOutputPort>> openVirtualOutput() override {
    return opened<Output>(kMidiOutClient, [](auto& end) { return end.openVirtual(); });
  }

 private:
  template <typename Port, typename Open, typename... More>
  Result<std::unique_ptr<Port>> opened(const char* client, Open open, More... more) {
    try {
      auto port = std::make_unique<Port>(api_, client, jack_, std::move(more)...);
      const std::string refused = open(port->end());
      if (!refused.empty()) return fail(refused);
      return port;
    } catch (const std::exception& e) {
      return fail(e.what());
    }
  }

  RtMidi::Api api_;
  Jack jack_;
  Endpoint<WatchedInput> inputs_;
  Endpoint<RtMidiOut> outputs_;
};

// Empty, or why the system cannot work. RtMidi would say so on stderr.
std::string missing(const std::string& name, const Jack& jack) {
  if (name == "jack" && jack == nullptr) return "no JACK server is running";
#ifdef __linux__
  if (name == "alsa") {
    const char* device = "/dev/snd/seq";
    const int file = ::open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
      return std::string(device) + ": " + std::strerror(errno) +
             (errno == EACCES ? "; let your user use it, on Debian by joining the group audio"
                              : "; load the kernel module snd_seq, or start a JACK server");
    }
    ::close(file);
  }
#endif
  return {};
}

}  // namespace

std::vector<std::string> midiSystems() {
  std::vector<RtMidi::Api> compiled;
  RtMidi::getCompiledApi(compiled);
  std::vector<std::string> names;
  for (const auto& [name, api] : apis()) {
    if (std::find(compiled.begin(), compiled.end(), api) != compiled.end()) names.push_back(name);
  }
  return names;
}

Result<std::unique_ptr<MidiSystem>> openMidiSystem(const std::string& name) {
  const auto known = apis().find(name);
  if (known == apis().end()) return fail("MIDI: there is no system named " + name);
  Jack jack = name == "jack" ? JackConnection::find() : nullptr;
  if (const std::string why = missing(name, jack); !why.empty()) return fail(name + ": " + why);
  try {
    return std::unique_ptr<MidiSystem>(new RtMidiSystem(known->second, std::move(jack)));
  } catch (const std::exception& e) {
    return fail(name + ": " + e.what());
  }
}

}  // namespace incipit
