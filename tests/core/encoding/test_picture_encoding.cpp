// Music as pictures: where notes fall, that nothing but what is stated is lost, and how much that
// is of real music.
#include <QtTest>
#include <cmath>
#include <set>

#include "core/encoding/picture_encoding.h"
#include "core/rng.h"
#include "real_music.h"
#include "tests/property/random_document.h"

using namespace incipit;

namespace {

PictureNote at(std::int64_t column, std::int64_t length, int pitch) {
  PictureNote n;
  n.column = column;
  n.length = length;
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

std::vector<Picture> wholeStrip(PictureKind kind, const PictureNotes& notes) {
  std::vector<Picture> strip;
  for (PlacedPicture& p : paintPictures(kind, notes)) {
    while (std::ssize(strip) < p.index) strip.emplace_back(kind);
    strip.push_back(std::move(p.picture));
  }
  return strip;
}

// One picture of any values, as a network may draw it.
Picture noise(PictureKind kind, Rng& rng) {
  Picture p(kind);
  const std::uint32_t share = 1 + rng.below(20);
  for (std::uint8_t& v : p.values) {
    if (rng.below(share) == 0) v = static_cast<std::uint8_t>(rng.below(256));
  }
  return p;
}

}  // namespace

class TestPictureEncoding : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void columnsFollowTheTempoMap() {
    const TempoMap tempo(480, {{{0}, 500000}, {{480}, 1000000}});
    const PictureGrid grid(PictureKind::kImage1, tempo, {});
    QCOMPARE(grid.column({48}), std::int64_t{1});  // 500000 x 48 / 480 / 1e6 / 0.05
    QCOMPARE(grid.column({480}), std::int64_t{10});
    QCOMPARE(grid.column({960}), std::int64_t{30});
    const PictureGrid later(PictureKind::kImage3, tempo, {480});
    QCOMPARE(later.column({960}), std::int64_t{20});
    QCOMPARE(later.column({432}), std::int64_t{-1});
    const PictureGrid ticks(PictureKind::kTicks, tempo, {});
    QCOMPARE(ticks.column({480}), std::int64_t{12});
    QCOMPARE(ticks.tick(96).count, std::int64_t{8 * 480});
  }

  void everyColumnIsFoundAgain() {
    Rng rng(1);
    for (int round = 0; round < 200; ++round) {
      const int ppq = documentPpq(static_cast<int>(1 + rng.below(2000)));
      std::vector<TempoChange> changes;
      for (std::uint32_t i = rng.below(5); i > 0; --i) {
        changes.push_back({{rng.below(40) * ppq / 4}, 1000 + rng.below(0xFFFFFF - 1000)});
      }
      const TempoMap tempo(ppq, changes);
      for (const PictureKind kind : kPictureKinds) {
        const PictureGrid grid(kind, tempo, {rng.below(4000)});
        for (std::int64_t column = 0; column < 300; column += 7) {
          QCOMPARE(grid.column(grid.tick(column)), column);
        }
      }
    }
  }

  void valuesAreThoseOfThePapers() {
    PictureNote n = at(3, 4, 60);
    n.velocity = 100;
    n.program = 41;
    n.bpm = 90;
    const Picture one = paintPicture(PictureKind::kImage1, {n});
    QCOMPARE(int{one.at(0, 39, 3)}, 4);
    QCOMPARE(int{one.at(1, 39, 3)}, 214);
    QCOMPARE(int{one.at(2, 39, 3)}, 83);
    QCOMPARE(int{one.at(3, 39, 3)}, 90);
    QCOMPARE(int{one.at(0, 39, 4)}, 0);
    const Picture two = paintPicture(PictureKind::kImage2, {n});
    const Picture three = paintPicture(PictureKind::kImage3, {n});
    for (const Picture* p : {&two, &three}) {
      QCOMPARE(int{p->at(0, 39, 3)}, 125);
      QCOMPARE(int{p->at(0, 39, 6)}, 255);
      QCOMPARE(int{p->at(0, 39, 7)}, 0);
    }
    QCOMPARE(int{two.at(1, 39, 6)}, 214);
    const Picture ticks = paintPicture(PictureKind::kTicks, {n, at(7, 2, 60)});
    QCOMPARE(int{ticks.at(0, 44, 3)}, 255);
    QCOMPARE(int{ticks.at(0, 44, 6)}, 0);  // struck again in column 7
    QCOMPARE(int{ticks.at(0, 44, 7)}, 255);
  }

  // Whatever is drawn, what is read from it is painted and read as itself.
  void readingIsStable() {
    Rng rng(2);
    for (int round = 0; round < 60; ++round) {
      for (const PictureKind kind : kPictureKinds) {
        std::vector<Picture> drawn;
        for (std::uint32_t i = 1 + rng.below(3); i > 0; --i) drawn.push_back(noise(kind, rng));
        const PictureNotes notes = readPictures(drawn);
        std::set<std::pair<std::int64_t, int>> starts;
        for (const PictureNote& n : notes) {
          QVERIFY(n.length >= 1 && n.column >= 0 && n.velocity >= 1 && n.velocity <= 127);
          QVERIFY(starts.insert({n.column, n.pitch}).second);
        }
        QCOMPARE(readPictures(wholeStrip(kind, notes)), notes);
      }
    }
  }

  void errorsOfAnyDocumentAreBounded() {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const Document d = test::DocumentMaker(seed).make();
      for (const PictureKind kind : kPictureKinds) {
        const PictureLoss loss = pictureLoss(d, kind);
        QVERIFY(loss.kept <= loss.notes && loss.velocities <= loss.kept);
        if (kind == PictureKind::kTicks) continue;
        // Half a column, and half a tick of the way back.
        const double most = 0.025 + 0.009;
        QVERIFY2(loss.onsetError <= most * static_cast<double>(loss.kept),
                 qPrintable(
                     QString("seed %1: %2 s of %3").arg(seed).arg(loss.onsetError).arg(loss.kept)));
      }
    }
  }

  void tracksAndDrums() {
    Document d = newDocument();
    Track drums = *d.tracks.front();
    drums.id = d.nextTrackId++;
    drums.channel = kDrumChannel;
    drums.notes = NoteList({Note{{0}, {960}, d.nextNoteId++, 40}});
    Track organ = drums;
    organ.id = d.nextTrackId++;
    organ.channel = 1;
    organ.program = 19;
    organ.notes =
        NoteList({Note{{960}, {480}, d.nextNoteId++, 62}, Note{{960}, {480}, d.nextNoteId++, 10}});
    d.tracks.push_back(std::make_shared<const Track>(drums));
    d.tracks.push_back(std::make_shared<const Track>(organ));
    PictureNotes notes = pictureNotes(d, PictureKind::kImage1);
    QCOMPARE(notes.size(), std::size_t{1});  // no drums, no key below the picture
    QCOMPARE(int{notes.front().program}, 19);
    QCOMPARE(notes.front().column, std::int64_t{10});
    QCOMPARE(pictureNotes(d, PictureKind::kImage1, {961}).size(), std::size_t{0});
    QCOMPARE(pictureNotes(d, PictureKind::kImage1, {}, std::vector{d.tracks.front()->id}).size(),
             std::size_t{0});
    const PictureLoss loss = pictureLoss(d, PictureKind::kImage1);
    QCOMPARE(loss.notes, std::int64_t{2});
    QCOMPARE(loss.kept, std::int64_t{1});
    const Document back = pictureDocument(PictureKind::kImage1, notes);
    QCOMPARE(back.tracks.size(), std::size_t{1});
    QCOMPARE(back.tracks.front()->program, 19);
    QCOMPARE(back.tracks.front()->notes.begin()->start.count, std::int64_t{960});
  }

  // A note at the end of time must not fill the memory with pictures.
  void stripsAreBounded() {
    const auto far = std::int64_t{1} << 40;
    const PictureNotes notes{at(0, far, 60), at(far, 4, 62)};
    const auto pictures = paintPictures(PictureKind::kImage3, notes);
    QCOMPARE(std::ssize(pictures), kMostPictures);
    QCOMPARE(paintPictures(PictureKind::kImage1, notes).size(), std::size_t{1});
  }

  void lossOfRealMusic() {
    const QTemporaryDir dir;
    const auto pieces = test::realPieces("nottingham", dir);
    if (pieces.empty()) QSKIP(test::kNoMusic);
    for (const PictureKind kind : kPictureKinds) {
      PictureLoss loss;
      for (const Document& d : pieces) loss += pictureLoss(d, kind);
      const auto kept = static_cast<double>(loss.kept);
      qInfo(
          "%s: %.2f %% of %lld notes kept, onset %.1f ms, length %.1f ms off, velocity of "
          "%.1f %%, instrument of %.1f %%",
          pictureKindId(kind), 100 * kept / static_cast<double>(loss.notes),
          static_cast<long long>(loss.notes), 1000 * loss.onsetError / kept,
          1000 * loss.lengthError / kept, 100 * static_cast<double>(loss.velocities) / kept,
          100 * static_cast<double>(loss.programs) / kept);
      QVERIFY(kept > 0.98 * static_cast<double>(loss.notes));
      QVERIFY(loss.onsetError <= 0.03 * kept);
    }
  }
};

QTEST_APPLESS_MAIN(TestPictureEncoding)
#include "test_picture_encoding.moc"
