// Recordings beside the transport: every sample once and in order, two in step, no click, and no
// heap in the callback.
#include <QtTest>
#include <cmath>
#include <span>
#include <thread>

#include "core/playback/audio/sound_deck.h"
#include "tests/core/playback/counting.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

// `value` at each frame, or the frame's number where it is 0.
class Recording final : public SoundReader {
 public:
  Recording(std::int64_t frames, float value, std::int64_t breaksAt = -1)
      : frames_(frames), value_(value), breaksAt_(breaksAt) {}
  int sampleRate() const override { return 1000; }
  std::int64_t frames() const override { return frames_; }
  Result<std::size_t> read(std::span<float> into) override {
    if (breaksAt_ >= 0 && at_ >= breaksAt_) return fail("a.wav: breaks off");
    std::size_t n = 0;
    for (; n < into.size() && at_ < frames_; ++n, ++at_) {
      into[n] = value_ == 0 ? static_cast<float>(at_) : value_;
    }
    return n;
  }

 private:
  std::int64_t frames_;
  float value_;
  std::int64_t breaksAt_;
  std::int64_t at_ = 0;
};

// What a device hears until `frames` have come, or the deck has ended.
std::vector<float> heard(SoundDeck& deck, std::size_t frames, std::uint32_t period = 256) {
  std::vector<float> out;
  std::vector<float> left(period);
  std::vector<float> right(period);
  QDeadlineTimer patience(20'000);
  while (out.size() < frames && deck.status().playing && !patience.hasExpired()) {
    std::fill(left.begin(), left.end(), 0.0F);
    std::fill(right.begin(), right.end(), 0.0F);
    const double before = deck.status().seconds;
    deck.mixRt(left.data(), right.data(), static_cast<int>(period));
    if (left != right) return {};
    const auto count =
        static_cast<std::size_t>(std::llround((deck.status().seconds - before) * 1000));
    out.insert(out.end(), left.begin(), left.begin() + static_cast<std::ptrdiff_t>(count));
    if (count == 0) std::this_thread::yield();
  }
  return out;
}

double largestStep(const std::vector<float>& samples) {
  double most = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    most = std::max(most, std::abs(double{samples[i]} - double{samples[i - 1]}));
  }
  return most;
}

}  // namespace

class TestSoundDeck : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void nothingIsHeardUntilSomethingIsPlayed() {
    SoundDeck deck;
    std::vector<float> left(64, 0.5F);
    std::vector<float> right(64, -0.5F);
    deck.mixRt(left.data(), right.data(), 64);
    QCOMPARE(left, std::vector<float>(64, 0.5F));
    QCOMPARE(right, std::vector<float>(64, -0.5F));
    QVERIFY(!deck.status().playing);
  }

  void everySampleComesOnceAndInOrder() {
    for (const std::uint32_t period : {64U, 100U, 256U, 1024U}) {
      SoundDeck deck;
      deck.play(std::make_unique<Recording>(60'123, 0), nullptr);
      const auto samples = heard(deck, 100'000, period);
      QCOMPARE(samples.size(), std::size_t{60'123});
      for (std::size_t i = 300; i < samples.size(); ++i) {
        QCOMPARE(samples[i], static_cast<float>(i));
      }
      QVERIFY(!deck.status().playing);
      QCOMPARE(deck.status().seconds, 60.123);
    }
  }

  void neitherStartNorEndOfPlayingClicks() {
    SoundDeck deck;
    deck.play(std::make_unique<Recording>(50'000, 1), nullptr);
    auto samples = heard(deck, 3'000);
    samples.insert(samples.begin(), 0);
    QVERIFY(largestStep(samples) < 0.01);
    QCOMPARE(samples.back(), 1.0F);
    deck.stop();
    std::vector<float> left(2'000);
    std::vector<float> right(2'000);
    deck.mixRt(left.data(), right.data(), 2'000);
    QVERIFY(left[0] > 0.9F);
    QVERIFY(largestStep(left) < 0.01);
    QCOMPARE(left.back(), 0.0F);
  }

  void twoPlayInStepAndOneIsHeard() {
    SoundDeck deck;
    deck.play(std::make_unique<Recording>(40'000, 1), std::make_unique<Recording>(40'000, -1));
    QCOMPARE(heard(deck, 5'000).back(), 1.0F);
    deck.hearOther(true);
    QVERIFY(deck.status().other);
    const auto samples = heard(deck, 5'000);
    QVERIFY(largestStep(samples) < 0.01);
    QCOMPARE(samples.back(), -1.0F);
    // In step: the other goes on where the first is.
    deck.hearOther(false);
    deck.play(std::make_unique<Recording>(40'000, 0), std::make_unique<Recording>(40'000, 0));
    auto all = heard(deck, 6'000);
    deck.hearOther(true);
    const auto rest = heard(deck, 6'000);
    all.insert(all.end(), rest.begin(), rest.end());
    for (std::size_t i = 300; i < all.size(); ++i) QCOMPARE(all[i], static_cast<float>(i));
  }

  void anotherTakesItsPlace() {
    SoundDeck deck;
    deck.play(std::make_unique<Recording>(90'000, 1), nullptr);
    QCOMPARE(heard(deck, 2'000).back(), 1.0F);
    deck.play(std::make_unique<Recording>(3'000, -1), nullptr);
    const auto samples = heard(deck, 10'000);
    QCOMPARE(samples.size(), std::size_t{3'000});
    QCOMPARE(samples.back(), -1.0F);
  }

  void aFileThatBreaksOffSaysSo() {
    SoundDeck deck;
    deck.play(std::make_unique<Recording>(90'000, 1, 4'096), nullptr);
    QCOMPARE(heard(deck, 10'000).size(), std::size_t{4'096});
    QCOMPARE(deck.status().problem, std::string("a.wav: breaks off"));
    QVERIFY(!deck.status().playing);
  }

  void theCallbackUsesNoHeap() {
#if INCIPIT_HEAP_COUNTED
    SoundDeck deck;
    deck.play(std::make_unique<Recording>(400'000, 1), std::make_unique<Recording>(400'000, -1));
    QCOMPARE(heard(deck, 2'000).back(), 1.0F);
    std::vector<float> left(256);
    std::vector<float> right(256);
    const HeapCount count;
    for (int i = 0; i < 2'000; ++i) deck.mixRt(left.data(), right.data(), 256);
    QCOMPARE(count.calls(), 0L);
#else
    QSKIP("sanitizers have a heap of their own");
#endif
  }
};

QTEST_APPLESS_MAIN(TestSoundDeck)
#include "test_sound_deck.moc"
