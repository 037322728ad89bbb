#include <sndfile.h>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <sstream>

#include "core/playback/audio/audio_export.h"
#include "core/playback/audio/fluid_synth.h"
#include "core/playback/engine.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;
namespace fs = std::filesystem;

namespace {

struct Audio {
  SF_INFO info{};
  std::vector<float> samples;  // interleaved
};

Audio readAudio(const fs::path& file) {
  Audio a;
  SNDFILE* in = sf_open(file.c_str(), SFM_READ, &a.info);
  if (in == nullptr) return a;
  a.samples.resize(static_cast<std::size_t>(a.info.frames * a.info.channels));
  sf_readf_float(in, a.samples.data(), a.info.frames);
  sf_close(in);
  return a;
}

std::string bytesOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

Document tune() {
  return withNotes(newDocument(), {note(0, 900, 60, 100), note(960, 900, 64, 100),
                                   note(1920, 900, 67, 100), note(1920, 1800, 48, 90)});
}

AudioExportRequest requestFor(const fs::path& file, const Document& d = tune()) {
  AudioExportRequest r;
  r.document = share(d);
  r.file = file;
  r.audio.polyphony = 64;
  return r;
}

Result<AudioExportResult> run(const AudioExportRequest& r) { return exportAudio(r, {}, {}); }

bool isEmpty(const fs::path& folder) {
  return fs::directory_iterator(folder) == fs::directory_iterator();
}

}  // namespace

class TestExport : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (loadSynth({}).synth == nullptr) QSKIP("no soundfont is installed and none was built");
  }

  void writesEachFormat_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("format");
    QTest::newRow("wav 16") << "a.wav" << 16 << (SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    QTest::newRow("wav 24") << "a.wav" << 24 << (SF_FORMAT_WAV | SF_FORMAT_PCM_24);
    QTest::newRow("wav 32") << "a.wav" << 32 << (SF_FORMAT_WAV | SF_FORMAT_FLOAT);
    QTest::newRow("flac 16") << "a.FLAC" << 16 << (SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
    QTest::newRow("flac 32") << "a.flac" << 32 << (SF_FORMAT_FLAC | SF_FORMAT_PCM_24);
    QTest::newRow("ogg") << "a.ogg" << 16 << (SF_FORMAT_OGG | SF_FORMAT_VORBIS);
  }
  void writesEachFormat() {
    QFETCH(QString, name);
    QFETCH(int, bits);
    QFETCH(int, format);
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    AudioExportRequest r = requestFor(folder / name.toStdString());
    r.bits = bits;
    r.audio.sampleRate = 44100;
    const auto result = run(r);
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    const Audio a = readAudio(r.file);
    QCOMPARE(a.info.format, format);
    QCOMPARE(a.info.samplerate, 44100);
    QCOMPARE(a.info.channels, 2);
    QCOMPARE(std::int64_t{a.info.frames}, result->frames);
    QVERIFY(result->peak > 0.02 && result->peak < 1);
    // The music lasts 1.94 s; the tail is there and ends before its limit.
    QVERIFY2(result->seconds > 2 && result->seconds < 10,
             qPrintable(QString::number(result->seconds)));
    float peak = 0;
    for (const float s : a.samples) peak = std::max(peak, std::abs(s));
    QVERIFY(std::abs(peak - result->peak) < 0.05 * result->peak);

    // And once more: the same bytes, and nothing beside the file.
    const std::string first = bytesOf(r.file);
    QVERIFY(run(r).has_value());
    QVERIFY(bytesOf(r.file) == first);
    QCOMPARE(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  }

  void equalsWhatTheLiveEngineRendersInOddBlocks() {
    QTemporaryDir dir;
    Rng rng(9);
    AudioExportRequest r =
        requestFor(dir.filePath("a.wav").toStdString(), randomDocument(rng, 4, 50, 6000));
    r.bits = 32;
    QVERIFY(run(r).has_value());
    const Audio file = readAudio(r.file);

    LoadedSynth loaded = loadSynth(r.audio);
    AudioEngine engine;
    engine.setSynth(loaded.synth.get());
    engine.setPlan(PlanCompiler(r.audio.sampleRate).compile(r.document));
    engine.play(1, Tick{0});
    std::vector<float> left(1000);
    std::vector<float> right(1000);
    std::int64_t at = 0;
    std::int64_t different = 0;
    for (int i = 0; at < file.info.frames; ++i) {
      const auto n =
          static_cast<int>(std::min<std::int64_t>(1 + (i * 37) % 999, file.info.frames - at));
      engine.processRt(left.data(), right.data(), n);
      for (int f = 0; f < n; ++f) {
        const auto s = static_cast<std::size_t>(2 * (at + f));
        const auto index = static_cast<std::size_t>(f);
        if (file.samples[s] != left[index] || file.samples[s + 1] != right[index]) ++different;
      }
      at += n;
    }
    QCOMPARE(different, std::int64_t{0});
  }

  void aTrackOnAMidiOutputIsInTheFile() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    QVERIFY(run(requestFor(folder / "synth.wav")));
    const Document routed = edited(tune(), 1, [](Track& t) { t.output = "keys"; });
    QVERIFY(run(requestFor(folder / "port.wav", routed)));
    QVERIFY(bytesOf(folder / "synth.wav").size() > 100000);
    QVERIFY(bytesOf(folder / "synth.wav") == bytesOf(folder / "port.wav"));
  }

  void theNotesAreWhereTheyBelong() {
    QTemporaryDir dir;
    Document d = withNotes(newDocument(), {note(1920, 480, 60, 120), note(4800, 480, 72, 120)});
    AudioExportRequest r = requestFor(dir.filePath("a.wav").toStdString(), d);
    r.bits = 32;
    r.audio.reverb = r.audio.chorus = false;
    QVERIFY(run(r).has_value());
    const Audio a = readAudio(r.file);
    const auto loudest = [&](double from, double to) {
      float peak = 0;
      for (auto i = static_cast<std::size_t>(from * 48000) * 2;
           i < std::min(static_cast<std::size_t>(to * 48000) * 2, a.samples.size()); ++i) {
        peak = std::max(peak, std::abs(a.samples[i]));
      }
      return peak;
    };
    QCOMPARE(loudest(0, 0.99), 0.0F);
    QVERIFY(loudest(1.0, 1.2) > 0.02F);
    QVERIFY(loudest(2.3, 2.49) < 0.2F * loudest(1.0, 1.2));
    QVERIFY(loudest(2.5, 2.7) > 0.02F);
  }

  void theTailEndsInSilenceOrAtItsLimit() {
    QTemporaryDir dir;
    AudioExportRequest r = requestFor(dir.filePath("a.wav").toStdString());
    r.bits = 32;
    const auto whole = run(r);
    QVERIFY(whole.has_value());
    Audio a = readAudio(r.file);
    float end = 0;
    for (std::size_t i = a.samples.size() - 2 * 4800; i < a.samples.size(); ++i) {
      end = std::max(end, std::abs(a.samples[i]));
    }
    QVERIFY(end < 1.01e-4F);
    r.longestTail = 0.1;
    const auto cut = run(r);
    QVERIFY(cut.has_value());
    const double music = std::round(3720 * 25 / 64.0) * 64 / 48000;
    QVERIFY(std::abs(cut->seconds - music - 0.1) < 0.001);
    a = readAudio(r.file);
    QCOMPARE(a.samples.back(), 0.0F);  // faded
  }

  void cancelLeavesNothing() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    std::stop_source source;
    const auto r = requestFor(folder / "a.wav");
    int calls = 0;
    const auto result = exportAudio(
        r,
        [&](double p) {
          QVERIFY(p > 0 && p <= 1);
          if (++calls == 3) source.request_stop();
        },
        source.get_token());
    QVERIFY(result.has_value());
    QVERIFY(result->cancelled);
    QCOMPARE(calls, 3);
    QVERIFY(isEmpty(folder));
  }

  void cancelDuringTheLoadingLeavesNothing() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    std::stop_source source;
    source.request_stop();
    const auto result = exportAudio(requestFor(folder / "a.wav"), {}, source.get_token());
    QVERIFY(result.has_value());
    QVERIFY(result->cancelled);
    QVERIFY(isEmpty(folder));
    const LoadedSynth none = loadSynth({}, SampleLoading::kAll, source.get_token());
    QVERIFY(none.synth == nullptr);
  }

  void progressRisesToTheEnd() {
    QTemporaryDir dir;
    double last = 0;
    bool falling = false;
    const auto result = exportAudio(requestFor(dir.filePath("a.wav").toStdString()),
                                    [&](double p) {
                                      falling = falling || p < last;
                                      last = p;
                                    },
                                    {});
    QVERIFY(result.has_value());
    QVERIFY(!falling);
    QCOMPARE(last, 1.0);
  }

  void refusesWithOneLineAndKeepsTheOlderFile_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"ending", "bits", "rate", "folder", "directory", "no notes"}) {
      QTest::newRow(what) << what;
    }
  }
  void refusesWithOneLineAndKeepsTheOlderFile() {
    QFETCH(QString, what);
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    std::ofstream(folder / "old.wav") << "old";
    AudioExportRequest r = requestFor(folder / "old.wav");
    if (what == "ending") r.file = folder / "old.mp3";
    if (what == "bits") r.bits = 20;
    if (what == "rate") r.audio.sampleRate = 1;
    if (what == "folder") r.file = folder / "missing" / "a.wav";
    if (what == "directory") r.file = folder;
    if (what == "no notes") r.document = share(newDocument());
    if (what == "directory") fs::create_directory(r.file = folder / "d.wav");
    const auto result = run(r);
    QVERIFY(!result.has_value());
    const std::string& message = result.error().message;
    QVERIFY(message.find('\n') == std::string::npos);
    QVERIFY2(message.find(r.file.string()) == 0, message.c_str());
    QCOMPARE(bytesOf(folder / "old.wav"), std::string("old"));
    QVERIFY(!fs::exists(folder / "old.mp3"));
  }

  void anUnwritableFolderIsNamed() {
    const fs::path file = "/proc/incipit-test.wav";
    const auto result = run(requestFor(file));
    QVERIFY(!result.has_value());
    QVERIFY(result.error().message.find(file.string()) == 0);
  }

  void aBadSoundfontFallsToTheNext() {
    QTemporaryDir dir;
    const fs::path bad = dir.filePath("bad.sf2").toStdString();
    std::ofstream(bad) << "this is not a soundfont";
    AudioSettings s;
    s.soundfont = bad;
    const LoadedSynth loaded = loadSynth(s);
    QVERIFY(loaded.synth != nullptr);
    QVERIFY(loaded.problem.find("bad.sf2") != std::string::npos);
    QVERIFY(loaded.problem.find('\n') == std::string::npos);
    QVERIFY(loaded.soundfont != bad);
  }
};

QTEST_APPLESS_MAIN(TestExport)
#include "test_export.moc"
