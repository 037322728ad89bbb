// Pieces as bar-anchored events: grammar, inversion, loss.
#include <QtTest>
#include <algorithm>
#include <map>
#include <set>

#include "../../property/random_document.h"
#include "core/encoding/event_tokens.h"
#include "real_music.h"

using namespace incipit;

namespace {

Note note(std::int64_t start, std::int64_t length, int pitch, int velocity = 80) {
  Note n;
  n.start = {start};
  n.length = {length};
  n.pitch = static_cast<std::uint8_t>(pitch);
  n.velocity = static_cast<std::uint8_t>(velocity);
  return n;
}

TrackPtr track(int channel, int program, std::vector<Note> notes) {
  Track t;
  t.channel = channel;
  t.program = program;
  t.notes = NoteList(std::move(notes));
  return std::make_shared<const Track>(std::move(t));
}

Document piece(std::vector<TrackPtr> tracks, std::vector<MeterChange> meter = {}) {
  Document d;
  d.tracks = std::move(tracks);
  d.meter = MeterMap(960, std::move(meter));
  return d;
}

QString text(const std::vector<EventToken>& tokens) {
  QStringList names;
  for (const EventToken t : tokens) names << QString::fromStdString(eventName(t));
  return names.join(' ');
}

EncodedEvents encode(const Document& d, const std::vector<TrackRole>& roles,
                     const EventOptions& options = {}) {
  auto e = encodeEvents(d, roles, options);
  if (!e) qFatal("%s", e.error().message.c_str());
  return std::move(*e);
}

DecodedEvents decode(const std::vector<EventToken>& tokens) {
  auto d = decodeEvents(tokens);
  if (!d) qFatal("%s", d.error().message.c_str());
  return std::move(*d);
}

std::vector<TrackRole> randomRoles(const Document& d, Rng& rng) {
  std::vector<TrackRole> roles;
  for (std::size_t i = 0; i < d.tracks.size(); ++i) {
    roles.push_back(static_cast<TrackRole>(rng.below(kTrackRoles)));
  }
  return roles;
}

}  // namespace

class TestEventTokens : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void symbolsHaveDifferentNames() {
    std::set<std::string> names;
    for (int t = 0; t < kEventSymbols; ++t) names.insert(eventName(t));
    QCOMPARE(static_cast<int>(names.size()), kEventSymbols);
    QVERIFY(!names.contains(""));
    QVERIFY(eventName(kEventSymbols).empty() && eventName(-1).empty());
    QVERIFY2(kEventSymbols < 450, qPrintable(QString::number(kEventSymbols)));
  }

  void aPieceIsSpelt() {
    const Document d = piece({track(0, 0,
                                    {note(0, 960, 60, 100), note(0, 960, 64, 100),
                                     note(480, 480, 62, 60), note(3840, 320, 60, 60)}),
                              track(9, 0, {note(0, 10, 38, 100)})});
    const auto e = encode(d, {TrackRole::kMelody, TrackRole::kDrums});
    QCOMPARE(text(e.tokens),
             QString("BOS BAR METER_0 TEMPO_9 POS_0 TRACK_melody VELOCITY_6 PITCH_64 DURATION_12 "
                     "PITCH_60 DURATION_12 TRACK_drums VELOCITY_6 DRUM_38 POS_6 TRACK_melody "
                     "VELOCITY_3 PITCH_62 DURATION_6 BAR POS_0 TRACK_melody VELOCITY_3 PITCH_60 "
                     "DURATION_4 EOS"));
    QCOMPARE(e.bars, (std::vector<std::size_t>{1, 19}));
    EventOptions plain;
    plain.velocities = false;
    QVERIFY(!text(encode(d, {TrackRole::kMelody, TrackRole::kDrums}, plain).tokens)
                 .contains("VELOCITY"));
  }

  void barsOfAnyMeterKeepTheirPlace() {
    // 5/4, then 7/16 cut short by 4/4, then nine quarters in a bar.
    const Document d =
        piece({track(0, 0,
                     {note(0, 960, 60), note(4800, 240, 61), note(6480, 240, 62),
                      note(6480 + 440, 240, 63), note(6880, 960, 64), note(20000, 960, 65)})},
              {{{0}, 5, 4}, {{4800}, 7, 16}, {{6880}, 4, 4}, {{10720}, 9, 4}});
    const auto e = encode(d, {TrackRole::kMelody});
    const auto back = decode(e.tokens);
    QCOMPARE(back.document.tracks.size(), std::size_t{1});
    std::vector<std::int64_t> starts;
    for (const Note& n : back.document.tracks[0]->notes) starts.push_back(n.start.count);
    QCOMPARE(starts, (std::vector<std::int64_t>{0, 4800, 6480, 6880, 6960, 20000}));
    QVERIFY(text(e.tokens).contains("METER_11 POS_59"));  // 5/4
    QCOMPARE(text(encode(back.document, back.roles).tokens), text(e.tokens));
  }

  void tracksThatPlayTogetherHaveRolesOfTheirOwn() {
    const auto roles = [](const std::vector<TrackPtr>& tracks) {
      QStringList names;
      for (const TrackRole r : partRoles(tracks)) names << roleName(r);
      return names.join(' ');
    };
    const auto voice = [](int pitch, int program = 52) {
      return track(0, program, {note(0, 960, pitch), note(960, 960, pitch + 2)});
    };
    // A choir, whatever the order of its voices.
    QCOMPARE(roles({voice(72, 73), voice(67, 73), voice(60, 73), voice(48, 73)}),
             QString("melody other chords bass"));
    QCOMPARE(roles({voice(48, 73), voice(60, 73), voice(72, 73)}), QString("bass other melody"));
    QCOMPARE(roles({voice(48, 0), voice(72, 0)}), QString("piano-left piano-right"));
    // Without notes the program decides.
    QCOMPARE(roles({voice(72, 73), track(1, 33, {}), track(2, 0, {}), track(9, 0, {})}),
             QString("melody bass chords drums"));
    QCOMPARE(roles({track(0, 33, {}), track(1, 33, {})}), QString("bass other"));
    // As many as there are: they share only when no role is free.
    std::vector<TrackPtr> many;
    for (int i = 0; i < 30; ++i) many.push_back(voice(40 + i, 73));
    std::set<TrackRole> used;
    for (const TrackRole r : partRoles(many)) used.insert(r);
    QCOMPARE(static_cast<int>(used.size()), kTrackRoles - 1);
    QVERIFY(!used.contains(TrackRole::kDrums));
    QVERIFY(partRoles({}).empty());
  }

  void barsBeginAsTheyAreEncoded() {
    Rng rng(8);
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      test::DocumentMaker maker(seed);
      const Document d = maker.make();
      const auto e = encodeEvents(d, randomRoles(d, rng));
      if (!e || e->bars.empty()) continue;
      Tick last{0};
      for (const TrackPtr& t : d.tracks) {
        for (const Note& n : t->notes) last = std::max(last, n.start);
      }
      const auto bars = eventBars(d, last);
      QVERIFY(bars && bars->size() >= e->bars.size());
      for (std::size_t i = 0; i < e->bars.size(); ++i) {
        const auto& head = (*bars)[i].head;
        QVERIFY(std::equal(head.begin(), head.end(),
                           e->tokens.begin() + static_cast<std::ptrdiff_t>(e->bars[i])));
        if (i > 0) QCOMPARE((*bars)[i].start, (*bars)[i - 1].start + (*bars)[i - 1].length);
      }
    }
  }

  // Grid positions, lengths, velocities of the bins: nothing is lost.
  void musicOnTheGridComesBackExactly() {
    Rng rng(1);
    for (int trial = 0; trial < 50; ++trial) {
      std::vector<TrackPtr> tracks;
      std::vector<TrackRole> roles;
      for (int r = 0; r < kTrackRoles; ++r) {
        if (rng.below(3) == 0) continue;
        std::map<std::pair<std::int64_t, int>, Note> notes;
        const bool drums = static_cast<TrackRole>(r) == TrackRole::kDrums;
        for (std::uint32_t n = 1 + rng.below(60); n > 0; --n) {
          const std::int64_t start = 80 * rng.below(500);
          const int pitch = static_cast<int>(drums ? 35 + rng.below(47) : 21 + rng.below(88));
          const int length = drums ? 1 : kEventDurations[rng.below(24)];
          notes[{start, pitch}] =
              note(start, 80 * length, pitch, static_cast<int>(8 + 16 * rng.below(8)));
        }
        std::vector<Note> list;
        for (const auto& [key, n] : notes) list.push_back(n);
        tracks.push_back(track(drums ? 9 : 0, 0, list));
        roles.push_back(static_cast<TrackRole>(r));
      }
      const Document d = piece(tracks, {{{0}, 3, 4}, {{960 * 12}, 6, 8}, {{960 * 21}, 2, 2}});
      const auto e = encode(d, roles);
      QVERIFY(e.loss == EventLoss{});
      const auto back = decode(e.tokens);
      QVERIFY(back.roles == roles);
      for (std::size_t i = 0; i < tracks.size(); ++i) {
        const auto a = tracks[i]->notes.toVector();
        const auto b = back.document.tracks[i]->notes.toVector();
        QVERIFY(std::equal(a.begin(), a.end(), b.begin(), b.end(), sameSound));
      }
      if (!tracks.empty()) {
        QCOMPARE(back.document.meter.at({960 * 12}).numerator, d.end().count > 960 * 12 ? 6 : 3);
      }
    }
  }

  // Of any document: what was decoded encodes to the same symbols, with and without attributes.
  void anyDocumentIsAFixedPoint() {
    int pieces = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      test::DocumentMaker maker(seed);
      const Document d = maker.make();
      const auto roles = randomRoles(d, maker.rng());
      EventOptions options;
      options.attributes = seed % 2 == 0;
      options.velocities = seed % 3 != 0;
      const auto e = encodeEvents(d, roles, options);
      if (!e) continue;  // bars so short that there are too many
      ++pieces;
      const auto back = decodeEvents(e->tokens);
      QVERIFY2(back, back ? "" : back.error().message.c_str());
      const auto again = encodeEvents(back->document, back->roles, options);
      QVERIFY(again);
      QCOMPARE(text(again->tokens), text(e->tokens));
      QVERIFY(again->loss == EventLoss{});
      std::size_t notes = 0;
      for (const TrackPtr& t : d.tracks) notes += t->notes.size();
      const auto lost = static_cast<std::size_t>(e->loss.outside + e->loss.merged);
      QCOMPARE(back->document.noteCount(), notes - lost);
    }
    QVERIFY2(pieces > 250, qPrintable(QString::number(pieces)));
  }

  void theGrammarNeverEndsInTheDark() {
    Rng rng(7);
    for (int trial = 0; trial < 100; ++trial) {
      EventGrammar grammar;
      std::vector<EventToken> tokens;
      while (!grammar.done() && tokens.size() < 400) {
        std::vector<int> allowed;
        for (int t = 0; t < kEventSymbols; ++t) {
          if (grammar.allows(t)) allowed.push_back(t);
        }
        QVERIFY2(!allowed.empty(), qPrintable(text(tokens)));
        std::erase(allowed, tokens.size() < 300 && allowed.size() > 1 ? int{kEventEos} : -1);
        const int t = allowed[rng.below(static_cast<std::uint32_t>(allowed.size()))];
        tokens.push_back(static_cast<EventToken>(t));
        grammar.take(t);
      }
      const auto notes = std::count_if(tokens.begin(), tokens.end(), [](int t) {
        return kEventPitch.holds(t) || kEventDrum.holds(t);
      });
      QCOMPARE(static_cast<std::ptrdiff_t>(decode(tokens).document.noteCount()), notes);
    }
  }

  void forbiddenSymbolsAreNamed() {
    const auto bad = [](std::vector<EventToken> tokens) {
      const auto d = decodeEvents(tokens);
      return d ? std::string() : d.error().message;
    };
    QCOMPARE(bad({kEventBar}), std::string("events: BAR may not stand at 0"));
    QCOMPARE(bad({kEventBos, kEventBar, kEventPosition[0]}),
             std::string("events: POS_0 may not stand at 2"));
    const EventToken head[] = {kEventBos, kEventBar, kEventMeter[0], kEventPosition[4]};
    const auto after = [&](std::vector<EventToken> rest) {
      rest.insert(rest.begin(), std::begin(head), std::end(head));
      return bad(rest);
    };
    const EventToken melody = kEventTrack[0];
    QVERIFY(!after({kEventBar}).empty());  // a place without a note
    QVERIFY(!after({kEventPitch[3]}).empty());
    QVERIFY(!after({melody, kEventDrum[3]}).empty());
    QVERIFY(!after({melody, kEventPitch[3], kEventPitch[2]}).empty());
    QVERIFY(after({melody, kEventPitch[3], kEventDuration[0], kEventPitch[2]}).empty());
    QVERIFY(!after({melody, kEventPitch[3], kEventDuration[0], kEventPitch[3]}).empty());
    QVERIFY(!after({melody, kEventPitch[3], kEventDuration[0], kEventPosition[4]}).empty());
    QVERIFY(!after({melody, kEventPitch[3], kEventDuration[0], kEventPosition[48]}).empty());
    QVERIFY(after({melody, kEventPitch[3], kEventDuration[0], kEventPosition[47]}).empty());
    QVERIFY(!after({melody, melody}).empty());
    QVERIFY(!after({EventToken{60000}}).empty());
    QVERIFY(!after({kEventFill}).empty());
    QVERIFY(decode({}).document.tracks.empty());
  }

  void endlessPiecesFail() {
    const Document d = piece({track(0, 0, {note(std::int64_t{1} << 40, 10, 60)})});
    const auto e = encodeEvents(d, std::vector{TrackRole::kMelody});
    QVERIFY(!e && e.error().message.find("bars") != std::string::npos);
    QVERIFY(!encodeEvents(d, {}));
    QCOMPARE(text(encode(Document{}, {}).tokens), QString("BOS EOS"));
  }

  void rolesAreGuessed() {
    const std::vector<Note> high{note(0, 960, 76), note(960, 960, 77)};
    const std::vector<Note> low{note(0, 960, 40), note(0, 960, 43)};
    const Document d =
        piece({track(0, 0, low), track(1, 0, high), track(2, 33, high), track(9, 0, low),
               track(3, 25, low), track(4, 73, high), track(5, 89, low), track(6, 0, {})});
    using R = TrackRole;
    QVERIFY((rolesOf(d) == std::vector{R::kPianoLeft, R::kPianoRight, R::kBass, R::kDrums,
                                       R::kChords, R::kMelody, R::kPad, R::kOther}));
  }

  void lossOnRealMusic() {
    for (const char* set : {"jsb", "openmsx"}) {
      QTemporaryDir dir;
      const auto pieces = test::realPieces(set, dir);
      if (pieces.empty()) QSKIP(test::kNoMusic);
      EventLoss sum;
      double notes = 0;
      double tokens = 0;
      for (const Document& d : pieces) {
        const auto e = encode(d, rolesOf(d));
        sum.outside += e.loss.outside;
        sum.merged += e.loss.merged;
        sum.moved += e.loss.moved;
        sum.resized += e.loss.resized;
        notes += static_cast<double>(d.noteCount());
        tokens += static_cast<double>(e.tokens.size());
        const auto back = decode(e.tokens);
        QCOMPARE(text(encode(back.document, back.roles).tokens), text(e.tokens));
      }
      qInfo(
          "%s: %.2f symbols a note; of %.0f notes %.2f %% outside, %.2f %% merged, %.2f %% moved, "
          "%.2f %% resized",
          set, tokens / notes, notes, 100 * double(sum.outside) / notes,
          100 * double(sum.merged) / notes, 100 * double(sum.moved) / notes,
          100 * double(sum.resized) / notes);
    }
  }
};

QTEST_APPLESS_MAIN(TestEventTokens)
#include "test_event_tokens.moc"
