#include "core/io/midi_scan.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/io/midi_tracks.h"

namespace incipit::midi {
namespace {

constexpr std::size_t kMostFaults = 100;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
constexpr int kAssumedDivision = 480;

class Scanner {
 public:
  explicit Scanner(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  Result<MidiScan> scan();

 private:
  std::uint32_t number(std::size_t at, int count) const;
  bool standsAt(std::size_t at, std::string_view id) const;
  std::size_t find(std::string_view id, std::size_t from) const;
  bool chunkAt(std::size_t at) const;
  void header(std::size_t at);
  void division(std::size_t at);
  void tracks();
  std::size_t track(TrackScanner& scanner, std::size_t at);
  void startPattern(std::int64_t at);

  std::span<const std::uint8_t> bytes_;
  MidiScan scan_;
  std::size_t next_ = 0;
  std::size_t announced_ = kNowhere;
};

std::uint32_t Scanner::number(std::size_t at, int count) const {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    value = (value << 8U) | (at < bytes_.size() ? bytes_[at] : 0U);
    ++at;
  }
  return value;
}

bool Scanner::standsAt(std::size_t at, std::string_view id) const {
  return at + id.size() <= bytes_.size() &&
         std::equal(id.begin(), id.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char c, std::uint8_t b) { return static_cast<std::uint8_t>(c) == b; });
}

std::size_t Scanner::find(std::string_view id, std::size_t from) const {
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  const std::size_t at = text.find(id, from);
  return at == std::string_view::npos ? kNowhere : at;
}

// Whether the head of a chunk, of whatever kind, can stand here.
bool Scanner::chunkAt(std::size_t at) const {
  if (at + 8 > bytes_.size()) return false;
  for (std::size_t i = at; i < at + 4; ++i) {
    if (bytes_[i] < 0x20 || bytes_[i] > 0x7E) return false;
  }
  return true;
}

// The division at `at`, as quarters.
void Scanner::division(std::size_t at) {
  const std::uint32_t value = number(at, 2);
  if (value == 0) {
    scan_.fault(at, "the header gives no ticks per quarter; 480 is assumed");
    scan_.division = kAssumedDivision;
  } else if (value < 0x8000) {
    scan_.division = static_cast<int>(value);
  } else {
    // Frames a second as a negative number, then ticks a frame. A quarter of one second (of half
    // a second, where that is whole) makes every tick exact; 29 stands for 30 frames in 1.001 s.
    const int frames = 256 - static_cast<int>(value >> 8U);
    const int perFrame = static_cast<int>(value & 0xFFU);
    const bool known = frames == 24 || frames == 25 || frames == 29 || frames == 30;
    if (!known || perFrame == 0) {
      scan_.fault(at,
                  "the header gives an impossible SMPTE time; 25 frames of 40 ticks are assumed");
    }
    const int second = !known || perFrame == 0 ? 1000 : (frames == 29 ? 30 : frames) * perFrame;
    const std::uint32_t micros = known && frames == 29 ? 1001000 : 1000000;
    scan_.smpte = true;
    scan_.division = second % 2 == 0 ? second / 2 : second;
    scan_.tempo.push_back({{0}, second % 2 == 0 ? micros / 2 : micros});
  }
  scan_.ppq = documentPpq(scan_.division);
  scan_.factor = scan_.ppq / scan_.division;
}

void Scanner::header(std::size_t at) {
  const std::uint32_t length = number(at + 4, 4);
  if (length < 6 || length > bytes_.size() - std::min(bytes_.size(), at + 8)) {
    scan_.fault(at + 4, "the header has the wrong length");
  }
  const std::uint32_t format = number(at + 8, 2);
  if (format > 2) scan_.fault(at + 8, "format " + std::to_string(format) + " is read as format 1");
  scan_.format = format > 2 ? 1 : static_cast<int>(format);
  announced_ = number(at + 10, 2);
  division(at + 12);
  next_ = at + 8 + std::max<std::size_t>(length, 6);
  if (!chunkAt(next_)) next_ = at + 14;
}

// The defaults hold at the start of each pattern of a format 2 file.
void Scanner::startPattern(std::int64_t at) {
  if (!scan_.smpte && !scan_.tempo.empty()) scan_.tempo.push_back({{at}});
  if (!scan_.meter.empty()) scan_.meter.push_back({{at}});
}

// Reads the track chunk at `at`; returns where the next chunk should be.
std::size_t Scanner::track(TrackScanner& scanner, std::size_t at) {
  const std::size_t from = at + 8;
  const std::size_t number = scan_.chunks.size() + 1;
  const std::string name = "track " + std::to_string(number) + ": ";
  const std::size_t length = this->number(at + 4, 4);
  std::size_t limit = bytes_.size();
  if (length <= limit - from) {
    limit = from + length;
  } else {
    scan_.fault(at + 4, name + "its length goes beyond the end of the file");
  }
  const bool patterns = scan_.format == 2 && !scan_.chunks.empty();
  if (patterns) startPattern(scan_.lastEnd);
  scanner.begin(from, patterns ? scan_.lastEnd : 0, number);
  TrackScanner::Stop stop = scanner.read(limit);
  if (stop == TrackScanner::Stop::kLimit && limit < bytes_.size() && !chunkAt(limit)) {
    // No chunk follows where the length says: it is the length that is wrong.
    scan_.fault(at + 4, name + "its length is too short; it is read to its end");
    const std::size_t next = find("MTrk", scanner.position());
    limit = std::min(next, bytes_.size());
    stop = scanner.read(limit);
  }
  const std::size_t reached = scanner.position();
  if (stop == TrackScanner::Stop::kLimit) {
    scan_.fault(reached, reached < limit ? name + "it is cut off within an event"
                                         : name + "it has no end-of-track event");
  } else if (stop == TrackScanner::Stop::kEndOfTrack && reached < limit &&
             standsAt(reached, "MTrk")) {
    scan_.fault(at + 4, name + "its length is too long");
    limit = reached;
  } else if (reached < limit && !chunkAt(limit)) {
    limit = std::min(find("MTrk", reached), bytes_.size());
  }
  scanner.finish(at);
  return limit;
}

void Scanner::tracks() {
  TrackScanner scanner(bytes_, scan_);
  while (scan_.chunks.size() < kMostChunks) {
    if (standsAt(next_, "MTrk") && next_ + 8 <= bytes_.size()) {
      next_ = track(scanner, next_);
      continue;
    }
    if (chunkAt(next_) && number(next_ + 4, 4) <= bytes_.size() - next_ - 8) {
      next_ += 8 + number(next_ + 4, 4);  // of a kind that other programs use
      continue;
    }
    const std::size_t found = next_ < bytes_.size() ? find("MTrk", next_) : kNowhere;
    if (found == kNowhere || found + 8 > bytes_.size()) break;
    scan_.fault(next_, "no track starts here; the next one is at byte " + std::to_string(found));
    next_ = found;
  }
}

Result<MidiScan> Scanner::scan() {
  if (bytes_.empty()) return fail("the file is empty");
  if (bytes_.size() >= (std::size_t{1} << 31U))
    return fail("too large for a MIDI file (over 2 GiB)");
  const std::size_t start = find("MThd", 0);
  if (start != kNowhere) {
    const bool riff = standsAt(0, "RIFF") && standsAt(8, "RMID");
    if (start != 0 && !riff) {
      scan_.fault(0, "the MIDI data starts at byte " + std::to_string(start));
    }
    header(start);
  } else {
    next_ = find("MTrk", 0);
    if (next_ == kNowhere) return fail("not a MIDI file (byte 0: no MThd header)");
    scan_.fault(0, "the header is missing; 480 ticks per quarter are assumed");
    scan_.division = kAssumedDivision;
    scan_.ppq = documentPpq(scan_.division);
    scan_.factor = scan_.ppq / scan_.division;
  }
  tracks();
  if (scan_.chunks.empty()) {
    return fail("the MIDI file holds no track (byte " + std::to_string(next_) + ": no MTrk)");
  }
  if (announced_ != kNowhere && announced_ != scan_.chunks.size()) {
    scan_.fault(start + 10, "the header announces " + std::to_string(announced_) +
                                " tracks, the file holds " + std::to_string(scan_.chunks.size()));
  }
  return std::move(scan_);
}

}  // namespace

void MidiScan::fault(std::size_t byte, std::string what) {
  if (faults.size() < kMostFaults) {
    faults.push_back({byte, std::move(what)});
  } else {
    ++moreFaults;
  }
}

Result<MidiScan> scanMidi(std::span<const std::uint8_t> bytes) { return Scanner(bytes).scan(); }

}  // namespace incipit::midi
