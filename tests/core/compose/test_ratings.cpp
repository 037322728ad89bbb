// Ratings of blind listening: written, read again, damaged, summed up.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "core/compose/ratings.h"
#include "core/rng.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

std::string hashOf(char digit) { return std::string(64, digit); }

Rating ratingOf(int rating, char digit = 'a') {
  return {"2026-11-21T15:04:05Z", "a model", "note-lstm", "improved",
          hashOf(digit),          rating,    3,           hashOf('5')};
}

Rating randomRating(Rng& rng) {
  constexpr const char* kTexts[] = {"", "x", "né\"\\\n", "{}", "\t"};
  const auto text = [&] { return std::string(kTexts[rng.below(5)]); };
  Rating r = ratingOf(1 + static_cast<int>(rng.below(5)),
                      static_cast<char>('a' + static_cast<char>(rng.below(6))));
  r.time = text();
  r.model = "m" + text();
  r.family = text();
  r.preset = text();
  r.compared = 1 + static_cast<int>(rng.below(9));
  r.seed = text();
  return r;
}

// Never a rating; lines of their own.
std::string randomDamage(Rng& rng) {
  const std::string line = ratingLine(randomRating(rng));
  switch (rng.below(4)) {
    case 0:
      return line.substr(0, 1 + rng.below(static_cast<std::uint32_t>(line.size() - 2))) + "\n";
    case 1:
      return "{\"rating\":3}\n";
    case 2:
      return std::string("\xff\x00\x01", 3) + "\n";
    default:
      return "[1,2]\n";
  }
}

}  // namespace

class TestRatings : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatIsAppendedIsRead() {
    QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "new folder" / "ratings.jsonl";
    QVERIFY(readRatings(file)->ratings.empty());
    QVERIFY(appendRatings(file, {}));
    QVERIFY(!fs::exists(file));
    const std::vector<Rating> all{ratingOf(3), ratingOf(5, 'b'), ratingOf(1)};
    QVERIFY(appendRatings(file, {all[0], all[1]}));
    QVERIFY(appendRatings(file, {all[2]}));
    const auto read = readRatings(file);
    QVERIFY(read);
    QCOMPARE(read->ratings, all);
    QVERIFY(read->problem.empty());
  }

  // A writer was killed: its half line must not take the next one along.
  void aCutLineLosesItselfAlone() {
    QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "ratings.jsonl";
    QVERIFY(appendRatings(file, {ratingOf(3)}));
    std::ofstream(file, std::ios::app) << ratingLine(ratingOf(4)).substr(0, 30);
    QVERIFY(appendRatings(file, {ratingOf(5)}));
    const auto read = readRatings(file);
    QCOMPARE(read->ratings, (std::vector<Rating>{ratingOf(3), ratingOf(5)}));
    QCOMPARE(QString::fromStdString(read->problem),
             QString("%1: 1 of its lines is no rating and was passed over")
                 .arg(QString::fromStdString(file.string())));
  }

  void damageBetweenRatingsChangesNoOther() {
    Rng rng(17);
    for (int round = 0; round < 200; ++round) {
      std::vector<Rating> written;
      std::string text;
      int damaged = 0;
      for (std::uint32_t n = rng.below(12); n > 0; --n) {
        if (rng.below(3) == 0) {
          text += randomDamage(rng);
          ++damaged;
        } else {
          written.push_back(randomRating(rng));
          text += ratingLine(written.back());
        }
      }
      const RatingList read = parseRatings(text, "f");
      QCOMPARE(read.ratings, written);
      QCOMPARE(read.problem.empty(), damaged == 0);
    }
  }

  void aFileThatCannotBeWrittenIsOneLine() {
    QTemporaryDir folder;
    const fs::path blocked = fs::path(folder.path().toStdString()) / "file";
    std::ofstream(blocked) << "in the way";
    const auto kept = appendRatings(blocked / "ratings.jsonl", {ratingOf(3)});
    QVERIFY(!kept);
    QVERIFY(kept.error().message.find("not kept") != std::string::npos);
    QVERIFY(kept.error().message.find('\n') == std::string::npos);
    QVERIFY(!readRatings(folder.path().toStdString()));  // a folder is no file
  }

  void summedUpByCheckpoint() {
    const auto sums = summarise({ratingOf(2), ratingOf(5, 'b'), ratingOf(3), ratingOf(4)});
    QCOMPARE(sums.size(), std::size_t{2});
    QCOMPARE(sums.at(hashOf('a')).count, 3);
    QCOMPARE(sums.at(hashOf('a')).mean, 3.0);
    QCOMPARE(sums.at(hashOf('b')).mean, 5.0);
    QVERIFY(summarise({}).empty());
  }
};

QTEST_APPLESS_MAIN(TestRatings)
#include "test_ratings.moc"
