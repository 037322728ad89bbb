// Levels of mel bands, spectrograms and the distance of two sounds.
#include <QtTest>

#include "core/encoding/mel.h"
#include "tests/core/encoding/sounds.h"

using namespace incipit;

class TestMel : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void transformIsTheDefinition() {
    const auto re = noise(64, 1);
    const auto im = noise(64, 2);
    std::vector<std::complex<float>> fast;
    for (std::size_t i = 0; i < re.size(); ++i) fast.emplace_back(re[i], im[i]);
    const auto values = fast;
    fourierTransform(fast);
    for (std::size_t k = 0; k < values.size(); ++k) {
      std::complex<double> sum;
      for (std::size_t i = 0; i < values.size(); ++i) {
        sum += std::complex<double>(values[i]) *
               std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * i) / 64);
      }
      QVERIFY(std::abs(sum - std::complex<double>(fast[k])) < 1e-4);
    }
  }

  void sineIsLoudestInItsBand_data() {
    QTest::addColumn<double>("hertz");
    for (const double hertz : {110.0, 440.0, 1000.0, 4000.0, 12000.0}) {
      QTest::addRow("%g Hz", hertz) << hertz;
    }
  }
  void sineIsLoudestInItsBand() {
    QFETCH(double, hertz);
    const MelLayout layout;
    MelAnalysis mel(layout);
    const auto sound = sine(hertz, 0.1, layout.sampleRate);
    std::vector<float> powers(static_cast<std::size_t>(layout.bands));
    mel.powers(std::span(sound).first(static_cast<std::size_t>(layout.window)), powers);
    const auto loudest = std::max_element(powers.begin(), powers.end()) - powers.begin();
    const auto band = melBands(layout)[static_cast<std::size_t>(loudest)];
    const double bin = hertz * layout.window / layout.sampleRate;
    QVERIFY(bin > band.first - 1 && bin < band.first + static_cast<double>(band.weights.size()));
  }

  // Away from both ends of the range the triangles of neighbours add up to one.
  void bandsShareEachBin() {
    const MelLayout layout{.bands = 40};
    const auto bands = melBands(layout);
    std::vector<double> sum(static_cast<std::size_t>(layout.window / 2 + 1));
    for (const MelBand& b : bands) {
      for (std::size_t i = 0; i < b.weights.size(); ++i) {
        sum[static_cast<std::size_t>(b.first) + i] += b.weights[i];
      }
    }
    for (std::size_t bin = 20; bin < 600; ++bin) QVERIFY(std::abs(sum[bin] - 1) < 1e-3);
  }

  void levelIsInDecibels() {
    const MelLayout layout;
    MelAnalysis mel(layout);
    std::vector<float> powers(static_cast<std::size_t>(layout.bands));
    double before = 0;
    for (const double amplitude : {1.0, 0.1}) {
      mel.powers(sine(1000, 0.1, 44100, amplitude), powers);
      double sum = 0;
      for (const float p : powers) sum += p;
      if (amplitude == 1) QVERIFY(std::abs(decibels(sum) + 6) < 1.0);
      if (amplitude != 1) QVERIFY(std::abs(decibels(sum) - before + 20) < 0.01);
      before = decibels(sum);
    }
  }

  void spectrogramShowsWhatSoundsWhen() {
    std::vector<float> sound(44100);
    const auto tone = sine(2000, 1, 44100);
    sound.insert(sound.end(), tone.begin(), tone.end());
    MemoryReader reader(sound, 44100);
    const auto s = spectrogramOf(reader, 100, 40);
    QVERIFY(s.has_value());
    QCOMPARE(s->columns, 100);
    QCOMPARE(s->levels.size(), std::size_t{4000});
    const auto loudest = [&](int column) {
      const auto from = s->levels.begin() + static_cast<std::ptrdiff_t>(column) * s->bands;
      return *std::max_element(from, from + s->bands);
    };
    QVERIFY(loudest(20) <= kSilentDecibels);
    QVERIFY(loudest(80) > -20);
    QVERIFY(std::abs(s->seconds - 2) < 1e-9);
  }

  // Three hours took longer to draw than to change: of a long sound a part is looked at.
  void longSoundIsShownWhole() {
    std::vector<float> sound(20 * 44100);
    const auto tone = sine(2000, 20, 44100);
    sound.insert(sound.end(), tone.begin(), tone.end());
    MemoryReader reader(sound, 44100);
    const auto s = spectrogramOf(reader, 8, 40);
    QVERIFY(s.has_value());
    QCOMPARE(s->columns, 8);
    for (int column = 0; column < 8; ++column) {
      const auto from = s->levels.begin() + static_cast<std::ptrdiff_t>(column) * s->bands;
      const float loudest = *std::max_element(from, from + s->bands);
      QVERIFY(column < 4 ? loudest <= kSilentDecibels : loudest > -20);
    }
  }

  void shortSoundHasFewColumns() {
    for (const std::size_t length : {0U, 1U, 700U}) {
      MemoryReader reader(noise(length, 1), 44100);
      const auto s = spectrogramOf(reader, 400, 16);
      QVERIFY(s.has_value());
      QVERIFY(s->columns >= 1 && s->columns <= 2);
    }
  }

  void soundIsNoDistanceFromItselfWhateverItsLoudness() {
    const auto sound = noise(44100, 4, 0.5);
    auto softer = sound;
    for (float& v : softer) v *= 0.1F;
    QVERIFY(melDistance(sound, sound, 44100).plain < 1e-6);
    QVERIFY(melDistance(softer, sound, 44100).plain < 0.01);
  }

  void equaliserUndoesWhatAFilterDid() {
    const auto sound = noise(88200, 4, 0.5);
    auto dull = sound;  // a first-order low-pass
    for (std::size_t i = 1; i < dull.size(); ++i) dull[i] = 0.2F * dull[i] + 0.8F * dull[i - 1];
    const MelDistance d = melDistance(dull, sound, 44100);
    QVERIFY2(d.plain > 3, qPrintable(QString::number(d.plain)));
    QVERIFY2(d.equalised < 0.5, qPrintable(QString::number(d.equalised)));
  }

  void silenceAndNothingAreNoTrouble() {
    const std::vector<float> silence(44100);
    QCOMPARE(melDistance(silence, silence, 44100).plain, 0.0);
    QCOMPARE(melDistance({}, {}, 44100).plain, 0.0);
    QVERIFY(std::isfinite(melDistance(silence, noise(44100, 1), 44100).plain));
    QVERIFY(std::isfinite(melDistance(noise(44100, 1), silence, 44100).plain));
  }
};

QTEST_APPLESS_MAIN(TestMel)
#include "test_mel.moc"
