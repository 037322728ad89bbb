// The networks: our LSTM against LibTorch's differentiation, and the decoder against LibTorch's
// forward pass.
#include "models/frame_network.h"  // before Qt, whose macros they do not know
#include "models/note_networks.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "models/frame_composer.h"
#include "models/layers.h"
#include "models/lstm_kernels.h"
#include "models/note_decoder.h"
#include "models/optimiser.h"
#include "toy_corpus.h"

using namespace incipit;

namespace {

double largest(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

CorpusSequence sequenceOf(int notes) {
  const Document d = toyPiece(3, notes);
  CorpusSequence s = sequencesOf(d, 1).front();
  for (std::size_t i = 0; i < s.notes.size(); ++i) {
    s.notes[i].velocity = static_cast<std::uint8_t>(60 + i % 7 * 4);
  }
  // Some chords.
  for (std::size_t i = 3; i + 1 < s.notes.size(); i += 5) {
    EncodedNote n = s.notes[i];
    n.pitch += 4;
    s.notes.insert(s.notes.begin() + static_cast<std::ptrdiff_t>(i) + 1, n);
  }
  return s;
}

void copyInto(const LoadedCheckpoint& c, NoteNetwork& network) {
  for (const auto& [name, p] : network.parameters()) {
    const auto loaded = loadTensor(c.file, name, p);
    if (!loaded) qFatal("%s", loaded.error().message.c_str());
  }
}

double logSoftmax(std::span<const float> logits, int at, int excluded = -1) {
  double highest = -1e300;
  for (std::size_t i = static_cast<std::size_t>(excluded + 1); i < logits.size(); ++i) {
    highest = std::max<double>(highest, logits[i]);
  }
  double sum = 0;
  for (std::size_t i = static_cast<std::size_t>(excluded + 1); i < logits.size(); ++i) {
    sum += std::exp(logits[i] - highest);
  }
  return logits[static_cast<std::size_t>(at)] - highest - std::log(sum);
}

}  // namespace

class TestNetworks : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  // Our own Adam takes LibTorch's steps, with the decay of AdamW where there is one.
  void adamIsLibTorchs_data() {
    QTest::addColumn<double>("decay");
    QTest::newRow("plain") << 0.0;
    QTest::newRow("with weight decay") << 0.05;
  }
  void adamIsLibTorchs() {
    QFETCH(double, decay);
    torch::manual_seed(3);
    const at::Tensor start = at::randn({37, 11});
    const at::Tensor ours = start.clone().requires_grad_(true);
    const at::Tensor theirs = start.clone().requires_grad_(true);
    Schedule schedule;
    schedule.beta1 = 0.8;
    schedule.beta2 = 0.99;
    schedule.weightDecay = decay;
    Optimiser own({{"weight", ours}}, schedule);
    torch::optim::AdamW reference({theirs}, torch::optim::AdamWOptions(0.01)
                                                .betas({0.8, 0.99})
                                                .eps(schedule.epsilon)
                                                .weight_decay(decay));
    for (int step = 0; step < 50; ++step) {
      const at::Tensor gradient = at::randn_like(start) * (step % 7 == 0 ? 10 : 0.1);
      ours.mutable_grad() = gradient.clone();
      theirs.mutable_grad() = gradient.clone();
      own.adam(0.01);
      reference.step();
    }
    QVERIFY2(largest(ours, theirs) < 1e-5, qPrintable(QString::number(largest(ours, theirs))));
    QVERIFY(largest(ours, start) > 0.1);
  }

  void initTestCase() {
    at::set_num_threads(1);
    torch::manual_seed(1);
  }

  void theLayersAndTheirGradientsAreTheReferences_data() {
    QTest::addColumn<int>("gates");
    QTest::newRow("lstm") << 4;
    QTest::newRow("gru") << 3;
  }
  void theLayersAndTheirGradientsAreTheReferences() {
    QFETCH(int, gates);
    for (const int hidden : {1, 7, 32}) {
      std::vector<at::Tensor> leaves;
      for (const auto& shape : std::vector<std::vector<std::int64_t>>{
               {9, 5, 6}, {gates * hidden, 6}, {gates * hidden, hidden}, {gates * hidden}}) {
        leaves.push_back(torch::randn(shape).mul(0.5).requires_grad_(true));
      }
      const at::Tensor weight = torch::randn({9, 5, hidden});
      const auto run = [&](auto&& f) {
        std::vector<at::Tensor> out{f(leaves[0], RecurrentLayer{leaves[1], leaves[2], leaves[3]})};
        (out[0] * weight).sum().backward();
        for (at::Tensor& l : leaves) {
          out.push_back(l.grad().clone());
          l.mutable_grad().reset();
        }
        return out;
      };
      const auto ours = run([&](const at::Tensor& x, const RecurrentLayer& layer) {
        return gates == 4 ? lstm(x, layer) : gru(x, layer);
      });
      const LstmState zeros = zeroLstmState(5, hidden, leaves[0].options());
      const auto theirs = run([&](const at::Tensor& x, const RecurrentLayer& layer) {
        return gates == 4 ? lstmReference(zeros, x, layer).outputs : gruReference(x, layer);
      });
      for (std::size_t i = 0; i < ours.size(); ++i) {
        const double difference = largest(ours[i], theirs[i]);
        QVERIFY2(difference < 2e-5, qPrintable(QString("%1: %2").arg(i).arg(difference)));
      }
    }
  }

  void anLstmGoesOnFromAState() {
    for (const int steps : {1, 6}) {
      std::vector<at::Tensor> leaves;
      for (const auto& shape : std::vector<std::vector<std::int64_t>>{
               {5, 8}, {5, 8}, {steps, 5, 6}, {32, 6}, {32, 8}, {32}}) {
        leaves.push_back(torch::randn(shape).mul(0.5).requires_grad_(true));
      }
      const at::Tensor weight = torch::randn({steps, 5, 8});
      const at::Tensor weightOfLast = torch::randn({2, 5, 8});
      const auto run = [&](auto&& f) {
        const LstmRun r = f(LstmState{leaves[0], leaves[1]}, leaves[2],
                            RecurrentLayer{leaves[3], leaves[4], leaves[5]});
        ((r.outputs * weight).sum() + (r.last.output * weightOfLast[0]).sum() +
         (r.last.cell * weightOfLast[1]).sum())
            .backward();
        std::vector<at::Tensor> out{r.outputs, r.last.output, r.last.cell};
        for (at::Tensor& l : leaves) {
          out.push_back(l.grad().clone());
          l.mutable_grad().reset();
        }
        return out;
      };
      const auto ours = run([](const auto&... x) { return lstmFrom(x...); });
      const auto theirs = run([](const auto&... x) { return lstmReference(x...); });
      for (std::size_t i = 0; i < ours.size(); ++i) {
        const double difference = largest(ours[i], theirs[i]);
        QVERIFY2(difference < 2e-5, qPrintable(QString("%1: %2").arg(i).arg(difference)));
      }
    }
  }

  void aCausalConvolutionIsLibTorchsOfAPaddedSequence() {
    // More taps than steps, too.
    for (const auto& [kernel, dilation, steps] :
         std::vector<std::array<std::int64_t, 3>>{{3, 1, 12}, {3, 4, 12}, {2, 5, 12}, {3, 4, 6}}) {
      const at::Tensor x = torch::randn({steps, 3, 4}).requires_grad_(true);
      const at::Tensor weights = torch::randn({5, kernel * 4}).requires_grad_(true);
      const at::Tensor bias = torch::randn({5}).requires_grad_(true);
      const at::Tensor weight = torch::randn({steps, 3, 5});
      const auto gradients = [&](const at::Tensor& y) {
        (y * weight).sum().backward();
        std::vector<at::Tensor> out{y};
        for (const at::Tensor& t : {x, weights, bias}) {
          out.push_back(t.grad().clone());
          t.mutable_grad().reset();
        }
        return out;
      };
      const auto ours = gradients(causalConvolution(x, weights, bias, dilation));
      const at::Tensor padded =
          at::constant_pad_nd(x.permute({1, 2, 0}), {(kernel - 1) * dilation, 0});
      const auto theirs =
          gradients(at::conv1d(padded, weights.view({5, kernel, 4}).transpose(1, 2), bias,
                               at::IntArrayRef{1}, at::IntArrayRef{0}, at::IntArrayRef{dilation})
                        .permute({2, 0, 1}));
      for (std::size_t i = 0; i < ours.size(); ++i) {
        QVERIFY2(largest(ours[i], theirs[i]) < 2e-5, qPrintable(QString::number(i)));
      }
    }
  }

  void ofTwoStepsTheLargerGoesOn() {
    for (const std::int64_t steps : {6, 7}) {
      const at::Tensor x = torch::randn({steps, 2, 3}).requires_grad_(true);
      const at::Tensor y = pairMaximum(x);
      const at::Tensor expected = x.slice(0, steps % 2).view({3, 2, 2, 3}).amax(1);
      QVERIFY(at::equal(y, expected));
      const at::Tensor weight = torch::randn({3, 2, 3});
      (y * weight).sum().backward();
      const at::Tensor own = x.grad().clone();
      x.mutable_grad().reset();
      (expected * weight).sum().backward();
      QVERIFY(at::equal(own, x.grad()));
    }
  }

  void dropoutLeavesOutItsShare() {
    const at::Tensor ones = torch::ones({400, 500});
    for (const double rate : {0.1, 0.5}) {
      const at::Tensor a = drop(ones, rate, 7);
      QVERIFY(std::abs((a == 0).to(at::kFloat).mean().item<double>() - rate) < 0.005);
      QVERIFY(std::abs(a.mean().item<double>() - 1) < 0.005);
      QVERIFY(at::equal(a, drop(ones, rate, 7)));
      // Another seed is another mask, and rows and columns are no pattern.
      for (const at::Tensor& b : {drop(ones, rate, 8), drop(ones, rate, 7 + (1ULL << 32U))}) {
        const double both = ((a == 0) * (b == 0)).to(at::kFloat).mean().item<double>();
        QVERIFY(std::abs(both - rate * rate) < 0.005);
      }
      const at::Tensor zero = (a == 0).to(at::kFloat);
      for (const std::int64_t axis : {0, 1}) {
        const at::Tensor next = zero.roll(1, axis) * zero;
        QVERIFY(std::abs(next.mean().item<double>() - rate * rate) < 0.005);
        QVERIFY((zero.mean(axis) - rate).abs().max().item<double>() < 0.15);
      }
    }
  }

  void productsOfPanelsAreThoseOfPlainLoops() {
    Rng rng(5);
    const auto random = [&rng](std::int64_t n) {
      std::vector<float> out(static_cast<std::size_t>(n));
      for (float& x : out) x = static_cast<float>(rng.uniform() - 0.5);
      return out;
    };
    for (const std::int64_t outs : {1, 5, 32, 33, 64, 88, 130}) {
      for (const std::int64_t ins : {1, 3, 88}) {
        const auto matrix = random(ins * outs);
        const Panels panels(matrix.data(), outs, ins, ins);
        for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 10, 25}) {
          const auto in = random(rows * ins);
          const auto start = random(outs);
          std::vector<float> out(static_cast<std::size_t>(rows * outs));
          std::vector<float> one(static_cast<std::size_t>(outs));
          multiplyAdd(panels, rows, in.data(), start.data(), 0, out.data());
          for (std::int64_t r = 0; r < rows; ++r) {
            std::vector<Entry> entries;
            for (std::int64_t i = 0; i < ins; ++i) entries.push_back({i, in[r * ins + i]});
            multiplyAdd(panels, entries, start.data(), one.data());
            for (std::int64_t o = 0; o < outs; ++o) {
              float sum = start[o];
              for (std::int64_t i = 0; i < ins; ++i) sum += in[r * ins + i] * matrix[o * ins + i];
              QVERIFY(std::abs(out[r * outs + o] - sum) < 1e-5F);
              // However many rows there are, and whatever is left out: the same bits.
              QCOMPARE(one[o], out[r * outs + o]);
            }
          }
        }
      }
    }
  }

  void expIsCloseEnough() {
    double worst = 0;
    for (float x = -86; x < 87; x += 0.0137F) {
      worst = std::max(worst, std::abs(expOf(x) / std::exp(static_cast<double>(x)) - 1));
    }
    QVERIFY2(worst < 5e-7, qPrintable(QString::number(worst)));
  }

  void sizesAreAsDesigned() {
    QCOMPARE(makeNetwork(*presetNamed("published"), 1, at::kCPU)->parameterCount(),
             std::int64_t{84354});
    for (const char* name : {"published", "improved"}) {
      const NotePreset preset = *presetNamed(name);
      const auto network = makeNetwork(preset, 1, at::kCPU);
      const auto expected = expectedTensors(preset);
      QCOMPARE(network->parameters().size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE(network->parameters()[i].first, expected[i].first);
        QVERIFY(network->parameters()[i].second.sizes().vec() == expected[i].second);
      }
    }
  }

  void theDecoderSaysWhatTheImprovedNetworkSays() {
    QTemporaryDir dir;
    const std::filesystem::path file = dir.filePath("w.safetensors").toStdString();
    writeRandomCheckpoint(file, "improved", 96);
    const LoadedCheckpoint c = *noteCheckpointAt(file);
    ImprovedNetwork network(c.preset, 1, at::kCPU);
    copyInto(c, network);
    const CorpusSequence s = sequenceOf(60);
    constexpr std::uint32_t kFirst = 10;
    constexpr std::uint32_t kCount = 50;
    const NoteWindow window{&s, kFirst, kCount};
    const auto scores = network.score(std::span(&window, 1));

    ImprovedDecoder decoder(makeWeights(c));
    const std::span<const EncodedNote> all(s.notes);
    const BarStart start{all[kFirst].onset - all[kFirst].barPosition, all[kFirst].barLength,
                         all[kFirst].meter};
    std::int32_t sounding = 0;
    double worst = 0;
    for (std::uint32_t i = 0; i < kCount; ++i) {
      const std::size_t at = kFirst + i;
      decoder.advance(inputsBefore(all.first(at), kFirst, start, sounding, Shift{}));
      const NoteTargets t = targetsOf(i > 0 ? &all[at - 1] : nullptr, all[at], Shift{});
      const double own[4] = {logSoftmax(decoder.stepLogits(), t.step),
                             logSoftmax(decoder.pitchLogits(t), t.pitch, t.excluded),
                             logSoftmax(decoder.durationLogits(t), t.duration),
                             logSoftmax(decoder.velocityLogits(t), t.velocity)};
      const at::Tensor* theirs[4] = {&scores.given.step, &scores.given.pitch,
                                     &scores.given.duration, &scores.given.velocity};
      for (int k = 0; k < 4; ++k) {
        worst = std::max(worst, std::abs(own[k] - (*theirs[k])[i].item<double>()));
      }
      sounding = std::max(sounding, all[at].onset + all[at].duration);
    }
    qInfo("largest difference of a log-probability: %g", worst);
    QVERIFY(worst < 1e-4);
    // The pitch summed over all steps is no less likely than with the true step alone.
    const at::Tensor both = scores.given.step + scores.given.pitch;
    for (std::uint32_t i = 1; i < kCount; ++i) {
      QVERIFY(scores.marginalPitch[i].item<double>() >= both[i].item<double>() - 1e-4);
      QVERIFY(scores.marginalPitch[i].item<double>() <= 1e-4);
    }
  }

  void theDecoderSaysWhatThePublishedNetworkSays() {
    QTemporaryDir dir;
    const std::filesystem::path file = dir.filePath("w.safetensors").toStdString();
    writeRandomCheckpoint(file, "published");
    const LoadedCheckpoint c = *noteCheckpointAt(file);
    PublishedNetwork network(c.preset, 1, at::kCPU);
    copyInto(c, network);
    // Also of windows that begin later.
    const at::Tensor input = torch::rand({2 * kPublishedNotes + 3, 1, 3});
    PublishedDecoder decoder(makeWeights(c));
    for (std::int64_t i = 0; i < input.size(0); ++i) {
      decoder.push({input[i][0][0].item<float>(), input[i][0][1].item<float>(),
                    input[i][0][2].item<float>()});
      if (i + 1 < kPublishedNotes) continue;
      const auto expected = network.forward(input.slice(0, i + 1 - kPublishedNotes, i + 1));
      const auto answer = decoder.answer();
      double worst = std::abs(answer.step - expected.step.item<double>());
      worst = std::max(worst, std::abs(answer.duration - expected.duration.item<double>()));
      for (int p = 0; p < kPitches; ++p) {
        worst = std::max(worst, std::abs(answer.pitchLogits[static_cast<std::size_t>(p)] -
                                         expected.pitch[0][p].item<double>()));
      }
      QVERIFY2(worst < 1e-4, qPrintable(QString("%1: %2").arg(i).arg(worst)));
    }
  }

  void theDecoderSaysWhatTheFrameNetworkSays_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QString>("preset");
    for (const char* family : {kFrameGru, kFrameWavenet}) {
      for (const char* preset : {"serialised", "independent"}) {
        QTest::addRow("%s, %s", family, preset) << family << preset;
      }
    }
  }
  void theDecoderSaysWhatTheFrameNetworkSays() {
    QFETCH(QString, family);
    QFETCH(QString, preset);
    QTemporaryDir dir;
    const std::filesystem::path file = dir.filePath("w.safetensors").toStdString();
    writeRandomFrameCheckpoint(file, *framePresetNamed(family.toStdString(), preset.toStdString()));
    const TensorFile tensors = *readTensors(file);
    const FramePreset p = *frameCheckpoint(tensors);
    FrameNetwork network(p, 1, at::kCPU);
    QVERIFY(loadParameters(tensors, network));

    FrameSequence s;
    s.position = 5;
    for (int i = 0; i < 40; ++i) {
      Frame f;
      for (int k = i % 4; k > 0; --k) f.push_back(static_cast<std::uint8_t>(40 + 7 * k + i % 8));
      s.frames.push_back(f);
    }
    // Two windows, of which one is shorter, so that padding is met.
    const FrameWindow windows[2] = {{&s, 0, 40}, {&s, 0, 17}};
    const at::Tensor nats = network.nats(windows, std::nullopt);
    FrameDecoder decoder(frameWeights(tensors, p));
    FrameHistory history(s.position);
    double worst = 0;
    for (std::int64_t t = 0; t < 40; ++t) {
      const Frame& frame = s.frames[static_cast<std::size_t>(t)];
      decoder.advance(history);
      double own = 0;
      if (p.serial()) {
        for (std::size_t n = 0; n <= frame.size(); ++n) {
          const auto chosen = std::span(frame).first(n);
          const auto logits = decoder.symbolLogits(chosen);
          own -= serialLogProbability(logits, n < frame.size() ? frameSymbol(frame[n]) : kFrameEnd,
                                      n > 0 ? frameSymbol(frame[n - 1]) : kFrameEnd);
        }
      } else {
        const auto logits = decoder.keyLogits();
        for (int key = 0; key < kFrameKeys; ++key) {
          const double logit = logits[static_cast<std::size_t>(key)];
          const bool on = std::find(frame.begin(), frame.end(), kFrameLowest + key) != frame.end();
          own += std::log1p(std::exp(on ? -logit : logit));
        }
      }
      worst = std::max(worst, std::abs(own - nats[t][0].item<double>()));
      const double second = nats[t][1].item<double>();
      worst = std::max(worst, std::abs(t < 17 ? own - second : second));
      history.push(frame);
    }
    QVERIFY2(worst < 1e-3, qPrintable(QString::number(worst)));
  }

  void theFrameNetworkDoesNotLookAhead() {
    // Changing a frame changes what is said of it and of later ones, and of nothing before.
    for (const char* family : {kFrameGru, kFrameWavenet}) {
      FrameNetwork network(*framePresetNamed(family, "serialised"), 3, at::kCPU);
      FrameSequence s;
      for (int i = 0; i < 24; ++i) {
        s.frames.push_back({static_cast<std::uint8_t>(60 + i * 5 % 7), 48});
      }
      const FrameWindow window{&s, 0, 24};
      const at::Tensor before = network.nats(std::span(&window, 1), std::nullopt).detach().clone();
      s.frames[12] = {70};
      const at::Tensor after = network.nats(std::span(&window, 1), std::nullopt).detach();
      QVERIFY(largest(before.slice(0, 0, 12), after.slice(0, 0, 12)) == 0);
      QVERIFY(largest(before.slice(0, 13), after.slice(0, 13)) > 0);
    }
  }

  void theGatedConvolutionSeesTwoTaps() {
    // Kernel 2, dilations 1, 2, 4, 8: the last output depends on the last 16 inputs and no other.
    constexpr std::int64_t kSteps = 20;
    at::Tensor x = torch::randn({kSteps, 1, 3}).requires_grad_(true);
    at::Tensor y = x;
    for (const int dilation : {1, 2, 4, 8}) {
      const GatedWeights w{torch::randn({6, 6}), torch::randn({6}), torch::randn({6, 3}),
                           torch::randn({6})};
      y = gatedConvolution(y, w, dilation).next;
    }
    y[kSteps - 1].sum().backward();
    const at::Tensor seen = x.grad().abs().sum({1, 2}) > 0;
    QCOMPARE(seen.sum().item<std::int64_t>(), std::int64_t{16});
    QVERIFY(seen.slice(0, kSteps - 16).all().item<bool>());
  }

  void transposingTheMusicTransposesTheInputs() {
    CorpusSequence s = sequenceOf(60);
    const auto shifted = inputsBefore(s.notes, 5, {0, 96, 0}, 0, Shift{3, 2});
    for (EncodedNote& n : s.notes) {
      n.pitch += 3;
      n.velocity += 8;
    }
    QVERIFY(shifted == inputsBefore(s.notes, 5, {0, 96, 0}, 0, Shift{}));
  }

  void theLookbackSeesTheBarBefore() {
    // Quarters 60..67 over two bars: after the fourth note of bar 2 comes what followed the fourth
    // of bar 1.
    std::vector<EncodedNote> notes;
    for (int i = 0; i < 8; ++i) {
      EncodedNote n;
      n.onset = i * 24;
      n.duration = 24;
      n.barPosition = static_cast<std::uint16_t>(i % 4 * 24);
      n.pitch = static_cast<std::uint8_t>(60 + i);
      notes.push_back(n);
    }
    const NoteInputs in = inputsBefore(notes, 0, {0, 96, 0}, 192, Shift{});
    QCOMPARE(in[8], InputRows::kLookback + 64);
    QCOMPARE(in[9], InputRows::kLookback + kPitches + 1 + stepBin(24));
    // Two bars ago there was nothing.
    QCOMPARE(in[11], InputRows::kLookback + InputRows::kLookbackSize + kPitches);
    for (const std::int32_t row : in) QVERIFY(row >= 0 && row < InputRows::kRows);
  }
};

QTEST_APPLESS_MAIN(TestNetworks)
#include "test_networks.moc"
