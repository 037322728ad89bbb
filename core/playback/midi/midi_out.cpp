#include "core/playback/midi/midi_out.h"

#include <readerwriterqueue/readerwriterqueue.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>

#include "core/playback/midi/midi_key_book.h"
#include "core/playback/midi/midi_waiting.h"
#include "core/playback/thread_priority.h"
#include "core/playback/waker.h"

namespace incipit {
namespace {

constexpr int kQueueLength = 65536;  // more than is planned ahead of any music
constexpr int kTakeBack = -2;        // the slot of a message that stands for takeBackRt
constexpr std::int64_t kMillisecond = 1000000;
constexpr std::int64_t kLongestSleep = 1000 * kMillisecond;
constexpr std::int64_t kUnplanned = -1;  // the frame of what is sent to end a note
// A device that takes longer than this over a message is given up.
constexpr std::chrono::seconds kPatience{3};

}  // namespace

// Shared with the thread, which outlives the MidiOut when a device never returns from a write.
struct MidiOut::State {
  struct Slot {
    std::atomic<std::int64_t> latency{0};
    std::atomic<bool> clock{false};
    std::atomic<bool> works{false};
    // The thread's own:
    std::shared_ptr<MidiPortWriter> port;
    MidiKeyBook book;
  };

  // Asks the thread for something and waits for it; false: it did not come round to it in time, and
  // will do it later.
  bool ask(std::function<void()> task) {
    std::unique_lock lock(mutex);
    tasks.push_back(std::move(task));
    const std::uint64_t mine = ++asked;
    pending.store(true, std::memory_order_release);
    waker.wakeRt();
    if (answered.wait_for(lock, kPatience, [&] { return done >= mine; })) return true;
    const int busy = writing.load(std::memory_order_relaxed);
    if (busy >= 0) slots[static_cast<std::size_t>(busy)].works = false;
    return false;
  }

  void run() {
    while (!finished) {
      waker.sleep(nextTime());
      std::vector<std::function<void()>> mine;
      if (pending.exchange(false, std::memory_order_acquire)) {
        const std::scoped_lock lock(mutex);
        mine.swap(tasks);
      }
      take();
      sendDue();
      if (!mine.empty()) answer(mine);
    }
  }

  void answer(std::vector<std::function<void()>>& mine) {
    for (auto& task : mine) {
      task();
      task = nullptr;  // a port that it lets go is destroyed by whoever asked, not here
    }
    {
      const std::scoped_lock lock(mutex);
      done += mine.size();
    }
    answered.notify_all();
  }

  Slot& at(int slot) { return slots[static_cast<std::size_t>(slot)]; }

  std::int64_t timeOf(int slot) {
    if (waiting.empty(slot)) return std::numeric_limits<std::int64_t>::max();
    return waiting.front(slot).when - at(slot).latency.load(std::memory_order_relaxed);
  }

  int firstSlot() {
    int first = 0;
    for (int slot = 1; slot < kMidiSlots; ++slot) {
      if (timeOf(slot) < timeOf(first)) first = slot;
    }
    return first;
  }

  std::int64_t nextTime() {
    return std::min(timeOf(firstSlot()), steadyNanoseconds() + kLongestSleep);
  }

  // What the audio thread has queued; live messages are sent at once.
  void take() {
    if (overflowed.exchange(false, std::memory_order_acquire)) startAfresh();
    PlannedMessage m;
    while (waiting.room() >= kMidiSlots && queue.try_dequeue(m)) {
      if (m.slot == kTakeBack) {
        waiting.takeBack(m.when, m.frame);
        continue;
      }
      if (m.slot != kClockSlots) {
        place(m);
        continue;
      }
      for (m.slot = 0; m.slot < kMidiSlots; ++m.slot) {
        if (at(m.slot).clock.load(std::memory_order_relaxed)) place(m);
      }
    }
  }

  void place(const PlannedMessage& m) {
    if (m.when != kAtOnce) {
      waiting.push(m);
      return;
    }
    // What was planned before the notes were ended must not begin after it.
    if (endsNotes(m.message)) waiting.dropNoteOns(m.slot, m.message.channel());
    send(m, steadyNanoseconds());
  }

  void sendDue() {
    for (;;) {
      const int slot = firstSlot();
      const std::int64_t time = timeOf(slot);
      if (time > steadyNanoseconds()) return;
      const PlannedMessage m = waiting.front(slot);
      waiting.pop(slot);
      send(m, time);
      take();
    }
  }

  void send(const PlannedMessage& m, std::int64_t when) {
    if (m.message.size == 0) return;
    Slot& slot = at(m.slot);
    slot.book.pass(m.message, [&](const MidiMessage& out) {
      write(m.slot, {out, m.slot, when, m.frame});
    });
    if (slot.port == nullptr) slot.book.forget();
    count();
  }

  void write(int number, const PlannedMessage& m) {
    Slot& slot = at(number);
    if (slot.port == nullptr) return;
    const std::int64_t began = steadyNanoseconds();
    writing.store(number, std::memory_order_relaxed);
    const bool good = slot.port->write(m.message);
    writing.store(-1, std::memory_order_relaxed);
    if (probe) probe({number, m.message, m.when, m.frame, began});
    if (good) return;
    slot.works = false;
    slot.port = nullptr;
  }

  void endAll(int number) {
    Slot& slot = at(number);
    slot.book.endAll([&](const MidiMessage& out) {
      write(number, {out, number, steadyNanoseconds(), kUnplanned});
    });
    slot.book.forget();
    count();
  }

  // Messages were lost, note-offs perhaps among them: nothing that sounds or waits is kept.
  void startAfresh() {
    for (PlannedMessage m; queue.try_dequeue(m);) {
    }
    for (int slot = 0; slot < kMidiSlots; ++slot) {
      while (!waiting.empty(slot)) waiting.pop(slot);
      endAll(slot);
    }
  }

  void count() {
    int sum = 0;
    for (const Slot& slot : slots) sum += slot.book.sounding();
    sounding.store(sum, std::memory_order_relaxed);
  }

  void queueRt(const PlannedMessage& m) noexcept {
    if (!queue.try_enqueue(m)) {
      lost.fetch_add(1, std::memory_order_relaxed);
      overflowed.store(true, std::memory_order_release);
    }
    waker.wakeRt();
  }

  // Audio thread in, MIDI-out thread out.
  moodycamel::ReaderWriterQueue<PlannedMessage> queue{kQueueLength};
  std::atomic<bool> overflowed{false};
  std::atomic<std::uint64_t> lost{0};
  Waker waker;

  // The thread's own, but for the slots' atomics.
  MidiWaiting waiting{kQueueLength};
  std::array<Slot, kMidiSlots> slots;
  std::function<void(const Sent&)> probe;
  bool finished = false;
  std::atomic<int> writing{-1};  // the slot whose device has not returned from write
  std::atomic<int> sounding{0};

  std::mutex mutex;  // of what follows
  std::condition_variable answered;
  std::vector<std::function<void()>> tasks;
  std::uint64_t asked = 0;
  std::uint64_t done = 0;
  std::atomic<bool> pending{false};  // there are tasks

  std::thread thread;
  std::string priorityProblem;
};

MidiOut::MidiOut() : state_(std::make_shared<State>()) {
  state_->thread = std::thread([state = state_] {
    nameThread("midi-out");
    state->run();
  });
  state_->priorityProblem = raisePriority(state_->thread);
}

MidiOut::~MidiOut() {
  State& s = *state_;
  const bool ended = s.ask([state = state_.get()] {
    for (int slot = 0; slot < kMidiSlots; ++slot) {
      state->endAll(slot);
      state->at(slot).port = nullptr;
    }
    state->probe = nullptr;
    state->finished = true;
  });
  if (ended) {
    s.thread.join();
  } else {
    s.thread.detach();
  }
}

void MidiOut::sendRt(int slot, const MidiMessage& message, std::int64_t when,
                     std::int64_t frame) noexcept {
  if (slot < kClockSlots || slot >= kMidiSlots || message.size == 0) return;
  state_->queueRt({message, slot, when, frame});
}

void MidiOut::takeBackRt(std::int64_t when, std::int64_t frame) noexcept {
  state_->queueRt({{}, kTakeBack, when, frame});
}

void MidiOut::setPort(int slot, std::shared_ptr<MidiPortWriter> port) {
  if (slot < 0 || slot >= kMidiSlots) return;
  state_->ask([state = state_.get(), slot, fresh = std::move(port)]() mutable {
    state->endAll(slot);
    State::Slot& s = state->at(slot);
    s.works = fresh != nullptr;
    s.port.swap(fresh);
  });
}

void MidiOut::setLatency(int slot, double milliseconds) {
  if (slot < 0 || slot >= kMidiSlots) return;
  state_->at(slot).latency = static_cast<std::int64_t>(milliseconds * kMillisecond);
}

void MidiOut::setClock(int slot, bool on) {
  if (slot < 0 || slot >= kMidiSlots) return;
  state_->at(slot).clock = on;
}

bool MidiOut::works(int slot) const {
  return slot >= 0 && slot < kMidiSlots && state_->at(slot).works.load();
}

int MidiOut::soundingNotes() const { return state_->sounding.load(); }

std::uint64_t MidiOut::lostMessages() const { return state_->lost.load(); }

void MidiOut::drain() {
  state_->ask([] {});
}

std::string MidiOut::priorityProblem() const { return state_->priorityProblem; }

void MidiOut::setProbe(std::function<void(const Sent&)> probe) {
  state_->ask([state = state_.get(), probe = std::move(probe)]() mutable {
    state->probe = std::move(probe);
  });
}

}  // namespace incipit
