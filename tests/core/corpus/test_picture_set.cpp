// The pictures of a corpus: built once, read from a file, whatever that file holds.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <set>

#include "core/corpus/picture_figures.h"
#include "core/corpus/picture_set.h"
#include "core/encoding/picture_encoding.h"
#include "core/io/atomic_file.h"
#include "core/io/midi_file.h"
#include "tests/property/random_document.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

PictureNote at(std::int64_t column, std::int64_t length, int pitch) {
  PictureNote n;
  n.column = column;
  n.length = length;
  n.pitch = static_cast<std::uint8_t>(pitch);
  return n;
}

}  // namespace

class TestPictureSet : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path root_;
  Corpus corpus_;

  Result<PictureSet> open(PictureKind kind) const {
    return PictureSet::open(corpus_, {kind, root_ / "cache"}, {}, {});
  }

 private Q_SLOTS:
  void initTestCase() {
    root_ = dir_.path().toStdString();
    fs::create_directories(root_ / "music");
    for (int i = 0; i < 30; ++i) {
      PictureNotes notes;
      for (int k = 0; k < 60; ++k) notes.push_back(at(6 * k, 5, 50 + (i * 7 + k * 5) % 30));
      const Document d = pictureDocument(PictureKind::kTicks, notes);
      QVERIFY(writeMidiFile(d, root_ / "music" / (std::to_string(i) + ".mid")).has_value());
    }
    CorpusOptions options;
    options.sequences = false;
    auto corpus = readCorpus(root_ / "music", options, {}, {});
    QVERIFY(corpus.has_value());
    corpus_ = std::move(*corpus);
  }

  void picturesAreThoseOfThePieces() {
    for (const PictureKind kind : kPictureKinds) {
      const auto set = open(kind);
      QVERIFY2(set.has_value(), set ? "" : set.error().message.c_str());
      QVERIFY(!set->entries().empty());
      for (std::uint32_t i = 0; i < set->entries().size(); i += 5) {
        const PictureSet::Entry& e = set->entries()[i];
        const auto file = root_ / "music" / set->pieces()[e.piece].file;
        const auto import = readMidiFile(file);
        QVERIFY(import.has_value());
        const auto pictures = paintPictures(kind, pictureNotes(import->document, kind));
        const auto own = std::find_if(pictures.begin(), pictures.end(),
                                      [&](const auto& p) { return p.index == e.place; });
        QVERIFY(own != pictures.end());
        const auto read = set->picture(i);
        QVERIFY(read.has_value());
        QVERIFY(*read == own->picture);
      }
    }
  }

  void itIsBuiltOnce() {
    const auto first = open(PictureKind::kTicks);
    QVERIFY(first.has_value());
    const auto changed = fs::last_write_time(first->file());
    const auto second = open(PictureKind::kTicks);
    QVERIFY(second.has_value());
    QCOMPARE(second->entries().size(), first->entries().size());
    QVERIFY(fs::last_write_time(second->file()) == changed);
    QCOMPARE(first->of(Split::kTrain).size() + first->of(Split::kValid).size() +
                 first->of(Split::kTest).size(),
             first->entries().size());
    QVERIFY(first->name(0).ends_with(", picture 1"));
  }

  void aDamagedFileIsBuiltAgain() {
    const fs::path file = open(PictureKind::kImage3)->file();
    const auto whole = readFile(file);
    QVERIFY(whole.has_value());
    fs::resize_file(file, whole->size() / 2);
    QVERIFY(!PictureSet::read(file, PictureKind::kImage3, corpus_.pieces).has_value());
    QVERIFY(open(PictureKind::kImage3).has_value());
    QVERIFY(readFile(file) == whole);
  }

  void aPictureThatWasDamagedIsAnError() {
    const auto set = open(PictureKind::kTicks);
    QVERIFY(set.has_value());
    std::fstream file(set->file(), std::ios::in | std::ios::out | std::ios::binary);
    for (int i = 0; i < 8; ++i) file.put('\xff');
    file.close();
    const auto picture = set->picture(0);
    QVERIFY(!picture.has_value());
    QVERIFY(picture.error().message.find(set->file().string()) == 0);
    fs::remove(set->file());
  }

  void stopGivesAnEmptySet() {
    std::stop_source stop;
    stop.request_stop();
    const auto set =
        PictureSet::open(corpus_, {PictureKind::kTicks, root_ / "other"}, {}, stop.get_token());
    QVERIFY(set.has_value());
    QVERIFY(set->entries().empty());
    QVERIFY(fs::is_empty(root_ / "other"));
  }

  void aFolderThatCannotBeMadeIsOneLine() {
    std::ofstream(root_ / "file") << "x";
    const auto set = PictureSet::open(corpus_, {PictureKind::kTicks, root_ / "file"}, {}, {});
    QVERIFY(!set.has_value());
    QVERIFY(set.error().message.find('\n') == std::string::npos);
  }

  void packingKeepsEveryPicture() {
    Rng rng(3);
    for (int round = 0; round < 40; ++round) {
      for (const PictureKind kind : kPictureKinds) {
        Picture p(kind);
        const std::uint32_t share = 1 + rng.below(40);
        for (std::uint8_t& v : p.values) {
          if (rng.below(share) == 0) v = static_cast<std::uint8_t>(rng.below(256));
        }
        const auto bytes = packPicture(p);
        const auto back = unpackPicture(bytes, kind);
        QVERIFY(back.has_value());
        QVERIFY(*back == p);
        if (!bytes.empty()) {
          QVERIFY(!unpackPicture(std::span(bytes).first(bytes.size() - 1), kind).has_value());
        }
      }
    }
  }

  void augmentationKeepsTheMusic() {
    const Picture p = paintPicture(PictureKind::kTicks, {at(0, 5, 60), at(6, 5, 64), at(6, 5, 67)});
    Rng rng(4);
    std::set<int> moves;
    for (int i = 0; i < 200; ++i) {
      const Picture moved = augmented(p, {true, 0}, rng);
      const auto notes = readPictures({&moved, 1});
      QCOMPARE(notes.size(), std::size_t{3});
      const int by = notes[0].pitch - 60;
      QCOMPARE(int{notes[1].pitch}, 64 + by);
      QCOMPARE(int{notes[2].pitch}, 67 + by);
      moves.insert(by);
    }
    QCOMPARE(*moves.begin(), -5);
    QCOMPARE(*moves.rbegin(), 6);
    const Picture high = paintPicture(PictureKind::kTicks, {at(0, 5, 111)});
    for (int i = 0; i < 50; ++i) {
      const Picture moved = augmented(high, {true, 1}, rng);
      QCOMPARE(readPictures({&moved, 1}).size(), std::size_t{1});
    }
    QVERIFY(augmented(p, {false, 0}, rng) == p);
  }

  void figuresOfKnownPictures() {
    PictureStatistics s(PictureKind::kTicks);
    s.add(paintPicture(PictureKind::kTicks, {at(0, 12, 60), at(12, 1, 64)}));
    s.add(Picture(PictureKind::kTicks));
    QCOMPARE(s.withNotes(), 0.5);
    QCOMPARE(s.emptyBars(), 0.75);
    QCOMPARE(s.qualifiedNotes(), 0.5);
    QCOMPARE(s.histograms[0].counts[0], std::int64_t{1});   // C
    QCOMPARE(s.histograms[1].counts[11], std::int64_t{1});  // twelve columns
    QCOMPARE(s.histograms[2].counts[0], std::int64_t{13});  // one key each
    QCOMPARE(s.histograms[3].counts[12], std::int64_t{1});  // the second beat
    QCOMPARE(meanOverlap(s, s), 1.0);
    QCOMPARE(meanOverlap(s, PictureStatistics(PictureKind::kTicks)), 0.0);
  }

  void copiesAreFound() {
    PictureNeighbours learnt(PictureKind::kImage3);
    const Picture a = paintPicture(PictureKind::kImage3, {at(0, 10, 60)});
    const Picture b = paintPicture(PictureKind::kImage3, {at(50, 10, 72)});
    learnt.add(a);
    learnt.add(b);
    QCOMPARE(learnt.nearest(b).index, std::size_t{1});
    QCOMPARE(learnt.nearest(b).distance, 0.0);
    const Picture half = paintPicture(PictureKind::kImage3, {at(0, 5, 60)});
    QCOMPARE(learnt.nearest(half).distance, 0.5);
    QCOMPARE(learnt.nearest(Picture(PictureKind::kImage3)).distance, 1.0);
  }

  void agreementOfNotes() {
    NoteAgreement a;
    a.add({at(0, 4, 60), at(4, 4, 62)}, {at(0, 3, 60), at(8, 4, 62)});
    QCOMPARE(a.f1(), 0.5);
    QCOMPARE(a.f1WithLength(), 0.0);
    QCOMPARE(NoteAgreement().f1(), 1.0);
  }
};

QTEST_APPLESS_MAIN(TestPictureSet)
#include "test_picture_set.moc"
