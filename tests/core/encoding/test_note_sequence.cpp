// Notes of a track as a model's sequence, and the context that a take is made from.
#include <QtTest>

#include "core/edit/edits.h"
#include "core/encoding/compose_context.h"
#include "core/encoding/event_tokens.h"
#include "core/encoding/note_sequence.h"

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

// Two bars of 3/4, then 4/4; 120, then 60 quarters a minute from bar 3.
Document document() {
  Document d = newDocument();
  d.meter = MeterMap(960, {{{0}, 3, 4}, {{5760}, 4, 4}});
  d.tempo = TempoMap(960, {{{0}, 500000}, {{5760}, 1000000}});
  auto t = std::make_shared<Track>(*d.tracks[0]);
  std::vector<Note> notes;
  for (int i = 0; i < 10; ++i) {
    Note n = note(i * 960, 960, 60 + i);
    n.id = d.nextNoteId++;
    n.locked = i == 8;
    notes.push_back(n);
  }
  t->notes = NoteList(notes);
  d.tracks[0] = t;
  return d;
}

ComposeRequest request(const Document& d, std::int64_t from, int bars) {
  ComposeRequest r;
  r.document = std::make_shared<const Document>(d);
  r.track = d.tracks[0]->id;
  r.from = {from};
  r.bars = bars;
  return r;
}

}  // namespace

class TestNoteSequence : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void notesKnowTheirPlace() {
    const Document d = document();
    const auto s = encodeNotes(d.tracks[0]->notes.toVector(), d.tempo, d.meter);
    QCOMPARE(s.size(), std::size_t{10});
    QCOMPARE(s[4].onset, 96);
    QCOMPARE(int{s[4].barLength}, 72);
    QCOMPARE(int{s[4].barPosition}, 24);
    QCOMPARE(int{s[4].meter}, meterClass(3, 4));
    QCOMPARE(int{s[7].barLength}, 96);
    QCOMPARE(int{s[7].barPosition}, 24);
    QCOMPARE(int{s[7].meter}, meterClass(4, 4));
    QCOMPARE(s[6].startSeconds, 3.0F);
    QCOMPARE(s[7].startSeconds, 4.0F);
    QCOMPARE(s[7].lengthSeconds, 1.0F);
  }

  void chordsAscendAndDoublesGo() {
    const TempoMap tempo;
    const MeterMap meter;
    const std::vector<Note> notes{note(960, 960, 67), note(0, 480, 64), note(5, 960, 60),
                                  note(0, 960, 64)};
    const auto s = encodeNotes(notes, tempo, meter);
    QCOMPARE(s.size(), std::size_t{3});
    QCOMPARE(int{s[0].pitch}, 60);
    QCOMPARE(s[0].onset, 0);
    QCOMPARE(int{s[1].pitch}, 64);
    QCOMPARE(int{s[1].duration}, 24);
    QCOMPARE(int{s[2].pitch}, 67);
  }

  void earlyNotesBelongToTheNextBar() {
    const TempoMap tempo;
    const MeterMap meter;
    const std::vector<Note> notes{note(3835, 900, 60)};
    const auto s = encodeNotes(notes, tempo, meter);
    QCOMPARE(s[0].onset, 96);
    QCOMPARE(int{s[0].barPosition}, 0);
  }

  void mergingKeepsTheOrder() {
    const TempoMap tempo;
    const MeterMap meter;
    const std::vector<std::vector<EncodedNote>> parts{
        encodeNotes(std::vector{note(0, 960, 60), note(1920, 960, 62)}, tempo, meter),
        encodeNotes(std::vector{note(0, 3840, 48), note(960, 960, 50)}, tempo, meter)};
    const auto merged = mergeSequences(parts);
    QCOMPARE(merged.size(), std::size_t{4});
    QCOMPARE(int{merged[0].pitch}, 48);
    QCOMPARE(int{merged[1].pitch}, 60);
    QCOMPARE(int{merged[2].pitch}, 50);
    QCOMPARE(int{merged[3].pitch}, 62);
  }

  void theRangeIsCountedInBars() {
    const Document d = document();
    const auto c = contextOf(request(d, 2880, 2));  // one bar of 3/4, one of 4/4
    QVERIFY(c);
    QCOMPARE(c->range.to.count, std::int64_t{9600});
    QCOMPARE(c->seed.size(), std::size_t{3});
    QCOMPARE(c->kept.size(), std::size_t{1});
    QVERIFY(c->kept[0].locked);
    // From within a bar to the same place of a later one.
    const auto within = contextOf(request(d, 5760 + 960, 1));
    QCOMPARE(within->range.to.count, std::int64_t{5760 + 960 + 3840});
  }

  void whatSoundsIntoTheRangeIsKept() {
    const auto c = contextOf(request(document(), 3000, 1));
    QCOMPARE(c->kept.size(), std::size_t{1});
    QCOMPARE(int{c->kept[0].pitch}, 63);
  }

  // Two tracks, one of them empty: roles, seeds of both, and which of them a region is of.
  void severalTracksAreOneContext() {
    Document d = document();
    d = addTrack(d, "bass", 33).document;
    d = addTrack(d, "drums", 0, true).document;
    const TrackId drums = d.tracks[2]->id;
    Note kick = note(0, 240, 36);
    d = addNotes(d, drums, std::span(&kick, 1)).document;
    auto r = request(d, 5760, 2);
    r.with = {d.tracks[1]->id, drums};
    auto c = contextOf(r);
    QVERIFY2(c, c ? "" : c.error().message.c_str());
    QCOMPARE(c->others.size(), std::size_t{2});
    QCOMPARE(c->others[0].role, TrackRole::kBass);
    QVERIFY(c->others[0].seed.empty());
    QCOMPARE(c->others[1].role, TrackRole::kDrums);
    QCOMPARE(c->others[1].seed.size(), std::size_t{1});
    c->part = 2;
    const auto back = contextFromJson(contextJson(*c));
    QVERIFY2(back, back ? "" : back.error().message.c_str());
    QVERIFY(*back == *c);
    c->part = 3;
    QVERIFY(!contextFromJson(contextJson(*c)));
    r.with.push_back(r.track);
    QVERIFY(contextOf(r).error().message.find("twice") != std::string::npos);
    r.with = {77};
    QVERIFY(contextOf(r).error().message.find("track 77") != std::string::npos);
  }

  // Each track is cut at the same moment, so that what is left sounds together.
  void seedsOfSeveralTracksShareTheirLimit() {
    Document d = newDocument();
    d = addTrack(d, "second", 40).document;
    for (const TrackPtr& t : std::vector(d.tracks)) {
      std::vector<Note> notes;
      for (int i = 0; i < 400; ++i) notes.push_back(note(std::int64_t{i} * 480, 480, 60));
      d = addNotes(d, t->id, notes).document;
    }
    auto r = request(d, 400 * 480, 1);
    r.with = {d.tracks[1]->id};
    const auto c = contextOf(r);
    QVERIFY(c);
    QCOMPARE(c->seed.size(), kSeedNotes / 2);
    QCOMPARE(c->others[0].seed.size(), kSeedNotes / 2);
    QCOMPARE(c->seed.front().onset, c->others[0].seed.front().onset);
  }

  // A document of version 0.3 could not be composed again: its contexts have no role.
  void contextsWithoutARoleAreRead() {
    const auto c = contextOf(request(document(), 5000, 3));
    std::string json = contextJson(*c);
    const std::string role = ",\"role\":\"" + std::string(roleName(c->role)) + "\"";
    const auto at = json.find(role);
    QVERIFY(at != std::string::npos);
    json.erase(at, role.size());
    const auto back = contextFromJson(json);
    QVERIFY(back);
    QVERIFY(back->seed == c->seed && back->kept == c->kept && back->others.empty());
    json.insert(at, ",\"role\":\"singer\"");
    QVERIFY(!contextFromJson(json));
  }

  void badRequestsSayWhy() {
    const Document d = document();
    auto r = request(d, 0, 0);
    QVERIFY(!contextOf(r));
    r = request(d, -1, 1);
    QVERIFY(!contextOf(r));
    QVERIFY(!contextOf(request(d, std::int64_t{1} << 40, 1)));
    r = request(d, 0, 1);
    r.track = 99;
    QVERIFY(contextOf(r).error().message.find("track 99") != std::string::npos);
    r.document = nullptr;
    QVERIFY(!contextOf(r));
  }

  void jsonGivesTheContextBack() {
    const auto c = contextOf(request(document(), 5000, 3));
    const auto back = contextFromJson(contextJson(*c));
    QVERIFY2(back, back ? "" : back.error().message.c_str());
    QVERIFY(*back == *c);
  }

  void damagedContextsAreRefused() {
    const std::string good = contextJson(*contextOf(request(document(), 5000, 3)));
    QVERIFY(!contextFromJson("nonsense"));
    QVERIFY(!contextFromJson("{}"));
    QVERIFY(!contextFromJson(good.substr(0, good.size() / 2)));
    std::string wrong = good;
    wrong.replace(wrong.find("note-sequence-1"), 15, "note-sequence-9");
    QVERIFY(!contextFromJson(wrong));
    std::string backwards = good;
    const std::string range = "\"range\":[5000,";
    QVERIFY(backwards.find(range) != std::string::npos);
    backwards.replace(backwards.find(range), range.size(), "\"range\":[500000,");
    QVERIFY(!contextFromJson(backwards));
    const auto with = [&](const std::string& old, const std::string& text) {
      std::string j = good;
      if (j.find(old) == std::string::npos) qFatal("%s is not there", old.c_str());
      return j.replace(j.find(old), old.size(), text);
    };
    QVERIFY(!contextFromJson(with("\"ppq\":960", "\"ppq\":0")));
    QVERIFY(!contextFromJson(with(range, "\"range\":[-1,")));
    QVERIFY(!contextFromJson(with("500000]", "0]")));
    const std::size_t end = good.find(']', good.find(range));
    const std::string to = good.substr(good.find(range), end - good.find(range));
    QVERIFY(!contextFromJson(with(to, range + "4611686018427387904")));
    QVERIFY(!contextFromJson(with(to, range + "99000000")));
  }
};

QTEST_APPLESS_MAIN(TestNoteSequence)
#include "test_note_sequence.moc"
