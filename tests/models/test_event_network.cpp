// The network of event-lstm against what composes with it, and against the future.
#include <torch/torch.h>

#include <QtTest>

#include "core/encoding/event_tokens.h"
#include "models/event_decoder.h"
#include "models/event_network.h"
#include "models/optimiser.h"
#include "toy_band.h"

using namespace incipit;

namespace {

EventPreset smallPreset() {
  EventPreset p;
  p.hidden = 24;
  return p;
}

// The nats of each symbol.
std::vector<float> natsOf(EventNetwork& network, const EventWindow& window) {
  const at::NoGradGuard noGrad;
  const auto a = network.answers(std::span(&window, 1), std::nullopt);
  const at::Tensor nats =
      -at::log_softmax(a.logits, 1).gather(1, a.truth.unsqueeze(1)).squeeze(1).contiguous();
  return {nats.data_ptr<float>(), nats.data_ptr<float>() + nats.numel()};
}

}  // namespace

class TestEventNetwork : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theDecoderIsTheNetwork() {
    EventNetwork network(smallPreset(), 3, at::kCPU);
    TensorFile file;
    for (const auto& [name, p] : network.parameters()) file.tensors.push_back(namedTensor(name, p));
    const auto piece = eventPieceOf(toyBand(5, 12));
    QVERIFY(piece);
    const std::size_t bar = piece->bars[3];
    for (const std::size_t first : {std::size_t{0}, bar}) {
      const EventWindow window{&*piece, first, piece->tokens.size() - first, 2};
      const at::NoGradGuard noGrad;
      const auto a = network.answers(std::span(&window, 1), std::nullopt);
      EventDecoder decoder(eventWeights(file, {smallPreset(), piece->roles}));
      EventHistory history(piece->roles);
      for (std::size_t i = 0; i < piece->tokens.size(); ++i) {
        if (i >= first) {
          decoder.advance(history);
          const auto logits = decoder.logits(history);
          for (int s = 0; s < kEventSymbols; ++s) {
            if (!history.grammar().allows(s)) continue;
            const auto theirs = a.logits[static_cast<std::int64_t>(i - first)][s].item<float>();
            QVERIFY2(std::abs(theirs - logits[static_cast<std::size_t>(s)]) < 2e-4F,
                     qPrintable(QString("symbol %1 at %2").arg(s).arg(i)));
          }
        }
        history.take(window.token(i));
      }
    }
  }

  void whatTheGrammarForbidsIsImpossible() {
    EventNetwork network(smallPreset(), 3, at::kCPU);
    const auto piece = eventPieceOf(toyBand(1, 6));
    const EventWindow window{&*piece, 0, piece->tokens.size(), 0};
    const at::NoGradGuard noGrad;
    const auto a = network.answers(std::span(&window, 1), std::nullopt);
    const at::Tensor p = at::softmax(a.logits, 1);
    EventHistory history(piece->roles);
    for (std::size_t i = 0; i < piece->tokens.size(); ++i) {
      for (int s = 0; s < kEventSymbols; ++s) {
        const bool possible = p[static_cast<std::int64_t>(i)][s].item<float>() > 0;
        QCOMPARE(possible, history.grammar().allows(s));
      }
      history.take(piece->tokens[i]);
    }
  }

  void theFutureDoesNotReachThePast() {
    EventNetwork network(smallPreset(), 1, at::kCPU);
    const auto whole = eventPieceOf(toyBand(2, 10));
    auto changed = *whole;
    const std::size_t at = whole->bars[5];
    const auto other = eventPieceOf(toyBand(9, 10));
    changed.tokens.resize(at);
    changed.tokens.insert(changed.tokens.end(),
                          other->tokens.begin() + static_cast<std::ptrdiff_t>(other->bars[5]),
                          other->tokens.end());
    const auto a = natsOf(network, {&*whole, 0, whole->tokens.size(), 0});
    const auto b = natsOf(network, {&changed, 0, changed.tokens.size(), 0});
    for (std::size_t i = 0; i < at; ++i) QVERIFY(std::abs(a[i] - b[i]) < 1e-4F);
    QVERIFY(a != b);
  }

  void batchesAreTheirWindows() {
    EventNetwork network(smallPreset(), 1, at::kCPU);
    const auto one = eventPieceOf(toyBand(1, 4));
    const auto two = eventPieceOf(toyBand(2, 9));
    const std::vector<EventWindow> both{{&*one, 0, one->tokens.size(), 0},
                                        {&*two, two->bars[2], 40, -3}};
    const at::NoGradGuard noGrad;
    const auto a = network.answers(both, std::nullopt);
    double sum = at::cross_entropy_loss(a.logits, a.truth).item<double>();
    sum *= static_cast<double>(a.truth.size(0));
    double alone = 0;
    for (const EventWindow& w : both) {
      for (const float n : natsOf(network, w)) alone += n;
    }
    QVERIFY2(std::abs(sum - alone) < 1e-3 * alone,
             qPrintable(QString("%1 %2").arg(sum).arg(alone)));
  }

  void aTransposedWindowIsATransposedPiece() {
    const Document d = toyBand(3, 6);
    const auto piece = eventPieceOf(d);
    Document moved = d;
    for (TrackPtr& t : moved.tracks) {
      if (t->channel == kDrumChannel) continue;
      auto track = std::make_shared<Track>(*t);
      std::vector<Note> notes = t->notes.toVector();
      for (Note& n : notes) n.pitch = static_cast<std::uint8_t>(n.pitch + 3);
      track->notes = NoteList(std::move(notes));
      t = std::move(track);
    }
    const auto other = eventPieceOf(moved);
    const EventWindow window{&*piece, 0, piece->tokens.size(), 3};
    for (std::size_t i = 0; i < window.count; ++i) QCOMPARE(window.token(i), other->tokens[i]);
  }

  void windowsHoldEverySymbolOnce() {
    EventCorpus corpus;
    for (std::uint64_t i = 0; i < 6; ++i) {
      corpus.pieces.push_back(*eventPieceOf(toyBand(i, 5 + static_cast<int>(i))));
      corpus.pieces.back().split = i % 2 == 0 ? Split::kTrain : Split::kValid;
    }
    std::map<const EventPiece*, std::size_t> next;
    for (const EventWindow& w : eventWindows(corpus, Split::kTrain, 50, 0, 1)) {
      QCOMPARE(w.first, next[w.piece]);
      QVERIFY(w.first == 0 || w.piece->tokens[w.first] == kEventBar || w.count <= 50);
      next[w.piece] += w.count;
    }
    QCOMPARE(next.size(), std::size_t{3});
    for (const auto& [piece, end] : next) QCOMPARE(end, piece->tokens.size());
    EventSampler sampler(corpus, Split::kTrain);
    Rng rng(4);
    bool ends = false;
    for (int i = 0; i < 200; ++i) {
      const EventWindow w = sampler.draw(150, rng);
      QVERIFY(w.count >= 1 && w.count <= 150 && w.first + w.count <= w.piece->tokens.size());
      QVERIFY(w.first == 0 || w.piece->tokens[w.first] == kEventBar);
      QVERIFY(w.piece->split == Split::kTrain);
      ends = ends || w.first + w.count == w.piece->tokens.size();
      for (std::size_t k = 0; k < w.piece->tokens.size(); ++k) {
        QCOMPARE(kEventPitch.holds(w.token(k)), kEventPitch.holds(w.piece->tokens[k]));
      }
    }
    QVERIFY(ends);
  }
};

QTEST_APPLESS_MAIN(TestEventNetwork)
#include "test_event_network.moc"
