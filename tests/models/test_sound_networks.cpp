// The networks of the families of sound: their sizes, what they can pass on, and playing sample by
// sample beside the whole forward pass.
#include <torch/torch.h>

#include <QtTest>

#include "core/encoding/hilbert.h"
#include "core/encoding/mel.h"
#include "models/hilbert_improved.h"
#include "models/hilbert_network.h"
#include "models/optimiser.h"
#include "models/wavenet_audio_network.h"
#include "tests/core/encoding/sounds.h"

using namespace incipit;

namespace {

at::Tensor pictureOf(const std::vector<float>& sound) {
  const HilbertCurve curve(kHilbertOrder);
  std::vector<float> pixels(curve.size());
  std::vector<float> values;
  for (const float s : sound) values.push_back(pixelOf(s));
  values.resize(curve.size(), 0.5F);
  curve.encode(values, pixels);
  return tensorOf(pixels, {1, 1, curve.side(), curve.side()}, at::kCPU);
}

std::vector<float> soundOf(const at::Tensor& picture) {
  const HilbertCurve curve(kHilbertOrder);
  const at::Tensor flat = picture.contiguous();
  std::vector<float> out(curve.size());
  curve.decode({flat.data_ptr<float>(), curve.size()}, out);
  for (float& s : out) s = sampleOf(s);
  return out;
}

TensorFile fileOf(const Network& network, const WavenetAudioPreset& preset) {
  TensorFile file;
  for (const auto& [name, t] : network.parameters()) file.tensors.push_back(namedTensor(name, t));
  file.metadata = {{"preset", preset.name}, {"config", wavenetAudioConfig(preset)}};
  return file;
}

}  // namespace

class TestSoundNetworks : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  // The paper's own numbers, layer for layer.
  void publishedHasThePapersSizes() {
    const auto network = makeHilbertNetwork({.name = "published"}, 1, at::kCPU);
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < network->parameters().size(); i += 2) {
      sizes.push_back(network->parameters()[i].second.numel() +
                      network->parameters()[i + 1].second.numel());
    }
    QCOMPARE(sizes, (std::vector<std::int64_t>{272, 8224, 32832, 65600, 32800, 8208, 145}));
    QCOMPARE(network->parameterCount(), std::int64_t{148'081});
    QCOMPARE(network->bottleneck(), std::int64_t{65'536});
  }

  void picturesKeepTheirShape() {
    const at::NoGradGuard noGrad;
    const at::Tensor picture = pictureOf(noise(65536, 1, 0.3));
    for (const char* name : {"published", "improved"}) {
      const auto network = makeHilbertNetwork({.name = name}, 1, at::kCPU);
      const at::Tensor answer = network->answer(picture);
      QCOMPARE(answer.sizes().vec(), picture.sizes().vec());
      QVERIFY(answer.min().item<double>() >= 0 && answer.max().item<double>() <= 1);
    }
  }

  void improvedHasARealBottleneck() {
    const auto network = makeHilbertNetwork({}, 1, at::kCPU);
    QVERIFY(network->bottleneck() * 8 <= 65'536);
  }

  // With nothing learnt, what lies below the bottleneck's edge comes back as it was, and what lies
  // above it does not: there is no way around.
  void improvedPassesLowSoundExactlyAndHighSoundNotAtAll() {
    const at::NoGradGuard noGrad;
    const auto network = makeHilbertNetwork({}, 1, at::kCPU);
    for (const auto& [name, p] : network->parameters()) {
      p.zero_();
      if (name == "out.bias") p.slice(0, 48).fill_(-2);  // the bands above are silent
    }
    const auto differenceOf = [&](double hertz) {
      const auto sound = sine(hertz, 65536 / 44100.0 + 0.01, 44100, 0.4);
      const auto back = soundOf(network->answer(pictureOf({sound.begin(), sound.begin() + 65536})));
      double most = 0;
      for (std::size_t i = 1024; i < 64000; ++i) {
        most = std::max<double>(most, std::abs(back[i] - sound[i]));
      }
      return most;
    };
    QVERIFY2(differenceOf(440) < 5e-3, qPrintable(QString::number(differenceOf(440))));
    QVERIFY(differenceOf(6000) > 0.39);
  }

  // The model hissed at 17 kHz: above 16 kHz, which no loss hears, nothing may be filled in.
  void improvedIsSilentAboveWhatItLearnsFrom() {
    const at::NoGradGuard noGrad;
    const auto network = makeHilbertNetwork({}, 1, at::kCPU);
    for (const auto& [name, p] : network->parameters()) {
      p.zero_();
      if (name == "out.bias")
        p.slice(0, 48).fill_(0.1);  // the bands above are loud, and clip nothing
    }
    const auto sound = soundOf(network->answer(pictureOf(noise(65536, 1, 0.1))));
    MelLayout above{.bands = 8, .lowest = 17000, .highest = 22000};
    MelLayout below{.bands = 8, .lowest = 9000, .highest = 15000};
    std::vector<float> powers(8);
    const auto loudest = [&](const MelLayout& layout) {
      MelAnalysis(layout).powers(std::span(sound).subspan(20'000, 2048), powers);
      return *std::max_element(powers.begin(), powers.end());
    };
    QVERIFY2(loudest(above) < 1e-4 * loudest(below),
             qPrintable(QString("%1 %2").arg(loudest(above)).arg(loudest(below))));
  }

  // What improved learns from is the distance that the measure (core/encoding/mel.h) is.
  void lossIsInDecibels() {
    const MelLoss loss(2048, 512, 80, at::kCPU);
    auto sound = noise(65536, 3, 0.5);
    const at::Tensor whole = tensorOf(sound, {1, 65536}, at::kCPU);
    QVERIFY(loss(whole, whole).item<double>() < 1e-6);
    QVERIFY(std::abs(loss(0.5 * whole, whole).item<double>() - 6.02) < 0.05);
    QVERIFY(std::abs(loss(-whole, whole).item<double>()) < 1e-3);
  }

  void classesOfSamplesComeBack() {
    for (std::int64_t c = 0; c < kSampleClasses; ++c) QCOMPARE(classOf(sampleOfClass(c)), c);
    QCOMPARE(sampleOfClass(classOf(0)), 0.0F);
    QCOMPARE(classOf(7), std::int64_t{255});
    QCOMPARE(classOf(-7), std::int64_t{0});
    // Soft samples are kept finely: no further off than a fiftieth of themselves.
    for (const float s : noise(1000, 1, 0.9)) {
      QVERIFY(std::abs(sampleOfClass(classOf(s)) - s) < 1e-4 + 0.025 * std::abs(s));
    }
  }

  // Sample by sample with queues as all at once, longer than what is seen.
  void playingIsTheForwardPass_data() {
    QTest::addColumn<QString>("preset");
    QTest::newRow("published") << "published";
    QTest::newRow("improved") << "improved";
  }
  void playingIsTheForwardPass() {
    QFETCH(QString, preset);
    const at::NoGradGuard noGrad;
    WavenetAudioPreset p;
    p.name = preset.toStdString();
    p.layers = 7;
    const WavenetAudioNetwork network(p, 5, at::kCPU);
    constexpr std::int64_t kSteps = 500;
    Rng rng(2);
    std::vector<std::int64_t> before;
    for (std::int64_t i = 0; i < kSteps; ++i) before.push_back(rng.below(kSampleClasses));
    std::vector<float> cues(kSteps * kNoteCues);
    const std::vector<SoundNote> notes{{0.004, 0.02, 60, 90}, {0.01, 0.03, 67, 70}};
    noteCues(notes, 0, cues);
    const at::Tensor whole =
        network
            .logits(tensorOf(before, {kSteps, 1}, at::kCPU),
                    p.notes() ? tensorOf(cues, {kSteps, 1, static_cast<std::int64_t>(kNoteCues)},
                                         at::kCPU)
                              : at::Tensor())
            .contiguous();
    const auto weights = wavenetAudioWeights(fileOf(network, p));
    QVERIFY2(weights.has_value(), weights ? "" : weights.error().message.c_str());
    WavenetPlayer player(*weights);
    for (std::size_t i = 0; i < kSteps; ++i) {
      const auto logits =
          player.logits(before[i], p.notes() ? std::span(cues).subspan(i * kNoteCues, kNoteCues)
                                             : std::span<const float>());
      for (std::size_t c = 0; c < logits.size(); ++c) {
        const float expected = whole.data_ptr<float>()[i * kSampleClasses + c];
        QVERIFY(std::abs(logits[c] - expected) < 2e-4);
      }
    }
  }

  // The colder, the nearer to the likeliest class's sample; never beyond what there is.
  void theMeanSampleIsThatOfTheChances() {
    const at::NoGradGuard noGrad;
    WavenetAudioPreset p;
    p.layers = 3;
    const WavenetAudioNetwork network(p, 5, at::kCPU);
    const auto weights = wavenetAudioWeights(fileOf(network, p));
    QVERIFY(weights.has_value());
    WavenetPlayer player(*weights);
    const std::vector<float> cues(kNoteCues, 0.3F);
    const auto logits = player.logits(kSilentClass, cues);
    const auto likeliest = std::max_element(logits.begin(), logits.end()) - logits.begin();
    QVERIFY(std::abs(player.mean(1e-4) - sampleOfClass(likeliest)) < 1e-5F);
    double sum = 0;
    double mean = 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
      const double chance = std::exp(logits[c]);
      sum += chance;
      mean += chance * sampleOfClass(static_cast<std::int64_t>(c));
    }
    QVERIFY(std::abs(player.mean(1) - mean / sum) < 1e-5);
  }

  // Chunks of training and blocks of playing begin anywhere.
  void cuesDoNotDependOnWhereABlockBegins() {
    const std::vector<SoundNote> notes{{0, 0.5, 48, 100}, {0.1, 0.2, 60, 90}, {0.35, 1, 72, 60}};
    std::vector<float> whole(16000 * kNoteCues);
    noteCues(notes, 0, whole);
    std::vector<float> part;
    for (std::int64_t at = 0; at < 16000;) {
      const std::int64_t n = std::min<std::int64_t>(16000 - at, 1 + at % 997);
      part.resize(static_cast<std::size_t>(n) * kNoteCues);
      noteCues(notes, at, part);
      const auto from = whole.begin() + at * static_cast<std::int64_t>(kNoteCues);
      QVERIFY(std::equal(part.begin(), part.end(), from));
      at += n;
    }
  }

  void cuesHaveThePitchOfTheNote() {
    std::vector<float> cues(4096 * kNoteCues);
    noteCues(std::vector<SoundNote>{{0, 1, 69, 127}}, 0, cues);
    int crossings = 0;
    for (std::size_t i = 1; i < 4096; ++i) {
      crossings += cues[(i - 1) * kNoteCues] < 0 && cues[i * kNoteCues] >= 0 ? 1 : 0;
    }
    QVERIFY(std::abs(crossings - 440 * 4096 / kWavenetRate) <= 1);
    noteCues({}, 0, cues);
    QVERIFY(std::all_of(cues.begin(), cues.end(), [](float c) { return c == 0; }));
  }
};

QTEST_GUILESS_MAIN(TestSoundNetworks)
#include "test_sound_networks.moc"
