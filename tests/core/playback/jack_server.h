// A JACK server of a test's own, which runs in real time without a device, and the musician beside
// the tests (tests/peer) that is connected to it.
#pragma once

#include <QProcess>
#include <QStandardPaths>
#include <QtTest>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#ifdef __SANITIZE_THREAD__
// QProcess starts its program from a process of several threads.
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }
#endif

namespace incipit::fixtures {

inline constexpr int kJackRate = 48000;
inline constexpr int kJackPeriod = 256;

class TestJackServer {
 public:
  // From now on this process' JACK programs look for a server of a name that nobody else uses.
  TestJackServer() {
    qputenv("JACK_DEFAULT_SERVER",
            "incipit-test-" + QByteArray::number(QCoreApplication::applicationPid()));
    qputenv("JACK_NO_AUDIO_RESERVATION", "1");
    qputenv("JACK_NO_START_SERVER", "1");
    process_.setProcessChannelMode(QProcess::MergedChannels);
  }
  ~TestJackServer() { end(); }
  TestJackServer(const TestJackServer&) = delete;
  TestJackServer& operator=(const TestJackServer&) = delete;

  // Empty, or why there is none: then the test is skipped. `runs` asks whether it answers. A server
  // in step lets a period last until every program had its turn; another passes over a program where
  // the machine is busy, and the MIDI of that period is lost to it.
  enum class Pace { kFree, kInStep };
  QString start(const std::function<bool()>& runs, Pace pace = Pace::kFree) {
    const QString jackd = QStandardPaths::findExecutable("jackd");
    if (jackd.isEmpty()) return "jackd is not installed (package jackd2)";
    QStringList words{"-r"};
    if (pace == Pace::kInStep) words += {"-S", "-t", "4000"};
    words += {"-d", "dummy", "-r", QString::number(kJackRate), "-p", QString::number(kJackPeriod)};
    process_.start(jackd, words);
    constexpr int kPatience = 20000;
    const bool up =
        process_.waitForStarted() &&
        QTest::qWaitFor([&] { return process_.state() != QProcess::Running || runs(); }, kPatience);
    if (up && process_.state() == QProcess::Running) return {};
    return "jackd does not run here: " + QString::fromUtf8(process_.readAll().right(300));
  }
  void end() {
    if (process_.state() == QProcess::NotRunning) return;
    process_.terminate();
    if (!process_.waitForFinished(5000)) kill();
  }
  void kill() {
    process_.kill();
    process_.waitForFinished(5000);
  }
  // It stands still, as one does whose machine sleeps, until it is resumed.
  void pause() { ::kill(static_cast<pid_t>(process_.processId()), SIGSTOP); }
  void resume() { ::kill(static_cast<pid_t>(process_.processId()), SIGCONT); }

 private:
  QProcess process_;
};

// The musician: one command, one answer; what it tells in between is kept.
class JackPeer {
 public:
  ~JackPeer() {
    process_.closeWriteChannel();
    if (!process_.waitForFinished(5000)) process_.kill();
    process_.waitForFinished(5000);
  }
  JackPeer() = default;
  JackPeer(const JackPeer&) = delete;
  JackPeer& operator=(const JackPeer&) = delete;

  bool start(const QString& name) {
    process_.start(QCoreApplication::applicationDirPath() + "/incipit_jack_peer", {"--name", name});
    return process_.waitForStarted() && answer() == "ready";
  }
  QByteArray ask(const QByteArray& command) {
    process_.write(command + "\n");
    return answer();
  }
  // The bytes of the MIDI messages that came in so far, hexadecimal.
  const std::vector<QByteArray>& received() {
    while (process_.waitForReadyRead(0)) {
    }
    while (process_.canReadLine()) line();
    return received_;
  }
  void forget() {
    received();
    received_.clear();
  }

 private:
  // Empty after an event.
  QByteArray line() {
    const QByteArray text = process_.readLine().trimmed();
    for (const char* event : {"sent ", "onset ", "lost", "shutdown"}) {
      if (text.startsWith(event)) return {};
    }
    if (!text.startsWith("midi ")) return text;
    received_.push_back(text.split(' ').value(2));
    return {};
  }
  QByteArray answer() {
    constexpr int kPatience = 10000;
    for (;;) {
      while (process_.canReadLine()) {
        if (const QByteArray text = line(); !text.isEmpty()) return text;
      }
      if (!process_.waitForReadyRead(kPatience)) return "no answer";
    }
  }

  QProcess process_;
  std::vector<QByteArray> received_;
};

}  // namespace incipit::fixtures
