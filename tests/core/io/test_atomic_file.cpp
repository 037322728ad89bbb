// Atomic writing: all or nothing, and one line when it fails.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtTest>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/io/atomic_file.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& file) {
  const auto bytes = readFile(file);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "(" + bytes.error().message + ")";
}

std::size_t filesIn(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

class TestAtomicFile : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init();
  void writesAndReplaces();
  void keepsPrevious();
  void keepsPermissions();
  void followsLinks();
  void leftoverTemporary();
  void failsWithOneLine_data();
  void failsWithOneLine();
  void fullDisk();
  void noPermission();
  void reading();

 private:
  std::unique_ptr<QTemporaryDir> dir_;
  fs::path folder_;
};

void TestAtomicFile::init() {
  dir_ = std::make_unique<QTemporaryDir>();
  folder_ = dir_->path().toStdString();
}

void TestAtomicFile::writesAndReplaces() {
  QVERIFY(writeFileAtomically(folder_ / "a", "one", false).has_value());
  QCOMPARE(contents(folder_ / "a"), std::string("one"));
  QVERIFY(writeFileAtomically(folder_ / "a", "", false).has_value());
  QCOMPARE(contents(folder_ / "a"), std::string());
  QCOMPARE(filesIn(folder_), std::size_t{1});
}

void TestAtomicFile::keepsPrevious() {
  for (const char* text : {"one", "two", "three"}) {
    QVERIFY(writeFileAtomically(folder_ / "a", text, true).has_value());
  }
  QCOMPARE(contents(folder_ / "a"), std::string("three"));
  QCOMPARE(contents(folder_ / "a~"), std::string("two"));
  QCOMPARE(filesIn(folder_), std::size_t{2});
}

void TestAtomicFile::keepsPermissions() {
  QVERIFY(writeFileAtomically(folder_ / "a", "one", false).has_value());
  fs::permissions(folder_ / "a", fs::perms(0640));
  QVERIFY(writeFileAtomically(folder_ / "a", "two", true).has_value());
  QCOMPARE(fs::status(folder_ / "a").permissions(), fs::perms(0640));
}

void TestAtomicFile::followsLinks() {
  QVERIFY(writeFileAtomically(folder_ / "real", "one", false).has_value());
  fs::create_symlink("real", folder_ / "link");
  QVERIFY(writeFileAtomically(folder_ / "link", "two", false).has_value());
  QVERIFY(fs::is_symlink(folder_ / "link"));
  QCOMPARE(contents(folder_ / "real"), std::string("two"));
}

// As a crash in the middle of an earlier save leaves it.
void TestAtomicFile::leftoverTemporary() {
  std::ofstream(folder_ / "a.tmp") << "a very long half of something that was never finished";
  QVERIFY(writeFileAtomically(folder_ / "a", "one", false).has_value());
  QCOMPARE(contents(folder_ / "a"), std::string("one"));
  QCOMPARE(filesIn(folder_), std::size_t{1});
}

void TestAtomicFile::failsWithOneLine_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("what");
  QTest::newRow("no folder") << "none/a"
                             << "the folder does not exist";
  QTest::newRow("file as folder") << "file/a"
                                  << "not a folder";
  QTest::newRow("folder") << "folder"
                          << "it is a folder";
  QTest::newRow("long") << QString(300, 'x') << "name is too long";
}

void TestAtomicFile::failsWithOneLine() {
  QFETCH(QString, name);
  QFETCH(QString, what);
  fs::create_directory(folder_ / "folder");
  std::ofstream(folder_ / "file") << "x";
  const auto r = writeFileAtomically(folder_ / name.toStdString(), "one", true);
  QVERIFY(!r.has_value());
  const QString message = QString::fromStdString(r.error().message);
  QVERIFY2(message.contains(what) && message.contains(name), qPrintable(message));
  QVERIFY(!message.contains('\n'));
  QCOMPARE(filesIn(folder_), std::size_t{2});
}

// The limit on the size of a file stands in for a disk without room: write() fails half way.
void TestAtomicFile::fullDisk() {
  QVERIFY(writeFileAtomically(folder_ / "a", "old", false).has_value());
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1000;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto r = writeFileAtomically(folder_ / "a", std::string(5000, 'x'), true);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  QVERIFY(!r.has_value());
  QVERIFY2(r.error().message.find("larger than this disk allows") != std::string::npos,
           r.error().message.c_str());
  QCOMPARE(contents(folder_ / "a"), std::string("old"));
  QCOMPARE(filesIn(folder_), std::size_t{1});
}

void TestAtomicFile::noPermission() {
  QVERIFY(writeFileAtomically(folder_ / "a", "old", false).has_value());
  fs::permissions(folder_, fs::perms(0555));
  // The superuser may write everywhere, so it becomes somebody else for a moment.
  constexpr uid_t kNobody = 65534;
  const bool superuser = ::geteuid() == 0;
  if (superuser) QCOMPARE(::seteuid(kNobody), 0);
  const auto r = writeFileAtomically(folder_ / "a", "new", true);
  if (superuser) QCOMPARE(::seteuid(0), 0);
  fs::permissions(folder_, fs::perms(0755));
  QVERIFY(!r.has_value());
  QVERIFY(r.error().message.find("no permission") != std::string::npos);
  QCOMPARE(contents(folder_ / "a"), std::string("old"));
}

void TestAtomicFile::reading() {
  QVERIFY(readFile(folder_ / "none").error().message.find("no such file") != std::string::npos);
  QVERIFY(readFile(folder_).error().message.find("it is a folder") != std::string::npos);
  QCOMPARE(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  QVERIFY(readFile(folder_ / "pipe").error().message.find("regular") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestAtomicFile)
#include "test_atomic_file.moc"
