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
    network.setMarginals(shares);
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
};

QTEST_APPLESS_MAIN(TestPictureNetworks)
#include "test_picture_networks.moc"
