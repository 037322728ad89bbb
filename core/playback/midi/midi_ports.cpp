#include "core/playback/midi/midi_ports.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/playback/midi/midi_port_table.h"
#include "core/playback/thread_priority.h"

namespace incipit {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{500};
constexpr std::chrono::seconds kPatience{3};

}  // namespace

struct MidiPorts::State {
  State(MidiOut& out, LiveInput& in, MidiSystemOpener open) : table(out, in, std::move(open)) {}

  void run() {
    std::unique_lock lock(mutex);
    while (!ending) {
      const MidiWishes now = wishes;
      const std::uint64_t number = wished;
      lock.unlock();
      MidiStatus seen = table.look(now);
      lock.lock();
      told = std::move(seen);
      fulfilled = number;
      changed.notify_all();
      changed.wait_for(lock, kBetweenLooks, [&] { return ending || wished != fulfilled; });
    }
  }

  // With the mutex held.
  int slotOf(const std::string& name) {
    const int next = std::min(static_cast<int>(wishes.slots.size()), kRefusedMidiSlot);
    return wishes.slots.emplace(name, next).first->second;
  }
  void wake() {
    ++wished;
    changed.notify_all();
  }

  MidiPortTable table;  // the watch thread's

  std::mutex mutex;  // of what follows
  std::condition_variable changed;
  MidiWishes wishes;
  std::uint64_t wished = 1;     // grows with every change of the wishes
  std::uint64_t fulfilled = 0;  // the one that `told` belongs to
  MidiStatus told;
  bool ending = false;

  std::thread thread;
};

MidiPorts::MidiPorts(MidiOut& out, LiveInput& in, MidiSystemOpener open)
    : state_(std::make_unique<State>(out, in, std::move(open))) {
  state_->slotOf(kVirtualMidiPort);
}

MidiPorts::~MidiPorts() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->ending = true;
    state_->changed.notify_all();
  }
  if (state_->thread.joinable()) state_->thread.join();
}

void MidiPorts::configure(const MidiSettings& settings, const std::string& preferred) {
  const std::scoped_lock lock(state_->mutex);
  state_->wishes.settings = settings;
  state_->wishes.preferred = preferred;
  for (const auto& [name, port] : settings.outputs) {
    if (port.clock) state_->slotOf(name);
  }
  state_->wake();
  if (state_->thread.joinable()) return;
  state_->thread = std::thread([state = state_.get()] {
    nameThread("midi-watch");
    state->run();
  });
}

std::vector<int> MidiPorts::use(const std::vector<std::string>& outputs) {
  const std::scoped_lock lock(state_->mutex);
  std::vector<int> slots;
  slots.reserve(outputs.size());
  for (const std::string& name : outputs) slots.push_back(state_->slotOf(name));
  std::set<std::string> used(outputs.begin(), outputs.end());
  if (used != state_->wishes.used) {
    state_->wishes.used = std::move(used);
    state_->wake();
  }
  return slots;
}

MidiStatus MidiPorts::status() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->told;
}

void MidiPorts::settle() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, kPatience, [&] { return state_->fulfilled == state_->wished; });
}

}  // namespace incipit
