// Notes and chords as words: spelling, inversion, vocabularies.
#include <QtTest>
#include <set>

#include "core/corpus/corpus.h"
#include "core/encoding/chord_tokens.h"
#include "core/rng.h"
#include "real_music.h"

using namespace incipit;

namespace {

std::string word(std::vector<int> pitches, ChordSpelling s = ChordSpelling::kPitchClasses) {
  return chordWord(pitches, s);
}

std::vector<int> order(std::vector<int> classes) { return normalOrder(classes); }

std::vector<EncodedNote> randomChords(Rng& rng, int onsets) {
  std::vector<EncodedNote> notes;
  for (int i = 0; i < onsets; ++i) {
    std::set<int> pitches;
    for (std::uint32_t n = 1 + rng.below(5); n > 0; --n) {
      pitches.insert(static_cast<int>(rng.below(128)));
    }
    for (const int p : pitches) {
      EncodedNote e;
      e.onset = i * 12;
      e.pitch = static_cast<std::uint8_t>(p);
      notes.push_back(e);
    }
  }
  return notes;
}

ChordVocabulary vocabulary(const WordCounts& counts, std::int64_t least = 1) {
  ChordVocabularyOptions options;
  options.leastCount = least;
  auto v = ChordVocabulary::build(counts, options);
  if (!v) qFatal("%s", v.error().message.c_str());
  return std::move(*v);
}

}  // namespace

class TestChordTokens : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void normalOrderIsTheMostCompactRotation() {
    QCOMPARE(order({0, 4, 7}), (std::vector{0, 4, 7}));
    QCOMPARE(order({60, 67, 64, 72}), (std::vector{0, 4, 7}));
    QCOMPARE(order({7, 11, 2}), (std::vector{7, 11, 2}));
    QCOMPARE(order({11, 2, 5, 7}), (std::vector{11, 2, 5, 7}));
    // Equal from first to last: the wider intervals decide. Forte's rule gives 0 1 3 7 8 here.
    QCOMPARE(order({0, 1, 3, 7, 8}), (std::vector{7, 8, 0, 1, 3}));
    // Symmetric sets start with the lowest class.
    QCOMPARE(order({8, 4, 0}), (std::vector{0, 4, 8}));
    QCOMPARE(order({11, 8, 5, 2}), (std::vector{2, 5, 8, 11}));
    QCOMPARE(order({-1}), (std::vector{11}));
    QVERIFY(order({}).empty());
  }

  void normalOrderAgreesWithExhaustiveSearch() {
    for (int mask = 1; mask < 4096; ++mask) {
      std::vector<int> classes;
      for (int c = 0; c < 12; ++c) {
        if ((mask >> c & 1) != 0) classes.push_back(c);
      }
      const std::vector<int> got = order(classes);
      // From the definition: compare rotations by (last, last but one, ...), then by first class.
      std::vector<int> best;
      std::vector<int> bestKey;
      for (std::size_t r = 0; r < classes.size(); ++r) {
        std::vector<int> rotation;
        for (std::size_t i = 0; i < classes.size(); ++i) {
          rotation.push_back(classes[(r + i) % classes.size()]);
        }
        std::vector<int> key;
        for (std::size_t i = rotation.size(); i-- > 0;) {
          key.push_back((rotation[i] - rotation[0] + 12) % 12);
        }
        key.push_back(rotation[0]);
        if (best.empty() || key < bestKey) {
          best = rotation;
          bestKey = key;
        }
      }
      QCOMPARE(got, best);
    }
  }

  void wordsAreSpelt() {
    QCOMPARE(word({60}), std::string("C4"));
    QCOMPARE(word({54}), std::string("F#3"));
    QCOMPARE(word({0}), std::string("C-1"));
    QCOMPARE(word({64, 67, 60}), std::string("0.4.7"));
    QCOMPARE(word({59, 64, 67}), std::string("4.7.11"));
    QCOMPARE(word({60, 72}), std::string("0"));
    QCOMPARE(word({64, 67, 60}, ChordSpelling::kPitches), std::string("C4.E4.G4"));
    QCOMPARE(word({60, 60}), std::string("C4"));
  }

  void pitchesComeBackExactly() {
    Rng rng(1);
    for (int i = 0; i < 200; ++i) {
      const auto notes = randomChords(rng, 20);
      const auto words = chordWords(notes, ChordSpelling::kPitches);
      QCOMPARE(words.size(), std::size_t{20});
      const auto back = notesOfWords(words, {0}, {480});
      QVERIFY(back);
      QCOMPARE(back->size(), notes.size());
      for (std::size_t k = 0; k < notes.size(); ++k) {
        QCOMPARE((*back)[k].pitch, notes[k].pitch);
        QCOMPARE((*back)[k].start.count, std::int64_t{notes[k].onset / 12 * 480});
      }
    }
  }

  void classWordsInvertAndKeepTheirClasses() {
    Rng rng(2);
    const auto notes = randomChords(rng, 3000);
    std::size_t at = 0;
    for (const std::string& w : chordWords(notes, ChordSpelling::kPitchClasses)) {
      const auto pitches = pitchesOfWord(w);
      QVERIFY2(pitches, w.c_str());
      QCOMPARE(chordWord(*pitches, ChordSpelling::kPitchClasses), w);
      std::set<int> classes;
      std::set<int> expected;
      for (const int p : *pitches) {
        QVERIFY(p >= 0 && p <= 127);
        classes.insert(p % 12);
      }
      const int onset = notes[at].onset;
      for (; at < notes.size() && notes[at].onset == onset; ++at) {
        expected.insert(notes[at].pitch % 12);
      }
      QVERIFY(classes == expected);
    }
  }

  void nonsenseIsNoWord() {
    for (const char* text : {"", ".", "H4", "C", "C4.", "C4.C4", "E4.C4", "C10", "12", "0.4.", "-1",
                             "0.4.4", "0.4.2", "C#", "4.C4", " 4", "G#9", "Cx4", "0.4.7 "}) {
      QVERIFY2(!pitchesOfWord(text), text);
    }
    QVERIFY(!notesOfWords(std::vector<std::string>{"C4", "?"}, {0}, {1}));
    for (int p = 0; p < 128; ++p) QCOMPARE(pitchesOfWord(pitchName(p)).value(), std::vector{p});
  }

  void vocabulariesAreOrderedByCount() {
    const auto v = vocabulary({{"C4", 60}, {"D4", 50}, {"0.4.7", 70}, {"E4", 49}, {"A4", 50}}, 50);
    QCOMPARE(v.size(), 7);
    QCOMPARE(v.word(3), std::string("0.4.7"));
    QCOMPARE(v.word(5), std::string("A4"));
    QCOMPARE(v.id("D4"), 6);
    QCOMPARE(v.id("E4"), ChordVocabulary::kUnknown);
  }

  void anEmptiedVocabularySaysSo() {
    ChordVocabularyOptions options;
    const auto v = ChordVocabulary::build({{"C4", 49}, {"D4", 3}}, options);
    QVERIFY(!v);
    QVERIFY(v.error().message.find("49 times: lower the least count") != std::string::npos);
    QVERIFY(v.error().message.find('\n') == std::string::npos);
    QVERIFY(!ChordVocabulary::build({}, options));
    options.leastCount = 0;
    QVERIFY(!ChordVocabulary::build({{"C4", 49}}, options));
  }

  void piecesAndSeedsAreEncoded() {
    const auto v = vocabulary({{"C4", 9}, {"D4", 8}, {"0.4.7", 7}});
    const std::vector<std::string> words{"C4", "B4", "0.4.7"};
    const auto piece = v.encode(words);
    QCOMPARE(piece.ids, (std::vector{1, 3, 0, 5, 2}));
    QCOMPARE(piece.unknown, 1);
    const auto seed = v.encodeSeed(words);
    QVERIFY(seed);
    QCOMPARE(seed->ids, (std::vector{1, 3, 4, 5}));
    QCOMPARE(seed->unknown, 1);
    QCOMPARE(v.decode(piece.ids).value(), (std::vector<std::string>{"C4", "0.4.7"}));
    QVERIFY(!v.decode(std::vector{6}) && !v.decode(std::vector{-1}));
  }

  void theNearestWordSoundsAlike() {
    const auto v = vocabulary({{"C4", 9}, {"G4", 8}, {"0.4.7", 7}, {"9.0.4", 7}, {"C5", 1}});
    const auto near = [&](const char* w) { return v.word(v.nearest(w).value()); };
    QCOMPARE(near("D4"), std::string("C4"));
    QCOMPARE(near("F#4"), std::string("G4"));
    QCOMPARE(near("B5"), std::string("C5"));
    QCOMPARE(near("9.0.3"), std::string("9.0.4"));
    QCOMPARE(near("0.3.7"), std::string("0.4.7"));
    QVERIFY(!v.nearest("nonsense"));
    QVERIFY(!v.encodeSeed(std::vector<std::string>{"nonsense"}));
  }

  void jsonGivesTheVocabularyBack() {
    ChordVocabularyOptions options{ChordSpelling::kPitches, 2, 32};
    const auto v = ChordVocabulary::build({{"C4", 2}, {"C4.E4", 5}}, options).value();
    const auto back = ChordVocabulary::fromJson(v.json());
    QVERIFY2(back, back ? "" : back.error().message.c_str());
    QCOMPARE(back->json(), v.json());
    QCOMPARE(back->id("C4.E4"), 3);
    QCOMPARE(back->options().length, 32);
    QVERIFY(back->options().spelling == ChordSpelling::kPitches);
    QVERIFY(!ChordVocabulary::fromJson("{}") && !ChordVocabulary::fromJson("["));
    const auto with = [&](const std::string& old, const std::string& text) {
      std::string j = v.json();
      return ChordVocabulary::fromJson(j.replace(j.find(old), old.size(), text)).has_value();
    };
    QVERIFY(with("\"C4\"", "\"D4\""));
    QVERIFY(!with("\"C4\"", "\"C4.E4\""));
    QVERIFY(!with("\"C4\"", "7"));
    QVERIFY(!with("\"pitches\"", "\"colours\""));
    QVERIFY(!with("[5,2]", "[5]"));
    QVERIFY(!with("32", "0"));
  }

  // How much the published least count of 50 takes away, and how much the exact spelling costs.
  void lossOnRealMusic() {
    QTemporaryDir dir;
    const std::vector<Document> pieces = test::realPieces("jsb", dir);
    if (pieces.empty()) QSKIP(test::kNoMusic);
    for (const ChordSpelling spelling : {ChordSpelling::kPitchClasses, ChordSpelling::kPitches}) {
      WordCounts counts;
      std::int64_t total = 0;
      std::vector<std::vector<std::string>> all;
      for (const Document& d : pieces) {
        std::vector<std::vector<EncodedNote>> tracks;
        for (const TrackPtr& t : d.tracks) {
          tracks.push_back(encodeNotes(t->notes.toVector(), d.tempo, d.meter));
        }
        all.push_back(chordWords(mergeSequences(tracks), spelling));
        for (const std::string& w : all.back()) ++counts[w];
        total += static_cast<std::int64_t>(all.back().size());
      }
      ChordVocabularyOptions options;
      options.spelling = spelling;
      const auto v = ChordVocabulary::build(counts, options);
      QVERIFY(v);
      std::int64_t unknown = 0;
      for (const auto& words : all) unknown += v->encode(words).unknown;
      qInfo("%s: %d of %d words known, %.1f %% of %d words of music unknown",
            spelling == ChordSpelling::kPitches ? "pitches" : "pitch classes", v->size() - 3,
            static_cast<int>(counts.size()), 100.0 * double(unknown) / double(total),
            static_cast<int>(total));
      QVERIFY(unknown < total);
    }
  }
};

QTEST_APPLESS_MAIN(TestChordTokens)
#include "test_chord_tokens.moc"
