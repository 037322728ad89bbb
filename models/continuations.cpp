#include "models/continuations.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/corpus/corpus_files.h"
#include "core/corpus/music_metrics.h"
#include "core/theory/scale.h"
#include "models/note_windows.h"

namespace incipit {
namespace {

Histogram bins(const char* name, std::size_t count, double low = 0) {
  return {name, low, 1, std::vector<std::int64_t>(count), {}};
}

// Each twelfth of a quarter up to a bar of 4/4: triplets and sixteenths stay apart.
constexpr int kBinsAQuarter = 12;

Histogram quarterBins(const char* name) {
  constexpr int kQuarters = 4;
  Histogram h{name, 0, 1.0 / kBinsAQuarter, {}, {}};
  h.counts.resize(kQuarters * kBinsAQuarter + 1);
  for (std::size_t i = 0; i < h.counts.size(); ++i) {
    h.labels.push_back(fmt::format("{:.3g}", static_cast<double>(i) * h.width));
  }
  h.labels.back() += " and more";
  return h;
}

Histogram pitchBins() {
  Histogram h = bins("pitch", kHighestPitch + 1);
  for (int p = 0; p <= kHighestPitch; ++p) h.labels.push_back(pitchName(p));
  return h;
}

double quartersOf(std::int64_t units) {
  // From the middle of the unit, so that rounding moves nothing over the edge of a bin.
  return (static_cast<double>(units) + 0.5) / kUnitsPerQuarter;
}

constexpr int kWidestInterval = 24;  // wider ones count as such

// What is compared, of all continuations together.
struct Statistics {
  Histogram pitchClass = bins("pitch class", 12);
  Histogram interval = bins("interval", 2 * kWidestInterval + 1, -kWidestInterval);
  Histogram duration = bins("duration", kDurationBins);
  Histogram position = bins("position", kBarBeats* kUnitsPerQuarter);
  Histogram pitches = pitchBins();
  Histogram steps = quarterBins("step (quarters)");
  Histogram durations = quarterBins("duration (quarters)");
  double scale = 0;  // summed over pieces
  std::int64_t pieces = 0;
  std::int64_t notes = 0;
  std::int64_t bars = 0;
  std::int64_t repeated = 0;  // bars that are the same as an earlier one of the piece
};

double scaleConsistency(std::span<const EncodedNote> notes) {
  double best = 0;
  for (const Mode mode : {Mode::kMajor, Mode::kHarmonicMinor, Mode::kMinor}) {
    for (int tonic = 0; tonic < 12; ++tonic) {
      const Scale scale{tonic, mode};
      const auto inside = std::count_if(notes.begin(), notes.end(), [&](const EncodedNote& n) {
        return scale.contains(n.pitch);
      });
      best = std::max(best, static_cast<double>(inside) / static_cast<double>(notes.size()));
    }
  }
  return best;
}

// A bar as what stands in it.
using BarContent = std::vector<std::array<int, 3>>;

void addTo(Statistics& s, std::span<const EncodedNote> notes, std::span<const EncodedNote> seed,
           int bars) {
  ++s.pieces;
  s.bars += bars;
  if (notes.empty()) return;
  s.notes += static_cast<std::int64_t>(notes.size());
  s.scale += scaleConsistency(notes);
  const EncodedNote* before = seed.empty() ? nullptr : &seed.back();
  for (const EncodedNote& n : notes) {
    s.pitchClass.add(n.pitch % 12);
    s.pitches.add(n.pitch);
    s.durations.add(quartersOf(n.duration));
    if (before != nullptr) {
      s.interval.add(n.pitch - before->pitch);
      s.steps.add(quartersOf(n.onset - before->onset));
    }
    s.duration.add(durationBin(n.duration));
    s.position.add(n.barPosition);
    before = &n;
  }
  std::map<std::int64_t, BarContent> byBar;
  for (const auto part : {seed, notes}) {
    for (const EncodedNote& n : part) {
      byBar[n.onset - n.barPosition].push_back({n.barPosition, n.pitch, durationBin(n.duration)});
    }
  }
  std::set<BarContent> seen;
  const std::int64_t first = notes.front().onset - notes.front().barPosition;
  for (const auto& [bar, content] : byBar) {
    if (!seen.insert(content).second && bar >= first) ++s.repeated;
  }
}

// A piece cut into what is given and what followed.
struct Example {
  const CorpusSequence* sequence;
  std::size_t first, cut, end;  // notes [first, cut) are given, [cut, end) followed
  std::int64_t fromUnits, barLength;
  int meter;
};

std::vector<Example> examplesOf(const Corpus& corpus, Split split, const ContinuationOptions& o) {
  std::vector<Example> out;
  for (const CorpusSequence& s : corpus.sequences) {
    if (corpus.pieces[s.piece].split != split) continue;
    const auto& notes = s.notes;
    const EncodedNote& head = notes.front();
    // One meter throughout, so that both sides count the same bars.
    const std::int64_t bar = head.barLength;
    const std::int64_t start = head.onset - head.barPosition;
    const std::int64_t from = start + o.seedBars * bar;
    const std::int64_t to = from + o.bars * bar;
    const auto at = [&](std::int64_t units) {
      return static_cast<std::size_t>(
          std::lower_bound(notes.begin(), notes.end(), units,
                           [](const EncodedNote& n, std::int64_t u) { return n.onset < u; }) -
          notes.begin());
    };
    const std::size_t cut = at(from);
    const std::size_t end = at(to);
    constexpr std::size_t kLeast = 8;
    if (cut < kLeast || end < cut + kLeast || notes.back().onset < to || cut > kSeedNotes) continue;
    const bool steady = std::all_of(
        notes.begin(), notes.begin() + static_cast<std::ptrdiff_t>(end),
        [&](const EncodedNote& n) { return n.barLength == bar && n.meter == head.meter; });
    if (steady) out.push_back({&s, 0, cut, end, from, bar, head.meter});
  }
  return out;
}

// The meter of a class, as numerator and denominator that give the bar its length.
MeterChange meterOf(int meterClassOf, std::int64_t barLength) {
  for (const int denominator : {4, 8, 2, 16, 1, 32}) {
    const std::int64_t beat = std::int64_t{4} * kUnitsPerQuarter / denominator;
    if (beat == 0 || barLength % beat != 0) continue;
    const auto numerator = static_cast<int>(barLength / beat);
    if (numerator < 256 && meterClass(numerator, denominator) == meterClassOf) {
      return {Tick{0}, numerator, denominator};
    }
  }
  return {Tick{0}, 4, 4};
}

ComposeContext contextOfExample(const Example& e) {
  ComposeContext c;
  const int ppq = c.ppq;
  // Shifted to whole bars from 0, so that its bar lines are where the meter map has them.
  c.meter = {meterOf(e.meter, e.barLength)};
  c.tempo = {{Tick{0}, 500000}};
  const std::int64_t shift = (e.fromUnits / e.barLength) * e.barLength - e.fromUnits;
  for (std::size_t i = e.first; i < e.cut; ++i) {
    EncodedNote n = e.sequence->notes[i];
    n.onset += static_cast<std::int32_t>(shift);
    c.seed.push_back(n);
    const Tick start = tickOf(n.onset, ppq);
    const Tick end = tickOf(n.onset + n.duration, ppq);
    if (n.onset + n.duration > e.fromUnits + shift) {
      Note held;
      held.start = start;
      held.length = end - start;
      held.pitch = n.pitch;
      held.velocity = n.velocity;
      c.kept.push_back(held);
    }
  }
  c.range.from = tickOf(e.fromUnits + shift, ppq);
  return c;
}

// What is composed or written, from the start of the range on.
Document documentOf(std::vector<Note> notes, const ComposeContext& context) {
  Document d;
  d.ppq = context.ppq;
  d.meter = MeterMap(context.ppq, context.meter);
  d.tempo = TempoMap(context.ppq, context.tempo);
  Track track;
  track.id = d.nextTrackId++;
  for (Note& n : notes) {
    n.start = Tick{(n.start - context.range.from).count};
    n.id = d.nextNoteId++;
  }
  track.notes = NoteList(std::move(notes));
  d.tracks.push_back(std::make_shared<const Track>(std::move(track)));
  return d;
}

std::vector<Note> notesOf(std::span<const EncodedNote> encoded, const Example& e,
                          const ComposeContext& context) {
  const std::int64_t shift = (e.fromUnits / e.barLength) * e.barLength - e.fromUnits;
  std::vector<Note> out;
  for (const EncodedNote& n : encoded) {
    Note note;
    note.start = tickOf(n.onset + shift, context.ppq);
    note.length =
        std::min(tickOf(n.onset + shift + n.duration, context.ppq), context.range.to) - note.start;
    note.pitch = n.pitch;
    note.velocity = n.velocity;
    out.push_back(note);
  }
  return out;
}

// Of this thread: a composer uses no other, and waiting for other programs is not composing.
double processorSeconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  constexpr double kNano = 1e-9;
  return static_cast<double>(t.tv_sec) + kNano * static_cast<double>(t.tv_nsec);
}

// Means over the pieces for which a metric has a meaning.
class MeanMetrics {
 public:
  void add(const Document& document) {
    const auto metrics = musicMetrics(document);
    sums_.resize(metrics.size());
    counts_.resize(metrics.size());
    means_ = metrics;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      if (std::isnan(metrics[i].value)) continue;
      sums_[i] += metrics[i].value;
      counts_[i] += 1;
    }
  }
  std::vector<Metric> means() const {
    std::vector<Metric> out = means_;
    for (std::size_t i = 0; i < out.size(); ++i) out[i].value = sums_[i] / counts_[i];
    return out;
  }

 private:
  std::vector<double> sums_, counts_;
  std::vector<Metric> means_;
};

// The notes of all parts that are not drums.
std::vector<Note> melodicNotes(const Composed& take, const ComposeContext& context) {
  std::vector<Note> out;
  for (std::size_t i = 0; i < take.parts.size(); ++i) {
    if ((i == 0 ? context.role : context.others[i - 1].role) == TrackRole::kDrums) continue;
    out.insert(out.end(), take.parts[i].notes.begin(), take.parts[i].notes.end());
  }
  std::stable_sort(out.begin(), out.end(), NoteOrder{});
  return out;
}

// How many roles have notes in it.
std::size_t rolesPlaying(const Composed& take, const ComposeContext& context) {
  std::set<TrackRole> roles;
  for (std::size_t i = 0; i < take.parts.size(); ++i) {
    if (take.parts[i].notes.empty()) continue;
    roles.insert(i == 0 ? context.role : context.others[i - 1].role);
  }
  return roles.size();
}

Excerpt excerptOf(const Example& e, int bars) {
  Excerpt x;
  x.context = contextOfExample(e);
  x.context.range.to = x.context.range.from + (tickOf(bars * e.barLength, x.context.ppq) - Tick{0});
  x.given = x.context.seed;
  const std::span<const EncodedNote> all(e.sequence->notes);
  const auto followed = all.subspan(e.cut, e.end - e.cut);
  x.followed.assign(followed.begin(), followed.end());
  const auto shift =
      static_cast<std::int32_t>((e.fromUnits / e.barLength) * e.barLength - e.fromUnits);
  for (EncodedNote& n : x.followed) n.onset += shift;
  x.written = notesOf(followed, e, x.context);
  return x;
}

// A whole piece cut after its first bars, its tracks together; none where it is no example of that.
std::optional<Excerpt> excerptOf(Document document, const ContinuationOptions& o) {
  std::erase_if(document.tracks, [](const TrackPtr& t) { return t->notes.empty(); });
  if (document.tracks.size() < 2) return std::nullopt;
  Tick first{std::numeric_limits<std::int64_t>::max()};
  Tick last{0};
  ComposeRequest r;
  for (const TrackPtr& t : document.tracks) {
    first = std::min(first, (*t->notes.begin()).start);
    last = std::max(last, t->notes.latestEnd());
    r.with.push_back(t->id);
  }
  r.track = r.with.front();
  r.with.erase(r.with.begin());
  const MeterMap& meter = document.meter;
  const std::int64_t bar = meter.barBeat(first).bar;
  r.from = meter.barStart(bar + o.seedBars);
  r.bars = o.bars;
  const Tick to = meter.barStart(bar + o.seedBars + o.bars);
  const MeterChange& begin = meter.at(first);
  const MeterChange& end = meter.at({to.count - 1});
  if (last < to || begin.at != end.at) return std::nullopt;
  r.document = std::make_shared<const Document>(std::move(document));
  auto context = contextOf(r);
  if (!context) return std::nullopt;
  Excerpt x;
  std::vector<std::vector<EncodedNote>> given;
  std::set<TrackRole> roles;
  for (std::size_t i = 0; i < r.document->tracks.size(); ++i) {
    const Track& t = *r.document->tracks[i];
    const TrackRole role = i == 0 ? context->role : context->others[i - 1].role;
    const auto followed = t.notes.notesStartingIn(context->range);
    if (!followed.empty()) roles.insert(role);
    if (role == TrackRole::kDrums) continue;
    given.push_back(i == 0 ? context->seed : context->others[i - 1].seed);
    x.written.insert(x.written.end(), followed.begin(), followed.end());
  }
  constexpr std::size_t kLeast = 8;
  x.given = mergeSequences(given);
  if (x.given.size() < kLeast || x.written.size() < kLeast) return std::nullopt;
  std::stable_sort(x.written.begin(), x.written.end(), NoteOrder{});
  for (Note& n : x.written) n.length = std::min(n.end(), to) - n.start;
  x.followed = encodeNotes(x.written, r.document->tempo, r.document->meter);
  x.roles = roles.size();
  x.context = std::move(*context);
  return x;
}

}  // namespace

Excerpts excerptsOfTracks(const Corpus& corpus, Split split, const ContinuationOptions& o) {
  auto examples = std::make_shared<const std::vector<Example>>(examplesOf(corpus, split, o));
  return {false, examples->size(), [examples, bars = o.bars](std::size_t i) {
            return std::optional(excerptOf((*examples)[i], bars));
          }};
}

Excerpts excerptsOfPieces(const Corpus& corpus, Split split, const ContinuationOptions& o) {
  std::vector<std::string> names;
  for (const CorpusPiece& p : corpus.pieces) {
    if (p.split == split) names.push_back(p.file);
  }
  const auto files = std::make_shared<const CorpusFiles>(corpus.folder);
  const std::size_t count = names.size();
  return {true, count,
          [files, names = std::move(names), o](std::size_t i) -> std::optional<Excerpt> {
            auto import = files->readMidi(names[i]);
            if (!import) return std::nullopt;
            return excerptOf(std::move(import->document), o);
          }};
}

void compareContinuations(const Excerpts& excerpts, const Composer& composer,
                          const ContinuationOptions& o, const std::function<void(double)>& progress,
                          const std::stop_token& stop, Evaluation& into) {
  Statistics composed;
  Statistics written;
  MeanMetrics composedMetrics;
  MeanMetrics writtenMetrics;
  std::size_t notes = 0;
  std::size_t rolesComposed = 0;
  std::size_t rolesWritten = 0;
  double seconds = 0;
  int done = 0;
  for (const std::uint32_t pick : permutation(excerpts.count, Rng(o.seed, 12))) {
    if (done >= o.count || stop.stop_requested()) break;
    const auto excerpt = excerpts.at(pick);
    if (!excerpt || !composer.check(excerpt->context)) continue;
    const ComposeContext& context = excerpt->context;
    const ComposeSettings settings{
        o.temperature, o.topP, o.seed + static_cast<std::uint64_t>(done), 0, false, o.settings};
    const double began = processorSeconds();
    const Composed take = composer.compose(
        context, settings, [](const Note&, double, std::size_t) {}, stop);
    seconds += processorSeconds() - began;
    for (const ComposedPart& p : take.parts) notes += p.notes.size();
    if (take.cancelled) break;
    rolesComposed += rolesPlaying(take, context);
    rolesWritten += excerpt->roles;
    const MeterMap meter(context.ppq, context.meter);
    const TempoMap tempo(context.ppq, context.tempo);
    const std::vector<Note> melodic = melodicNotes(take, context);
    addTo(written, excerpt->followed, excerpt->given, o.bars);
    addTo(composed, encodeNotes(melodic, tempo, meter), excerpt->given, o.bars);
    composedMetrics.add(documentOf(melodic, context));
    writtenMetrics.add(documentOf(excerpt->written, context));
    ++done;
    progress(static_cast<double>(done) / o.count);
  }
  if (seconds > 0) into.notesPerSecond = static_cast<double>(notes) / seconds;
  const auto composedMeans = composedMetrics.means();
  const auto writtenMeans = writtenMetrics.means();
  for (std::size_t i = 0; i < composedMeans.size() && i < writtenMeans.size(); ++i) {
    into.metrics.push_back({composedMeans[i].name, composedMeans[i].value, writtenMeans[i].value});
  }
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  const double pieces = std::max(1, done);
  const std::vector<std::pair<std::string, double>> figures{
      {"continuations", done},
      {"overlap of pitches", overlap(composed.pitches, written.pitches)},
      {"overlap of pitch classes", overlap(composed.pitchClass, written.pitchClass)},
      {"overlap of intervals", overlap(composed.interval, written.interval)},
      {"overlap of steps", overlap(composed.steps, written.steps)},
      {"overlap of durations", overlap(composed.duration, written.duration)},
      {"overlap of onsets in the bar", overlap(composed.position, written.position)},
      {"scale consistency, composed", composed.scale / pieces},
      {"scale consistency, written", written.scale / pieces},
      {"notes a second, composed to written", share(composed.notes, written.notes)},
      {"bars repeated, composed", share(composed.repeated, composed.bars)},
      {"bars repeated, written", share(written.repeated, written.bars)}};
  into.figures.insert(into.figures.end(), figures.begin(), figures.end());
  if (excerpts.several) {
    into.figures.emplace_back("roles that play, composed",
                              static_cast<double>(rolesComposed) / pieces);
    into.figures.emplace_back("roles that play, written",
                              static_cast<double>(rolesWritten) / pieces);
  }
  into.distributions = {{std::move(composed.pitches), std::move(written.pitches)},
                        {std::move(composed.steps), std::move(written.steps)},
                        {std::move(composed.durations), std::move(written.durations)}};
}

}  // namespace incipit
