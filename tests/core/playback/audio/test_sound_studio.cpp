// Sound for models: files of every rate, and rendered music.
#include <sndfile.h>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "core/edit/edits.h"
#include "core/encoding/mel.h"
#include "core/playback/audio/sound_studio.h"
#include "tests/core/encoding/sounds.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

void writeSound(const fs::path& file, const std::vector<std::vector<float>>& channels, int rate,
                int format) {
  SF_INFO info{};
  info.samplerate = rate;
  info.channels = static_cast<int>(channels.size());
  info.format = format;
  SNDFILE* out = sf_open(file.c_str(), SFM_WRITE, &info);
  std::vector<float> frames;
  for (std::size_t i = 0; i < channels[0].size(); ++i) {
    for (const auto& c : channels) frames.push_back(c[i]);
  }
  sf_writef_float(out, frames.data(), static_cast<sf_count_t>(channels[0].size()));
  sf_close(out);
}

// All of it, asked for in pieces of an odd length.
Result<std::vector<float>> all(SoundReader& reader) {
  std::vector<float> out;
  std::vector<float> piece(777);
  while (true) {
    const auto got = reader.read(piece);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return out;
    out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got));
  }
}

DocumentPtr scale(int program, bool drums = false) {
  Document d = addTrack(newDocument(), "", program, drums).document;
  d.tracks.erase(d.tracks.begin());
  std::vector<Note> notes;
  for (int i = 0; i < 4; ++i) {
    notes.push_back({.start = {i * d.ppq},
                     .length = {d.ppq},
                     .pitch = static_cast<std::uint8_t>(60 + i),
                     .velocity = 100});
  }
  return std::make_shared<const Document>(addNotes(d, d.tracks.front()->id, notes).document);
}

constexpr int kWav16 = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
constexpr int kWavFloat = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

}  // namespace

class TestSoundStudio : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::shared_ptr<SoundStudio> studio_ = makeSoundStudio();
  std::vector<std::string> said_;
  std::function<void(const std::string&)> say_ = [this](const std::string& s) {
    said_.push_back(s);
  };
  fs::path file(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

 private Q_SLOTS:
  void whatIsWrittenReadsBack() {
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "a.wav";
    const auto studio = makeSoundStudio();
    std::vector<float> samples(10'000);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = 0.5F * std::sin(0.05F * static_cast<float>(i));
    }
    auto writer = studio->create(file, 44100, std::ssize(samples));
    QVERIFY(writer);
    QVERIFY((*writer)->write(std::span(samples).first(3'333)));
    QVERIFY((*writer)->write(std::span(samples).subspan(3'333)));
    QVERIFY(!fs::exists(file));
    QVERIFY((*writer)->commit());
    auto reader = studio->open(file, 44100, {});
    QVERIFY(reader);
    const auto read = all(**reader);
    QVERIFY(read);
    QCOMPARE(read->size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      QVERIFY(std::abs((*read)[i] - samples[i]) < 1e-5F);
    }
    QVERIFY(!studio->create(file.parent_path() / "a.mp3", 44100, 1));
  }

  void init() { said_.clear(); }

  void fileOfItsOwnRateIsReadAsItIs() {
    const auto sound = noise(10'000, 1);
    writeSound(file("a.wav"), {sound}, 44100, kWavFloat);
    const auto reader = studio_->open(file("a.wav"), 44100, say_);
    QVERIFY(reader.has_value());
    QCOMPARE((*reader)->frames(), std::int64_t{10'000});
    QCOMPARE(*all(**reader), sound);
    QVERIFY(said_.empty());
  }

  void channelsAreMixed() {
    const auto left = noise(5000, 1);
    const auto right = noise(5000, 2);
    writeSound(file("b.flac"), {left, right}, 44100, SF_FORMAT_FLAC | SF_FORMAT_PCM_24);
    const auto reader = studio_->open(file("b.flac"), 44100, say_);
    QVERIFY(reader.has_value());
    const auto mono = *all(**reader);
    QCOMPARE(mono.size(), left.size());
    for (std::size_t i = 0; i < mono.size(); ++i) {
      QVERIFY(std::abs(mono[i] - 0.5F * (left[i] + right[i])) < 1e-5);
    }
    QCOMPARE(said_.size(), std::size_t{1});
    QVERIFY(said_[0].ends_with("b.flac: 2 channels mixed to mono"));
  }

  void anotherRateIsResampledAndSaid_data() {
    QTest::addColumn<int>("rate");
    for (const int rate : {8000, 22050, 48000, 96000}) QTest::addRow("%d Hz", rate) << rate;
  }
  void anotherRateIsResampledAndSaid() {
    QFETCH(int, rate);
    writeSound(file("c.wav"), {sine(440, 1.5, rate)}, rate, kWav16);
    const auto reader = studio_->open(file("c.wav"), 44100, say_);
    QVERIFY(reader.has_value());
    QCOMPARE((*reader)->sampleRate(), 44100);
    const auto sound = *all(**reader);
    QCOMPARE(static_cast<std::int64_t>(sound.size()), (*reader)->frames());
    QVERIFY(std::abs(static_cast<double>(sound.size()) - 66150) <= 1);
    // In the middle it is the sine that it was.
    const auto wanted = sine(440, 1.5, 44100);
    for (std::size_t i = 5000; i < 60'000; ++i) QVERIFY(std::abs(sound[i] - wanted[i]) < 2e-3);
    QCOMPARE(said_.size(), std::size_t{1});
    QVERIFY(said_[0].ends_with("resampled from " + std::to_string(rate) + " to 44100 Hz"));
  }

  void whatIsNoSoundIsOneClearLine() {
    std::ofstream(file("no.wav")) << "this is a text, not a sound";
    writeSound(file("empty.wav"), {{}}, 44100, kWav16);
    for (const auto& [name, says] :
         {std::pair{"no.wav", "cannot be read as sound"}, std::pair{"empty.wav", "holds no sound"},
          std::pair{"missing.wav", "no such sound file"}}) {
      const auto reader = studio_->open(file(name), 44100, say_);
      QVERIFY(!reader.has_value());
      const QString message = QString::fromStdString(reader.error().message);
      QVERIFY2(message.contains(name) && message.contains(says) && !message.contains('\n'),
               qPrintable(message));
    }
  }

  // An old header over a file that was cut: what there is must not pass for all of it.
  void fileThatBreaksOffSaysSo() {
    writeSound(file("cut.flac"), {noise(100'000, 1)}, 44100, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
    fs::resize_file(file("cut.flac"), fs::file_size(file("cut.flac")) / 2);
    const auto reader = studio_->open(file("cut.flac"), 44100, say_);
    QVERIFY(reader.has_value());
    const auto sound = all(**reader);
    QVERIFY(!sound.has_value());
    QVERIFY(QString::fromStdString(sound.error().message).contains("breaks off"));
  }

  void valuesThatAreNoNumbersAreSilence() {
    auto sound = noise(100, 1);
    sound[50] = std::numeric_limits<float>::quiet_NaN();
    sound[60] = std::numeric_limits<float>::infinity();
    writeSound(file("nan.wav"), {sound}, 44100, kWavFloat);
    const auto read = *all(**studio_->open(file("nan.wav"), 44100, say_));
    sound[50] = sound[60] = 0;
    QCOMPARE(read, sound);
  }

  void musicIsRenderedTheSameEachTime() {
    const auto reader = studio_->render(scale(0), -1, 22050);
    QVERIFY2(reader.has_value(), reader ? "" : reader.error().message.c_str());
    const auto sound = *all(**reader);
    QCOMPARE(static_cast<std::int64_t>(sound.size()), (*reader)->frames());
    // Four quarters at 120, and two seconds to ring.
    QVERIFY(std::abs(static_cast<double>(sound.size()) / 22050 - 4) < 0.01);
    QVERIFY(*std::max_element(sound.begin(), sound.end()) > 0.01);
    QCOMPARE(*all(**studio_->render(scale(0), -1, 22050)), sound);
  }

  void programPlaysTheSameNotesOtherwise() {
    const auto guitar = *all(**studio_->render(scale(24), -1, 44100));
    const auto asPiano = *all(**studio_->render(scale(24), 0, 44100));
    const auto piano = *all(**studio_->render(scale(0), -1, 44100));
    QCOMPARE(asPiano, piano);
    QCOMPARE(guitar.size(), piano.size());
    QVERIFY(melDistance(guitar, piano, 44100).plain > 2);
  }

  void nothingToHearIsOneClearLine() {
    for (const auto& document :
         {std::make_shared<const Document>(newDocument()), scale(0, /*drums=*/true)}) {
      const auto reader = studio_->render(document, 0, 44100);
      QVERIFY(!reader.has_value());
      QCOMPARE(reader.error().message, std::string("no note of the piece is to be heard"));
    }
    QVERIFY(studio_->render(scale(0, true), -1, 44100).has_value());
    QVERIFY(!studio_->render(scale(0), 0, 1000).has_value());
  }
};

QTEST_GUILESS_MAIN(TestSoundStudio)
#include "test_sound_studio.moc"
