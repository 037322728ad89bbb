// Planned MIDI messages that wait for their time: one queue a slot, all in one block of memory that
// is allocated at the start.
//
// Thread safety: one thread uses it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/playback/sinks.h"

namespace incipit {

struct PlannedMessage {
  MidiMessage message;
  int slot = 0;
  std::int64_t when = 0;  // steady clock, nanoseconds
  std::int64_t frame = 0;
};

class MidiWaiting {
 public:
  explicit MidiWaiting(int capacity)
      : nodes_(static_cast<std::size_t>(capacity)), free_(static_cast<std::size_t>(capacity)) {
    std::iota(free_.begin(), free_.end(), 0);
  }

  int room() const { return static_cast<int>(free_.size()); }
  bool empty(int slot) const { return at(slot).first == kNone; }
  const PlannedMessage& front(int slot) const { return node(at(slot).first).planned; }

  // Needs room.
  void push(const PlannedMessage& m) {
    const int fresh = free_.back();
    free_.pop_back();
    node(fresh) = {m, kNone};
    Queue& q = at(m.slot);
    (q.first == kNone ? q.first : node(q.last).next) = fresh;
    q.last = fresh;
  }

  void pop(int slot) {
    Queue& q = at(slot);
    free_.push_back(q.first);  // within the capacity it was made with
    q.first = node(q.first).next;
  }

  // As MidiBus says; what is dropped becomes a message of no bytes.
  void takeBack(std::int64_t when, std::int64_t frame) {
    for (const Queue& q : queues_) {
      if (q.first == kNone) continue;
      dropped_.fill(0);
      for (int i = q.first; i != kNone; i = node(i).next) {
        PlannedMessage& p = node(i).planned;
        if (p.frame < frame) continue;
        p.when = when;
        p.frame = frame;
        if (begins(p.message)) p.message.size = 0;
      }
    }
  }

  // Empties the note-ons of a channel, which then are messages of no bytes.
  void dropNoteOns(int slot, int channel) {
    for (int i = at(slot).first; i != kNone; i = node(i).next) {
      MidiMessage& m = node(i).planned.message;
      if (m.channelMessage() && m.noteOn() && m.channel() == channel) m.size = 0;
    }
  }

 private:
  static constexpr int kNone = -1;
  struct Node {
    PlannedMessage planned;
    int next = kNone;
  };
  struct Queue {
    int first = kNone;
    int last = kNone;
  };

  // Or ends what would have begun.
  bool begins(const MidiMessage& m) {
    if (!m.channelMessage()) return m.status() == kMidiClock;
    std::uint16_t& count =
        dropped_[static_cast<std::size_t>(m.channel() * 128 + (m.data1() & 127))];
    if (m.noteOn()) {
      ++count;
      return true;
    }
    if (!m.noteOff() || count == 0) return false;
    --count;
    return true;
  }

  Node& node(int i) { return nodes_[static_cast<std::size_t>(i)]; }
  const Node& node(int i) const { return nodes_[static_cast<std::size_t>(i)]; }
  Queue& at(int slot) { return queues_[static_cast<std::size_t>(slot)]; }
  const Queue& at(int slot) const { return queues_[static_cast<std::size_t>(slot)]; }

  std::vector<Node> nodes_;
  std::vector<int> free_;
  std::array<Queue, kMidiSlots> queues_{};
  std::array<std::uint16_t, 16 * 128> dropped_{};  // note-ons by channel and key
};

}  // namespace incipit
