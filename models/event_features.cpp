#include "models/event_features.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace incipit {
namespace {

constexpr std::size_t kShortRun = 4;
constexpr int kMostMatched = 255;

// A key of the table of PITCH and DRUM symbols.
int keyOf(int token) { return token - kEventPitch.first; }
static_assert(kEventDrum.first == kEventPitch.end());

}  // namespace

EventRoles rolesIn(const std::vector<EventToken>& tokens) {
  EventRoles roles;
  for (const EventToken t : tokens) {
    if (kEventTrack.holds(t)) roles.set(static_cast<std::size_t>(t - kEventTrack.first));
  }
  return roles;
}

int EventLogits::move(int symbol, int reference) {
  if (reference < 0 || !kEventPitch.holds(symbol)) return -1;
  const int by = symbol - reference;
  return std::abs(by) <= kWidest ? kMove + kWidest + by : -1;
}

void EventHistory::take(EventToken token) {
  if (token == kEventBar && bars_ > 0) barStart_ += grammar_.barLength();
  grammar_.take(token);
  placed(token);
  match(token);
}

// Keeps what the places, voices and sounding notes are.
void EventHistory::placed(EventToken token) {
  if (token == kEventBar) {
    ++bars_;
    role_ = -1;
  } else if (kEventMeter.holds(token)) {
    meter_ = token - kEventMeter.first;
  } else if (kEventTrack.holds(token)) {
    role_ = token - kEventTrack.first;
  }
  if (token == kEventBar || kEventPosition.holds(token)) {
    for (Voice& v : voices_) {
      v.notes = 0;
      v.last = -1;
    }
    std::erase_if(sounding_, [this](const Sounding& s) { return s.end <= now(); });
  }
  if (kEventPitch.holds(token) || kEventDrum.holds(token)) {
    Voice& v = voices_[static_cast<std::size_t>(role_)];
    if (v.notes++ == 0) v.key = keyOf(token);
    if (kEventPitch.holds(token)) {
      v.last = token;
      sounding_.push_back({now() + 1, token - kEventPitch.first + kEventLowestPitch});
    }
  } else if (kEventDuration.holds(token)) {
    sounding_.back().end =
        now() + kEventDurations[static_cast<std::size_t>(token - kEventDuration.first)];
  }
}

void EventHistory::match(EventToken token) {
  if (match_ > 0 && tokens_[match_] == token) {
    ++match_;
    matched_ = std::min(matched_ + 1, kMostMatched);
  } else {
    match_ = 0;
    matched_ = 0;
  }
  tokens_.push_back(token);
  if (tokens_.size() < kShortRun) return;
  std::uint64_t run = 0;
  for (std::size_t i = tokens_.size() - kShortRun; i < tokens_.size(); ++i) {
    run = run << 16U | tokens_[i];
  }
  std::size_t& after = runs_[run];
  if (match_ == 0 && after > 0) {
    match_ = after;
    matched_ = 1;
    while (matched_ < kMostMatched && match_ > static_cast<std::size_t>(matched_) &&
           tokens_[match_ - 1 - static_cast<std::size_t>(matched_)] ==
               tokens_[tokens_.size() - 1 - static_cast<std::size_t>(matched_)]) {
      ++matched_;
    }
  }
  after = tokens_.size();
}

int EventHistory::proposal() const { return match_ > 0 ? tokens_[match_] : kEventSymbols; }

int EventHistory::reference() const {
  if (role_ < 0) return -1;
  const Voice& v = voices_[static_cast<std::size_t>(role_)];
  if (v.last >= 0) return v.last;
  return v.key < kEventPitch.count ? v.key + kEventPitch.first : -1;
}

void EventHistory::appendInputs(std::vector<std::int64_t>& rows) const {
  using R = EventRows;
  rows.push_back(R::kBefore + (tokens_.empty() ? kEventSymbols : tokens_.back()));
  const int position = grammar_.position();
  if (position < 0) {
    rows.push_back(R::kBeat + R::kBeats);
  } else {
    rows.push_back(R::kBeat + position / kPositionsPerQuarter % R::kBeats);
    rows.push_back(R::kSubBeat + position % kPositionsPerQuarter);
  }
  rows.push_back(R::kMeter + meter_);
  rows.push_back(R::kBar + (bars_ + 3) % 4);
  for (std::size_t r = 0; r < kTrackRoles; ++r) {
    if (roles_[r]) rows.push_back(R::kPart + static_cast<int>(r));
  }
  if (role_ < 0) {
    rows.push_back(R::kRole + kTrackRoles);
  } else {
    const Voice& v = voices_[static_cast<std::size_t>(role_)];
    rows.push_back(R::kRole + role_);
    rows.push_back(R::kKey + v.key);
    rows.push_back(R::kChord + std::min(v.notes, R::kMostOfChord));
  }
  std::bitset<12> classes;
  for (const Sounding& s : sounding_) classes.set(static_cast<std::size_t>(s.pitch % 12));
  for (int c = 0; c < 12; ++c) {
    if (classes[static_cast<std::size_t>(c)]) rows.push_back(R::kSounding + c);
  }
  const auto length = static_cast<unsigned>(match_ > 0 ? matched_ : 0);
  rows.push_back(R::kMatch + std::min(R::kMatchBins - 1, static_cast<int>(std::bit_width(length))));
  rows.push_back(R::kProposal + proposal());
}

}  // namespace incipit
