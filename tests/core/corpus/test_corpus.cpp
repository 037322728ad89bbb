// Scanning a folder: what is accepted, rejected, doubled, split, and how a manifest rules it.
#include <QTemporaryDir>
#include <QtTest>
#include <cstdlib>
#include <fstream>

#include "core/corpus/corpus.h"
#include "core/io/midi_file.h"
#include "core/rng.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

// `tracks` tracks of `notes` random quarters on the given channel and program.
Document piece(std::uint64_t seed, int notes, int tracks = 1, int channel = 0) {
  Rng rng(seed);
  Document d = newDocument();
  d.tracks.clear();
  for (int t = 0; t < tracks; ++t) {
    auto track = std::make_shared<Track>();
    track->id = d.nextTrackId++;
    track->channel = channel == kDrumChannel ? channel : channel + t;
    std::vector<Note> list;
    for (int i = 0; i < notes; ++i) {
      Note n;
      n.start = {std::int64_t{i} * 960};
      n.length = {960};
      n.pitch = static_cast<std::uint8_t>(48 + rng.below(24));
      n.id = d.nextNoteId++;
      list.push_back(n);
    }
    track->notes = NoteList(list);
    d.tracks.push_back(track);
  }
  return d;
}

void save(const fs::path& file, const Document& d, int format = 1) {
  fs::create_directories(file.parent_path());
  const auto written = writeMidiFile(d, file, format);
  QVERIFY2(written, written ? "" : written.error().message.c_str());
}

std::string reasonOf(const Corpus& c, const std::string& file) {
  for (const RejectedFile& r : c.rejected) {
    if (r.file == file) return r.reason;
  }
  return {};
}

Corpus readOrDie(const fs::path& folder, const CorpusOptions& options = {}) {
  auto c = readCorpus(folder, options, {}, {});
  if (!c) qFatal("%s", c.error().message.c_str());
  return std::move(*c);
}

}  // namespace

class TestCorpus : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void rejectionsSayWhy() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    save(folder / "a.mid", piece(1, 40));
    save(folder / "sub/same.MID", piece(1, 40), 0);
    save(folder / "drums.mid", piece(2, 40, 1, kDrumChannel));
    save(folder / "short.mid", piece(3, 5));
    std::ofstream(folder / "text.mid") << "this is no music";
    std::ofstream(folder / "readme.txt") << "not looked at";
    const Corpus c = readOrDie(folder);
    QCOMPARE(c.pieces.size(), std::size_t{1});
    QCOMPARE(c.pieces[0].file, std::string("a.mid"));
    QCOMPARE(c.notes, std::int64_t{40});
    QCOMPARE(c.seconds, 20.0);
    QCOMPARE(c.rejected.size(), std::size_t{4});
    QCOMPARE(c.duplicates, std::int64_t{1});
    QCOMPARE(reasonOf(c, "sub/same.MID"), std::string("duplicate of a.mid"));
    QCOMPARE(reasonOf(c, "drums.mid"), std::string("only drums"));
    QVERIFY(reasonOf(c, "short.mid").find("too short") == 0);
    QVERIFY(!reasonOf(c, "text.mid").empty());
  }

  void tracksOfOneInstrumentAreAlsoMerged() {
    const auto two = sequencesOf(piece(1, 30, 2), 16);
    QCOMPARE(two.size(), std::size_t{3});
    QVERIFY(!two[0].merged && !two[1].merged && two[2].merged);
    QVERIFY(two[2].notes.size() > two[0].notes.size());
    QCOMPARE(sequencesOf(piece(1, 30, 5), 16).size(), std::size_t{5});
    QCOMPARE(sequencesOf(piece(1, 30, 1, kDrumChannel), 16).size(), std::size_t{0});
  }

  void theSplitIsByPieceAndStays() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    for (int i = 0; i < 300; ++i) {
      save(folder / ("p" + std::to_string(i) + ".mid"), piece(static_cast<std::uint64_t>(i), 20));
    }
    const Corpus first = readOrDie(folder);
    std::array<int, 3> counts{};
    for (const CorpusPiece& p : first.pieces) ++counts[static_cast<std::size_t>(p.split)];
    QVERIFY2(counts[0] > 240 && counts[1] > 3 && counts[2] > 3,
             qPrintable(QString("%1 %2 %3").arg(counts[0]).arg(counts[1]).arg(counts[2])));
    // Neither new pieces nor new names move a piece to another side.
    fs::rename(folder / "p7.mid", folder / "renamed.mid");
    save(folder / "new.mid", piece(1000, 20));
    const Corpus second = readOrDie(folder);
    std::map<std::uint64_t, Split> before;
    for (const CorpusPiece& p : first.pieces) before[p.contentHash] = p.split;
    int known = 0;
    for (const CorpusPiece& p : second.pieces) {
      if (!before.contains(p.contentHash)) continue;
      QVERIFY(before[p.contentHash] == p.split);
      ++known;
    }
    QCOMPARE(known, 300);
    QVERIFY(first.manifestHash != second.manifestHash);
    QCOMPARE(readOrDie(folder).manifestHash, second.manifestHash);
  }

  void nearDuplicatesAreOnOneSide() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    for (int i = 0; i < 60; ++i) {
      const auto seed = static_cast<std::uint64_t>(i);
      save(folder / QString("a%1.mid").arg(i).toStdString(), piece(seed, 60));
      Document higher = piece(seed, 60);
      auto track = std::make_shared<Track>(*higher.tracks[0]);
      std::vector<Note> notes = track->notes.toVector();
      for (Note& n : notes) n.pitch += 3;
      track->notes = NoteList(notes);
      higher.tracks[0] = track;
      save(folder / QString("b%1.mid").arg(i).toStdString(), higher);
    }
    CorpusOptions options;
    options.shares = {50, 30, 20};
    const Corpus c = readOrDie(folder, options);
    QCOMPARE(c.pieces.size(), std::size_t{120});
    QCOMPARE(c.groups, std::int64_t{60});
    QCOMPARE(c.grouped, std::int64_t{120});
    QCOMPARE(c.torn, std::int64_t{0});
    std::array<int, 3> counts{};
    for (std::size_t i = 0; i < 60; ++i) {
      QCOMPARE(c.pieces[60 + i].group, static_cast<std::uint32_t>(i));
      QVERIFY(c.pieces[60 + i].split == c.pieces[i].split);
      ++counts[static_cast<std::size_t>(c.pieces[i].split)];
    }
    QVERIFY(counts[0] > 15 && counts[1] > 5 && counts[2] > 2);
    // The same seed, the same split; another seed, another one.
    int moved = 0;
    const Corpus again = readOrDie(folder, options);
    options.splitSeed = 1;
    const Corpus other = readOrDie(folder, options);
    for (std::size_t i = 0; i < 120; ++i) {
      QVERIFY(again.pieces[i].split == c.pieces[i].split);
      moved += other.pieces[i].split != c.pieces[i].split ? 1 : 0;
    }
    QVERIFY(moved > 10);
    // A manifest that tears a group is kept, and said.
    std::ofstream(folder / "manifest.jsonl") << R"({"file":"a0.mid","split":"train"})"
                                             << "\n"
                                             << R"({"file":"b0.mid","split":"test"})"
                                             << "\n";
    const Corpus listed = readOrDie(folder, options);
    QCOMPARE(listed.torn, std::int64_t{1});
    QVERIFY(listed.pieces[1].split == Split::kTest);
  }

  void somethingIsAlwaysForTraining() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    save(folder / "a.mid", piece(1, 60));
    CorpusOptions options;
    options.shares = {1, 99, 0};
    QVERIFY(readOrDie(folder, options).pieces[0].split == Split::kTrain);
  }

  void aManifestRules() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    save(folder / "a.mid", piece(1, 40));
    save(folder / "b.mid", piece(2, 40));
    save(folder / "unlisted.mid", piece(3, 40));
    std::ofstream(folder / "manifest.jsonl")
        << R"({"file":"a.mid","set":"one","split":"test","ship":true,"license":"CC0"})"
        << "\n\n"
        << R"({"file":"b.mid","set":"two","split":"valid"})"
        << "\n";
    const Corpus all = readOrDie(folder);
    QCOMPARE(all.pieces.size(), std::size_t{2});
    QVERIFY(all.pieces[0].split == Split::kTest && all.pieces[1].split == Split::kValid);
    QCOMPARE(all.pieces[0].licence, std::string("CC0"));
    CorpusOptions options;
    options.shippableOnly = true;
    QCOMPARE(readOrDie(folder, options).pieces.size(), std::size_t{1});
    options = {};
    options.sets = "two";
    QCOMPARE(readOrDie(folder, options).pieces[0].file, std::string("b.mid"));
    options.sets = "two,three";
    const auto wrong = readCorpus(folder, options, {}, {});
    QVERIFY(!wrong && wrong.error().message.find("\"three\"") != std::string::npos);
    QCOMPARE(all.manifestHash.size(), std::size_t{64});
  }

  void badManifestsNameTheLine() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    save(folder / "a.mid", piece(1, 40));
    const auto problem = [&](const char* line) {
      std::ofstream(folder / "manifest.jsonl") << R"({"file":"a.mid","split":"train"})"
                                               << "\n"
                                               << line << "\n";
      const auto c = readCorpus(folder, {}, {}, {});
      return c ? std::string() : c.error().message;
    };
    QVERIFY(problem("{").find("line 2") != std::string::npos);
    QVERIFY(problem(R"({"file":"a.mid"})").find("line 2") != std::string::npos);
    QVERIFY(problem(R"({"file":"a.mid","split":"dev"})").find("dev") != std::string::npos);
    QVERIFY(problem(R"({"file":"../a.mid","split":"test"})").find("inside") != std::string::npos);
    QVERIFY(problem(R"({"file":"/etc/a.mid","split":"test"})").find("inside") != std::string::npos);
  }

  void emptyAndMissingFoldersFail() {
    QTemporaryDir dir;
    QVERIFY(!readCorpus(dir.path().toStdString(), {}, {}, {}));
    QVERIFY(!readCorpus(dir.filePath("none").toStdString(), {}, {}, {}));
  }

  void stopsWhenAsked() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    for (int i = 0; i < 5; ++i) {
      save(folder / (std::to_string(i) + ".mid"), piece(static_cast<std::uint64_t>(i), 20));
    }
    std::stop_source source;
    double last = 0;
    const auto c = readCorpus(
        folder, {},
        [&](double p) {
          last = p;
          if (p >= 0.4) source.request_stop();
        },
        source.get_token());
    QVERIFY(c && c->cancelled);
    QCOMPARE(c->pieces.size(), std::size_t{2});
    QVERIFY(last < 1);
  }
};

QTEST_APPLESS_MAIN(TestCorpus)
#include "test_corpus.moc"
