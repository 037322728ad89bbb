// Autosave and recovery, with real processes that are killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/io/recovery.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

Document named(const char* name) {
  Document d = newDocument();
  Track t = *d.tracks[0];
  t.name = name;
  d.tracks[0] = std::make_shared<const Track>(std::move(t));
  return d;
}

std::size_t filesIn(const fs::path& folder) {
  std::error_code error;
  std::size_t n = 0;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; ++it) ++n;
  return n;
}

// Runs f in a process of its own, which is killed as soon as it has said that it is done.
template <typename F>
void inKilledProcess(F&& f, bool kill = true) {
  int ends[2];
  QCOMPARE(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    f();
    (void)!::write(ends[1], "x", 1);
    if (kill) ::pause();
    ::_exit(0);
  }
  char done = 0;
  QCOMPARE(::read(ends[0], &done, 1), ssize_t{1});
  if (kill) ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace

class TestRecovery : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init();
  void afterAKill();
  void beforeTheKilledIsBuried();
  void theLivingAreLeftAlone();
  void savedLeavesNothing();
  void discardDuringAWrite();
  void cleanExit();
  void withoutSidecar();
  void discardAndPurge();
  void foldersThatAreNotThere();

 private:
  std::unique_ptr<QTemporaryDir> dir_;
  fs::path folder_;
};

void TestRecovery::init() {
  dir_ = std::make_unique<QTemporaryDir>();
  folder_ = fs::path(dir_->path().toStdString()) / "autosave";
}

// The work of a killed studio was not offered by the next one when that started at once: the
// process was dead, but its parent had not noticed yet.
void TestRecovery::beforeTheKilledIsBuried() {
  const pid_t child = ::fork();
  if (child == 0) {
    Autosave a("/music/song.incipit", folder_);
    (void)a.write(named("unburied"));
    ::_exit(0);  // no destructor: as killed
  }
  siginfo_t info{};
  QCOMPARE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  QCOMPARE(listRecoverable(folder_).size(), std::size_t{1});
  ::waitpid(child, nullptr, 0);
}

void TestRecovery::afterAKill() {
  inKilledProcess([&] {
    Autosave a("/music/song.incipit", folder_);
    (void)a.write(named("first"));
    (void)a.write(named("second"));
  });
  const auto found = listRecoverable(folder_);
  QCOMPARE(found.size(), std::size_t{1});
  QCOMPARE(found[0].original, fs::path("/music/song.incipit"));
  QVERIFY(!found[0].cleanExit);
  QVERIFY(found[0].bytes > 100);
  const auto age = std::chrono::system_clock::now() - found[0].time;
  QVERIFY(age < std::chrono::minutes(5) && age > std::chrono::minutes(-1));
  const auto opened = openRecoverable(found[0]);
  QVERIFY(opened && opened->faults.empty());
  QVERIFY(opened->document == named("second"));
  QCOMPARE(listRecoverable(folder_).size(), std::size_t{1});  // opening removes nothing
}

void TestRecovery::theLivingAreLeftAlone() {
  Autosave mine("", folder_);
  QVERIFY(mine.write(named("open")).has_value());
  QVERIFY(listRecoverable(folder_).empty());
  QCOMPARE(filesIn(folder_), std::size_t{2});
}

void TestRecovery::savedLeavesNothing() {
  Autosave a("", folder_);
  QVERIFY(a.write(named("x")).has_value());
  a.discardAfterSave("/music/new.incipit");
  QCOMPARE(filesIn(folder_), std::size_t{0});
  // The next change makes a new one, of the file it now has.
  inKilledProcess([&] {
    Autosave b("", folder_);
    b.discardAfterSave("/music/new.incipit");
    (void)b.write(named("y"));
  });
  QCOMPARE(listRecoverable(folder_).at(0).original, fs::path("/music/new.incipit"));
}

// However a save by the user and an autosave meet, nothing older than the save is left.
void TestRecovery::discardDuringAWrite() {
  Document large = newDocument();
  std::vector<Note> notes;
  for (int i = 0; i < 20000; ++i) {
    notes.push_back({.start = {i * 10}, .length = {10}, .id = large.nextNoteId++});
  }
  Track t = *large.tracks[0];
  t.notes = NoteList(std::move(notes));
  large.tracks[0] = std::make_shared<const Track>(std::move(t));
  for (int i = 0; i < 8; ++i) {
    Autosave a("", folder_);
    std::atomic<bool> started{false};
    std::thread worker([&] {
      started = true;
      (void)a.write(large);
    });
    while (!started) std::this_thread::yield();
    for (int spin = 0; spin < i * 500; ++spin) std::this_thread::yield();
    a.discardAfterSave("/music/x");
    worker.join();
    // Either the write began after the save, and is newer, or it is gone.
    a.discardAfterSave("/music/x");
    QCOMPARE(filesIn(folder_), std::size_t{0});
  }
}

void TestRecovery::cleanExit() {
  inKilledProcess(
      [&] {
        Autosave saved("a", folder_);
        (void)saved.write(named("saved"));
        saved.cleanExit(/*unsaved=*/false);
        Autosave unsaved("b", folder_);
        (void)unsaved.write(named("unsaved"));
        unsaved.cleanExit(/*unsaved=*/true);
        Autosave untouched("c", folder_);
        untouched.cleanExit(/*unsaved=*/true);
      },
      /*kill=*/false);
  const auto found = listRecoverable(folder_);
  QCOMPARE(found.size(), std::size_t{1});
  QVERIFY(found[0].cleanExit);
  QCOMPARE(found[0].original, fs::path("b"));
}

void TestRecovery::withoutSidecar() {
  inKilledProcess([&] {
    Autosave a("x", folder_);
    (void)a.write(named("kept"));
    fs::remove(fs::path(a.file()).replace_extension(".json"));
  });
  const auto found = listRecoverable(folder_);
  QCOMPARE(found.size(), std::size_t{1});
  QVERIFY(found[0].original.empty());
  QVERIFY(openRecoverable(found[0])->document == named("kept"));
}

void TestRecovery::discardAndPurge() {
  inKilledProcess([&] {
    Autosave a("x", folder_);
    (void)a.write(named("x"));
  });
  const auto found = listRecoverable(folder_);
  QVERIFY(discardRecoverable(found.at(0)).has_value());
  QVERIFY(listRecoverable(folder_).empty());
  QCOMPARE(filesIn(folder_ / "trash"), std::size_t{2});
  const auto now = std::chrono::system_clock::now();
  purgeTrash(now + std::chrono::hours(24 * 29), folder_);
  QCOMPARE(filesIn(folder_ / "trash"), std::size_t{2});
  purgeTrash(now + std::chrono::hours(24 * 31), folder_);
  QCOMPARE(filesIn(folder_ / "trash"), std::size_t{0});
  QVERIFY(!discardRecoverable(found.at(0)).has_value());
}

void TestRecovery::foldersThatAreNotThere() {
  QVERIFY(listRecoverable(folder_ / "none").empty());
  purgeTrash(std::chrono::system_clock::now(), folder_ / "none");
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "x";
  Autosave a("", folder_ / "file" / "below");
  const auto r = a.write(named("x"));
  QVERIFY(!r.has_value());
  QVERIFY(r.error().message.find("no autosave") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestRecovery)
#include "test_recovery.moc"
