// The token families: words, sizes as published, decoding word by word, training, exact resume,
// composing.
#include "models/token_network.h"  // before Qt, whose macros it does not know

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "models/engine.h"
#include "models/optimiser.h"
#include "models/token_decoder.h"
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

void familyRows() {
  QTest::addColumn<QString>("family");
  QTest::addColumn<QString>("preset");
  for (const char* family : {kTokenLstm, kWavenet}) {
    for (const char* preset : {"published", "improved"}) {
      QTest::addRow("%s, %s", family, preset) << family << preset;
    }
  }
}

// Scales with a chord on every fourth note.
Document chordPiece(std::uint64_t seed, int notes) {
  Document d = toyPiece(seed, notes);
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> list = track->notes.notesStartingIn({Tick{0}, Tick{1 << 30}});
  const std::size_t scale = list.size();
  for (std::size_t i = 0; i < scale; i += 4) {
    for (const int by : {-12, -8}) {
      Note n = list[i];
      n.pitch = static_cast<std::uint8_t>(n.pitch + by);
      n.id = d.nextNoteId++;
      list.push_back(n);
    }
  }
  track->notes = NoteList(std::move(list));
  d.tracks.front() = std::move(track);
  return d;
}

// A locked C5 stands in the range, a held C4 sounds into it.
Document seedDocument() {
  Document d = chordPiece(1, 14);
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

// Every note of the piano and the chords of the toy pieces.
ChordVocabulary toyVocabulary(const TokenPreset& p) {
  WordCounts counts;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const Document d = chordPiece(i, 40);
    const auto sequences = sequencesOf(d, 1);
    for (const std::string& w : chordWords(sequences.front().notes, p.spelling())) counts[w] += 9;
  }
  if (!p.published()) return *TokenWords::vocabularyOf(counts, 400);
  ChordVocabularyOptions options;
  options.leastCount = 1;
  options.length = p.length;
  return *ChordVocabulary::build(counts, options);
}

TokenPreset smallPreset(const QString& family, const QString& name) {
  TokenPreset p = *tokenPresetNamed(family.toStdString(), name.toStdString());
  p.hidden = 12;
  if (p.embedding > 0) p.embedding = 10;
  if (p.head > 0) p.head = 8;
  if (!p.published() && !p.lstm()) p.layers = 5;
  p.words = toyVocabulary(p).size();
  return p;
}

void writeRandomTokens(const fs::path& file, const TokenPreset& p) {
  writeRandomTensors(file, tokenTensors(p),
                     {{"family", p.family},
                      {"preset", p.name},
                      {"config", tokenConfig(p)},
                      {"vocabulary", toyVocabulary(p).json()}});
}

TokenCorpus toyTokens(const TokenPreset& p) {
  Corpus corpus;
  for (std::uint64_t i = 0; i < 3; ++i) {
    corpus.pieces.emplace_back();
    auto sequences = sequencesOf(chordPiece(i, 150), 1);
    sequences.front().piece = static_cast<std::uint32_t>(i);
    corpus.sequences.push_back(std::move(sequences.front()));
  }
  return tokensOf(std::move(corpus), std::make_shared<const TokenWords>(toyVocabulary(p)), true);
}

double furthest(std::span<const float> own, const at::Tensor& row) {
  const at::Tensor r = row.contiguous();
  double worst = 0;
  for (std::size_t i = 0; i < own.size(); ++i) {
    worst = std::max(worst, std::abs(double{own[i]} - double{r.data_ptr<float>()[i]}));
  }
  return worst;
}

}  // namespace

class TestTokens : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;

  TrainRequest request(const QString& family, const QString& preset, const char* name) const {
    TrainRequest r;
    r.family = family.toStdString();
    r.preset = preset.toStdString();
    r.data = root_ / "corpus";
    r.epochs = 2;
    r.seed = 4;
    r.out = root_ / (r.family + r.preset + name + ".safetensors");
    if (preset == "improved") {
      r.examples = 24;
      r.settings = {{"hidden", "24"}, {"words", "200"}, {"window", "48"}, {"batch", "8"}};
      if (family == kWavenet) r.settings["layers"] = "5";
    } else {
      r.examples = 256;
      r.settings = {{"length", "16"}, {"batch", "64"}, {"least-count", "5"}};
    }
    return r;
  }

  ComposeRequest composeRequest(const Document& d, const fs::path& file) const {
    ComposeRequest r;
    r.document = std::make_shared<const Document>(d);
    r.track = d.tracks.front()->id;
    r.from = {14 * 960};
    r.bars = 2;
    r.checkpoint = file;
    return r;
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    fs::create_directories(root_ / "corpus");
    for (int i = 0; i < 40; ++i) {
      const auto written = writeMidiFile(chordPiece(static_cast<std::uint64_t>(i), 130 + i),
                                         root_ / "corpus" / ("toy" + std::to_string(i) + ".mid"));
      QVERIFY(written);
    }
  }

  void aRareChordIsItsLargestKnownPart() {
    WordCounts counts{{"C4.E4.G4", 50}, {"C4.E4", 80}, {"E4", 3}};
    const TokenWords words(*TokenWords::vocabularyOf(counts, 1000));
    const auto spelt = [&](std::vector<int> pitches) {
      return words.vocabulary().word(words.wordOf(pitches));
    };
    QCOMPARE(spelt({60, 64, 67}), std::string("C4.E4.G4"));
    QCOMPARE(spelt({67, 60, 64}), std::string("C4.E4.G4"));
    QCOMPARE(spelt({60, 64, 67, 70}), std::string("C4.E4.G4"));
    // Of parts of equal size the one with the highest note.
    QCOMPARE(spelt({62, 66, 70}), std::string("F#4.A#4"));
    QCOMPARE(spelt({61, 62}), std::string("D4"));
    // Beyond the piano, and a cluster of more notes than are looked at.
    QCOMPARE(spelt({10}), std::string("A#0"));
    QVERIFY(words.wordOf(std::vector<int>{40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52}) >=
            ChordVocabulary::kFirstWord);
    const int c = words.wordOf(std::vector<int>{60, 64, 67});
    QCOMPARE(words.vocabulary().word(words.transposed(c, 5)), std::string("F4.A4.C5"));
    QCOMPARE(words.transposed(c, 0), c);
    QCOMPARE(words.transposed(ChordVocabulary::kBegin, 5), int{ChordVocabulary::kBegin});
    for (int id = ChordVocabulary::kFirstWord; id < words.size(); ++id) {
      for (int by = -kTransposeDown; by <= kTransposeUp; ++by) {
        QVERIFY(words.transposed(id, by) >= ChordVocabulary::kFirstWord);
      }
    }
  }

  void theVocabularyIsNoLargerThanAsked() {
    WordCounts counts;
    Rng rng(3);
    for (int i = 0; i < 500; ++i) {
      const int low = 30 + static_cast<int>(rng.below(40));
      const std::vector<int> pitches{low, low + 1 + static_cast<int>(rng.below(20))};
      counts[chordWord(pitches, ChordSpelling::kPitches)] += 4 + rng.below(100);
    }
    const auto v = *TokenWords::vocabularyOf(counts, 300);
    QVERIFY(v.size() <= 300 + ChordVocabulary::kFirstWord);
    QVERIFY(v.size() > 200);
    for (int p = kLowestKey; p <= kHighestKey; ++p) {
      QVERIFY(v.id(chordWord(std::span(&p, 1), ChordSpelling::kPitches)) !=
              ChordVocabulary::kUnknown);
    }
  }

  void publishedSizesAreThePapers_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<int>("parameters");
    // LSTM: 4 * 128 * (1 + 128 + 1), 4 * 128 * (128 + 128 + 1), 256 * 129, 300 * 257.
    QTest::newRow("token-lstm") << kTokenLstm << 66'560 + 131'584 + 33'024 + 77'100;
    // Embedding 300 * 100, convolutions 64 * 301, 128 * 193, 256 * 385, 256 * 257, 300 * 257.
    QTest::newRow("wavenet") << kWavenet << 30'000 + 19'264 + 24'704 + 98'560 + 65'792 + 77'100;
  }
  void publishedSizesAreThePapers() {
    QFETCH(QString, family);
    QFETCH(int, parameters);
    TokenPreset p = *tokenPresetNamed(family.toStdString(), "published");
    QCOMPARE(p.batch, 128);
    QCOMPARE(p.epochs, 50);
    QCOMPARE(p.leastCount, 50);
    p.words = 300 + ChordVocabulary::kFirstWord;
    QCOMPARE(makeTokenNetwork(p, 1, at::kCPU)->parameterCount(), std::int64_t{parameters});
  }

  void improvedModelsAreSmall() {
    for (const char* family : {kTokenLstm, kWavenet}) {
      TokenPreset p = *tokenPresetNamed(family, "improved");
      p.words = p.mostWords;
      QVERIFY(makeTokenNetwork(p, 1, at::kCPU)->parameterCount() < 1'000'000);
    }
  }

  void networkAndCheckpointAgree_data() { familyRows(); }
  void networkAndCheckpointAgree() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const TokenPreset p = smallPreset(family, preset);
    const auto network = makeTokenNetwork(p, 1, at::kCPU);
    const auto shapes = tokenTensors(p);
    QCOMPARE(shapes.size(), network->parameters().size());
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      QCOMPARE(network->parameters()[i].first, shapes[i].first);
      QVERIFY(network->parameters()[i].second.sizes().vec() == shapes[i].second);
    }
  }

  // By gradient: the inputs that the last output depends on.
  void theReceptiveFieldIsAsComputed_data() {
    QTest::addColumn<int>("layers");
    QTest::addColumn<int>("growth");
    QTest::addColumn<int>("field");
    QTest::newRow("dilations 1, 2, 4, 8") << 4 << 2 << 16;
    QTest::newRow("four plain layers") << 4 << 1 << 5;
    QTest::newRow("dilations 1 to 64") << 7 << 2 << 128;
  }
  void theReceptiveFieldIsAsComputed() {
    QFETCH(int, layers);
    QFETCH(int, growth);
    QFETCH(int, field);
    QCOMPARE(receptiveField(2, layers, growth), std::int64_t{field});
    constexpr std::int64_t kWidth = 3;
    const at::Tensor input = at::ones({200, 1, kWidth}).requires_grad_(true);
    at::Tensor x = input;
    std::int64_t dilation = 1;
    for (int i = 0; i < layers; ++i) {
      x = causalConvolution(x, at::full({kWidth, 2 * kWidth}, 0.3), at::zeros({kWidth}), dilation);
      dilation *= growth;
    }
    x[150].sum().backward();
    const at::Tensor touched = input.grad().abs().sum({1, 2});
    for (std::int64_t t = 0; t < 200; ++t) {
      QCOMPARE(touched[t].item<float>() > 0, t > 150 - field && t <= 150);
    }
  }

  void theWholeBlockSeesItsReceptiveField() {
    TokenPreset p = smallPreset(kWavenet, "improved");
    QCOMPARE(receptiveField(*tokenPresetNamed(kWavenet, "improved")), std::int64_t{1024});
    QCOMPARE(receptiveField(p), std::int64_t{32});
    ImprovedTokens network(p, 3, at::kCPU);
    const at::Tensor input = at::randn({80, 1, p.hidden}).requires_grad_(true);
    network.core(input, 0, 0)[70].sum().backward();
    const at::Tensor touched = input.grad().abs().sum({1, 2});
    for (std::int64_t t = 0; t < 80; ++t) {
      QCOMPARE(touched[t].item<float>() > 0, t > 70 - 32 && t <= 70);
    }
  }

  void featuresStayInTheTables() {
    const TokenPreset p = smallPreset(kTokenLstm, "improved");
    const TokenWords words(toyVocabulary(p));
    Rng rng(5);
    TokenHistory history(words);
    std::int32_t onset = 40;
    for (int i = 0; i < 700; ++i) {
      const TokenMoment m = history.before(i < 300 ? 0 : 300, {0, 96, 3}, i % 12 - 5);
      for (const std::int64_t row : m.rows) {
        QVERIFY(row >= 0 && row < words.size() + TokenRows::kRows);
      }
      for (const TokenProposal& proposal : m.proposals) {
        QVERIFY(proposal.word >= 0 && proposal.word < words.size());
      }
      const TokenPlace place{static_cast<int>(rng.below(kStepBins)),
                             static_cast<int>(rng.below(400))};
      for (const std::int64_t row : wordGiven(m, place)) {
        QVERIFY(row >= 0 && row < TokenGivenRows::kWordRows);
      }
      EncodedNote n;
      n.onset = onset;
      n.duration = static_cast<std::uint16_t>(1 + rng.below(60'000));
      n.barLength = static_cast<std::uint16_t>(1 + rng.below(400));
      n.barPosition = static_cast<std::uint16_t>(rng.below(n.barLength));
      const int word = ChordVocabulary::kFirstWord +
                       static_cast<int>(rng.below(static_cast<std::uint32_t>(
                           i % 2 == 0 ? 3 : words.size() - ChordVocabulary::kFirstWord)));
      for (const std::int64_t row : lengthGiven(place, words.pitches(word))) {
        QVERIFY(row >= 0 && row < TokenGivenRows::kRows);
      }
      history.push(n, word);
      onset += 1 + static_cast<std::int32_t>(rng.below(i % 50 == 0 ? 4000 : 30));
    }
  }

  void whatRepeatsIsProposed() {
    const TokenPreset p = smallPreset(kTokenLstm, "improved");
    const TokenWords words(toyVocabulary(p));
    TokenHistory history(words);
    // A bar of C D E G on quarters, then its beginning again.
    const std::vector<int> bar{60, 62, 64, 67, 60, 62};
    for (std::size_t i = 0; i < bar.size(); ++i) {
      EncodedNote n;
      n.onset = static_cast<std::int32_t>(24 * i);
      n.barPosition = static_cast<std::uint16_t>(24 * i % 96);
      history.push(n, words.wordOf(std::span(&bar[i], 1)));
    }
    const TokenMoment m = history.before(0, {}, 1);
    const int f = 65;  // E, a semitone up
    const int expected = words.wordOf(std::span(&f, 1));
    QCOMPARE(m.proposals[0].word, expected);
    QCOMPARE(m.proposals[1].word, expected);
    QCOMPARE(m.proposals[1].step, stepBin(24));
    QCOMPARE(m.proposals[2].word, int{ChordVocabulary::kUnknown});
  }

  void decodingIsTheNetworkWordByWord_data() { familyRows(); }
  void decodingIsTheNetworkWordByWord() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const TokenPreset p = smallPreset(family, preset);
    const fs::path file = root_ / "decode.safetensors";
    writeRandomTokens(file, p);
    const TensorFile content = *readTensors(file);
    const auto weights = tokenWeights(content, *tokenCheckpoint(content));
    const auto network = makeTokenNetwork(p, 1, at::kCPU);
    QVERIFY(loadParameters(content, *network));
    if (p.published()) {
      comparePublished(p, weights, static_cast<PublishedTokens&>(*network));
    } else {
      compareImproved(p, weights, static_cast<ImprovedTokens&>(*network));
    }
  }

  // Also over windows so long that columns are kept.
  void aPooledNetworkIsExactOverTheWindow() {
    for (const int length : {8, 64, 96}) {
      TokenPreset p = smallPreset(kWavenet, "published");
      p.length = length;
      const fs::path file = root_ / "pooled.safetensors";
      writeRandomTokens(file, p);
      const TensorFile content = *readTensors(file);
      const auto weights = tokenWeights(content, *tokenCheckpoint(content));
      const auto network = makeTokenNetwork(p, 1, at::kCPU);
      QVERIFY(loadParameters(content, *network));
      comparePublished(p, weights, static_cast<PublishedTokens&>(*network));
    }
  }

  void comparePublished(const TokenPreset& p, const std::shared_ptr<const TokenWeights>& weights,
                        PublishedTokens& network) {
    const at::NoGradGuard noGrad;
    PublishedTokenDecoder decoder(weights);
    Rng rng(8);
    std::vector<std::int64_t> words;
    const auto length = static_cast<std::size_t>(p.length);
    for (std::size_t i = 0; i < 2 * length + 7; ++i) {
      words.push_back(ChordVocabulary::kFirstWord +
                      rng.below(static_cast<std::uint32_t>(p.words - ChordVocabulary::kFirstWord)));
      decoder.push(static_cast<int>(words.back()));
      // The LSTM is compared over its whole past, which is the window at one length only.
      if (p.lstm() ? i + 1 != length : i + 1 < length || i % 5 == 3) continue;
      std::vector<std::int64_t> window(words.end() - p.length, words.end());
      const at::Tensor logits = network.logits(window, 1, std::nullopt);
      QVERIFY(furthest(decoder.logits(), logits[0]) < 1e-4);
    }
  }

  void compareImproved(const TokenPreset& p, const std::shared_ptr<const TokenWeights>& weights,
                       ImprovedTokens& network) {
    const TokenCorpus data = toyTokens(p);
    const CorpusSequence& s = data.corpus.sequences[1];
    const NoteWindow window{&s, 10, static_cast<std::uint32_t>(s.notes.size() - 10)};
    const auto all = network.logits(data, std::span(&window, 1));
    ImprovedTokenDecoder decoder(weights);
    TokenHistory history(weights->words);
    const auto words = data.wordsOf(s);
    for (std::size_t i = 0; i < 10; ++i) history.push(s.notes[i], words[i]);
    const EncodedNote& head = s.notes[10];
    const BarStart start{head.onset - head.barPosition, head.barLength, head.meter};
    for (std::size_t i = 10; i <= s.notes.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i) - 10;
      decoder.advance(history.before(10, start, 0));
      QVERIFY(furthest(decoder.stepLogits(), all.step[row]) < 1e-4);
      if (i == s.notes.size()) break;
      const std::int32_t before = i > 10 ? s.notes[i - 1].onset : start.onset;
      const TokenPlace place{stepBin(s.notes[i].onset - before), s.notes[i].barPosition};
      QVERIFY(furthest(decoder.wordLogits(place), all.word[row]) < 1e-4);
      QVERIFY(furthest(decoder.lengthLogits(place, words[i]), all.length[row]) < 1e-4);
      history.push(s.notes[i], words[i]);
    }
  }

  void trainingLearnsAndEvaluates_data() { familyRows(); }
  void trainingLearnsAndEvaluates() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    TrainRequest r = request(family, preset, "learn");
    r.epochs = preset == "improved" ? 12 : 40;
    r.examples *= 2;
    r.settings["rate"] = "0.01";
    QuietTrainSink sink;
    const auto result = trainModel(r, sink, {});
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    const auto losses = sink.validation();
    QVERIFY2(losses.back() < 0.8 * losses.front(),
             qPrintable(QString("%1 -> %2").arg(losses.front()).arg(losses.back())));
    QVERIFY(sink.points.back().trainAccuracy.has_value());
    EvaluateRequest e;
    e.checkpoint = r.out;
    e.data = r.data;
    e.split = "train";
    e.examples = 200;
    const auto figures = makeEngine()->evaluate(e, sink, {});
    QVERIFY2(figures, figures ? "" : figures.error().message.c_str());
    QVERIFY(figures->figures[0].second >= 200);
    const double words = figures->figures[3].second;
    // Better than guessing, and no better than can be.
    QVERIFY(figures->figures[1].second > 0 && figures->figures[1].second < std::log(words));
    QVERIFY(figures->figures[2].second > 1.5 / words && figures->figures[2].second <= 1);
  }

  void aResumedRunIsTheUninterruptedOne_data() { familyRows(); }
  void aResumedRunIsTheUninterruptedOne() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    QuietTrainSink whole;
    const TrainRequest uninterrupted = request(family, preset, "whole");
    const auto done = trainModel(uninterrupted, whole, {});
    QVERIFY2(done, done ? "" : done.error().message.c_str());
    TrainRequest r = request(family, preset, "parts");
    std::stop_source source;
    TrainHooks hooks;
    hooks.loss = [&](std::int64_t step, double loss) {
      if (step == 1) source.request_stop();
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
  }

  void fineTuningKeepsTheVocabulary_data() { familyRows(); }
  void fineTuningKeepsTheVocabulary() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    QuietTrainSink sink;
    const TrainRequest first = request(family, preset, "first");
    QVERIFY(trainModel(first, sink, {}));
    // Other pieces, with other words.
    fs::create_directories(root_ / "other");
    for (std::uint64_t i = 0; i < 6; ++i) {
      QVERIFY(writeMidiFile(chordPiece(100 + 3 * i, 90),
                            root_ / "other" / ("p" + std::to_string(i) + ".mid")));
    }
    TrainRequest r = request(family, preset, "tuned");
    r.data = root_ / "other";
    r.startFrom = first.out;
    r.epochs = 1;
    const auto tuned = trainModel(r, sink, {});
    QVERIFY2(tuned, tuned ? "" : tuned.error().message.c_str());
    QCOMPARE(metadataOf(*readTensors(r.out), "vocabulary"),
             metadataOf(*readTensors(first.out), "vocabulary"));

    // Resuming it needs no word of where it came from, and numbers still mean the same words.
    r.startFrom.reset();
    r.resume = r.out;
    r.epochs = 2;
    const auto resumed = trainModel(r, sink, {});
    QVERIFY2(resumed, resumed ? "" : resumed.error().message.c_str());
    QCOMPARE(resumed->epochs, 2);
    QCOMPARE(metadataOf(*readTensors(lastPath(r.out)), "vocabulary"),
             metadataOf(*readTensors(first.out), "vocabulary"));
  }

  void takesKeepTheRules_data() { familyRows(); }
  void takesKeepTheRules() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const fs::path file = root_ / "random.safetensors";
    writeRandomTokens(file, smallPreset(family, preset));
    const auto engine = makeEngine();
    for (const bool seeded : {true, false}) {
      for (const std::int64_t from : {std::int64_t{14 * 960}, std::int64_t{14 * 960 + 100}}) {
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
          const Document d = seeded ? seedDocument() : newDocument();
          ComposeRequest r = composeRequest(d, file);
          r.from = {from};
          r.seed = seed;
          r.startOnBeat = seed % 2 == 0;
          r.settings["choose"] = "sampled";
          r.settings["end"] = seed % 3 == 0 ? "on" : "off";
          Recorder sink;
          const auto take = engine->compose(r, sink, {});
          QVERIFY2(take, take ? "" : take.error().message.c_str());
          QVERIFY(!take->notes.empty());
          QCOMPARE(take->notes.size(), take->probabilities.size());
          for (const float p : take->probabilities) QVERIFY(p > 0 && p <= 1);
          if (r.startOnBeat || !seeded || preset == "published") {
            QCOMPARE(take->notes.front().start.count, from);
          }
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
          r.take = 1;
          QVERIFY(engine->compose(r, again, {})->notes != take->notes);
        }
      }
    }
  }

  void publishedWordsStandAStepApart() {
    const fs::path file = root_ / "step.safetensors";
    writeRandomTokens(file, smallPreset(kTokenLstm, "published"));
    for (const auto& [step, ticks] : {std::pair{"8", 480}, {"4", 960}, {"16", 240}}) {
      ComposeRequest r = composeRequest(chordPiece(2, 14), file);
      r.settings["step"] = step;
      Recorder sink;
      const auto take = makeEngine()->compose(r, sink, {});
      QVERIFY(take);
      for (const Note& n : take->notes) {
        QCOMPARE((n.start.count - r.from.count) % ticks, std::int64_t{0});
        QVERIFY(n.length.count <= ticks);
      }
    }
  }

  // The guide takes the most probable word; so does its preset where nothing else is asked for.
  void onlyThePublishedWavenetTakesTheMostProbable_data() { familyRows(); }
  void onlyThePublishedWavenetTakesTheMostProbable() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const fs::path file = root_ / "choose.safetensors";
    writeRandomTokens(file, smallPreset(family, preset));
    const auto same = [&](const char* choose) {
      ComposeRequest r = composeRequest(chordPiece(2, 14), file);
      r.settings["choose"] = choose;
      Recorder sink;
      const auto a = makeEngine()->compose(r, sink, {});
      r.seed = 2;
      return a->notes == makeEngine()->compose(r, sink, {})->notes;
    };
    QVERIFY(!same("sampled"));
    QVERIFY(same("probable"));
    QCOMPARE(same("trained"), family == kWavenet && preset == "published");
  }

  void cancelKeepsWhatThereIs_data() { familyRows(); }
  void cancelKeepsWhatThereIs() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const fs::path file = root_ / "cancel.safetensors";
    writeRandomTokens(file, smallPreset(family, preset));
    ComposeRequest r = composeRequest(seedDocument(), file);
    r.bars = 200;
    std::stop_source stop;
    Recorder sink;
    sink.stop = &stop;
    const auto take = makeEngine()->compose(r, sink, stop.get_token());
    QVERIFY(take && take->cancelled);
    QCOMPARE(take->notes.size(), sink.notes.size());
    QVERIFY(take->region.range.to.count < 14 * 960 + 20 * 3840);
  }

  void aDamagedCheckpointSaysWhat_data() { familyRows(); }
  void aDamagedCheckpointSaysWhat() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    const TokenPreset p = smallPreset(family, preset);
    const fs::path file = root_ / "damaged.safetensors";
    writeRandomTokens(file, p);
    const TensorFile good = *readTensors(file);
    const auto damaged = [&](const std::function<void(TensorFile&)>& harm) {
      TensorFile f = good;
      harm(f);
      const auto loaded = tokenCheckpoint(f);
      return loaded ? std::string("loaded") : loaded.error().message;
    };
    QCOMPARE(damaged([](TensorFile&) {}), std::string("loaded"));
    for (std::size_t i = 0; i < good.tensors.size(); ++i) {
      const std::string name = good.tensors[i].name;
      const std::string missing = damaged(
          [i](TensorFile& f) { f.tensors.erase(f.tensors.begin() + static_cast<long>(i)); });
      QVERIFY2(missing.find(name) != std::string::npos, missing.c_str());
      const std::string shape = damaged([i](TensorFile& f) { f.tensors[i].shape.front() += 1; });
      QVERIFY2(shape.find(name) != std::string::npos, shape.c_str());
      const std::string nan = damaged([i](TensorFile& f) { f.tensors[i].values.back() = NAN; });
      QVERIFY2(nan.find(name) != std::string::npos, nan.c_str());
    }
    for (const char* key : {"hidden", "layers", "words", "length"}) {
      for (const char* value : {"-1", "99999999", "\"x\"", "null"}) {
        auto config = withValue(tokenConfig(p), key, value);
        const std::string said = damaged([&](TensorFile& f) { f.metadata["config"] = config; });
        QVERIFY2(said.find(key) != std::string::npos, said.c_str());
      }
    }
    QVERIFY(damaged([](TensorFile& f) { f.metadata["config"] = "{"; }) != "loaded");
    QVERIFY(damaged([](TensorFile& f) { f.metadata["vocabulary"] = "[1]"; }) != "loaded");
    QVERIFY(damaged([](TensorFile& f) { f.metadata.erase("vocabulary"); }) != "loaded");
    QVERIFY(damaged([](TensorFile& f) { f.metadata["preset"] = "best"; }) != "loaded");
    // A vocabulary of another size or spelling.
    const TokenPreset other = smallPreset(family, preset == "published" ? "improved" : "published");
    QVERIFY(damaged([&](TensorFile& f) {
              f.metadata["vocabulary"] = toyVocabulary(other).json();
            }) != "loaded");
    // Cut.
    const auto size = fs::file_size(file);
    for (const auto keep : {size / 2, size - 1, std::uintmax_t{20}, std::uintmax_t{0}}) {
      fs::resize_file(file, keep);
      Recorder sink;
      const auto take = makeEngine()->compose(composeRequest(seedDocument(), file), sink, {});
      QVERIFY(!take && take.error().message.find("damaged.safetensors") != std::string::npos);
      writeRandomTokens(file, p);
    }
  }

  void wrongDataSaysWhy() {
    QuietTrainSink sink;
    const auto said = [&](const TrainRequest& r) {
      const auto result = trainModel(r, sink, {});
      return result ? std::string("trained") : result.error().message;
    };
    fs::create_directories(root_ / "empty");
    for (const char* family : {kTokenLstm, kWavenet}) {
      TrainRequest r = request(family, "published", "wrong");
      r.data = root_ / "empty";
      QVERIFY(said(r).find("empty") != std::string::npos);
      r = request(family, "published", "wrong");
      r.settings["least-count"] = "99999";
      QVERIFY(said(r).find("lower the least count") != std::string::npos);
      // Pieces shorter than the window.
      r = request(family, "published", "wrong");
      r.settings["length"] = "496";
      QVERIFY(said(r).find("497") != std::string::npos);
      r.preset = "best";
      QVERIFY(said(r).find("improved") != std::string::npos);
    }
    TrainRequest r = request(kWavenet, "published", "wrong");
    r.settings["length"] = "100";
    QVERIFY(said(r).find("multiple of 8") != std::string::npos);
  }

 private:
  static std::string withValue(std::string json, const std::string& key, const std::string& value) {
    const std::size_t at = json.find('"' + key + "\":") + key.size() + 3;
    return json.replace(at, json.find_first_of(",}", at) - at, value);
  }
};

QTEST_APPLESS_MAIN(TestTokens)
#include "test_tokens.moc"
