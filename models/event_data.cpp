#include "models/event_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "core/corpus/corpus_files.h"
#include "core/encoding/event_tokens.h"
#include "models/note_windows.h"
#include "models/training_data.h"

namespace incipit {
namespace {

constexpr int kTransposeDown = 5;
constexpr int kTransposeUp = 6;

int pitchOf(EventToken token) { return token - kEventPitch.first + kEventLowestPitch; }

// The bar line at or before a symbol; the beginning of the piece before the first.
std::size_t cutBefore(const EventPiece& piece, std::size_t symbol) {
  const auto after = std::upper_bound(piece.bars.begin(), piece.bars.end(), symbol);
  return after - piece.bars.begin() <= 1 ? 0 : *(after - 1);
}

}  // namespace

Result<EventPiece> eventPieceOf(const Document& document) {
  Document played = document;
  std::erase_if(played.tracks, [](const TrackPtr& t) { return t->notes.empty(); });
  auto encoded = encodeEvents(played, partRoles(played.tracks));
  if (!encoded) return tl::unexpected(encoded.error());
  EventPiece piece;
  piece.tokens = std::move(encoded->tokens);
  piece.bars = std::move(encoded->bars);
  piece.roles = rolesIn(piece.tokens);
  for (const EventToken t : piece.tokens) {
    if (!kEventPitch.holds(t)) continue;
    piece.lowest = std::min(piece.lowest, pitchOf(t));
    piece.highest = std::max(piece.highest, pitchOf(t));
  }
  return piece;
}

Result<EventCorpus> readEventCorpus(const TrainRequest& request, std::optional<Split> only,
                                    TrainSink& sink, const std::stop_token& stop) {
  const auto start = std::chrono::steady_clock::now();
  CorpusOptions options;
  options.sets = request.sets;
  options.shippableOnly = request.shippableOnly;
  options.sequences = false;
  const auto corpus = readCorpus(request.data, options, {}, stop);
  if (!corpus) return tl::unexpected(corpus.error());
  EventCorpus out;
  out.hash = corpus->manifestHash;
  out.licence = dataLicences(*corpus);
  out.cancelled = corpus->cancelled;
  const CorpusFiles files(corpus->folder);
  std::int64_t left = 0;
  std::int64_t symbols = 0;
  for (const CorpusPiece& p : corpus->pieces) {
    if (stop.stop_requested()) out.cancelled = true;
    if (out.cancelled) return out;
    if (only && p.split != *only) continue;
    const auto import = files.readMidi(p.file);
    auto piece = import ? eventPieceOf(import->document) : fail(import.error().message);
    if (!piece || piece->roles.none()) {
      ++left;
      continue;
    }
    piece->set = p.set;
    piece->split = p.split;
    if (p.split == Split::kTrain) out.heard |= piece->roles;
    symbols += static_cast<std::int64_t>(piece->tokens.size());
    out.pieces.push_back(std::move(*piece));
  }
  if (only ? out.pieces.empty() : out.heard.none()) {
    return fail(fmt::format("{}: holds no piece to {}", request.data.string(),
                            only ? "measure with" : "train on"));
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  sink.message(fmt::format(
      "{} pieces, {} symbols read in {:.1f} s ({} files rejected, {} of them duplicates; {} pieces "
      "left out)",
      out.pieces.size(), symbols, spent.count(), corpus->rejected.size(), corpus->duplicates,
      left));
  return out;
}

EventToken EventWindow::token(std::size_t i) const {
  const EventToken t = piece->tokens[i];
  return kEventPitch.holds(t) ? static_cast<EventToken>(t + semitones) : t;
}

EventSampler::EventSampler(const EventCorpus& corpus, Split split) {
  std::map<std::string, Group> sets;
  for (const EventPiece& p : corpus.pieces) {
    if (p.split != split) continue;
    Group& g = sets[p.set];
    g.symbolsUntil.push_back((g.symbolsUntil.empty() ? 0 : g.symbolsUntil.back()) +
                             static_cast<std::int64_t>(p.tokens.size()));
    g.pieces.push_back(&p);
    symbols_ += static_cast<std::int64_t>(p.tokens.size());
  }
  constexpr double kPower = 0.7;
  double total = 0;
  for (auto& [name, group] : sets) {
    total += std::pow(static_cast<double>(group.symbolsUntil.back()), kPower);
    group.until = total;
    groups_.push_back(std::move(group));
  }
  for (Group& g : groups_) g.until /= total;
}

EventWindow EventSampler::draw(std::size_t length, Rng& rng) const {
  const double u = rng.uniform();
  const auto group =
      std::find_if(groups_.begin(), groups_.end() - 1, [u](const Group& g) { return u < g.until; });
  const auto pick =
      static_cast<std::int64_t>(rng.uniform() * static_cast<double>(group->symbolsUntil.back()));
  const auto found =
      std::min(std::upper_bound(group->symbolsUntil.begin(), group->symbolsUntil.end(), pick),
               group->symbolsUntil.end() - 1);
  const EventPiece& piece =
      *group->pieces[static_cast<std::size_t>(found - group->symbolsUntil.begin())];
  const bool fromStart = rng.below(10) == 0;
  const double place = rng.uniform();
  EventWindow w{&piece, 0, 0, 0};
  const std::size_t all = piece.tokens.size();
  if (!fromStart && all > length) {
    // So that ends are as likely as the rest.
    const auto room = static_cast<double>(all - length / 2);
    w.first = cutBefore(piece, static_cast<std::size_t>(place * room));
  }
  w.count = std::min(length, all - w.first);
  const int by = static_cast<int>(rng.below(kTransposeDown + kTransposeUp + 1)) - kTransposeDown;
  const int highest = kEventLowestPitch + kEventPitch.count - 1;
  w.semitones = std::clamp(by, std::min(0, kEventLowestPitch - piece.lowest),
                           std::max(0, highest - piece.highest));
  return w;
}

std::vector<EventWindow> eventWindows(const EventCorpus& corpus, Split split, std::size_t length,
                                      std::int64_t symbols, std::uint64_t seed) {
  std::vector<EventWindow> all;
  for (const EventPiece& p : corpus.pieces) {
    if (p.split != split) continue;
    for (std::size_t first = 0; first < p.tokens.size();) {
      std::size_t end = std::min(p.tokens.size(), first + length);
      // A bar longer than a window is cut where the window ends.
      if (end < p.tokens.size() && cutBefore(p, end) > first) end = cutBefore(p, end);
      all.push_back({&p, first, end - first, 0});
      first = end;
    }
  }
  if (symbols <= 0) return all;
  std::vector<EventWindow> some;
  std::int64_t sum = 0;
  for (const std::uint32_t i : permutation(all.size(), Rng(seed, 11))) {
    if (sum >= symbols) break;
    some.push_back(all[i]);
    sum += static_cast<std::int64_t>(all[i].count);
  }
  return some;
}

}  // namespace incipit
