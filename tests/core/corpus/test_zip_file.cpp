// Archives: what is read, what is refused, and that no damage does more than an error.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cstring>
#include <fstream>

#include "core/corpus/corpus.h"
#include "core/corpus/corpus_files.h"
#include "core/corpus/zip_file.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::uint32_t checksum(const Bytes& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t b : bytes) {
    crc ^= b;
    for (int i = 0; i < 8; ++i) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void put(Bytes& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

struct File {
  std::string name;
  Bytes bytes;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
};

// An archive of stored files; `wide` with the fields of ZIP64.
Bytes archiveOf(const std::vector<File>& files, bool wide = false) {
  Bytes out;
  Bytes directory;
  for (const File& f : files) {
    const std::size_t at = out.size();
    put(out, 0x04034b50, 4);
    put(out, 20, 2);
    put(out, f.flags, 2);
    put(out, f.method, 2);
    put(out, 0, 4);
    put(out, checksum(f.bytes), 4);
    put(out, f.bytes.size(), 4);
    put(out, f.bytes.size(), 4);
    put(out, f.name.size(), 2);
    put(out, 0, 2);
    out.insert(out.end(), f.name.begin(), f.name.end());
    out.insert(out.end(), f.bytes.begin(), f.bytes.end());
    const std::uint32_t size = wide ? 0xFFFFFFFF : static_cast<std::uint32_t>(f.bytes.size());
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    put(directory, 20, 2);
    put(directory, f.flags, 2);
    put(directory, f.method, 2);
    put(directory, 0, 4);
    put(directory, checksum(f.bytes), 4);
    put(directory, size, 4);
    put(directory, size, 4);
    put(directory, f.name.size(), 2);
    put(directory, wide ? 28 : 0, 2);
    put(directory, 0, 2);
    put(directory, 0, 8);
    put(directory, wide ? 0xFFFFFFFF : at, 4);
    directory.insert(directory.end(), f.name.begin(), f.name.end());
    if (!wide) continue;
    put(directory, 1, 2);
    put(directory, 24, 2);
    put(directory, f.bytes.size(), 8);
    put(directory, f.bytes.size(), 8);
    put(directory, at, 8);
  }
  const std::size_t at = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  if (wide) {
    const std::size_t end = out.size();
    put(out, 0x06064b50, 4);
    put(out, 44, 8);
    put(out, 45, 2);
    put(out, 45, 2);
    put(out, 0, 8);
    put(out, files.size(), 8);
    put(out, files.size(), 8);
    put(out, directory.size(), 8);
    put(out, at, 8);
    put(out, 0x07064b50, 4);
    put(out, 0, 4);
    put(out, end, 8);
    put(out, 1, 4);
  }
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, wide ? 0xFFFF : files.size(), 2);
  put(out, wide ? 0xFFFF : files.size(), 2);
  put(out, wide ? 0xFFFFFFFF : directory.size(), 4);
  put(out, wide ? 0xFFFFFFFF : at, 4);
  put(out, 0, 2);
  return out;
}

void save(const fs::path& file, const Bytes& bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

// 40 quarters of one pitch.
Bytes midi(int pitch) {
  Document d = newDocument();
  auto track = std::make_shared<Track>(*d.tracks.front());
  std::vector<Note> notes;
  for (int i = 0; i < 40; ++i) {
    Note n;
    n.start = {std::int64_t{i} * 960};
    n.length = {960};
    n.pitch = static_cast<std::uint8_t>(pitch);
    n.id = d.nextNoteId++;
    notes.push_back(n);
  }
  track->notes = NoteList(std::move(notes));
  d.tracks.front() = std::move(track);
  return writeMidi(d);
}

Bytes text(const char* t) { return {t, t + std::strlen(t)}; }

// "incipit " forty times, deflated.
constexpr const char* kDeflated =
    "504b03041400000008000000215c25ea40460e000000400100000c0000006465666c617465642e6d6964cbcc4bce"
    "2cc82c51c81ca5c9a201504b010214031400000008000000215c25ea40460e000000400100000c00000000000000"
    "000000008001000000006465666c617465642e6d6964504b050600000000010001003a000000380000000000";

}  // namespace

class TestZipFile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    const fs::path file = fs::path(dir_.path().toStdString()) / "probe.zip";
    save(file, archiveOf({}));
    if (const auto r = readZipDirectory(file); !r) {
      QVERIFY2(r.error().message.find("cannot read ZIP") != std::string::npos,
               r.error().message.c_str());
      QSKIP("this build has no zlib");
    }
    fs::remove(file);
  }

  void entriesAreRead() {
    const fs::path file = fs::path(dir_.path().toStdString()) / "a.zip";
    for (const bool wide : {false, true}) {
      save(file, archiveOf({{"one.mid", text("first")}, {"folder/", {}}, {"b/two", {}}}, wide));
      const auto entries = readZipDirectory(file);
      QVERIFY2(entries, entries ? "" : entries.error().message.c_str());
      QCOMPARE(entries->size(), std::size_t{2});
      QCOMPARE((*entries)[1].name, std::string("b/two"));
      QCOMPARE(readZipEntry(file, (*entries)[0]).value(), text("first"));
      QVERIFY(readZipEntry(file, (*entries)[1]).value().empty());
    }
    const QByteArray deflated = QByteArray::fromHex(kDeflated);
    save(file, Bytes(deflated.begin(), deflated.end()));
    const auto entries = readZipDirectory(file);
    QCOMPARE(entries->size(), std::size_t{1});
    const auto bytes = readZipEntry(file, entries->front());
    QVERIFY2(bytes, bytes ? "" : bytes.error().message.c_str());
    QCOMPARE(QByteArray(reinterpret_cast<const char*>(bytes->data()), int(bytes->size())),
             QByteArray("incipit ").repeated(40));
  }

  void refusalsSayWhy() {
    const fs::path file = fs::path(dir_.path().toStdString()) / "b.zip";
    const auto why = [&](const Bytes& bytes) -> std::string {
      save(file, bytes);
      const auto entries = readZipDirectory(file);
      if (!entries) return entries.error().message;
      const auto entry = readZipEntry(file, entries->front());
      return entry ? std::string() : entry.error().message;
    };
    const auto has = [](const std::string& message, const char* what) {
      return message.find(what) != std::string::npos && message.find("b.zip") != std::string::npos;
    };
    QVERIFY(has(why({}), "no ZIP archive"));
    QVERIFY(has(why(text("PK, but no archive")), "no ZIP archive"));
    QVERIFY(has(why(archiveOf({{"a.mid", text("x"), 0, 1}})), "encrypted"));
    QVERIFY(has(why(archiveOf({{"a.mid", text("x"), 14}})), "method 14"));
    Bytes wrong = archiveOf({{"a.mid", text("xyz")}});
    wrong[30 + 5] ^= 1U;  // the data: its checksum is wrong
    QVERIFY(has(why(wrong), "a.mid: is damaged"));
  }

  // Any one byte changed, any end cut off: an error or the right bytes, never more.
  void damageIsOnlyAnError() {
    const fs::path file = fs::path(dir_.path().toStdString()) / "c.zip";
    const QByteArray hex = QByteArray::fromHex(kDeflated);
    const Bytes deflated(hex.begin(), hex.end());
    for (const Bytes& whole : {deflated, archiveOf({{"a.mid", text("some bytes")}}, true)}) {
      for (std::size_t i = 0; i < 2 * whole.size(); ++i) {
        Bytes damaged = whole;
        if (i < whole.size()) {
          damaged[i] ^= static_cast<std::uint8_t>(1U << i % 8);
        } else {
          damaged.resize(i - whole.size());
        }
        save(file, damaged);
        const auto entries = readZipDirectory(file);
        if (!entries) continue;
        for (const ZipEntry& e : *entries) {
          if (const auto bytes = readZipEntry(file, e)) {
            QVERIFY(bytes->size() == e.size && e.size <= 320);
          }
        }
      }
    }
  }

  void corporaLookIntoArchives() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    fs::create_directories(folder / "sets");
    save(folder / "plain.mid", midi(60));
    save(folder / "sets/More.ZIP", archiveOf({{"x/in.mid", midi(61)},
                                              {"copy.MID", midi(60)},
                                              {"readme.txt", text("no")},
                                              {"__MACOSX/x/._in.mid", text("no")},
                                              {"../out.mid", midi(62)}}));
    save(folder / "broken.zip", text("nothing of the kind"));
    const auto c = readCorpus(folder, {}, {}, {});
    QVERIFY2(c, c ? "" : c.error().message.c_str());
    QCOMPARE(c->pieces.size(), std::size_t{2});
    QCOMPARE(c->pieces[1].file, std::string("sets/More.ZIP/x/in.mid"));
    QCOMPARE(c->rejected.size(), std::size_t{3});
    QVERIFY(c->rejected[0].file == "broken.zip");
    QVERIFY(c->rejected[0].reason.find("no ZIP archive") != std::string::npos);
    QVERIFY(c->rejected[1].reason.find("leads out") != std::string::npos);
    QCOMPARE(c->rejected[2].reason, std::string("duplicate of plain.mid"));
    const CorpusFiles files(folder);
    QCOMPARE(files.read("sets/More.ZIP/x/in.mid").value(), midi(61));
    QVERIFY(!files.read("sets/More.ZIP/none.mid"));
    QVERIFY(!files.read("sets/none.zip/none.mid"));
  }

 private:
  QTemporaryDir dir_;
};

QTEST_APPLESS_MAIN(TestZipFile)
#include "test_zip_file.moc"
