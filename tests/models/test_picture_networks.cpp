// The networks and losses of the picture families, against their definitions.
#include <QtTest>

#include "models/picture_tensors.h"

using namespace incipit;

namespace {

PicturePreset small(const char* family, const char* name, PictureKind kind) {
  PicturePreset p = *picturePresetNamed(family, name);
  p.kind = kind;
  p.width = 8;
  p.latent = 5;
  return p;
}

at::Tensor somePictures(PictureKind kind, std::int64_t n) {
  const PictureShape s = shapeOf(kind);
  torch::manual_seed(3);
  return (at::rand({n, s.channels, s.keys, s.columns}) > 0.9).to(at::kFloat);
}

}  // namespace

class TestPictureNetworks : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  // Whatever numbers it draws from, cells are on or off, and the generator still learns of it.
  void improvedCellsAreOnOrOff() {
    for (const PictureKind kind : kPictureKinds) {
      const PictureNetwork network(small(kRollGan, "improved", kind), 1, at::kCPU);
      const at::Tensor z = normalNoise(4, 5, 2, at::kCPU).requires_grad_(true);
      const at::Tensor pictures = network.pictures(network.logits(z, true), true);
      const at::Tensor first = pictures.detach().select(1, 0);
      const bool length = kind == PictureKind::kImage1;
      const at::Tensor level = at::abs(first - 125.0 / 255) < 1e-5;
      const at::Tensor edge = at::logical_or(at::abs(first) < 1e-5, at::abs(first - 1) < 1e-5);
      QVERIFY(length || at::logical_or(level, edge).all().item<bool>());
      pictures.sum().backward();
      QVERIFY(z.grad().abs().sum().item<double>() > 0);
    }
  }

  void aFrozenCriticLearnsNothing() {
    for (const char* family : {kRollGan, kRollDcgan, kRollWganGp}) {
      const PictureNetwork network(small(family, "improved", PictureKind::kTicks), 1, at::kCPU);
      const at::Tensor x = somePictures(PictureKind::kTicks, 3).requires_grad_(true);
      network.judge(x, 1, true).sum().backward();
      QVERIFY(x.grad().abs().sum().item<double>() > 0);
      for (const auto& [name, p] : network.parameters()) QVERIFY(!p.grad().defined());
    }
  }

  // The bound of the improved DCGAN's critic: no direction is stretched more than by about 1.
  void spectralNormIsBounded() {
    const PictureNetwork network(small(kRollDcgan, "improved", PictureKind::kTicks), 1, at::kCPU);
    const at::NoGradGuard noGrad;
    const at::Tensor a = somePictures(PictureKind::kTicks, 8);
    for (int i = 0; i < 30; ++i) network.judge(a, 1);
    const at::Tensor b = at::rand(a.sizes());
    const at::Tensor apart = (network.judge(a, {}) - network.judge(b, {})).abs();
    // A kernel of nine taps at stride two meets each cell in at most four places a layer.
    const at::Tensor far = (a - b).flatten(1).norm(2, 1) * 16;
    QVERIFY((apart <= far).all().item<bool>());
  }

  void penaltiesAreThoseOfTheGradient() {
    const PictureNetwork network(small(kRollWganGp, "improved", PictureKind::kTicks), 1, at::kCPU);
    const at::Tensor x = somePictures(PictureKind::kTicks, 1);
    const double penalty = realPenalty(network, x, 1).item<double>();
    const at::Tensor leaf = x.clone().requires_grad_(true);
    network.judge(leaf, {}).sum().backward();
    const double square = leaf.grad().square().sum().item<double>();
    QVERIFY(std::abs(penalty - square / 2) <= 1e-5 * square);
    const double gp = gradientPenalty(network, x, x, 1).item<double>();
    QVERIFY(std::abs(gp - std::pow(std::sqrt(square) - 1, 2)) <= 1e-4);
  }

  void losses() {
    const at::Tensor real = at::tensor({2.0F, -1.0F});
    const at::Tensor drawn = at::tensor({0.5F, -3.0F});
    QCOMPARE(criticLoss(AdversarialLoss::kHinge, real, drawn).item<float>(), 1.0F + 0.75F);
    QCOMPARE(criticLoss(AdversarialLoss::kWasserstein, real, drawn).item<float>(), -1.75F);
    QCOMPARE(generatorLoss(AdversarialLoss::kHinge, drawn).item<float>(), 1.25F);
    QCOMPARE(criticAccuracy(AdversarialLoss::kLogistic, real, drawn), 0.5);
    QCOMPARE(criticAccuracy(AdversarialLoss::kWasserstein, real, drawn), 1.0);
  }

  // The divergence is that of normal distributions; free bits cost nothing.
  void divergence() {
    const PictureNetwork network(small(kRollVae, "improved", PictureKind::kTicks), 1, at::kCPU);
    const at::NoGradGuard noGrad;
    const at::Tensor x = somePictures(PictureKind::kTicks, 6);
    const auto posterior = network.encode(x);
    const auto loss = autoencoderLoss(network, x, at::zeros({6, 5}), 0, false);
    const at::Tensor variance = posterior.logVariance.exp();
    const double expected = (0.5 * (posterior.mean.square() + variance - variance.log() - 1).sum(1))
                                .mean()
                                .item<double>();
    QVERIFY(std::abs(loss.divergence.item<double>() - expected) < 1e-4);
    QVERIFY(std::abs(loss.priced.item<double>() - expected) < 1e-4);
    const auto free = autoencoderLoss(network, x, at::zeros({6, 5}), 100, false);
    QCOMPARE(free.priced.item<double>(), 0.0);
  }

  void theFittedPriorIsThatOfItsLatents() {
    PictureNetwork network(small(kRollVae, "improved", PictureKind::kTicks), 1, at::kCPU);
    const at::Tensor mixing =
        at::tensor({2.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.5F, 0.0F, 0.0F, 0.0F, 0.0F,  0.0F, 1.0F,
                    0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, -1.0F, 1.0F})
            .view({5, 5});
    const at::Tensor latents = at::matmul(normalNoise(4000, 5, 1, at::kCPU), mixing.t()) + 3;
    network.fitPrior(latents);
    const at::Tensor drawn = network.latentsOf(normalNoise(4000, 5, 2, at::kCPU));
    QVERIFY((drawn.mean(0) - latents.mean(0)).abs().max().item<double>() < 0.15);
    const auto covariance = [](const at::Tensor& rows) {
      const at::Tensor apart = rows - rows.mean(0);
      return at::matmul(apart.t(), apart) / rows.size(0);
    };
    QVERIFY((covariance(drawn) - covariance(latents)).abs().max().item<double>() < 0.4);
  }

  // An untrained improved generator sounds as often as the corpus does, where the corpus does.
  void marginalsAreThoseOfTheCorpus() {
    PictureNetwork network(small(kRollVae, "improved", PictureKind::kTicks), 1, at::kCPU);
    const at::NoGradGuard noGrad;
    at::Tensor shares = at::full({96, 96}, 0.002);
    shares.slice(0, 40, 50).fill_(0.3);
    network.setMarginals(shares, at::empty({0}));
    const at::Tensor logits = network.logits(normalNoise(64, 5, 3, at::kCPU), false);
    const at::Tensor likely = network.probabilities(logits).mean(0);
    QVERIFY(std::abs(likely.slice(0, 40, 50).mean().item<double>() - 0.3) < 0.05);
    const at::Tensor on = network.pictures(logits).select(1, 0);
    QVERIFY(std::abs(on.sum(1).mean().item<double>() - 3.2) < 0.5);
    QVERIFY(on.slice(1, 0, 40).mean().item<double>() < 0.001);
  }

  // As many keys sound in a column as are expected to, none where none is: a voice that is unsure
  // of its key is not silent.
  void asManyKeysSoundAsAreExpected() {
    PictureNetwork network(small(kRollVae, "improved", PictureKind::kTicks), 1, at::kCPU);
    at::Tensor chances = at::full({1, 1, 96, 96}, 0.001);
    const auto at = [&](std::int64_t key, std::int64_t column) {
      return chances[0][0][key][column];
    };
    at(60, 10).fill_(0.95);
    at(64, 10).fill_(0.40);
    at(65, 10).fill_(0.38);
    at(67, 10).fill_(0.20);
    at(60, 11).fill_(0.30);
    const at::Tensor logits = at::log(chances / (1 - chances));
    const at::Tensor drawn = network.pictures(logits)[0][0];
    QCOMPARE(drawn.select(1, 10).sum().item<float>(), 2.0F);
    QCOMPARE(drawn[60][10].item<float>() + drawn[64][10].item<float>(), 2.0F);
    QCOMPARE(drawn.select(1, 11).sum().item<float>(), 0.0F);
    QCOMPARE(drawn.select(1, 12).sum().item<float>(), 0.0F);
    network.setFullness(1.5);
    QCOMPARE(network.pictures(logits)[0][0].select(1, 10).sum().item<float>(), 3.0F);
    QCOMPARE(network.pictures(logits, true)[0][0].select(1, 10).sum().item<float>(), 2.0F);
  }

  // Music of few notes is not silent: what a quarter of a second is too short for starts later.
  void fewNotesStartAsOftenAsExpected() {
    PictureNetwork network(small(kRollGan, "improved", PictureKind::kImage1), 1, at::kCPU);
    at::Tensor chances = at::full({1, 5, 88, 200}, 0.5);
    chances.select(1, 0).fill_(1e-6);
    chances.select(1, 0).select(1, 40).fill_(0.04);  // 0.2 in five columns, 8 in all
    const at::Tensor starts = network.pictures(at::logit(chances)).select(1, 1) > 0;
    QCOMPARE(starts.sum().item<std::int64_t>(), 8);
    QCOMPARE(starts.select(1, 40).sum().item<std::int64_t>(), 8);
    for (std::int64_t half = 0; half < 2; ++half) {
      QCOMPARE(starts.slice(2, 100 * half, 100 * half + 100).sum().item<std::int64_t>(), 4);
    }
  }

  // Levels cost what they are apart from, where a cell is on, and nothing elsewhere.
  void natsOfLevelsAreThoseOfCellsThatAreOn() {
    const PictureNetwork network(small(kRollGan, "improved", PictureKind::kImage2), 1, at::kCPU);
    at::Tensor pictures = at::zeros({2, 3, 88, 200});
    const auto set = [&](std::int64_t n, std::int64_t channel, float value) {
      pictures[n][channel][40][7].fill_(value);
    };
    set(1, 0, 125.0F / 255);
    set(1, 1, 100.0F / 255);
    set(1, 2, 3.0F / 255);
    torch::manual_seed(4);
    const at::Tensor logits = at::randn({2, 4, 88, 200}).requires_grad_(true);
    const at::Tensor nats = network.nats(logits, pictures);
    const auto cost = [&](std::int64_t plane, double wanted) {
      const auto x = logits[1][plane][40][7].item<double>();
      return std::log1p(std::exp(x)) - wanted * x;
    };
    const at::Tensor on = at::softplus(logits.detach().select(1, 0)).flatten(1).sum(1);
    const double apart = nats[1].item<double>() - on[1].item<double>();
    const double expected = -logits[1][0][40][7].item<double>() + cost(1, 1) +
                            cost(2, std::log2(101.0) / 8) + cost(3, std::log2(4.0) / 8);
    QVERIFY(std::abs(nats[0].item<double>() - on[0].item<double>()) < 1e-2);
    QVERIFY(std::abs(apart - expected) < 1e-2);
    nats.sum().backward();
    QCOMPARE((logits.grad().slice(1, 1) != 0).sum().item<std::int64_t>(), 3);
  }

  // An average of two instruments is none: levels are those of the corpus, as often as there, and
  // the order is the network's.
  void levelsAreSpreadAsThoseOfTheCorpus() {
    PictureNetwork network(small(kRollGan, "improved", PictureKind::kImage1), 1, at::kCPU);
    const at::NoGradGuard noGrad;
    torch::manual_seed(5);
    at::Tensor logits = at::full({8, 5, 88, 200}, -12.0);
    logits.select(1, 0).slice(2, 0, 200, 5).slice(1, 30, 34).fill_(12);
    logits.slice(1, 1).copy_(0.01 * at::randn({8, 4, 88, 200}) + 3);
    at::Tensor counts = at::zeros({4, 256});
    for (std::int64_t channel = 0; channel < 4; ++channel) {
      counts[channel][40] = 300;
      counts[channel][5] = 600;
      counts[channel][80] = 100;
    }
    network.fitLevels(logits, counts);
    const at::Tensor on = logits.select(1, 0) > 0;
    for (std::int64_t channel = 0; channel < 4; ++channel) {
      const at::Tensor drawn = network.pictures(logits).select(1, channel).masked_select(on) * 255;
      const at::Tensor own = logits.select(1, channel + 1).masked_select(on);
      const auto share = [&](float level) {
        return ((drawn - level).abs() < 0.01).to(at::kDouble).mean().item<double>();
      };
      QVERIFY(std::abs(share(5) - 0.6) < 0.01);
      QVERIFY(std::abs(share(40) - 0.3) < 0.01);
      QVERIFY(std::abs(share(80) - 0.1) < 0.01);
      const at::Tensor order = std::get<1>(own.sort());
      QVERIFY((at::diff(drawn.index_select(0, order)) > -0.01).all().item<bool>());
    }
  }

  // A network that knows nothing yet draws one key for ever, unless it draws by chance; drawn again
  // the same comes out, and what is held stays whole.
  void ditherDrawsOtherKeys() {
    PictureNetwork network(small(kRollVae, "improved", PictureKind::kTicks), 1, at::kCPU);
    at::Tensor chances = at::full({1, 1, 96, 96}, 1e-4);
    chances.slice(2, 40, 52).fill_(1.0 / 12);
    chances[0][0][45].fill_(1.1 / 12);
    const at::Tensor logits = at::logit(chances);
    const auto keys = [](const at::Tensor& drawn) {
      return (drawn.sum(1) > 0).sum().item<std::int64_t>();
    };
    QCOMPARE(keys(network.pictures(logits)[0][0]), 1);
    network.setDither(1);
    const at::Tensor drawn = network.pictures(logits)[0][0];
    QVERIFY(keys(drawn) >= 4);
    QVERIFY(keys(drawn.slice(0, 40, 52)) == keys(drawn));
    QVERIFY((drawn.sum(0) == 1).all().item<bool>());
    QVERIFY(at::equal(drawn, network.pictures(logits)[0][0]));
    QCOMPARE(at::diff(drawn.view({96, 8, 12}), 1, 2).abs().sum().item<float>(), 0.0F);
    QCOMPARE(keys(network.pictures(logits, true)[0][0]), 1);
    // What it knows it draws.
    chances.fill_(1e-6);
    chances[0][0][60].fill_(0.999);
    QVERIFY((network.pictures(at::logit(chances))[0][0][60] == 1).all().item<bool>());
  }

  // An untrained generator's levels are the corpus's mean.
  void levelsBeginWithTheMean() {
    PictureNetwork network(small(kRollGan, "improved", PictureKind::kImage2), 1, at::kCPU);
    const at::NoGradGuard noGrad;
    network.setMarginals(at::full({88, 200}, 0.01), at::tensor({0.1F, 0.8F, 0.3F}));
    const at::Tensor logits = network.logits(normalNoise(16, 5, 3, at::kCPU), false);
    const at::Tensor mean = at::sigmoid(logits).mean({0, 2, 3});
    for (const auto& [plane, level] : {std::pair{1, 0.1}, {2, 0.8}, {3, 0.3}}) {
      QVERIFY(std::abs(mean[plane].item<double>() - level) < 0.05);
    }
  }
};

QTEST_APPLESS_MAIN(TestPictureNetworks)
#include "test_picture_networks.moc"
