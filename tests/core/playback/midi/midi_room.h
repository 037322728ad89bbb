// A MIDI system whose devices do as they are told.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/playback/midi/midi_system.h"

namespace incipit::fixtures {

// The devices of a room. Ports are known by their names as listed.
struct Room {
  std::mutex mutex;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::set<std::string> refused;
  std::set<std::string> unplugged;  // between two looks
  std::map<std::string, MidiReceiver> listening;
  std::map<std::string, std::vector<std::vector<MidiMessage>>> sent;  // by port, of each opening
  std::map<std::string, std::int64_t> advance;  // of inputs; set before they are opened
  bool server = true;
  int systems = 0;  // that are open
  int openPorts = 0;
  std::vector<std::string> asked;  // for systems
  bool orderly = true;             // ports went before their system

  void play(const std::string& name, const std::vector<std::uint8_t>& bytes) {
    MidiReceiver receiver;
    {
      const std::scoped_lock lock(mutex);
      receiver = listening.at(name);
    }
    receiver(bytes);
  }
};

class RoomInput final : public MidiInputPort {
 public:
  RoomInput(Room& room, std::string name, MidiReceiver receiver)
      : room_(room), name_(std::move(name)) {
    ++room_.openPorts;
    room_.listening[name_] = std::move(receiver);
  }
  ~RoomInput() override {
    const std::scoped_lock lock(room_.mutex);
    --room_.openPorts;
    room_.listening.erase(name_);
  }
  bool works() override {
    const std::scoped_lock lock(room_.mutex);
    return room_.unplugged.erase(name_) == 0;
  }
  std::int64_t advance() const override {
    const auto known = room_.advance.find(name_);
    return known == room_.advance.end() ? 0 : known->second;
  }

 private:
  Room& room_;
  std::string name_;
};

class RoomOutput final : public MidiOutputPort {
 public:
  RoomOutput(Room& room, std::string name) : room_(room), name_(std::move(name)) {
    ++room_.openPorts;
    room_.sent[name_].emplace_back();
  }
  ~RoomOutput() override {
    const std::scoped_lock lock(room_.mutex);
    --room_.openPorts;
  }
  bool works() override { return true; }
  bool write(const MidiMessage& m) override {
    const std::scoped_lock lock(room_.mutex);
    if (room_.refused.contains(name_)) return false;
    room_.sent[name_].back().push_back(m);
    return true;
  }

 private:
  Room& room_;
  std::string name_;
};

class RoomSystem final : public MidiSystem {
 public:
  explicit RoomSystem(Room& room) : room_(room) { ++room_.systems; }
  ~RoomSystem() override {
    const std::scoped_lock lock(room_.mutex);
    --room_.systems;
    room_.orderly = room_.orderly && room_.openPorts == 0;
  }
  bool alive() const override {
    const std::scoped_lock lock(room_.mutex);
    return room_.server;
  }
  bool hasVirtualPorts() const override { return true; }
  std::vector<std::string> inputs() override {
    const std::scoped_lock lock(room_.mutex);
    return room_.inputs;
  }
  std::vector<std::string> outputs() override {
    const std::scoped_lock lock(room_.mutex);
    return room_.outputs;
  }
  Result<std::unique_ptr<MidiInputPort>> openInput(int, const std::string& listed,
                                                   MidiReceiver receiver) override {
    const std::scoped_lock lock(room_.mutex);
    if (room_.refused.contains(listed)) return fail("it is used by another program");
    return std::make_unique<RoomInput>(room_, listed, std::move(receiver));
  }
  Result<std::shared_ptr<MidiOutputPort>> openOutput(int, const std::string& listed) override {
    const std::scoped_lock lock(room_.mutex);
    if (room_.refused.contains(listed)) return fail("it is used by another program");
    return std::make_shared<RoomOutput>(room_, listed);
  }
  Result<std::unique_ptr<MidiInputPort>> openVirtualInput(MidiReceiver receiver) override {
    const std::scoped_lock lock(room_.mutex);
    return std::make_unique<RoomInput>(room_, "virtual", std::move(receiver));
  }
  Result<std::shared_ptr<MidiOutputPort>> openVirtualOutput() override {
    const std::scoped_lock lock(room_.mutex);
    return std::make_shared<RoomOutput>(room_, "virtual");
  }

 private:
  Room& room_;
};

inline MidiSystemOpener opener(Room& room) {
  return [&room](const std::string& name) -> Result<std::unique_ptr<MidiSystem>> {
    {
      const std::scoped_lock lock(room.mutex);
      room.asked.push_back(name);
      if (!room.server) return fail(name + ": nothing runs");
    }
    return std::make_unique<RoomSystem>(room);
  };
}

}  // namespace incipit::fixtures
