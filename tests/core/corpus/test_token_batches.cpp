// Batches from disk: everything is there once an epoch, mixed, and the same for the same seed.
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <map>
#include <set>

#include "core/corpus/prefetch.h"
#include "core/corpus/token_batches.h"
#include "core/io/midi_file.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

constexpr int kPieces = 12;

// Piece i has 30 + 7 i notes whose velocity tells the piece.
Corpus makeCorpus(const fs::path& folder) {
  Corpus c;
  c.folder = folder;
  for (int i = 0; i < kPieces; ++i) {
    Document d = newDocument();
    auto track = std::make_shared<Track>(*d.tracks.front());
    std::vector<Note> notes;
    for (int k = 0; k < 30 + 7 * i; ++k) {
      Note n;
      n.start = {std::int64_t{k} * 960};
      n.length = {960};
      n.pitch = static_cast<std::uint8_t>(40 + k % 40);
      n.velocity = static_cast<std::uint8_t>(i + 1);
      n.id = d.nextNoteId++;
      notes.push_back(n);
    }
    track->notes = NoteList(std::move(notes));
    d.tracks.front() = std::move(track);
    CorpusPiece piece;
    piece.file = "p" + std::to_string(i) + ".mid";
    piece.split = i % 4 == 3 ? Split::kValid : Split::kTrain;
    if (const auto written = writeMidiFile(d, folder / piece.file); !written) {
      qFatal("%s", written.error().message.c_str());
    }
    c.pieces.push_back(piece);
  }
  return c;
}

// piece * 1000 + the number of the note: every symbol is different.
std::vector<std::vector<std::int32_t>> encode(const Document& d) {
  std::vector<std::int32_t> out;
  for (const Note& n : d.tracks[0]->notes) {
    out.push_back((n.velocity - 1) * 1000 + static_cast<std::int32_t>(out.size()));
  }
  return {out};
}

std::vector<TokenBatch> all(TokenBatches batches) {
  std::vector<TokenBatch> out;
  while (true) {
    auto b = batches.next({});
    if (!b) qFatal("%s", b.error().message.c_str());
    if (!*b) return out;
    out.push_back(std::move(**b));
  }
}

BatchOptions small() {
  BatchOptions o;
  o.rows = 5;
  o.window = 16;
  o.mixed = 20;
  o.padding = -1;
  return o;
}

}  // namespace

class TestTokenBatches : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { corpus_ = makeCorpus(dir_.path().toStdString()); }

  void piecesComeOnceAnEpochInAnotherOrder() {
    PieceStreamOptions options;
    options.epochs = 3;
    PieceStream stream(corpus_, options);
    QCOMPARE(stream.piecesPerEpoch(), std::size_t{9});
    std::vector<std::vector<std::uint32_t>> orders(3);
    while (auto piece = stream.next({}).value()) {
      orders[static_cast<std::size_t>(piece->epoch)].push_back(piece->index);
    }
    QVERIFY(orders[0] != orders[1] && orders[1] != orders[2]);
    for (auto& order : orders) {
      std::sort(order.begin(), order.end());
      QCOMPARE(order, (std::vector<std::uint32_t>{0, 1, 2, 4, 5, 6, 8, 9, 10}));
    }
    QVERIFY(!stream.next({}).value());
    options.split = Split::kTest;
    QVERIFY(!PieceStream(corpus_, options).next({}).value());
  }

  void everySymbolIsThere() {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      BatchOptions options = small();
      options.seed = seed;
      std::map<std::int32_t, int> seen;
      for (const TokenBatch& b : all(TokenBatches(PieceStream(corpus_, {}), encode, options))) {
        QCOMPARE(b.length, 17);
        QCOMPARE(b.tokens.size(), static_cast<std::size_t>(b.rows * b.length));
        for (int r = 0; r < b.rows; ++r) {
          for (int i = 0; i < b.length; ++i) {
            const std::int32_t t = b.tokens[static_cast<std::size_t>(r * b.length + i)];
            ++seen[t];
            // A row is a stretch of one piece.
            if (i > 0) QCOMPARE(t, b.tokens[static_cast<std::size_t>(r * b.length + i - 1)] + 1);
          }
        }
      }
      for (const CorpusPiece& p : corpus_.pieces) {
        const int i = static_cast<int>(&p - corpus_.pieces.data());
        for (int k = 0; k < 30 + 7 * i; ++k) {
          const bool there = seen.contains(i * 1000 + k);
          QCOMPARE(there, p.split == Split::kTrain);
        }
      }
    }
  }

  void shortPiecesArePadded() {
    BatchOptions options = small();
    options.window = 99;
    bool padded = false;
    for (const TokenBatch& b : all(TokenBatches(PieceStream(corpus_, {}), encode, options))) {
      for (std::size_t i = 1; i < b.tokens.size(); ++i) {
        padded = padded || b.tokens[i] == -1;
        if (i % 100 != 0) QVERIFY(b.tokens[i] == -1 || b.tokens[i] == b.tokens[i - 1] + 1);
      }
    }
    QVERIFY(padded);
  }

  void rowsOfABatchAreOfSeveralPieces() {
    const auto batches = all(TokenBatches(PieceStream(corpus_, {}), encode, small()));
    std::set<int> pieces;
    for (int r = 0; r < batches[0].rows; ++r) {
      pieces.insert(batches[0].tokens[static_cast<std::size_t>(r * batches[0].length)] / 1000);
    }
    QVERIFY(pieces.size() > 1);
  }

  void theSameSeedGivesTheSameBatches() {
    PieceStreamOptions pieces;
    pieces.epochs = 2;
    pieces.augment = AugmentOptions{};
    pieces.augment->velocityOffset = 0;  // the velocity names the piece
    const auto pitches = [](const Document& d) -> std::vector<std::vector<std::int32_t>> {
      std::vector<std::int32_t> out;
      for (const Note& n : d.tracks[0]->notes) out.push_back(n.pitch);
      return {out};
    };
    const auto make = [&] { return TokenBatches(PieceStream(corpus_, pieces), pitches, small()); };
    const auto plain = all(make());
    // Ahead on a thread of its own: nothing changes.
    Prefetch<TokenBatch> ahead(
        [batches = make()](const std::stop_token& stop) mutable { return batches.next(stop); }, 3);
    for (const TokenBatch& b : plain) QVERIFY(ahead.next({}).value()->tokens == b.tokens);
    QVERIFY(!ahead.next({}).value());
    pieces.seed = 1;
    QVERIFY(all(make())[0].tokens != plain[0].tokens);
  }

  void aFileThatIsGoneIsNamed() {
    Corpus broken = corpus_;
    broken.pieces[4].file = "gone.mid";
    TokenBatches batches(PieceStream(broken, {}), encode, small());
    Result<std::optional<TokenBatch>> last = std::nullopt;
    do {
      last = batches.next({});
    } while (last && *last);
    QVERIFY(!last);
    QVERIFY(last.error().message.find("gone.mid") != std::string::npos);
  }

  void stopsWhenAsked() {
    std::stop_source source;
    TokenBatches batches(PieceStream(corpus_, {}), encode, small());
    QVERIFY(batches.next(source.get_token()).value());
    source.request_stop();
    QVERIFY(!batches.next(source.get_token()).value());
  }

 private:
  QTemporaryDir dir_;
  Corpus corpus_;
};

QTEST_APPLESS_MAIN(TestTokenBatches)
#include "test_token_batches.moc"
