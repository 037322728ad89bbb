#include <QtTest>
#include <cmath>

#include "core/compose/paths.h"
#include "core/playback/audio/fluid_synth.h"
#include "core/score/document.h"
#include "soundfonts/soundfonts.h"
#include "tests/core/playback/fixtures.h"

using namespace incipit;
using namespace incipit::fixtures;

namespace {

constexpr int kRate = 48000;
constexpr const char* kReference = "/usr/share/sounds/sf2/TimGM6mb.sf2";

std::unique_ptr<FluidSynth> load(const std::filesystem::path& file) {
  AudioSettings s;
  s.reverb = s.chorus = false;
  auto synth = FluidSynth::make(s, file);
  return synth ? std::move(*synth) : nullptr;
}

// One note of a second and the second after its end, both channels added.
std::vector<float> play(FluidSynth& synth, int program, bool drums, int key, int velocity = 100) {
  constexpr int kLength = kRate / kQuantum * kQuantum;
  std::vector<float> left(2 * kLength);
  std::vector<float> right(left.size());
  synth.controlRt(0, 120, 0);
  synth.programRt(0, program, drums);
  synth.renderRt(left.data(), right.data(), kLength);
  synth.noteOnRt(0, key, velocity);
  synth.renderRt(left.data(), right.data(), kLength);
  synth.noteOffRt(0, key);
  synth.renderRt(left.data() + kLength, right.data() + kLength, kLength);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
  return left;
}

double decibels(const std::vector<float>& s, double from, double to) {
  double sum = 0;
  const auto first = static_cast<std::size_t>(from * kRate);
  const auto last = static_cast<std::size_t>(to * kRate);
  for (std::size_t i = first; i < last; ++i) sum += double{s[i]} * s[i];
  return 10 * std::log10(sum / static_cast<double>(last - first) + 1e-12);
}

// How far the sound's period is from that of `key`, in cents, by the autocorrelation's peak nearest
// to several whole periods.
double centsOff(const std::vector<float>& s, int key) {
  const double period = kRate / (440 * std::exp2((key - 69) / 12.0));
  const double many = std::max(1.0, std::floor(3000 / period));
  const double middle = many * period;
  const double reach = std::min(0.45 * period, 0.03 * middle);
  constexpr std::size_t kFrom = kRate / 5;
  constexpr std::size_t kLength = 16384;
  std::vector<double> match;
  const auto low = static_cast<std::size_t>(middle - reach);
  const auto high = static_cast<std::size_t>(middle + reach) + 1;
  for (std::size_t lag = low; lag <= high; ++lag) {
    double sum = 0;
    double energy = 0;
    for (std::size_t i = kFrom; i < kFrom + kLength; ++i) {
      sum += double{s[i]} * s[i + lag];
      energy += double{s[i + lag]} * s[i + lag];
    }
    match.push_back(sum / std::sqrt(energy + 1e-20));
  }
  std::size_t best = 1;
  for (std::size_t i = 1; i + 1 < match.size(); ++i) {
    if (match[i] > match[best]) best = i;
  }
  const double a = match[best - 1];
  const double b = match[best];
  const double c = match[best + 1];
  const double lag = static_cast<double>(low + best) + (a - c) / (2 * (a - 2 * b + c));
  return 1200 * std::log2(middle / lag);
}

// Programs of General MIDI that have no pitch of their own.
bool pitched(int program) { return program != 47 && program < 115; }

}  // namespace

class TestBuiltin : public QObject {
  Q_OBJECT
  std::unique_ptr<FluidSynth> own_;

 private Q_SLOTS:
  void initTestCase() {
    own_ = load(programFolder() / "../share/incipit/soundfonts" / kBuiltinSoundfont);
    QVERIFY(own_ != nullptr);
  }

  void everyProgramSoundsInTuneAndEnds() {
    for (int program = 0; program < 128; ++program) {
      const bool low = program >= 32 && program < 40;
      for (const int key : {low ? 33 : 50, low ? 40 : 60, low ? 45 : 69}) {
        const auto s = play(*own_, program, false, key);
        const QString what = QString("%1, key %2").arg(generalMidiName(program)).arg(key);
        QVERIFY2(decibels(s, 0, 0.5) > -45, qPrintable(what));
        QVERIFY2(decibels(s, 1.8, 1.95) < decibels(s, 0, 1) - 9, qPrintable(what));
        if (!pitched(program)) continue;
        const double cents = centsOff(s, key);
        QVERIFY2(std::abs(cents) < 8, qPrintable(what + QString(": %1 cents").arg(cents)));
      }
    }
  }

  // FluidSynth's own channel 9 (and 25, 41 ...) is for drums; our channels are all alike.
  void everyChannelPlaysWhatItIsTold() {
    const auto sound = [&](int channel, bool drums) {
      std::vector<float> left(9600);
      std::vector<float> right(left.size());
      own_->controlRt(channel, 120, 0);
      own_->renderRt(left.data(), right.data(), 9600);
      own_->programRt(channel, 40, drums);
      own_->noteOnRt(channel, 45, 100);
      own_->renderRt(left.data(), right.data(), 9600);
      own_->controlRt(channel, 120, 0);
      return left;
    };
    const auto violin = sound(0, false);
    const auto tom = sound(0, true);
    QVERIFY(decibels(violin, 0, 0.2) > -60);
    // To within what a voice's earlier use leaves in its filter.
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
      float difference = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        difference = std::max(difference, std::abs(a[i] - b[i]));
      }
      return difference < 5e-4F;
    };
    QVERIFY(!same(violin, tom));
    for (const int channel : {1, 9, 25, 121, kTrackChannels - 1}) {
      QVERIFY2(same(sound(channel, false), violin), qPrintable(QString::number(channel)));
      QVERIFY2(same(sound(channel, true), tom), qPrintable(QString::number(channel)));
      QVERIFY2(same(sound(channel, false), violin), qPrintable(QString::number(channel)));
    }
  }

  void everyKeyOfThePianoSounds() {
    for (int key = 21; key <= 108; ++key) {
      const auto s = play(*own_, 0, false, key);
      QVERIFY2(decibels(s, 0, 0.5) > -45, qPrintable(QString::number(key)));
      // It dies away, as no organ does.
      QVERIFY2(decibels(s, 0.8, 0.95) < decibels(s, 0.05, 0.2) - 3,
               qPrintable(QString::number(key)));
    }
  }

  void heldInstrumentsHold() {
    for (const int program : {16, 40, 48, 52, 56, 68, 73, 80, 81, 89}) {
      const auto s = play(*own_, program, false, 60);
      QVERIFY2(decibels(s, 0.75, 0.95) > decibels(s, 0.4, 0.6) - 4, generalMidiName(program));
    }
  }

  void louderKeysAreLouder() {
    for (const int program : {0, 24, 40, 56}) {
      const double soft = decibels(play(*own_, program, false, 60, 40), 0, 0.5);
      const double loud = decibels(play(*own_, program, false, 60, 120), 0, 0.5);
      QVERIFY2(loud > soft + 8, generalMidiName(program));
    }
  }

  void everyDrumOfTheKitSoundsAndNoneIsClipped() {
    for (int key = 35; key <= 81; ++key) {
      const auto s = play(*own_, 0, true, key);
      QVERIFY2(decibels(s, 0, 0.5) > -60, qPrintable(QString::number(key)));
      for (const float v : s) QVERIFY(std::abs(v) < 1.5F);  // two channels added
    }
  }

  void aClosedHatEndsTheOpenOne() {
    const auto ring = [&](bool close) {
      std::vector<float> left(19200);
      std::vector<float> right(left.size());
      own_->controlRt(0, 120, 0);
      own_->programRt(0, 0, true);
      own_->renderRt(left.data(), right.data(), 6400);
      own_->noteOnRt(0, 46, 100);
      own_->renderRt(left.data(), right.data(), 6400);
      if (close) own_->noteOnRt(0, 42, 1);
      own_->renderRt(left.data(), right.data(), 6400);
      return decibels(left, 0.08, 0.13);
    };
    QVERIFY(ring(true) < ring(false) - 6);
  }

  // Whoever changes from one soundfont to the other need not touch the volume.
  void levelsAreThoseOfTimGm6mb() {
    const auto other = load(kReference);
    if (other == nullptr) QSKIP("timgm6mb-soundfont is not installed");
    double sum = 0;
    int wide = 0;
    constexpr int kPrograms = 96;  // the effects beyond are too different to compare
    for (int program = 0; program < kPrograms; ++program) {
      const int key = program >= 32 && program < 40 ? 40 : 60;
      const double difference = decibels(play(*own_, program, false, key), 0, 0.6) -
                                decibels(play(*other, program, false, key), 0, 0.6);
      sum += difference;
      if (std::abs(difference) > 6) ++wide;
      QVERIFY2(std::abs(difference) < 11,
               qPrintable(QString("%1: %2 dB").arg(generalMidiName(program)).arg(difference)));
    }
    QVERIFY2(std::abs(sum / kPrograms) < 1.5, qPrintable(QString::number(sum / kPrograms)));
    QVERIFY2(wide < kPrograms / 8, qPrintable(QString::number(wide)));
    for (const int drum : {36, 38, 41, 45, 49, 39, 37, 56, 76, 77}) {
      const double difference = decibels(play(*own_, 0, true, drum), 0, 0.6) -
                                decibels(play(*other, 0, true, drum), 0, 0.6);
      QVERIFY2(std::abs(difference) < 5,
               qPrintable(QString("drum %1: %2 dB").arg(drum).arg(difference)));
    }
  }
};

QTEST_APPLESS_MAIN(TestBuiltin)
#include "test_builtin.moc"
