#include "core/io/midi_tracks.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace incipit::midi {
namespace {

// A variable-length quantity: four bytes at most. False where it is longer or does not fit; p then
// stands where it did.
bool readQuantity(const std::uint8_t*& p, const std::uint8_t* end, std::uint32_t& value,
                  bool& tooLong) {
  const std::uint8_t* q = p;
  value = 0;
  tooLong = false;
  for (int i = 0; i < 4; ++i) {
    if (q == end) return false;
    value = (value << 7U) | (*q & 0x7FU);
    if (*q++ < 0x80) {
      p = q;
      return true;
    }
  }
  tooLong = true;
  return false;
}

std::string_view textOf(const std::uint8_t* bytes, const ScanRaw& event) {
  return {reinterpret_cast<const char*>(bytes + event.at), event.length};
}

}  // namespace

TrackScanner::TrackScanner(std::span<const std::uint8_t> bytes, MidiScan& scan)
    : bytes_(bytes.data()), scan_(scan), cap_(kLastTick.count / scan.factor) {}

void TrackScanner::begin(std::size_t byte, std::int64_t start, std::size_t number) {
  position_ = byte;
  tick_ = start;
  lastEvent_ = start;
  number_ = number;
  running_ = 0;
  own_ = false;
  damage_ = 0;
  used_ = 0;
  chunk_ = ScanChunk();
}

void TrackScanner::fault(const std::uint8_t* at, const std::string& what) {
  scan_.fault(static_cast<std::size_t>(at - bytes_),
              "track " + std::to_string(number_) + ": " + what);
}

TrackScanner::Step TrackScanner::damaged(const std::uint8_t* at, const char* what) {
  if (++damage_ < kMostDamage) {
    fault(at, what);
    return Step::kNext;
  }
  fault(at, std::string(what) + "; too much is damaged, the rest of the track is dropped");
  return Step::kBroken;
}

inline TrackScanner::Channel& TrackScanner::channel(unsigned number) {
  Channel& c = channels_[number];
  if ((used_ & (1U << number)) == 0) {
    used_ |= 1U << number;
    c.last.fill(0);
    c.notes.clear();
    c.controls.clear();
    c.raws.clear();
  }
  return c;
}

TrackScanner::Stop TrackScanner::read(std::size_t limit) {
  const std::uint8_t* p = bytes_ + position_;
  const std::uint8_t* const end = bytes_ + limit;
  while (p < end) {
    const std::uint8_t* const start = p;
    const std::int64_t before = tick_;
    std::uint32_t delta = *p;
    if (delta < 0x80) {
      ++p;
    } else if (bool tooLong = false; !readQuantity(p, end, delta, tooLong)) {
      if (!tooLong) break;
      fault(p, "a time of more than four bytes; the rest of the track is dropped");
      return Stop::kBroken;
    }
    tick_ += delta;
    if (tick_ > cap_) {
      tick_ = before;
      fault(start, "later than any music; the rest of the track is dropped");
      return Stop::kBroken;
    }
    Step step = Step::kCut;
    if (p < end) {
      std::uint8_t status = *p;
      if (status >= 0x80) {
        ++p;
      } else {
        status = running_;
      }
      if (status >= 0xF0) {
        step = systemEvent(status, p, end);
      } else if (status >= 0x80) {
        running_ = status;
        step = channelEvent(status, p, end);
      } else {
        step = damaged(p++, "a byte that belongs to no event was skipped");
      }
    }
    if (step == Step::kCut) {
      tick_ = before;
      p = start;
      break;
    }
    position_ = static_cast<std::size_t>(p - bytes_);
    if (step == Step::kEnd) return Stop::kEndOfTrack;
    if (step == Step::kBroken) return Stop::kBroken;
    lastEvent_ = tick_;
  }
  position_ = static_cast<std::size_t>(p - bytes_);
  return Stop::kLimit;
}

inline void TrackScanner::noteOn(Channel& c, std::uint8_t pitch, std::uint8_t velocity) {
  std::uint32_t& last = c.last[pitch];
  if (last != 0) {
    Note& n = c.notes[last - 1];
    if (n.start.count == tick_) {
      n.velocity = velocity;
      n.releaseVelocity = 64;
      n.length.count = 0;
      return;
    }
    if (n.length.count == 0) n.length.count = tick_ - n.start.count;
  }
  if (tick_ >= cap_) return;  // its end could not be written
  c.notes.push_back({.start = {tick_}, .length = {0}, .pitch = pitch, .velocity = velocity});
  last = static_cast<std::uint32_t>(c.notes.size());
}

inline void TrackScanner::noteOff(Channel& c, std::uint8_t pitch, std::uint8_t velocity) {
  const std::uint32_t last = c.last[pitch];
  if (last == 0) return;
  Note& n = c.notes[last - 1];
  if (n.length.count != 0) return;
  n.length.count = std::max<std::int64_t>(1, tick_ - n.start.count);
  n.releaseVelocity = velocity;
}

void TrackScanner::silence(Channel& c) {
  for (const std::uint32_t last : c.last) {
    if (last == 0) continue;
    Note& n = c.notes[last - 1];
    if (n.length.count == 0) n.length.count = std::max<std::int64_t>(1, tick_ - n.start.count);
  }
}

void TrackScanner::control(Channel& c, std::uint8_t status, std::uint8_t controller,
                           std::uint8_t value, const std::uint8_t* at) {
  if (isOrderedControl(controller)) {
    c.raws.push_back({tick_, static_cast<std::uint32_t>(at - bytes_), 2, status, 0});
    return;
  }
  c.controls.push_back({tick_, controller, value});
  const bool endsNotes = controller == 120 || controller >= 123;
  if (endsNotes && !own_) silence(c);
}

TrackScanner::Step TrackScanner::channelEvent(std::uint8_t status, const std::uint8_t*& p,
                                              const std::uint8_t* end) {
  const unsigned kind = status >> 4U;
  const bool two = kind != 0xC && kind != 0xD;
  if (end - p < (two ? 2 : 1)) return Step::kCut;
  const std::uint8_t* const at = p;
  std::uint8_t a = p[0];
  std::uint8_t b = two ? p[1] : 0;
  p += two ? 2 : 1;
  if (((a | b) & 0x80U) != 0) {
    // A pitch that does not exist is no note; any other value is taken as the highest.
    const bool noPitch = a > 127 && kind <= 0xA;
    const Step step = damaged(at, noPitch ? "a note outside the 128 keys was skipped"
                                          : "a data byte over 127 was read as 127");
    if (noPitch || step == Step::kBroken) return step;
    a = std::min<std::uint8_t>(a, 127);
    b = std::min<std::uint8_t>(b, 127);
  }
  Channel& c = channel(status & 15U);
  switch (kind) {
    case 0x9:
      if (b != 0) {
        noteOn(c, a, b);
      } else {
        noteOff(c, a, 64);
      }
      break;
    case 0x8:
      noteOff(c, a, b);
      break;
    case 0xB:
      control(c, status, a, b, at);
      break;
    case 0xE:
      c.controls.push_back({tick_, kPitchBend, static_cast<std::int16_t>((a | (b << 7)) - 8192)});
      break;
    case 0xD:
      c.controls.push_back({tick_, kChannelPressure, a});
      break;
    case 0xC:
      c.controls.push_back({tick_, kProgramChange, a});
      break;
    default:
      c.raws.push_back({tick_, static_cast<std::uint32_t>(at - bytes_), 2, status, 0});
  }
  return Step::kNext;
}

TrackScanner::Step TrackScanner::block(const std::uint8_t*& p, const std::uint8_t* end,
                                       ScanRaw& event) {
  std::uint32_t length = 0;
  bool tooLong = false;
  const std::uint8_t* const at = p;
  if (!readQuantity(p, end, length, tooLong)) {
    if (!tooLong) return Step::kCut;
    fault(at, "a length of more than four bytes; the rest of the track is dropped");
    return Step::kBroken;
  }
  if (length > static_cast<std::size_t>(end - p)) return Step::kCut;
  event.tick = tick_;
  event.at = static_cast<std::uint32_t>(p - bytes_);
  event.length = length;
  p += length;
  return Step::kNext;
}

TrackScanner::Step TrackScanner::systemEvent(std::uint8_t status, const std::uint8_t*& p,
                                             const std::uint8_t* end) {
  if (status == kMeta) return metaEvent(p, end);
  if (status == 0xF0 || status == 0xF7) {
    ScanRaw event{};
    event.status = status;
    const Step step = block(p, end, event);
    if (step == Step::kNext) chunk_.raws.push_back(event);
    return step;
  }
  // System common and real-time messages have no place in a file; they are as long as on a wire.
  const std::ptrdiff_t data = status == 0xF2 ? 2 : status == 0xF1 || status == 0xF3 ? 1 : 0;
  if (end - p < data) return Step::kCut;
  p += data;
  return damaged(p - data - 1, "a message that a file cannot hold was skipped");
}

TrackScanner::Step TrackScanner::metaEvent(const std::uint8_t*& p, const std::uint8_t* end) {
  if (p == end) return Step::kCut;
  ScanRaw event{};
  event.status = kMeta;
  event.type = *p++;
  const std::uint8_t* const at = p;
  const Step step = block(p, end, event);
  if (event.type == kMetaEnd) {
    // Also where its length is missing or wrong.
    if (step != Step::kNext || event.length != 0) p = std::min(at + 1, end);
    return Step::kEnd;
  }
  if (step == Step::kNext) interpretMeta(event);
  return step;
}

void TrackScanner::interpretMeta(const ScanRaw& event) {
  switch (event.type) {
    case kMetaText: {
      const std::string_view text = textOf(bytes_, event);
      if (!text.starts_with(kTagPrefix)) break;
      own_ = own_ || text.starts_with(kTrackTagPrefix);
      chunk_.tags.push_back(event);
      return;
    }
    case kMetaName:
      if (chunk_.named) break;
      chunk_.named = true;
      chunk_.name = event;
      return;
    case kMetaMarker:
      scan_.markers.push_back(event);
      return;
    case kMetaTempo:
      tempo(event);
      return;
    case kMetaMeter:
      meter(event);
      return;
    case kMetaKey:
      key(event);
      return;
    default:
      break;
  }
  chunk_.raws.push_back(event);
}

void TrackScanner::tempo(const ScanRaw& event) {
  if (scan_.smpte) return;
  const std::uint8_t* const d = bytes_ + event.at;
  const std::uint32_t micros =
      event.length < 3 ? 0 : (std::uint32_t{d[0]} << 16U) | (std::uint32_t{d[1]} << 8U) | d[2];
  if (micros == 0) {
    fault(d, "a tempo of nothing was skipped");
    return;
  }
  if (event.length != 3) fault(d, "a tempo of the wrong length; its first three bytes are used");
  scan_.tempo.push_back({{event.tick}, micros});
}

void TrackScanner::meter(const ScanRaw& event) {
  const std::uint8_t* const d = bytes_ + event.at;
  if (event.length < 2 || d[0] == 0 || d[1] > 30) {
    fault(d, "an impossible time signature was skipped");
    return;
  }
  if (event.length != 4) fault(d, "a time signature of the wrong length");
  scan_.meter.push_back(
      {{event.tick}, d[0], 1 << d[1], event.length > 2 ? d[2] : 24, event.length > 3 ? d[3] : 8});
}

void TrackScanner::key(const ScanRaw& event) {
  const std::uint8_t* const d = bytes_ + event.at;
  const int sharps = event.length < 2 ? 99 : static_cast<std::int8_t>(d[0]);
  if (sharps < -7 || sharps > 7 || d[1] > 1) {
    fault(d, "an impossible key signature was skipped");
    return;
  }
  scan_.keys.push_back({{event.tick}, sharps, d[1] == 1});
}

void TrackScanner::finish(std::size_t chunkByte) {
  std::size_t unended = 0;
  chunk_.byte = chunkByte;
  for (unsigned number = 0; number < 16; ++number) {
    if ((used_ & (1U << number)) == 0) continue;
    Channel& c = channels_[number];
    for (Note& n : c.notes) {
      if (n.length.count == 0) {
        ++unended;
        n.length.count = std::max<std::int64_t>(1, tick_ - n.start.count);
      }
    }
    // Few notes share a tick (one per pitch), so this is linear.
    for (std::size_t i = 1; i < c.notes.size(); ++i) {
      if (!NoteOrder{}(c.notes[i], c.notes[i - 1])) continue;
      std::size_t j = i;
      const Note n = c.notes[i];
      for (; j > 0 && NoteOrder{}(n, c.notes[j - 1]); --j) c.notes[j] = c.notes[j - 1];
      c.notes[j] = n;
    }
    ScanPart& part = chunk_.parts.emplace_back();
    part.channel = static_cast<std::uint8_t>(number);
    part.notes.assign(c.notes.begin(), c.notes.end());
    part.controls.assign(c.controls.begin(), c.controls.end());
    part.raws.assign(c.raws.begin(), c.raws.end());
  }
  if (unended > 0) {
    fault(bytes_ + position_,
          std::to_string(unended) +
              (unended == 1 ? " note has no end and lasts" : " notes have no end and last") +
              " until the track ends");
  }
  scan_.lastEvent = std::max(scan_.lastEvent, lastEvent_);
  scan_.lastEnd = std::max(scan_.lastEnd, tick_);
  scan_.chunks.push_back(std::move(chunk_));
}

}  // namespace incipit::midi
