// Reads the events of one track chunk into a MidiScan. Part of the first pass of reading.
// Thread safety: none. Reused for every chunk of a file, so that its lists grow once.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/io/midi_scan.h"

namespace incipit::midi {

class TrackScanner {
 public:
  TrackScanner(std::span<const std::uint8_t> bytes, MidiScan& scan);

  enum class Stop {
    kEndOfTrack,
    kLimit,   // the bytes ended between events or within one; more may follow
    kBroken,  // too damaged to go on; a fault was listed
  };

  // Events from `byte` on, at `start` ticks; number counts from 1, for messages.
  void begin(std::size_t byte, std::int64_t start, std::size_t number);
  // Reads up to `limit`; may be called again with a later one after kLimit.
  Stop read(std::size_t limit);
  // Where the next event, or the one that did not fit, starts.
  std::size_t position() const { return position_; }
  std::int64_t tick() const { return tick_; }
  // Ends what sounds and hands the chunk over to the scan.
  void finish(std::size_t chunkByte);

 private:
  static constexpr int kMostDamage = 32;  // faults in one chunk before its rest is dropped

  struct Channel {
    // Place of the last note of each pitch in `notes`, plus one; a length of 0 marks it as
    // sounding.
    std::array<std::uint32_t, 128> last{};
    std::vector<Note> notes;
    std::vector<ScanControl> controls;
    std::vector<ScanRaw> raws;
  };

  enum class Step { kNext, kEnd, kCut, kBroken };

  Channel& channel(unsigned number);
  Step channelEvent(std::uint8_t status, const std::uint8_t*& p, const std::uint8_t* end);
  void noteOn(Channel& c, std::uint8_t pitch, std::uint8_t velocity);
  void noteOff(Channel& c, std::uint8_t pitch, std::uint8_t velocity);
  void control(Channel& c, std::uint8_t status, std::uint8_t controller, std::uint8_t value,
               const std::uint8_t* at);
  void silence(Channel& c);
  Step systemEvent(std::uint8_t status, const std::uint8_t*& p, const std::uint8_t* end);
  Step metaEvent(const std::uint8_t*& p, const std::uint8_t* end);
  void interpretMeta(const ScanRaw& event);
  void tempo(const ScanRaw& event);
  void meter(const ScanRaw& event);
  void key(const ScanRaw& event);
  // A length and that many bytes, as an event; kCut where they do not fit.
  Step block(const std::uint8_t*& p, const std::uint8_t* end, ScanRaw& event);
  Step damaged(const std::uint8_t* at, const char* what);
  void fault(const std::uint8_t* at, const std::string& what);

  const std::uint8_t* const bytes_;
  MidiScan& scan_;
  const std::int64_t cap_;
  std::size_t position_ = 0;
  std::int64_t tick_ = 0;
  std::int64_t lastEvent_ = 0;
  std::size_t number_ = 0;
  std::uint8_t running_ = 0;
  bool own_ = false;  // written by Incipit: what "all notes off" ends is known otherwise
  int damage_ = 0;
  std::uint32_t used_ = 0;  // bit per channel
  std::array<Channel, 16> channels_;
  ScanChunk chunk_;
};

}  // namespace incipit::midi
