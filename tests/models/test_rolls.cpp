// The roll families: columns and their places, training, exact resume, figures, the decoder against
// LibTorch's forward pass, and what takes never do.
#include "models/roll_published.h"  // before Qt, whose macros they do not know

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <map>

#include "core/corpus/augment.h"
#include "models/engine.h"
#include "models/optimiser.h"
#include "models/roll_composer.h"
#include "models/trainer.h"
#include "toy_corpus.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

struct Recorder : ComposeSink {
  std::vector<Note> notes;
  std::stop_source* stop = nullptr;
  void note(TrackId, const Note& n) override {
    notes.push_back(n);
    if (stop != nullptr) stop->request_stop();
  }
  void progress(double) override {}
};

// Every network that there is, in a small size.
struct Variant {
  const char* name;
  const char* family;
  const char* preset;
  Settings settings;
};
const std::vector<Variant>& variants() {
  static const Settings small{{"hidden", "24"}, {"head", "16"}, {"rate", "0.01"}};
  static const std::vector<Variant> all{
      {"lstm squares", kRollLstm, "published", {}},
      {"lstm noise-suppressing", kRollLstm, "published", {{"loss", "noise-suppressing"}}},
      {"lstm classes", kRollLstm, "published", {{"loss", "classes"}}},
      {"lstm improved", kRollLstm, "improved", small},
      {"seq2seq squares", kRollSeq2seq, "published", {}},
      {"seq2seq both ways, 100 out",
       kRollSeq2seq,
       "published",
       {{"bidirectional", "on"}, {"loss", "classes"}, {"out", "100"}}},
      {"seq2seq improved", kRollSeq2seq, "improved", small},
  };
  return all;
}
void variantRows(const char* family = nullptr) {
  QTest::addColumn<int>("index");
  for (std::size_t i = 0; i < variants().size(); ++i) {
    if (family != nullptr && std::string(family) != variants()[i].family) continue;
    QTest::newRow(variants()[i].name) << static_cast<int>(i);
  }
}

RollPreset presetOf(const Variant& v) {
  RollPreset p = *rollPresetNamed(v.family, v.preset);
  auto infos = scheduleSettings({}, p.batch);
  for (const SettingInfo& s : rollSettings(p)) infos.push_back(s);
  setRollSettings(p, *checkSettings(infos, v.settings));
  return p;
}

void writeRandomRoll(const fs::path& file, const RollPreset& p) {
  writeRandomTensors(file, rollTensors(p),
                     {{"family", p.family}, {"preset", p.name}, {"config", rollConfig(p)}});
}

// The same weights, but each output of a class (or the number) is moved by so much.
void writeBiased(const fs::path& file, const RollPreset& p, std::array<float, 3> by) {
  writeRandomRoll(file, p);
  TensorFile content = *readTensors(file);
  for (NamedTensor& t : content.tensors) {
    if (t.name != "out.bias") continue;
    for (std::size_t i = 0; i < static_cast<std::size_t>(kRollKeys * p.classes); ++i) {
      t.values[i] += by[p.classes == 1 ? 2 : i % 3];
    }
  }
  QVERIFY(writeTensors(file, content));
}

std::int64_t parametersOf(const RollPreset& p) {
  std::int64_t sum = 0;
  for (const auto& [name, shape] : rollTensors(p)) {
    std::int64_t n = 1;
    for (const std::int64_t s : shape) n *= s;
    sum += n;
  }
  return sum;
}

// A locked C5 stands in the range, a held C4 sounds into it.
Document seedDocument() {
  Document d = toyPiece(1, 14);
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> notes = track->notes.notesStartingIn({Tick{0}, Tick{1 << 30}});
  Note held;
  held.start = {13 * 960};
  held.length = {4 * 960};
  held.pitch = 60;
  held.id = d.nextNoteId++;
  Note locked = held;
  locked.start = {16 * 960};
  locked.length = {960};
  locked.pitch = 72;
  locked.locked = true;
  locked.id = d.nextNoteId++;
  notes.push_back(held);
  notes.push_back(locked);
  track->notes = NoteList(std::move(notes));
  d.tracks.front() = std::move(track);
  return d;
}

ComposeRequest requestFor(const Document& d, const fs::path& checkpoint, std::int64_t from) {
  ComposeRequest r;
  r.document = std::make_shared<const Document>(d);
  r.track = d.tracks.front()->id;
  r.from = {from};
  r.bars = 4;
  r.checkpoint = checkpoint;
  return r;
}

// Random notes, also in chords, over meter and tempo changes.
Document randomDocument(Rng& rng) {
  Document d = newDocument();
  d.tempo = TempoMap(d.ppq, {{{0}, 500'000}, {{20 * 960}, 400'000}});
  d.meter = MeterMap(d.ppq, {{{0}, 4, 4}, {{16 * 960}, 3, 4}, {{28 * 960}, 6, 8}});
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> notes;
  for (int i = 0; i < 150; ++i) {
    Note n;
    n.start = {static_cast<std::int64_t>(rng.below(80)) * 480};
    n.length = {240 * (1 + static_cast<std::int64_t>(rng.below(12)))};
    n.pitch = static_cast<std::uint8_t>(40 + rng.below(40));
    n.id = d.nextNoteId++;
    notes.push_back(n);
  }
  std::sort(notes.begin(), notes.end(), NoteOrder());
  track->notes = NoteList(std::move(notes));
  d.tracks.front() = std::move(track);
  return d;
}

std::vector<Note> notesOf(const Document& d) { return d.tracks.front()->notes.toVector(); }

double modelNats(RollDecoder& decoder, const RollPreset& p, const RollWindow& w, RollTally& into) {
  // The decoder is shown what the network is shown.
  const int warm = p.seq2seq() ? 0 : w.context;
  const std::int64_t from = w.first - w.context - kRollHistory;
  const int columns = w.context + kRollHistory + w.count;
  const Roll roll = rollOf(w.sequence->notes, p.unitsPerColumn, from, columns);
  const auto places = placesOf(w.sequence->notes, p.unitsPerColumn, from, columns);
  double sum = 0;
  const int firstRead = columns - w.count - warm + (p.published() && !p.seq2seq() ? 1 : 0);
  for (int c = firstRead; c < columns; ++c) {
    decoder.advance({std::span(roll.cells()).first(static_cast<std::size_t>(c) * kRollKeys),
                     std::span(places).first(static_cast<std::size_t>(c) + 1)});
    if (c < columns - w.count) continue;
    for (int key = kRollKeys - 1; key >= 0; --key) {
      const RollCell truth = roll.at(c, key);
      sum += decoder.value(key);
      if (p.classes == kRollClasses) {
        into.addCell(decoder.logits(key), truth);
      } else {
        const float v = decoder.value(key);
        into.addNumber(std::log(v / (1 - v)), truth);
      }
      if (truth != RollCell::kSilent) decoder.choose(key, truth);
    }
  }
  into.addColumns(w.count);
  return sum;
}

}  // namespace

class TestRolls : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;

  TrainRequest request(const Variant& v, const char* name) const {
    TrainRequest r;
    r.family = v.family;
    r.preset = v.preset;
    r.settings = v.settings;
    r.settings["batch"] = "16";
    r.data = root_ / "toy";
    r.epochs = 3;
    r.examples = 64;
    r.seed = 4;
    r.out = root_ / (std::string(v.family) + v.preset + name + ".safetensors");
    return r;
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    writeToyCorpus(root_ / "toy");
  }

  void publishedNetworksHaveThePrintedSizes() {
    QCOMPARE(parametersOf(*rollPresetNamed(kRollLstm, "published")), std::int64_t{122'456});
    QCOMPARE(parametersOf(*rollPresetNamed(kRollSeq2seq, "published")), std::int64_t{250'072});
    for (const char* family : {kRollLstm, kRollSeq2seq}) {
      const std::int64_t n = parametersOf(*rollPresetNamed(family, "improved"));
      QVERIFY2(n <= 1'000'000, qPrintable(QString::number(n)));
    }
  }

  void networksHaveTheTensorsOfTheirCheckpoints_data() { variantRows(); }
  void networksHaveTheTensorsOfTheirCheckpoints() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const auto network = makeRollNetwork(p, 1, at::kCPU);
    const TensorShapes shapes = rollTensors(p);
    QCOMPARE(network->parameters().size(), shapes.size());
    for (const auto& [name, tensor] : network->parameters()) {
      const auto found = std::find_if(shapes.begin(), shapes.end(),
                                      [&name = name](const auto& s) { return s.first == name; });
      QVERIFY2(found != shapes.end(), name.c_str());
      QVERIFY2(tensor.sizes().vec() == found->second, name.c_str());
    }
  }

  void columnsOfASequenceAreThoseOfItsNotes() {
    Rng rng(8);
    for (int i = 0; i < 20; ++i) {
      const Document d = randomDocument(rng);
      const auto notes = notesOf(d);
      const auto encoded = encodeNotes(notes, d.tempo, d.meter);
      const auto columns = static_cast<int>(columnsOf(notes, d.tempo));
      QCOMPARE(rollExtent(encoded, 0).second, std::int64_t{columns});
      // Of notes that begin together on one key a sequence keeps the longest, a roll joins them.
      QVERIFY(rollOf(encoded, 0, 0, columns) == encodeRoll(notes, d.tempo, 0, columns).roll);
      const Roll window = rollOf(encoded, 6, 20, 30);
      const Roll whole = rollOf(encoded, 6, 0, 60);
      for (int key = 0; key < kRollKeys; ++key) {
        for (int c = 0; c < 30; ++c) QCOMPARE(window.at(c, key), whole.at(c + 20, key));
      }
    }
  }

  void placesAreThoseOfTheBars() {
    Rng rng(9);
    const Document d = randomDocument(rng);
    const auto encoded = encodeNotes(notesOf(d), d.tempo, d.meter);
    const auto places = placesOf(encoded, 6, 0, 150);
    for (const EncodedNote& n : encoded) {
      if (n.onset % 6 != 0 || n.onset / 6 >= 150) continue;
      const ColumnPlace& p = places[static_cast<std::size_t>(n.onset / 6)];
      QCOMPARE(p.position, int{n.barPosition});
      QCOMPARE(p.meter, int{n.meter});
      QCOMPARE(p.bar, n.barLength / 6);
    }
    // Before the first note the bars go on backwards.
    const auto before = placesOf(encoded, 6, encoded.front().onset / 6 - 16, 16);
    QCOMPARE(before[0].position, int{encoded.front().barPosition});
  }

  void pitchNoiseMovesTheWholePartOfANormalNumber() {
    std::vector<EncodedNote> notes;
    for (int i = 0; i < 4000; ++i) {
      EncodedNote n;
      n.onset = 6 * i;
      n.duration = 6;
      notes.push_back(n);
    }
    Rng rng(3);
    const Roll roll = rollOf(notes, 6, 0, 4000, {false, 0.5}, &rng);
    std::map<int, int> moved;
    for (int c = 0; c < 4000; ++c) {
      for (int key = 0; key < kRollKeys; ++key) {
        if (roll.at(c, key) != RollCell::kSilent) ++moved[key + kRollLowest - 60];
      }
    }
    // |x| >= 1 of 31.7 %, >= 2 of 4.6 %, of one half of the notes.
    QVERIFY(std::abs(moved[0] / 4000.0 - (1 - 0.5 * 0.317)) < 0.03);
    QVERIFY(std::abs((moved[1] + moved[-1]) / 4000.0 - 0.5 * 0.272) < 0.03);
    QVERIFY(moved[2] > 0 && moved[-2] > 0);
    const Roll still = rollOf(notes, 6, 0, 4000);
    for (int c = 0; c < 4000; ++c) QVERIFY(still.at(c, 60 - kRollLowest) == RollCell::kOnset);
  }

  void allPresetsAreMeasuredOnTheSameColumns() {
    CorpusOptions options;
    const auto corpus = readCorpus(root_ / "toy", options, {}, {});
    QVERIFY(corpus);
    for (const char* columns : {"seconds", "sixteenths"}) {
      std::map<std::pair<const CorpusSequence*, std::int64_t>, int> seen;
      int presets = 0;
      for (Variant v : variants()) {
        v.settings["columns"] = columns;
        ++presets;
        for (const RollWindow& w : heldOutWindows(*corpus, Split::kTrain, presetOf(v), 100, 0, 1)) {
          for (int c = 0; c < w.count; ++c) ++seen[{w.sequence, w.first + c}];
        }
      }
      QVERIFY(!seen.empty());
      for (const auto& [column, times] : seen) QCOMPARE(times, presets);
    }
  }

  void theDecoderSaysWhatTheNetworkSays_data() { variantRows(); }
  void theDecoderSaysWhatTheNetworkSays() {
    QFETCH(int, index);
    const Variant& v = variants()[static_cast<std::size_t>(index)];
    const RollPreset p = presetOf(v);
    const fs::path file = root_ / "parity.safetensors";
    writeRandomRoll(file, p);
    const TensorFile tensors = *readTensors(file);
    const auto network = makeRollNetwork(p, 1, at::kCPU);
    QVERIFY(loadParameters(tensors, *network));
    Rng rng(12);
    const Document d = randomDocument(rng);
    CorpusSequence s;
    s.notes = encodeNotes(notesOf(d), d.tempo, d.meter);
    const int context = p.published() ? kRollContext : kImprovedRollContext;
    const int count = p.seq2seq() ? std::min(p.out, 60) : 60;
    // Two windows, of which one is shorter, so that padding is met.
    const RollWindow windows[2] = {{&s, 64, count, context}, {&s, 40, count / 2, context}};
    const at::NoGradGuard noGrad;
    RollTally whole;
    network->tally(windows, whole);
    RollTally stepped;
    for (const RollWindow& w : windows) {
      const auto decoder = makeRollDecoder(rollWeights(tensors, p), w.count);
      modelNats(*decoder, p, w, stepped);
    }
    QCOMPARE(stepped.columns(), whole.columns());
    if (p.classes == kRollClasses) {
      QVERIFY2(std::abs(stepped.nats() - whole.nats()) < 1e-3 * whole.nats(),
               qPrintable(QString("%1, %2").arg(stepped.nats()).arg(whole.nats())));
      return;
    }
    auto* published = static_cast<PublishedRollNetwork*>(network.get());
    const Roll roll = rollOf(s.notes, p.unitsPerColumn, 64 - context, context + count);
    std::vector<float> values = roll.values();
    const at::Tensor outputs = at::sigmoid(
        published->forward(tensorOf(values, {context + count, 1, kRollKeys}, at::kCPU)));
    RollTally ignored;
    const auto decoder = makeRollDecoder(rollWeights(tensors, p), count);
    const double sum = modelNats(*decoder, p, windows[0], ignored);
    QVERIFY(std::abs(sum - outputs.sum().item<double>()) < 1e-4 * sum);
  }

  void eachPassOfSeq2seqReadsTheColumnsBeforeIt_data() { variantRows(kRollSeq2seq); }
  void eachPassOfSeq2seqReadsTheColumnsBeforeIt() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const fs::path file = root_ / "passes.safetensors";
    writeRandomRoll(file, p);
    const TensorFile tensors = *readTensors(file);
    const auto network = makeRollNetwork(p, 1, at::kCPU);
    QVERIFY(loadParameters(tensors, *network));
    Rng rng(13);
    const Document d = randomDocument(rng);
    CorpusSequence s;
    s.notes = encodeNotes(notesOf(d), d.tempo, d.meter);
    const int context = p.published() ? kRollContext : kImprovedRollContext;
    const int passes = p.published() && p.out < 100 ? 25 : 3;
    const at::NoGradGuard noGrad;
    RollTally whole;
    for (int pass = 0; pass < passes; ++pass) {
      const RollWindow w{&s, 64 + pass * p.out, p.out, context};
      network->tally(std::span(&w, 1), whole);
    }
    RollTally stepped;
    const auto decoder = makeRollDecoder(rollWeights(tensors, p), passes * p.out);
    modelNats(*decoder, p, {&s, 64, passes * p.out, context}, stepped);
    QCOMPARE(stepped.columns(), whole.columns());
    QVERIFY2(std::abs(stepped.nats() - whole.nats()) < 1e-3 * whole.nats(),
             qPrintable(QString("%1, %2").arg(stepped.nats()).arg(whole.nats())));
  }

  void trainingLearnsAndEvaluates_data() { variantRows(); }
  void trainingLearnsAndEvaluates() {
    QFETCH(int, index);
    const Variant& v = variants()[static_cast<std::size_t>(index)];
    TrainRequest r = request(v, "learn");
    r.epochs = 6;
    r.examples = 128;
    r.settings["rate"] = "0.01";
    QuietTrainSink sink;
    const auto result = trainModel(r, sink, {});
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    // Squares soon stand still near the mean of so few notes; classes go on.
    const double before = sink.points.front().trainLoss;
    const double after = sink.validation().back();
    QVERIFY2(after < 0.3 * before, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    QVERIFY(sink.points.back().trainAccuracy && *sink.points.back().trainAccuracy > 0.9);
    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data;
    e.split = "train";
    e.examples = 1000;
    const auto figures = makeEngine()->evaluate(e, sink, {});
    QVERIFY2(figures, figures ? "" : figures.error().message.c_str());
    QCOMPARE(figures->figures[1].first, std::string("NLL (nats/column)"));
    // One of 28 pitches every 5 or so columns would cost about a nat; all 88 keys evenly 96.
    QVERIFY(figures->figures[1].second > 0 && figures->figures[1].second < 8);
  }

  void improvedForeseesMoreThanPublished() {
    Variant v = variants()[0];
    v.settings["columns"] = "sixteenths";
    TrainRequest published = request(v, "compare");
    Variant better = variants()[3];
    TrainRequest improved = request(better, "compare");
    published.settings["rate"] = improved.settings["rate"] = "0.01";
    published.epochs = improved.epochs = 6;
    published.examples = improved.examples = 128;
    double nats[2] = {};
    for (const auto& [r, into] : {std::pair(published, &nats[0]), {improved, &nats[1]}}) {
      QuietTrainSink sink;
      QVERIFY(trainModel(r, sink, {}));
      EvaluateRequest e;
      e.checkpoint = r.out;
      e.data = r.data;
      e.split = "train";
      *into = makeEngine()->evaluate(e, sink, {})->figures[1].second;
    }
    QVERIFY2(nats[1] < nats[0], qPrintable(QString("%1 %2").arg(nats[0]).arg(nats[1])));
  }

  void aResumedRunIsTheUninterruptedOne_data() { variantRows(); }
  void aResumedRunIsTheUninterruptedOne() {
    QFETCH(int, index);
    Variant v = variants()[static_cast<std::size_t>(index)];
    v.settings["pitch-noise"] = "0.3";
    v.settings["transpose"] = "on";
    QuietTrainSink whole;
    const TrainRequest uninterrupted = request(v, "whole");
    QVERIFY(trainModel(uninterrupted, whole, {}));
    TrainRequest r = request(v, "parts");
    std::stop_source source;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step == 5) source.request_stop();
      return loss;
    };
    QuietTrainSink sink;
    const auto stopped = trainModel(r, sink, source.get_token(), hooks);
    QVERIFY(stopped && stopped->cancelled);
    r.resume = stopped->last;
    QVERIFY(trainModel(r, sink, {}));
    const auto a = *readTensors(lastPath(uninterrupted.out));
    const auto b = *readTensors(lastPath(r.out));
    for (std::size_t i = 0; i < a.tensors.size(); ++i) {
      QVERIFY(a.tensors[i].values == b.tensors[i].values);
    }
    QCOMPARE(whole.validation(), sink.validation());
    // Fine-tuning begins with these weights.
    TrainRequest fine = request(v, "fine");
    fine.startFrom = uninterrupted.out;
    fine.epochs = 1;
    QVERIFY(trainModel(fine, sink, {}));
  }

  void takesKeepTheRules_data() { variantRows(); }
  void takesKeepTheRules() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const fs::path file = root_ / "random.safetensors";
    writeRandomRoll(file, p);
    const auto engine = makeEngine();
    for (const bool seeded : {true, false}) {
      for (const std::int64_t from : {std::int64_t{14 * 960}, std::int64_t{14 * 960 + 100}}) {
        for (std::uint64_t seed = 0; seed < 2; ++seed) {
          ComposeRequest r = requestFor(seeded ? seedDocument() : newDocument(), file, from);
          r.seed = seed;
          r.startOnBeat = seed % 2 == 0;
          Recorder sink;
          const auto take = engine->compose(r, sink, {});
          QVERIFY2(take, take ? "" : take.error().message.c_str());
          QVERIFY(!take->notes.empty());
          QCOMPARE(take->notes.size(), take->probabilities.size());
          for (const float probability : take->probabilities) {
            QVERIFY(probability > 0 && probability <= 1);
          }
          if (r.startOnBeat || !seeded) QCOMPARE(take->notes.front().start.count, from);
          std::map<int, Tick> until;
          if (seeded) until[60] = {17 * 960};
          for (const Note& n : take->notes) {
            QVERIFY(n.start.count >= from && n.length.count >= 1);
            QVERIFY(n.end() <= take->region.range.to);
            QVERIFY(n.pitch >= 21 && n.pitch <= 108);
            QVERIFY(until[n.pitch] <= n.start);
            until[n.pitch] = n.end();
            const bool over = n.pitch == 72 && n.start.count < 17 * 960 && n.end().count > 16 * 960;
            QVERIFY(!seeded || !over);
          }
          Recorder again;
          QVERIFY(engine->compose(r, again, {})->notes == take->notes);
          QVERIFY(engine->compose(r, again, {})->probabilities == take->probabilities);
          r.take = 1;
          const bool drawn = p.classes == kRollClasses;
          QCOMPARE(engine->compose(r, again, {})->notes != take->notes, drawn);
        }
      }
    }
  }

  void aNetworkThatHoldsEverythingLetsGo_data() { variantRows(); }
  void aNetworkThatHoldsEverythingLetsGo() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const fs::path file = root_ / "holds.safetensors";
    writeBiased(file, p, {0, 0, 30});
    ComposeRequest r = requestFor(toyPiece(1, 14), file, 14 * 960);
    r.bars = 12;
    Recorder sink;
    const auto take = makeEngine()->compose(r, sink, {});
    QVERIFY(take && !take->notes.empty());
    const TickDelta column{p.unitsPerColumn == 0 ? 96 : 240};
    for (const Note& n : take->notes) QVERIFY(n.length <= TickDelta{2 * 3840} + column);
    if (p.classes != 1) return;
    // Nothing begins again without being let go of, but for what ends a silence.
    std::map<int, std::int64_t> until;
    for (const Note& n : take->notes) {
      QVERIFY(until[n.pitch] == 0 || n.start.count - until[n.pitch] >= 3840 - column.count);
      until[n.pitch] = n.end().count;
    }
  }

  void aNetworkThatIsSilentGoesOn_data() { variantRows(); }
  void aNetworkThatIsSilentGoesOn() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const fs::path file = root_ / "silent.safetensors";
    writeBiased(file, p, p.classes == 1 ? std::array{0.F, 0.F, -30.F} : std::array{30.F, 0.F, 0.F});
    ComposeRequest r = requestFor(toyPiece(1, 14), file, 14 * 960);
    r.bars = 12;
    Recorder sink;
    const auto take = makeEngine()->compose(r, sink, {});
    QVERIFY(take);
    std::int64_t sounded = 14 * 960;
    for (const Note& n : take->notes) {
      QVERIFY2(n.start.count - sounded <= 3840 + 480, qPrintable(QString::number(n.start.count)));
      sounded = std::max(sounded, n.end().count);
    }
    QVERIFY(take->region.range.to.count - sounded <= 3840 + 480);
  }

  void columnsOfSecondsFollowTheTempo() {
    const RollPreset p = presetOf(variants()[2]);
    const fs::path file = root_ / "tempo.safetensors";
    writeRandomRoll(file, p);
    Document d = toyPiece(1, 14);
    d.tempo = TempoMap(d.ppq, {{{0}, 500'000}, {{16 * 960}, 1'234'567}});
    ComposeRequest r = requestFor(d, file, 14 * 960);
    r.settings["threshold"] = "0.5";
    Recorder sink;
    const auto take = makeEngine()->compose(r, sink, {});
    QVERIFY(take && take->notes.size() > 4);
    for (const Note& n : take->notes) {
      QCOMPARE(tickOfColumn(columnOf(n.start, d.tempo), d.tempo).count, n.start.count);
    }
  }

  void theThresholdDecidesWhatSounds() {
    const RollPreset p = presetOf(variants()[0]);
    const fs::path file = root_ / "threshold.safetensors";
    writeRandomRoll(file, p);
    std::size_t notes[2] = {};
    for (const auto& [threshold, into] : {std::pair("0.3", &notes[0]), {"0.95", &notes[1]}}) {
      ComposeRequest r = requestFor(toyPiece(1, 14), file, 14 * 960);
      r.settings["threshold"] = threshold;
      Recorder sink;
      *into = makeEngine()->compose(r, sink, {})->notes.size();
    }
    QVERIFY(notes[0] > notes[1] && notes[1] > 0);
  }

  void cancelKeepsWhatThereIs_data() { variantRows(); }
  void cancelKeepsWhatThereIs() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const fs::path file = root_ / "cancel.safetensors";
    writeRandomRoll(file, p);
    ComposeRequest r = requestFor(seedDocument(), file, 14 * 960);
    r.bars = 200;
    std::stop_source stop;
    Recorder sink;
    sink.stop = &stop;
    const auto take = makeEngine()->compose(r, sink, stop.get_token());
    QVERIFY(take && take->cancelled);
    QCOMPARE(take->notes.size(), sink.notes.size());
    QVERIFY(take->region.range.to.count < 14 * 960 + 20 * 3840);
  }

  void damagedCheckpointsSayWhy_data() { variantRows(); }
  void damagedCheckpointsSayWhy() {
    QFETCH(int, index);
    const RollPreset p = presetOf(variants()[static_cast<std::size_t>(index)]);
    const fs::path file = root_ / "damaged.safetensors";
    writeRandomRoll(file, p);
    const TensorFile whole = *readTensors(file);
    const auto error = [&](const TensorFile& content) {
      if (!writeTensors(file, content)) return std::string("not written");
      Recorder sink;
      const auto take = makeEngine()->compose(requestFor(toyPiece(1, 14), file, 0), sink, {});
      return take ? std::string() : take.error().message;
    };
    QCOMPARE(error(whole), std::string());
    for (std::size_t i = 0; i < whole.tensors.size(); ++i) {
      TensorFile content = whole;
      content.tensors.erase(content.tensors.begin() + static_cast<std::ptrdiff_t>(i));
      QVERIFY(error(content).find(whole.tensors[i].name) != std::string::npos);
      content = whole;
      content.tensors[i].values.back() = std::nanf("");
      QVERIFY(error(content).find("no number") != std::string::npos);
    }
    for (
        const char* config :
        {"", "[]", "{}", R"({"units_per_column":-1,"classes":3})",
         R"({"units_per_column":6,"classes":2,"bidirectional":0,"hidden":24,"encoder":0,"head":1,"out":1})",
         R"({"units_per_column":6,"classes":3,"bidirectional":0,"hidden":1e9,"encoder":96,"head":16,"out":64})",
         R"({"units_per_column":6,"classes":3,"bidirectional":0,"hidden":0,"encoder":96,"head":16,"out":0})"}) {
      TensorFile content = whole;
      content.metadata["config"] = config;
      const std::string message = error(content);
      QVERIFY2(!message.empty() && message.find('\n') == std::string::npos, config);
    }
  }

  void wrongDataSaysWhy() {
    QuietTrainSink sink;
    const auto message = [&](const TrainRequest& r) {
      return trainModel(r, sink, {}).error().message;
    };
    TrainRequest r = request(variants()[0], "wrong");
    fs::create_directories(root_ / "empty");
    r.data = root_ / "empty";
    QVERIFY(message(r).find("MIDI file") != std::string::npos);
    // 20 notes of half a second at most: some 200 columns, fewer than 100 + 100.
    fs::create_directories(root_ / "short");
    QVERIFY(writeMidiFile(toyPiece(1, 18), root_ / "short" / "a.mid"));
    r = request(variants()[5], "wrong");
    r.data = root_ / "short";
    QVERIFY2(message(r).find("200 columns") != std::string::npos, message(r).c_str());
    r = request(variants()[0], "wrong");
    r.preset = "best";
    QVERIFY(message(r).find("improved") != std::string::npos);
    r = request(variants()[0], "wrong");
    r.settings["loss"] = "hinge";
    QVERIFY(message(r).find("noise-suppressing") != std::string::npos);
    EvaluateRequest e;
    r = request(variants()[0], "short");
    QVERIFY(trainModel(r, sink, {}));
    e.checkpoint = r.out;
    e.data = root_ / "short";
    e.split = "test";
    const auto figures = makeEngine()->evaluate(e, sink, {});
    QVERIFY(!figures && figures.error().message.find("test split") != std::string::npos);
  }
};

QTEST_APPLESS_MAIN(TestRolls)
#include "test_rolls.moc"
