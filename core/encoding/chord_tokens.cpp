#include "core/encoding/chord_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/score/document.h"

namespace incipit {
namespace {

constexpr int kClasses = 12;
constexpr int kMiddleC = 60;
constexpr const char* kEncoding = "chord-words-1";

const char* spellingName(ChordSpelling s) {
  return s == ChordSpelling::kPitches ? "pitches" : "pitch-classes";
}

bool isClasses(const std::string& word) {
  return !word.empty() && word[0] >= '0' && word[0] <= '9';
}

std::optional<int> wholeNumber(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "F#3" as a MIDI key.
std::optional<int> pitchNamed(std::string_view name) {
  static constexpr std::string_view kLetters = "C D EF G A B";
  if (name.empty() || name[0] == ' ') return std::nullopt;
  const std::size_t letter = kLetters.find(name[0]);
  if (letter == std::string_view::npos) return std::nullopt;
  const bool sharp = name.size() > 1 && name[1] == '#';
  const auto octave = wholeNumber(name.substr(sharp ? 2 : 1));
  if (!octave || *octave < -1 || *octave > 9) return std::nullopt;
  const int pitch = (*octave + 1) * kClasses + static_cast<int>(letter) + (sharp ? 1 : 0);
  return pitch <= kHighestPitch ? std::optional<int>(pitch) : std::nullopt;
}

// Calls f(part) for the parts between dots; stops and returns false where f does.
template <typename F>
bool everyPart(std::string_view word, F&& f) {
  for (std::size_t at = 0; at <= word.size();) {
    const std::size_t dot = std::min(word.find('.', at), word.size());
    if (!f(word.substr(at, dot - at))) return false;
    at = dot + 1;
  }
  return true;
}

std::optional<std::vector<int>> placedClasses(const std::string& word) {
  std::vector<int> pitches;
  const bool good = everyPart(word, [&](std::string_view part) {
    const auto value = wholeNumber(part);
    if (!value || *value < 0 || *value >= kClasses || pitches.size() == kClasses) return false;
    int pitch = kMiddleC + *value;
    while (!pitches.empty() && pitch <= pitches.back()) pitch += kClasses;
    pitches.push_back(pitch);
    return true;
  });
  if (!good || pitches.back() - pitches.front() >= kClasses) return std::nullopt;
  if (pitches.size() == 1) pitches.push_back(pitches.front() + kClasses);
  return pitches;
}

std::optional<std::vector<int>> namedPitches(const std::string& word) {
  std::vector<int> pitches;
  const bool good = everyPart(word, [&](std::string_view part) {
    const auto pitch = pitchNamed(part);
    if (!pitch || (!pitches.empty() && *pitch <= pitches.back())) return false;
    pitches.push_back(*pitch);
    return true;
  });
  if (!good) return std::nullopt;
  return pitches;
}

int semitones(int a, int b, bool byClass) {
  const int apart = std::abs(a - b);
  if (!byClass) return apart;
  return std::min(apart % kClasses, kClasses - apart % kClasses);
}

double meanToNearest(const std::vector<int>& from, const std::vector<int>& to, bool byClass) {
  double sum = 0;
  for (const int a : from) {
    int least = std::numeric_limits<int>::max();
    for (const int b : to) least = std::min(least, semitones(a, b, byClass));
    sum += least;
  }
  return sum / static_cast<double>(from.size());
}

}  // namespace

std::vector<int> normalOrder(std::span<const int> pitchClasses) {
  std::vector<int> classes;
  for (const int c : pitchClasses) classes.push_back((c % kClasses + kClasses) % kClasses);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  const std::size_t n = classes.size();
  // The intervals of a rotation from its first class, the widest first.
  const auto spread = [&](std::size_t first) {
    std::vector<int> intervals;
    for (std::size_t i = n; i-- > 1;) {
      intervals.push_back((classes[(first + i) % n] - classes[first] + kClasses) % kClasses);
    }
    return intervals;
  };
  std::size_t best = 0;
  for (std::size_t first = 1; first < n; ++first) {
    if (spread(first) < spread(best)) best = first;
  }
  std::rotate(classes.begin(), classes.begin() + static_cast<std::ptrdiff_t>(best), classes.end());
  return classes;
}

std::string chordWord(std::span<const int> pitches, ChordSpelling spelling) {
  std::vector<int> sorted(pitches.begin(), pitches.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (sorted.size() > 1 && spelling == ChordSpelling::kPitchClasses) {
    return fmt::format("{}", fmt::join(normalOrder(sorted), "."));
  }
  std::string word;
  for (const int pitch : sorted) {
    if (!word.empty()) word += '.';
    word += pitchName(pitch);
  }
  return word;
}

std::vector<std::string> chordWords(std::span<const EncodedNote> notes, ChordSpelling spelling) {
  std::vector<std::string> words;
  std::vector<int> pitches;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    pitches.push_back(notes[i].pitch);
    if (i + 1 < notes.size() && notes[i + 1].onset == notes[i].onset) continue;
    words.push_back(chordWord(pitches, spelling));
    pitches.clear();
  }
  return words;
}

Result<std::vector<int>> pitchesOfWord(const std::string& word) {
  auto pitches = isClasses(word) ? placedClasses(word) : namedPitches(word);
  if (!pitches) return fail(fmt::format("\"{}\" is neither a note nor a chord", word));
  return std::move(*pitches);
}

Result<std::vector<Note>> notesOfWords(std::span<const std::string> words, Tick from,
                                       TickDelta step) {
  std::vector<Note> notes;
  for (const std::string& word : words) {
    const auto pitches = pitchesOfWord(word);
    if (!pitches) return tl::unexpected(pitches.error());
    for (const int pitch : *pitches) {
      Note n;
      n.start = from;
      n.length = step;
      n.pitch = static_cast<std::uint8_t>(pitch);
      notes.push_back(n);
    }
    from += step;
  }
  return notes;
}

bool ChordVocabulary::add(const std::string& word, std::int64_t count) {
  auto pitches = pitchesOfWord(word);
  if (!pitches || !ids_.try_emplace(word, size()).second) return false;
  words_.push_back(word);
  counts_.push_back(count);
  pitches_.push_back(std::move(*pitches));
  return true;
}

Result<ChordVocabulary> ChordVocabulary::build(const WordCounts& counts,
                                               const ChordVocabularyOptions& options) {
  if (options.leastCount < 1 || options.length < 1) {
    return fail("vocabulary: the least count and the length must be at least 1");
  }
  std::vector<std::pair<std::int64_t, std::string>> frequent;
  std::int64_t highest = 0;
  for (const auto& [word, count] : counts) {
    highest = std::max(highest, count);
    if (count >= options.leastCount) frequent.emplace_back(-count, word);
  }
  if (frequent.empty()) {
    return fail(
        fmt::format("vocabulary: none of {} words occurs {} times, the most frequent {} times: "
                    "lower the least count or add music",
                    counts.size(), options.leastCount, highest));
  }
  std::sort(frequent.begin(), frequent.end());
  ChordVocabulary v;
  v.options_ = options;
  for (const auto& [negated, word] : frequent) {
    if (!v.add(word, -negated)) {
      return fail(fmt::format("vocabulary: \"{}\" is neither a note nor a chord", word));
    }
  }
  return v;
}

std::string ChordVocabulary::json() const {
  return nlohmann::ordered_json{
      {"encoding", kEncoding},     {"spelling", spellingName(options_.spelling)},
      {"length", options_.length}, {"least_count", options_.leastCount},
      {"words", words_},           {"counts", counts_}}
      .dump();
}

Result<ChordVocabulary> ChordVocabulary::fromJson(const std::string& json) {
  const auto j = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  ChordVocabulary v;
  try {
    if (!j.is_object() || j.at("encoding") != kEncoding) {
      return fail("vocabulary: not one of note and chord words");
    }
    const std::string spelling = j.at("spelling");
    const bool pitches = spelling == spellingName(ChordSpelling::kPitches);
    if (!pitches && spelling != spellingName(ChordSpelling::kPitchClasses)) {
      return fail(fmt::format("vocabulary: spelling \"{}\" is not known", spelling));
    }
    v.options_.spelling = pitches ? ChordSpelling::kPitches : ChordSpelling::kPitchClasses;
    v.options_.length = j.at("length");
    v.options_.leastCount = j.at("least_count");
    const auto& words = j.at("words");
    const auto& counts = j.at("counts");
    if (words.empty() || words.size() != counts.size() || v.options_.length < 1) {
      return fail("vocabulary: it is damaged");
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!v.add(words[i].get<std::string>(), counts[i].get<std::int64_t>())) {
        return fail(fmt::format("vocabulary: word {} is damaged or there twice", i));
      }
    }
  } catch (const nlohmann::json::exception& e) {
    return fail(fmt::format("vocabulary: it is damaged ({})", e.what()));
  }
  return v;
}

int ChordVocabulary::id(const std::string& word) const {
  const auto it = ids_.find(word);
  return it == ids_.end() ? kUnknown : it->second;
}

const std::string& ChordVocabulary::word(int id) const {
  return words_[static_cast<std::size_t>(id - kFirstWord)];
}

Result<int> ChordVocabulary::nearest(const std::string& word) const {
  if (const int known = id(word); known != kUnknown) return known;
  const auto pitches = pitchesOfWord(word);
  if (!pitches) return tl::unexpected(pitches.error());
  // A word of the other kind comes after every one of the same kind.
  std::pair<bool, double> least{true, std::numeric_limits<double>::max()};
  std::size_t best = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const bool byClass = isClasses(word) || isClasses(words_[i]);
    const bool otherKind = (pitches->size() == 1) != (pitches_[i].size() == 1);
    const std::pair<bool, double> distance{otherKind,
                                           meanToNearest(*pitches, pitches_[i], byClass) +
                                               meanToNearest(pitches_[i], *pitches, byClass)};
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return kFirstWord + static_cast<int>(best);
}

ChordVocabulary::Encoded ChordVocabulary::encode(std::span<const std::string> words) const {
  Encoded out;
  out.ids.reserve(words.size() + 2);
  out.ids.push_back(kBegin);
  for (const std::string& word : words) {
    out.ids.push_back(id(word));
    out.unknown += out.ids.back() == kUnknown ? 1 : 0;
  }
  out.ids.push_back(kEnd);
  return out;
}

Result<ChordVocabulary::Encoded> ChordVocabulary::encodeSeed(
    std::span<const std::string> words) const {
  Encoded out = encode(words);
  out.ids.pop_back();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (out.ids[i + 1] != kUnknown) continue;
    const auto known = nearest(words[i]);
    if (!known) return tl::unexpected(known.error());
    out.ids[i + 1] = *known;
  }
  return out;
}

Result<std::vector<std::string>> ChordVocabulary::decode(std::span<const int> ids) const {
  std::vector<std::string> words;
  for (const int i : ids) {
    if (i < 0 || i >= size()) {
      return fail(fmt::format("vocabulary: {} is none of its {} words", i, size()));
    }
    if (i == kEnd) break;
    if (i >= kFirstWord) words.push_back(word(i));
  }
  return words;
}

}  // namespace incipit
