// Reading takes no more memory than a small multiple of the file, whatever its bytes say.
//
// The peak of what operator new has handed out is compared with the size of files that are made to
// blow up: as many of the smallest event of each kind as fit, and numbers that promise much.
#include <malloc.h>

#include <QtTest>
#include <atomic>
#include <cstdlib>
#include <new>

#include "core/io/midi_file.h"
#include "core/io/project_file.h"
#include "tests/core/io/midi_bytes.h"

namespace {

std::atomic<std::size_t> held{0};
std::atomic<std::size_t> peak{0};

void* take(std::size_t size) {
  void* const p = std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  const std::size_t now = held += ::malloc_usable_size(p);
  if (now > peak) peak = now;
  return p;
}
void give(void* p) {
  if (p != nullptr) held -= ::malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, std::size_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t) noexcept { give(p); }

using namespace incipit;
using namespace incipit::test;

namespace {

constexpr std::size_t kSize = 1'000'000;
constexpr std::size_t kMultiple = 64;

Bytes repeated(const Bytes& unit) {
  Bytes out;
  out.reserve(kSize + unit.size());
  while (out.size() < kSize) out.insert(out.end(), unit.begin(), unit.end());
  return out;
}

std::string repeatedText(std::string_view unit) {
  std::string out;
  out.reserve(kSize + unit.size());
  while (out.size() < kSize) out += unit;
  return out;
}

}  // namespace

class TestMemory : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void midi_data();
  void midi();
  void project_data();
  void project();
};

void TestMemory::midi_data() {
  QTest::addColumn<QByteArray>("file");
  const auto row = [](const char* name, const Bytes& bytes) {
    QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(bytes.data()),
                                      static_cast<qsizetype>(bytes.size()));
  };
  const Bytes head = header(1, 1, 960);
  const auto one = [&](const Bytes& body) { return head + chunk(body); };
  row("notes", one(message(0, {0x90, 60, 1}) + repeated({1, 60, 1})));
  row("controllers", one(message(0, {0xB0, 1, 1}) + repeated({1, 1, 1})));
  row("ordered controllers", one(note(0, 60, 1) + message(0, {0xB0, 6, 1}) + repeated({1, 6, 1})));
  row("pressure", one(message(0, {0xD0, 1}) + repeated({1, 1})));
  row("texts", one(repeated({0, 0xFF, 1, 0})));
  row("markers", one(repeated({0, 0xFF, 6, 0})));
  row("sysex", one(repeated({0, 0xF0, 0})));
  row("tempos", one(repeated({1, 0xFF, 0x51, 3, 1, 1, 1})));
  row("tracks without events", header(1, 65535, 960) + repeated(chunk({})));
  row("tracks of one note", header(1, 65535, 960) + repeated(chunk({0, 0x90, 60, 1})));
  Bytes everyChannel;
  for (std::uint8_t c = 0; c < 16; ++c) {
    everyChannel = everyChannel + message(0, {static_cast<std::uint8_t>(0x90 | c), 60, 1});
  }
  row("tracks of sixteen channels", header(1, 65535, 960) + repeated(chunk(everyChannel)));
  row("skipped bytes", one(repeated({0x10, 0x20})));
  row("long length", header(1, 1, 960) + bytesOf("MTrk") + Bytes(4, 0xFF) +
                         Bytes{0, 0xFF, 1, 0xFF, 0xFF, 0xFF, 0x7F} + repeated({0}));
  const std::string overlaps = R"(incipit:{"track":{"channel":0,"notes":1,"overlaps":[)" +
                               repeatedText("[0,60,1,1,0],") + "[0,60,1,1,0]]}}";
  row("overlaps", one(textMeta(0, 1, overlaps) + note(0, 60, 1)));
  const std::string runs =
      R"(incipit:{"track":{"channel":0,"locked":[)" + repeatedText("[0,1],") + "[0,1]]}}";
  row("runs of locks", one(textMeta(0, 1, runs) + note(0, 60, 1)));
  row("nested", one(textMeta(0, 1, "incipit:{\"x\":" + repeatedText("["))));
}

void TestMemory::midi() {
  QFETCH(QByteArray, file);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(file.constData()),
                        static_cast<std::size_t>(file.size()));
  const std::size_t before = held;
  peak = before;
  const auto r = readMidi(bytes);
  const double multiple = static_cast<double>(peak - before) / static_cast<double>(bytes.size());
  qInfo("%.1f times the file", multiple);
  QVERIFY(multiple < kMultiple);
}

void TestMemory::project_data() {
  QTest::addColumn<QByteArray>("file");
  const auto row = [](const char* name, const char* start, std::string_view unit) {
    QTest::newRow(name) << QByteArray::fromStdString(R"({"format":1,)" + std::string(start) +
                                                     repeatedText(unit));
  };
  row("tracks", R"("tracks":[)", "{},");
  row("notes", R"("tracks":[{"notes":[)", "[0,1,0,1,0],");
  row("markers", R"("markers":[)", "[0,\"\"],");
  row("raw", R"("raw":[)", "[0,\"00\"],");
  row("regions", R"("regions":[)", "{},");
  row("lanes", R"("tracks":[{"lanes":{)", "\"1\":[[0,0]],");
  row("points", R"("tracks":[{"lanes":{"1":[)", "[0,0],");
  row("unknown", "", "\"\":0,");
  row("nested", "\"x\":", "[");
  row("string", "\"x\":\"", "\\n");
}

void TestMemory::project() {
  QFETCH(QByteArray, file);
  const std::size_t before = held;
  peak = before;
  const auto r = readProject({file.constData(), static_cast<std::size_t>(file.size())});
  const double multiple = static_cast<double>(peak - before) / static_cast<double>(file.size());
  qInfo("%.1f times the file", multiple);
  QVERIFY(multiple < kMultiple);
}

QTEST_APPLESS_MAIN(TestMemory)
#include "test_memory.moc"
