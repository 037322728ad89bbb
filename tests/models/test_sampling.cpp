// Drawing from logits, and drawing windows from a corpus.
#include <QtTest>
#include <cmath>

#include "models/note_windows.h"
#include "models/sampler.h"

using namespace incipit;

namespace {

const auto kAny = [](int) { return true; };

// How often each value comes in `draws`.
std::vector<double> shares(const std::vector<float>& logits, double temperature, double topP,
                           const std::function<bool(int)>& allowed = kAny) {
  constexpr int kDraws = 40000;
  Rng rng(3);
  Sampler sampler;
  std::vector<double> out(logits.size());
  for (int i = 0; i < kDraws; ++i) {
    std::vector<float> copy = logits;
    out[static_cast<std::size_t>(sampler.draw(copy, temperature, topP, allowed, rng))] +=
        1.0 / kDraws;
  }
  return out;
}

const std::vector<float> kLogits{std::log(0.5F), std::log(0.3F), std::log(0.15F), std::log(0.05F)};

Corpus corpusOf(int pieces) {
  Corpus c;
  for (int i = 0; i < pieces; ++i) {
    CorpusPiece p;
    p.set = i % 10 == 0 ? "small" : "large";
    c.pieces.push_back(p);
    CorpusSequence s;
    s.piece = static_cast<std::uint32_t>(i);
    s.notes.resize(100);
    c.sequences.push_back(s);
  }
  return c;
}

}  // namespace

class TestSampling : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void probabilitiesAreFollowed() {
    const auto s = shares(kLogits, 1, 1);
    const double expected[4] = {0.5, 0.3, 0.15, 0.05};
    for (std::size_t i = 0; i < 4; ++i) QVERIFY(std::abs(s[i] - expected[i]) < 0.01);
  }

  void temperatureSharpensAndFlattens() {
    QVERIFY(shares(kLogits, 0.5, 1)[0] > 0.65);
    QVERIFY(shares(kLogits, 4, 1)[3] > 0.15);
    QVERIFY(shares(kLogits, 0.05, 1)[0] > 0.999);
  }

  void topPKeepsTheFewestThatReachIt() {
    const auto s = shares(kLogits, 1, 0.75);
    QVERIFY(std::abs(s[0] - 0.5 / 0.8) < 0.01);
    QCOMPARE(s[2], 0.0);
    QCOMPARE(s[3], 0.0);
    QVERIFY(shares(kLogits, 1, 0.01)[0] > 0.9999);
    QVERIFY(shares(kLogits, 1, 1)[3] > 0.03);
  }

  void whatIsNotAllowedNeverComes() {
    const auto s = shares(kLogits, 1, 0.9, [](int i) { return i != 0; });
    QCOMPARE(s[0], 0.0);
    QVERIFY(std::abs(s[1] - 0.3 / 0.45) < 0.01);
    Sampler sampler;
    Rng rng(1);
    std::vector<float> copy = kLogits;
    QCOMPARE(sampler.draw(
                 copy, 1, 1, [](int) { return false; }, rng),
             -1);
  }

  void eachDrawTakesOneNumber() {
    Rng a(9);
    Rng b(9);
    Sampler sampler;
    std::vector<float> copy = kLogits;
    sampler.draw(copy, 1, 0.5, kAny, a);
    b.next();
    QCOMPARE(a.state(), b.state());
    copy = kLogits;
    sampler.draw(
        copy, 1, 0.5, [](int) { return false; }, a);
    b.next();
    QCOMPARE(a.state(), b.state());
  }

  void windowsAreNamedByTheirSeed() {
    const Corpus c = corpusOf(50);
    const WindowSampler sampler(c, Split::kTrain, 16);
    QCOMPARE(sampler.notes(), std::int64_t{5000});
    const auto a = sampler.draw(300, 30, Rng(1, 2));
    const auto b = sampler.draw(300, 30, Rng(1, 2));
    const auto other = sampler.draw(300, 30, Rng(1, 3));
    int differing = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      QVERIFY(a[i].sequence == b[i].sequence && a[i].first == b[i].first);
      QCOMPARE(a[i].count, 30U);
      QVERIFY(a[i].first + a[i].count <= 100);
      differing += a[i].sequence != other[i].sequence ? 1 : 0;
    }
    QVERIFY(differing > 200);
    QVERIFY(WindowSampler(c, Split::kTest, 16).empty());
    QVERIFY(WindowSampler(c, Split::kTrain, 101).empty());
    QCOMPARE(sampler.draw(1, 300, Rng(1, 2))[0].count, 100U);
  }

  void smallSetsAreHeardMoreThanTheirShare() {
    const Corpus c = corpusOf(100);  // 10 pieces of 100 are of the small set
    const WindowSampler sampler(c, Split::kTrain, 16);
    int small = 0;
    for (const NoteWindow& w : sampler.draw(20000, 30, Rng(4))) {
      small += c.pieces[w.sequence->piece].set == "small" ? 1 : 0;
    }
    const double expected = std::pow(10, 0.7) / (std::pow(10, 0.7) + std::pow(90, 0.7));
    QVERIFY2(std::abs(small / 20000.0 - expected) < 0.01, qPrintable(QString::number(small)));
  }

  void permutationsHoldEverything() {
    auto p = permutation(100, Rng(1));
    QVERIFY(p != permutation(100, Rng(2)));
    std::sort(p.begin(), p.end());
    for (std::uint32_t i = 0; i < 100; ++i) QCOMPARE(p[i], i);
  }
};

QTEST_APPLESS_MAIN(TestSampling)
#include "test_sampling.moc"
