// A musician made of JACK alone: plays notes at known frames and writes down, frame by frame, what
// comes back as MIDI and as sound. It shares no code with Incipit, so that what it says about it
// counts. Used by the tests, by `incipit-cli bench live` and by hand.
//
//   incipit_jack_peer [--name NAME] [--silent]
//
// --silent: a client without ports that does nothing, to know what the server does by itself.
// Commands are lines on stdin, each answered by a line; events are lines in between. Frames are
// JACK's frame times, bytes are hexadecimal without spaces.
//
//   now               -> now FRAME RATE PERIOD
//   listen REGEX      connects their first MIDI output of that name to ours "in"
//   speak REGEX       connects our "out" to their first MIDI input of that name
//   hear REGEX        connects their first two audio outputs to "left" and "right"
//                     -> ok NAMES... or no (nothing of that name, or refused)
//   at FRAME BYTES    plays at that frame (at once where it is past) -> ok; at most 256 bytes
//   after N BYTES     plays N frames after the current one -> ok FRAME
//   threshold X       from what level on there is sound (0.001) -> ok
//   close             takes our ports away, as an unplugged device does -> ok
//   open              puts them back, unconnected -> ok
//   latency           -> latency FRAMES, until what a client gives to system:playback_1 is heard,
//   as
//                        JACK says
//   level             -> level X, the loudest sample since the last time
//   figures           -> figures CALLBACKS XRUNS LATE LONGEST: so many callbacks; xruns that JACK
//                        told of; callbacks that began more than a period late; the longest time
//                        between two, in microseconds
//   quit, or the end of stdin
//
// Events:
//   sent FRAME BYTES      was put on the cable at that frame
//   midi FRAME BYTES      came in
//   onset FRAME           the first frame above the threshold after 10 ms below it
//   lost                  events came faster than they could be written
//   shutdown              the server is gone
#include <jack/jack.h>
#include <jack/midiport.h>
#include <jack/ringbuffer.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMostBytes = 256;
constexpr std::size_t kMostPending = 8192;
constexpr std::size_t kRing = std::size_t{1} << 22U;

enum class Kind : std::uint8_t { kSent, kMidi, kOnset };

struct Event {
  Kind kind = Kind::kSent;
  std::uint16_t size = 0;
  jack_nframes_t frame = 0;
  std::array<std::uint8_t, kMostBytes> bytes{};

  // What lies in a ring: the head and the bytes that there are.
  std::size_t length() const { return offsetof(Event, bytes) + size; }
};

bool put(jack_ringbuffer_t* ring, const Event& e) {
  if (jack_ringbuffer_write_space(ring) < e.length()) return false;
  jack_ringbuffer_write(ring, reinterpret_cast<const char*>(&e), e.length());
  return true;
}

bool take(jack_ringbuffer_t* ring, Event& e) {
  constexpr std::size_t kHead = offsetof(Event, bytes);
  if (jack_ringbuffer_read_space(ring) < kHead) return false;
  jack_ringbuffer_peek(ring, reinterpret_cast<char*>(&e), kHead);
  if (jack_ringbuffer_read_space(ring) < e.length()) return false;
  jack_ringbuffer_read(ring, reinterpret_cast<char*>(&e), e.length());
  return true;
}

class Peer {
 public:
  bool start(const std::string& name, bool silent);
  ~Peer();
  // Answers one command; false for "quit".
  bool command(const std::string& line);
  void tell();  // what has happened since

 private:
  static int process(jack_nframes_t frames, void* self) {
    static_cast<Peer*>(self)->run(frames);
    return 0;
  }
  void run(jack_nframes_t frames);
  void receive(jack_nframes_t frames, jack_nframes_t first);
  void play(jack_nframes_t frames, jack_nframes_t first);
  void hear(jack_nframes_t frames, jack_nframes_t first);
  void keepTime(jack_nframes_t frames);
  void say(const Event& e) {
    if (!put(out_, e)) lost_ = true;
  }

  bool openPorts();
  void closePorts();
  std::string connect(const std::string& verb, const std::string& pattern);
  void settle();
  bool plan(jack_nframes_t frame, const std::string& hex);

  jack_client_t* client_ = nullptr;
  jack_ringbuffer_t* in_ = jack_ringbuffer_create(kRing);
  jack_ringbuffer_t* out_ = jack_ringbuffer_create(kRing);
  std::atomic<bool> open_{false};
  std::atomic<bool> there_{false};  // the ports, though perhaps on their way out
  std::atomic<bool> busy_{false};   // the callback is using the ports
  jack_port_t* midiIn_ = nullptr;
  jack_port_t* midiOut_ = nullptr;
  std::array<jack_port_t*, 2> audio_{};

  std::vector<Event> pending_ = std::vector<Event>(kMostPending);
  std::size_t waiting_ = 0;
  std::atomic<float> threshold_{1e-3F};
  std::atomic<float> level_{0};
  jack_nframes_t quiet_ = 0;  // frames below the threshold
  std::atomic<bool> lost_{false};
  std::atomic<bool> gone_{false};
  bool goneTold_ = false;
  std::atomic<long> callbacks_{0};
  std::atomic<long> xruns_{0};
  std::atomic<long> late_{0};
  std::atomic<long> longest_{0};
  jack_time_t before_ = 0;
};

bool Peer::start(const std::string& name, bool silent) {
  jack_set_error_function([](const char*) {});
  jack_set_info_function([](const char*) {});
  client_ = jack_client_open(name.c_str(), JackNoStartServer, nullptr);
  if (client_ == nullptr) return false;
  jack_ringbuffer_mlock(in_);
  jack_ringbuffer_mlock(out_);
  jack_set_process_callback(client_, process, this);
  jack_set_xrun_callback(
      client_,
      [](void* self) {
        ++static_cast<Peer*>(self)->xruns_;
        return 0;
      },
      this);
  jack_on_shutdown(
      client_, [](void* self) { static_cast<Peer*>(self)->gone_ = true; }, this);
  if (!silent && !openPorts()) return false;
  return jack_activate(client_) == 0;
}

Peer::~Peer() {
  if (client_ != nullptr && !gone_) jack_client_close(client_);
  jack_ringbuffer_free(in_);
  jack_ringbuffer_free(out_);
}

bool Peer::openPorts() {
  midiIn_ = jack_port_register(client_, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
  midiOut_ = jack_port_register(client_, "out", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
  audio_[0] = jack_port_register(client_, "left", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
  audio_[1] = jack_port_register(client_, "right", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
  const bool all =
      midiIn_ != nullptr && midiOut_ != nullptr && audio_[0] != nullptr && audio_[1] != nullptr;
  there_ = open_ = all;
  return all;
}

void Peer::closePorts() {
  if (!open_.exchange(false)) return;
  // What was played last would be heard again in each period that leaves the cable as it was.
  const long now = callbacks_;
  while (callbacks_ < now + 2 && !gone_) usleep(100);
  there_ = false;
  while (busy_ && !gone_) usleep(100);
  for (jack_port_t* port : {midiIn_, midiOut_, audio_[0], audio_[1]}) {
    jack_port_unregister(client_, port);
  }
}

void Peer::run(jack_nframes_t frames) {
  keepTime(frames);
  const jack_nframes_t first = jack_last_frame_time(client_);
  busy_ = true;
  if (open_) {
    receive(frames, first);
    play(frames, first);
    hear(frames, first);
  } else if (there_) {
    jack_midi_clear_buffer(jack_port_get_buffer(midiOut_, frames));
  }
  busy_ = false;
}

void Peer::keepTime(jack_nframes_t frames) {
  const jack_time_t now = jack_get_time();
  if (before_ != 0) {
    const auto gap = static_cast<long>(now - before_);
    const auto period = static_cast<long>(1e6 * frames / jack_get_sample_rate(client_));
    if (gap > 2 * period) ++late_;
    if (gap > longest_) longest_ = gap;
  }
  before_ = now;
  ++callbacks_;
}

void Peer::receive(jack_nframes_t frames, jack_nframes_t first) {
  void* buffer = jack_port_get_buffer(midiIn_, frames);
  const jack_nframes_t count = jack_midi_get_event_count(buffer);
  for (jack_nframes_t i = 0; i < count; ++i) {
    jack_midi_event_t m;
    if (jack_midi_event_get(&m, buffer, i) != 0) continue;
    Event e;
    e.kind = Kind::kMidi;
    e.frame = first + m.time;
    e.size = static_cast<std::uint16_t>(std::min(m.size, kMostBytes));
    std::copy_n(m.buffer, e.size, e.bytes.begin());
    say(e);
  }
}

void Peer::play(jack_nframes_t frames, jack_nframes_t first) {
  void* buffer = jack_port_get_buffer(midiOut_, frames);
  jack_midi_clear_buffer(buffer);
  while (waiting_ < kMostPending && take(in_, pending_[waiting_])) ++waiting_;
  // In order of frame, and of arrival within one; frame times wrap, differences do not.
  const auto offset = [&](const Event& e) {
    return std::max(static_cast<std::int32_t>(e.frame - first), 0);
  };
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(waiting_);
  // Insertion: nearly always in order already, and nothing is allocated.
  for (auto it = pending_.begin(); it != end; ++it) {
    for (auto at = it; at != pending_.begin() && offset(*at) < offset(*(at - 1)); --at) {
      std::swap(*at, *(at - 1));
    }
  }
  std::size_t done = 0;
  while (done < waiting_ && offset(pending_[done]) < static_cast<std::int32_t>(frames)) {
    Event& e = pending_[done++];
    const auto at = static_cast<jack_nframes_t>(offset(e));
    if (jack_midi_event_write(buffer, at, e.bytes.data(), e.size) != 0) {
      lost_ = true;
      continue;
    }
    e.kind = Kind::kSent;
    e.frame = first + at;
    say(e);
  }
  std::move(pending_.begin() + static_cast<std::ptrdiff_t>(done), end, pending_.begin());
  waiting_ -= done;
}

void Peer::hear(jack_nframes_t frames, jack_nframes_t first) {
  const auto* left = static_cast<const float*>(jack_port_get_buffer(audio_[0], frames));
  const auto* right = static_cast<const float*>(jack_port_get_buffer(audio_[1], frames));
  const float threshold = threshold_;
  const jack_nframes_t silence = jack_get_sample_rate(client_) / 100;
  float level = level_;
  for (jack_nframes_t i = 0; i < frames; ++i) {
    const float now = std::max(std::abs(left[i]), std::abs(right[i]));
    level = std::max(level, now);
    if (now <= threshold) {
      ++quiet_;
      continue;
    }
    if (quiet_ >= silence) {
      Event e;
      e.kind = Kind::kOnset;
      e.frame = first + i;
      say(e);
    }
    quiet_ = 0;
  }
  level_ = level;
}

// A connection carries nothing before the server has gone over to it, some periods later.
void Peer::settle() {
  constexpr long kPeriods = 8;
  constexpr int kPatience = 2000;  // times half a millisecond
  const long from = callbacks_;
  for (int i = 0; i < kPatience && callbacks_ < from + kPeriods && !gone_; ++i) usleep(500);
}

std::string Peer::connect(const std::string& verb, const std::string& pattern) {
  const bool audio = verb == "hear";
  const char** found = jack_get_ports(client_, pattern.c_str(),
                                      audio ? JACK_DEFAULT_AUDIO_TYPE : JACK_DEFAULT_MIDI_TYPE,
                                      verb == "speak" ? JackPortIsInput : JackPortIsOutput);
  if (found == nullptr) return "no";
  std::string answer = "ok";
  const std::size_t wanted = audio ? 2 : 1;
  std::size_t connected = 0;
  for (std::size_t i = 0; found[i] != nullptr && connected < wanted; ++i) {
    if (jack_port_is_mine(client_, jack_port_by_name(client_, found[i])) != 0) continue;
    const char* ours = jack_port_name(audio              ? audio_[connected]
                                      : verb == "listen" ? midiIn_
                                                         : midiOut_);
    const int error = verb == "speak" ? jack_connect(client_, ours, found[i])
                                      : jack_connect(client_, found[i], ours);
    if (error != 0 && error != EEXIST) continue;
    answer += std::string(" ") + found[i];
    ++connected;
  }
  jack_free(found);
  if (connected != wanted) return "no";
  settle();
  return answer;
}

bool Peer::plan(jack_nframes_t frame, const std::string& hex) {
  Event e;
  e.frame = frame;
  if (hex.empty() || hex.size() % 2 != 0 || hex.size() / 2 > kMostBytes) return false;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    char* end = nullptr;
    const std::string two = hex.substr(i, 2);
    e.bytes[e.size++] = static_cast<std::uint8_t>(std::strtoul(two.c_str(), &end, 16));
    if (*end != '\0') return false;
  }
  return put(in_, e);
}

bool Peer::command(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  std::string second;
  std::string third;
  words >> verb >> second >> third;
  if (verb == "quit") return false;
  const jack_nframes_t now = gone_ ? 0 : jack_frame_time(client_);
  if (verb == "now") {
    std::printf("now %u %u %u\n", now, jack_get_sample_rate(client_),
                jack_get_buffer_size(client_));
  } else if (verb == "listen" || verb == "speak" || verb == "hear") {
    std::printf("%s\n", open_ && !gone_ ? connect(verb, second).c_str() : "no");
  } else if (verb == "at") {
    const auto frame = static_cast<jack_nframes_t>(std::strtoul(second.c_str(), nullptr, 10));
    std::printf("%s\n", plan(frame, third) ? "ok" : "no");
  } else if (verb == "after") {
    const auto frame = now + static_cast<jack_nframes_t>(std::strtoul(second.c_str(), nullptr, 10));
    if (plan(frame, third)) {
      std::printf("ok %u\n", frame);
    } else {
      std::printf("no\n");
    }
  } else if (verb == "threshold") {
    threshold_ = std::strtof(second.c_str(), nullptr);
    std::printf("ok\n");
  } else if (verb == "close") {
    closePorts();
    std::printf("ok\n");
  } else if (verb == "open") {
    std::printf("%s\n", open_ || openPorts() ? "ok" : "no");
  } else if (verb == "latency") {
    jack_latency_range_t range{0, 0};
    jack_port_t* speaker = gone_ ? nullptr : jack_port_by_name(client_, "system:playback_1");
    if (speaker != nullptr) jack_port_get_latency_range(speaker, JackPlaybackLatency, &range);
    std::printf("latency %u\n", range.max);
  } else if (verb == "level") {
    std::printf("level %g\n", static_cast<double>(level_.exchange(0)));
  } else if (verb == "figures") {
    std::printf("figures %ld %ld %ld %ld\n", callbacks_.load(), xruns_.load(), late_.load(),
                longest_.load());
  } else {
    std::printf("no\n");
  }
  return true;
}

void Peer::tell() {
  Event e;
  while (take(out_, e)) {
    if (e.kind == Kind::kOnset) {
      std::printf("onset %u\n", e.frame);
      continue;
    }
    std::printf("%s %u ", e.kind == Kind::kSent ? "sent" : "midi", e.frame);
    for (std::size_t i = 0; i < e.size; ++i) std::printf("%02x", e.bytes[i]);
    std::printf("\n");
  }
  if (lost_.exchange(false)) std::printf("lost\n");
  if (gone_ && !goneTold_) {
    goneTold_ = true;
    std::printf("shutdown\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string name = "incipit-peer";
  bool silent = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--silent") == 0) silent = true;
    if (std::strcmp(argv[i], "--name") == 0 && i + 1 < argc) name = argv[++i];
  }
  Peer peer;
  if (!peer.start(name, silent)) {
    std::printf("no JACK server\n");
    return 1;
  }
  std::printf("ready\n");
  std::fflush(stdout);
  std::string pending;
  constexpr int kPoll = 2;  // ms
  while (true) {
    pollfd stdinReady{STDIN_FILENO, POLLIN, 0};
    const int ready = poll(&stdinReady, 1, kPoll);
    peer.tell();
    if (ready > 0) {
      std::array<char, 4096> buffer{};
      const auto n = read(STDIN_FILENO, buffer.data(), buffer.size());
      if (n <= 0) return 0;
      pending.append(buffer.data(), static_cast<std::size_t>(n));
      std::size_t end = 0;
      while ((end = pending.find('\n')) != std::string::npos) {
        if (!peer.command(pending.substr(0, end))) return 0;
        pending.erase(0, end + 1);
      }
    }
    std::fflush(stdout);
  }
}
