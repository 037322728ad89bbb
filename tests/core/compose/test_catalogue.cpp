// Checkpoint headers and the list of installed models, damaged files among them.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "core/compose/catalogue.h"
#include "core/compose/safetensors_header.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

std::string prefixed(const std::string& header, const std::string& data = {}) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i));
  return out + header + data;
}

std::string checkpoint(const std::string& title) {
  return prefixed(R"({"__metadata__":{"format":"incipit-checkpoint-1","family":"note-lstm",)"
                  R"("preset":"improved","title":")" +
                      title + R"("},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)" +
                      R"("b":{"dtype":"F32","shape":[2],"data_offsets":[24,32]}})",
                  std::string(32, 'x'));
}

void write(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace

class TestCatalogue : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void readsACheckpoint() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "a.safetensors";
    write(file, checkpoint("A model"));
    const auto info = readCheckpointInfo(file);
    QVERIFY2(info, info ? "" : info.error().message.c_str());
    QCOMPARE(info->title, std::string("A model"));
    QCOMPARE(info->family, std::string("note-lstm"));
    QCOMPARE(info->parameters, std::int64_t{8});
    QCOMPARE(info->bytes, static_cast<std::int64_t>(fs::file_size(file)));
  }

  void refusesWhatIsNoCheckpoint_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("word");
    const auto row = [](const char* name, const std::string& bytes, const char* word) {
      QTest::newRow(name) << QByteArray::fromStdString(bytes) << QByteArray(word);
    };
    row("empty", "", "not a safetensors");
    row("text", "this is certainly not a model file", "not a safetensors");
    row("giant header", std::string(7, '\0') + std::string("\x7f{}", 3), "not a safetensors");
    row("no JSON", prefixed("nonsense"), "not a safetensors");
    row("foreign", prefixed(R"({"__metadata__":{"format":"pt"}})"), "not a checkpoint");
    row("no family", prefixed(R"({"__metadata__":{"format":"incipit-checkpoint-1"}})"), "family");
    row("outside", prefixed(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "1234"),
        "cut short");
    row("wrong size",
        prefixed(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "12345678"), "shape");
    row("overlap",
        prefixed(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                 R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                 "12345678"),
        "overlap");
    row("huge shape",
        prefixed(R"({"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})",
                 "12345678"),
        "shape");
    row("negative shape",
        prefixed(R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "12345678"),
        "shape");
    row("odd type", prefixed(R"({"w":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}})", "1234"),
        "unknown type");
    row("metadata of numbers", prefixed(R"({"__metadata__":{"format":1}})"), "damaged");
    row("missing field", prefixed(R"({"w":{"dtype":"F32"}})"), "damaged");
  }
  void refusesWhatIsNoCheckpoint() {
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, word);
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "bad.safetensors";
    write(file, bytes.toStdString());
    const auto info = readCheckpointInfo(file);
    QVERIFY(!info);
    const QByteArray message = QByteArray::fromStdString(info.error().message);
    QVERIFY2(message.contains(word) && message.contains("bad.safetensors"), message.constData());
    QVERIFY(!message.contains('\n'));
  }

  void everyCutIsRefused() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "cut.safetensors";
    const std::string whole = checkpoint("whole");
    for (std::size_t n = 0; n < whole.size(); ++n) {
      write(file, whole.substr(0, n));
      QVERIFY2(!readCheckpointInfo(file), qPrintable(QString::number(n)));
    }
  }

  void listsFoldersInOrder() {
    QTemporaryDir dir;
    const fs::path root = dir.path().toStdString();
    write(root / "shipped/z.safetensors", checkpoint("Zebra"));
    write(root / "own/a.safetensors", checkpoint("Beta"));
    write(root / "own/b.safetensors", checkpoint("Alpha"));
    write(root / "own/z.safetensors", checkpoint("Shadowed"));
    write(root / "own/a.last.safetensors", checkpoint("Last of a"));
    write(root / "own/c.last.safetensors", checkpoint("Only a last"));
    write(root / "own/a.last.state.safetensors", prefixed("{}"));
    write(root / "own/a.2-of-2.safetensors", prefixed("{}"));
    write(root / "own/broken.safetensors", "x");
    write(root / "own/note.txt", "x");
    const Catalogue c = listModels({root / "shipped", root / "absent", root / "own", {}});
    QStringList titles;
    for (const CheckpointInfo& m : c.models) titles << QString::fromStdString(m.title);
    QCOMPARE(titles, QStringList({"Zebra", "Alpha", "Beta", "Only a last"}));
    QCOMPARE(c.problems.size(), std::size_t{1});
    QVERIFY(c.problems[0].find("broken") != std::string::npos);
  }

  void hashesFiles() {
    QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "abc";
    write(file, "abc");
    QCOMPARE(*fileSha256(file),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QVERIFY(!fileSha256(file.string() + "x"));
    QVERIFY(!fileSha256(dir.path().toStdString()));
  }
};

QTEST_APPLESS_MAIN(TestCatalogue)
#include "test_catalogue.moc"
