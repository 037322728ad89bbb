// A model's files are copied and renamed together, or not at all.
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "core/compose/catalogue.h"
#include "core/compose/model_files.h"
#include "core/compose/run_history.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

// A checkpoint without tensors.
void writeCheckpoint(const fs::path& file) {
  const std::string head =
      "{\"__metadata__\":{\"format\":\"incipit-checkpoint-1\",\"family\":\"f\",\"title\":\"T\"}}";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(head.size());
  write(file, bytes + head);
}

QStringList namesIn(const fs::path& folder) {
  return QDir(QString::fromStdString(folder.string())).entryList(QDir::Files, QDir::Name);
}

}  // namespace

class TestModelFiles : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> dir_;
  fs::path root_, model_;

 private Q_SLOTS:
  void init() {
    dir_ = std::make_unique<QTemporaryDir>();
    root_ = dir_->path().toStdString();
    model_ = root_ / "a.b.safetensors";
    writeCheckpoint(model_);
    for (const char* other : {"a.b.2-of-2.safetensors", "a.b.last.safetensors",
                              "a.b.last.state.safetensors", "a.b.last.2-of-2.safetensors",
                              "a.b.history.jsonl", "a.b.md", "a.safetensors", "a.b.c.safetensors"}) {
      write(root_ / other, other);
    }
  }

  void itsFilesAreItsOwn() {
    QStringList names;
    for (const fs::path& f : modelFiles(model_)) {
      names << QString::fromStdString(f.filename().string());
    }
    QCOMPARE(names.front(), QString("a.b.safetensors"));
    names.sort();
    QCOMPARE(names,
             (QStringList{"a.b.2-of-2.safetensors", "a.b.history.jsonl", "a.b.last.2-of-2.safetensors",
                          "a.b.last.safetensors", "a.b.last.state.safetensors", "a.b.md",
                          "a.b.safetensors"}));
  }

  void renamingTakesAllAlong() {
    const auto renamed = renameModel(model_, "new");
    QVERIFY(renamed.has_value());
    QCOMPARE(*renamed, root_ / "new.safetensors");
    QCOMPARE(namesIn(root_),
             (QStringList{"a.b.c.safetensors", "a.safetensors", "new.2-of-2.safetensors",
                          "new.history.jsonl", "new.last.2-of-2.safetensors",
                          "new.last.safetensors", "new.last.state.safetensors", "new.md",
                          "new.safetensors"}));
    QCOMPARE(readCheckpointInfo(*renamed)->family, std::string("f"));
  }

  void aNameThatIsTakenOrNoneIsRefused() {
    const QStringList before = namesIn(root_);
    for (const char* name : {"a", "", "x/y", "..", " x"}) {
      const auto renamed = renameModel(model_, name);
      QVERIFY2(!renamed.has_value(), name);
      QVERIFY(!renamed.error().message.empty());
      QCOMPARE(namesIn(root_), before);
    }
    // Not only the checkpoint's own.
    write(root_ / "new.md", "a card");
    QVERIFY(!renameModel(model_, "new"));
    QVERIFY(fs::exists(model_));
  }

  void copyingTakesWhatComposingNeeds() {
    const fs::path to = root_ / "made/here";
    const auto copy = copyModel(model_, to, "b");
    QVERIFY(copy.has_value());
    QCOMPARE(*copy, to / "b.safetensors");
    QCOMPARE(namesIn(to), (QStringList{"b.2-of-2.safetensors", "b.md", "b.safetensors"}));
    const auto again = copyModel(model_, to, "b");
    QVERIFY(!again);
    QVERIFY(again.error().message.find("choose another") != std::string::npos);
    QVERIFY(!copyModel(root_ / "a.safetensors", to, "c"));  // no checkpoint
    write(root_ / "file", "");
    QVERIFY(!copyModel(model_, root_ / "file", "c"));  // no folder
    QCOMPARE(namesIn(to).size(), 3);
  }
};

QTEST_APPLESS_MAIN(TestModelFiles)
#include "test_model_files.moc"
