#include <QTemporaryDir>
#include <QtTest>
#include <cstring>
#include <fstream>

#include "core/compose/paths.h"
#include "soundfonts/soundfonts.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

fs::path builtin() { return programFolder() / "../share/incipit/soundfonts" / kBuiltinSoundfont; }

std::string bytesOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace

class TestSoundfonts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theBuiltInOneIsWholeAndSmall() {
    const auto info = inspectSoundfont(builtin());
    QVERIFY2(info.has_value(), info ? "" : info.error().message.c_str());
    QCOMPARE(info->name, std::string("Incipit"));
    QCOMPARE(info->presets, 129);
    QVERIFY(info->drums);
    QVERIFY(!info->compressed);
    QVERIFY(info->bytes < 1500000);
  }

  void theBuiltInOneIsFoundAndComesLast() {
    const auto found = findSoundfonts();
    QVERIFY(!found.empty());
    QCOMPARE(found.back().path.filename().string(), std::string(kBuiltinSoundfont));
  }

  void theOrderIsByWhatTheyAreNotWhereTheyLie() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const std::string bytes = bytesOf(builtin());
    for (const char* name :
         {"zebra.sf2", "TimGM6mb.sf2", "Apple.SF2", "MuseScore_General.sf3", kBuiltinSoundfont}) {
      write(folder / name, bytes);
    }
    write(folder / "broken.sf2", bytes.substr(0, 5000));
    write(folder / "readme.txt", bytes);
    fs::create_symlink(folder / "zebra.sf2", folder / "default-GM.sf3");
    std::vector<std::string> names;
    for (const SoundfontInfo& f : findSoundfonts({folder / "missing", folder, folder})) {
      names.push_back(f.path.filename().string());
    }
    const std::vector<std::string> expected = {"MuseScore_General.sf3", "TimGM6mb.sf2", "Apple.SF2",
                                               "zebra.sf2", kBuiltinSoundfont};
    QVERIFY(names == expected);
  }

  void contentAndNotTheNameTellsSf3() {
    QTemporaryDir dir;
    const fs::path file = dir.filePath("name-says.sf3").toStdString();
    std::string bytes = bytesOf(builtin());
    write(file, bytes);
    QVERIFY(!inspectSoundfont(file)->compressed);
    // The first sample's type, as SF3 marks it.
    const std::size_t header = bytes.find("shdr");
    QVERIFY(header != std::string::npos);
    bytes[header + 8 + 44] |= 0x10;
    write(file, bytes);
    QVERIFY(inspectSoundfont(file)->compressed);
  }

  // As MuseScore_General.sf3 is: its compressed samples are of odd length, and no byte is added.
  void anOddChunkMayLackItsPadding() {
    QTemporaryDir dir;
    const fs::path file = dir.filePath("odd.sf3").toStdString();
    std::string bytes = bytesOf(builtin());
    const std::size_t samples = bytes.find("smpl");
    const auto grow = [&bytes](std::size_t at, int by) {
      std::uint32_t size = 0;
      std::memcpy(&size, bytes.data() + at, 4);
      size += static_cast<std::uint32_t>(by);
      std::memcpy(bytes.data() + at, &size, 4);
    };
    bytes.insert(samples + 8, 1, 'x');
    for (const std::size_t at : {std::size_t{4}, samples - 8, samples + 4}) grow(at, 1);
    write(file, bytes);
    auto info = inspectSoundfont(file);
    QVERIFY2(info.has_value(), info ? "" : info.error().message.c_str());
    QCOMPARE(info->presets, 129);
    // And with the byte.
    bytes.insert(bytes.find("LIST", samples), 1, '\0');
    grow(4, 1);
    write(file, bytes);
    info = inspectSoundfont(file);
    QVERIFY2(info.has_value(), info ? "" : info.error().message.c_str());
    QCOMPARE(info->presets, 129);
  }

  void refusesWithOneLineThatNamesTheFile() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const std::string bytes = bytesOf(builtin());
    write(folder / "text.sf2", "MThd, or anything else that is no soundfont");
    write(folder / "empty.sf2", "");
    write(folder / "cut.sf2", bytes.substr(0, bytes.size() / 2));
    std::string lying = bytes;
    lying.replace(4, 4, "\xFF\xFF\xFF\x7F");
    write(folder / "lying.sf2", lying);
    write(folder / "no-lists.sf2", std::string("RIFF\x04\0\0\0sfbk", 12));
    fs::create_directory(folder / "folder.sf2");
    for (const char* name : {"text.sf2", "empty.sf2", "cut.sf2", "lying.sf2", "no-lists.sf2",
                             "folder.sf2", "missing.sf2"}) {
      const auto info = inspectSoundfont(folder / name);
      QVERIFY2(!info.has_value(), name);
      const std::string& message = info.error().message;
      QVERIFY2(message.find((folder / name).string()) == 0, message.c_str());
      QVERIFY2(message.find('\n') == std::string::npos, message.c_str());
    }
  }

  // Cut anywhere and with any bytes changed, a file is read or refused, never trusted.
  void survivesDamage() {
    QTemporaryDir dir;
    const fs::path file = dir.filePath("damaged.sf2").toStdString();
    const std::string bytes = bytesOf(builtin());
    const std::size_t tables = bytes.find("pdta");
    QVERIFY(tables != std::string::npos);
    // Without the samples, so that each try is quick.
    const std::size_t samples = bytes.find("smpl");
    std::string small =
        bytes.substr(0, samples + 4) + std::string("\x02\0\0\0\0\0", 6) + bytes.substr(tables - 8);
    const auto put = [&](std::size_t at, std::size_t v) {
      for (unsigned i = 0; i < 4; ++i) small[at + i] = static_cast<char>(v >> (8 * i));
    };
    put(4, small.size() - 8);
    put(samples - 8, 4 + 8 + 2);
    write(file, small);
    QVERIFY2(inspectSoundfont(file).has_value(), "the small one must be sound to start with");
    std::uint32_t random = 12345;
    const auto next = [&random](std::size_t below) {
      random = random * 1664525U + 1013904223U;
      return static_cast<std::size_t>(random >> 8U) % below;
    };
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
      std::string damaged = small;
      for (int k = 0; k < 3; ++k) damaged[next(400)] = static_cast<char>(next(256));
      if (i % 2 == 0) damaged.resize(next(damaged.size()));
      write(file, damaged);
      const auto info = inspectSoundfont(file);
      if (!info) ++refused;
      if (info) QVERIFY(info->presets > 0);
    }
    QVERIFY(refused > 200);
  }
};

QTEST_APPLESS_MAIN(TestSoundfonts)
#include "test_soundfonts.moc"
