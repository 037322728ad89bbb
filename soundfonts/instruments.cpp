#include "soundfonts/instruments.h"

#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <string>

#include "core/score/document.h"
#include "soundfonts/drums.h"
#include "soundfonts/tones.h"

namespace incipit::tones {
namespace {

using sf2::Gen;
using sf2::Settings;

// Envelope times in seconds as a musician would say them; the file wants timecents, and for decay
// and release the time that a fall by 100 dB takes.
Settings struck(double decay, double release, int keyToDecay = 30) {
  return {{Gen::kAttack, sf2::timecents(0.001)},
          {Gen::kDecay, sf2::timecents(decay)},
          {Gen::kSustain, 1000},
          {Gen::kRelease, sf2::timecents(release)},
          {Gen::kKeyToDecay, keyToDecay}};
}

Settings held(double attack, double release) {
  return {{Gen::kAttack, sf2::timecents(attack)}, {Gen::kRelease, sf2::timecents(release)}};
}

// The filter opens with the note and closes over `fall` seconds.
Settings darkening(double closed, int cents, double fall) {
  return {{Gen::kFilterCutoff, sf2::absoluteCents(closed)},
          {Gen::kModEnvToFilter, cents},
          {Gen::kModAttack, sf2::timecents(0.001)},
          {Gen::kModDecay, sf2::timecents(fall)},
          {Gen::kModSustain, 1000},
          {Gen::kModRelease, sf2::timecents(fall)}};
}

Settings vibrato(int cents, double hertz, double delay) {
  return {{Gen::kVibratoToPitch, cents},
          {Gen::kVibratoRate, sf2::absoluteCents(hertz)},
          {Gen::kVibratoDelay, sf2::timecents(delay)}};
}

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Recipe {
  const char* name;
  std::vector<int> roots;  // ascending keys that get a sample each
  std::function<Tone(int key)> tone;
  Settings settings;
  double softer = 0;  // decibels below full scale; set by measuring against TimGM6mb
  int reverb = 120;   // of 1000
  int beating = 0;    // cents: above 0 a second voice plays that far above the pitch
};

// A string pulled or struck at `place` of its length lacks the partials that have a node there.
double comb(int k, double place) { return std::abs(std::sin(std::numbers::pi * k * place)); }

Tone pianoTone(int key) {
  Tone t;
  t.attack = 0.3;
  t.loop = 0.09;
  const double f = hertz(key);
  for (int k = 1; k <= 40; ++k) {
    const double stiff = 0.00035 * std::exp2((key - 60) / 18.0);
    const double ratio = k * std::sqrt((1 + stiff * k * k) / (1 + stiff));
    const double a = (0.25 + comb(k, 0.12)) * std::pow(k, -0.9) * std::exp(-ratio * f / 3600);
    t.partials.push_back({ratio, a, a * 0.42 * std::exp(-0.07 * k), 0.22 / (1 + 0.12 * k)});
  }
  t.noise = 0.12;
  t.noiseFall = 0.012;
  t.noiseColour = 0.25;
  return t;
}

Tone pluckedTone(int key, double place, double bright, double settle, double noise) {
  Tone t;
  t.attack = 0.28;
  t.loop = 0.08;
  const double f = hertz(key);
  for (int k = 1; k <= 40; ++k) {
    const double a = comb(k, place) * std::pow(k, -0.8) * std::exp(-k * f / bright);
    t.partials.push_back({double(k), a, a * 0.45 * std::exp(-0.12 * k), settle / (1 + 0.3 * k)});
  }
  t.noise = noise;
  t.noiseFall = 0.006;
  return t;
}

Tone barTone(const std::vector<Partial>& partials, double attack, double noise) {
  Tone t;
  t.attack = attack;
  t.loop = 0.12;
  t.partials = partials;
  t.noise = noise;
  t.noiseFall = 0.004;
  t.noiseColour = 0.8;
  return t;
}

Tone steadyTone(std::vector<Partial> partials, double loop, int players = 1, double spread = 0) {
  Tone t;
  t.attack = 0.03;
  t.loop = loop;
  t.partials = std::move(partials);
  t.players = players;
  t.spread = spread;
  return t;
}

std::vector<Recipe> keyboardRecipes() {
  return {
      {"Piano",
       {33, 45, 55, 65, 76, 88},
       pianoTone,
       struck(16, 0.7) + darkening(1300, 4200, 9),
       3,
       100},
      {"Electric Piano",
       {40, 54, 68, 82},
       [](int) {
         return barTone({{1, 1, 0.8, 0.3},
                         {2, 0.3, 0.16, 0.2},
                         {3, 0.12, 0.05, 0.15},
                         {4, 0.07, 0.02, 0.1},
                         {7.1, 0.16, 0, 0.06},
                         {14.3, 0.1, 0, 0.03}},
                        0.22, 0.02);
       },
       struck(14, 0.5),
       5.5,
       120},
      {"Harpsichord",
       {40, 54, 68, 82},
       [](int key) {
         Tone t = pluckedTone(key, 0.11, 9000, 0.5, 0.1);
         t.attack = 0.2;
         return t;
       },
       struck(9, 0.25),
       1.5,
       120},
      {"Bell",
       {60, 76, 90},
       [](int) {
         return barTone({{1, 1, 0.85, 0.3},
                         {3.01, 0.45, 0.2, 0.2},
                         {4.2, 0.12, 0.05, 0.1},
                         {6.3, 0.2, 0.03, 0.08},
                         {10.1, 0.12, 0, 0.03}},
                        0.2, 0.02);
       },
       struck(9, 3),
       4,
       180},
      {"Mallet",
       {52, 68, 84},
       [](int) {
         return barTone({{1, 1, 0.8, 0.1}, {3.95, 0.4, 0.03, 0.03}, {9.6, 0.2, 0, 0.012}}, 0.12,
                        0.1);
       },
       struck(2.4, 1),
       4.5,
       140},
      {"Organ",
       {40, 58, 76},
       [](int key) {
         constexpr std::array<std::pair<double, double>, 9> kBars = {{{0.5, 0.5},
                                                                      {1, 1},
                                                                      {1.5, 0.35},
                                                                      {2, 0.7},
                                                                      {3, 0.4},
                                                                      {4, 0.45},
                                                                      {5, 0.12},
                                                                      {6, 0.15},
                                                                      {8, 0.25}}};
         std::vector<Partial> p;
         for (const auto& [ratio, a] : kBars) p.push_back({ratio, a, a, 0.1});
         Tone t = steadyTone(p, 8 / hertz(key) > 0.08 ? 8 / hertz(key) : 0.08);
         t.noise = 0.06;
         t.noiseFall = 0.004;
         return t;
       },
       held(0.004, 0.12) + Settings{{Gen::kChorusSend, 300}},
       5.5,
       120},
  };
}

std::vector<Recipe> stringRecipes() {
  return {
      {"Guitar",
       {40, 52, 64, 76},
       [](int key) { return pluckedTone(key, 0.17, 3600, 0.35, 0.08); },
       struck(9, 0.5) + darkening(1100, 3600, 4),
       2.5,
       110},
      {"Driven Guitar",
       {40, 54, 68},
       [](int key) {
         return steadyTone(harmonics(key, 60,
                                     [](int k, double hz) {
                                       return (k % 2 == 1 ? 1.0 : 0.6) / std::pow(k, 0.8) /
                                              (1 + std::pow(hz / 3800, 4));
                                     }),
                           0.06);
       },
       struck(40, 0.25, 0),
       6.5,
       110,
       6},
      {"Bass",
       {28, 40, 52},
       [](int key) { return pluckedTone(key, 0.24, 1500, 0.5, 0.05); },
       struck(8, 0.3) + darkening(500, 3600, 3),
       0,
       40},
      {"Strings",
       {45, 60, 75},
       [](int key) {
         Tone t = steadyTone(harmonics(key, 30,
                                       [](int k, double hz) {
                                         const double body = 0.5 + formant(hz, 480, 300) +
                                                             0.8 * formant(hz, 1500, 900);
                                         return body * std::pow(k, -1.05) * std::exp(-hz / 7000);
                                       }),
                             0.5, 3, 1.7);
         t.breath = 0.05;
         t.breathLow = 2000;
         t.breathHigh = 6000;
         return t;
       },
       held(0.09, 0.45) + vibrato(7, 5.4, 0.3),
       4.5,
       220},
      {"Choir",
       {48, 60, 72},
       [](int key) {
         Tone t = steadyTone(harmonics(key, 30,
                                       [](int k, double hz) {
                                         const double throat = 0.05 + formant(hz, 720, 170) +
                                                               0.55 * formant(hz, 1150, 220) +
                                                               0.16 * formant(hz, 2800, 400);
                                         return throat * std::pow(k, -0.5);
                                       }),
                             0.45, 3, 2.2);
         t.breath = 0.03;
         return t;
       },
       held(0.14, 0.5) + vibrato(8, 5, 0.4),
       1.5,
       260},
      {"Pad",
       {48, 66},
       [](int key) {
         return steadyTone(
             harmonics(key, 24,
                       [](int k, double hz) { return std::pow(k, -1.3) * std::exp(-hz / 3500); }),
             0.6, 3, 1.4);
       },
       held(0.35, 1.6) + Settings{{Gen::kChorusSend, 300}},
       7,
       300},
  };
}

std::vector<Recipe> windRecipes() {
  return {
      {"Brass",
       {43, 57, 71},
       [](int key) {
         return steadyTone(harmonics(key, 40,
                                     [](int k, double hz) {
                                       return (0.35 + formant(hz, 1200, 700)) * std::pow(k, -0.6) *
                                              std::exp(-hz / 4200);
                                     }),
                           0.08);
       },
       held(0.04, 0.2) + vibrato(5, 5.2, 0.5) +
           Settings{{Gen::kFilterCutoff, sf2::absoluteCents(1500)},
                    {Gen::kModEnvToFilter, 3000},
                    {Gen::kModAttack, sf2::timecents(0.07)},
                    {Gen::kModDecay, sf2::timecents(1.5)},
                    {Gen::kModSustain, 350}},
       6.5,
       160,
       6},
      {"Reed",
       {46, 60, 74},
       [](int key) {
         Tone t = steadyTone(harmonics(key, 30,
                                       [](int k, double hz) {
                                         const double bore = k % 2 == 1 ? 1.0 : 0.45;
                                         return bore * (0.3 + formant(hz, 1150, 600)) *
                                                std::pow(k, -0.55) * std::exp(-hz / 4500);
                                       }),
                             0.2);
         t.breath = 0.03;
         return t;
       },
       held(0.03, 0.15) + vibrato(6, 5.5, 0.4),
       6,
       150},
      {"Flute",
       {60, 74, 88},
       [](int) {
         Tone t = steadyTone({{1, 1, 1, 0.1},
                              {2, 0.4, 0.28, 0.08},
                              {3, 0.16, 0.11, 0.06},
                              {4, 0.06, 0.04, 0.05},
                              {5, 0.03, 0.015, 0.05}},
                             0.3);
         t.attack = 0.08;
         t.breath = 0.09;
         t.breathHigh = 5000;
         t.noise = 0.08;
         t.noiseFall = 0.03;
         return t;
       },
       held(0.04, 0.2) + vibrato(7, 5, 0.35),
       6,
       190},
      {"Square",
       {48, 66, 84},
       [](int key) {
         return steadyTone(harmonics(key, 60,
                                     [](int k, double hz) {
                                       return k % 2 == 1 ? 1.0 / k / (1 + std::pow(hz / 9000, 4))
                                                         : 0.0;
                                     }),
                           0.06);
       },
       held(0.004, 0.12) + vibrato(8, 5.5, 0.5),
       4.5,
       110},
      {"Saw",
       {36, 54, 72},
       [](int key) {
         return steadyTone(
             harmonics(key, 80,
                       [](int k, double hz) { return 1.0 / k / (1 + std::pow(hz / 8000, 4)); }),
             0.05);
       },
       held(0.004, 0.15),
       3.5,
       110,
       8},
  };
}

std::size_t addSample(sf2::Bank& bank, sf2::Sample sample, double softer) {
  const auto gain = static_cast<float>(std::pow(10, -softer / 20));
  for (float& v : sample.data) v *= gain;
  bank.samples.push_back(std::move(sample));
  return bank.samples.size() - 1;
}

std::size_t addRecipe(sf2::Bank& bank, const Recipe& r, Rng& rng) {
  sf2::Instrument instrument;
  instrument.name = r.name;
  instrument.settings = r.settings;
  instrument.settings.push_back({Gen::kReverbSend, r.reverb});
  for (std::size_t i = 0; i < r.roots.size(); ++i) {
    Tone tone = r.tone(r.roots[i]);
    tone.name = r.name;
    tone.key = r.roots[i];
    sf2::Zone zone;
    zone.lowKey = i == 0 ? 0 : (r.roots[i - 1] + r.roots[i]) / 2 + 1;
    zone.highKey = i + 1 == r.roots.size() ? 127 : (r.roots[i] + r.roots[i + 1]) / 2;
    zone.sample = addSample(bank, render(tone, rng), r.softer);
    if (r.beating == 0) {
      instrument.zones.push_back(std::move(zone));
      continue;
    }
    // The second voice is softer, so that the two never cancel out: by 5 dB, as FluidSynth (like
    // the hardware that the format was made for) takes only 0.4 of the centibels asked for.
    constexpr int kAside = 150;  // of 500, to either side
    constexpr int kSofter = 120;
    zone.settings = {{Gen::kPan, -kAside}};
    instrument.zones.push_back(zone);
    zone.settings = {
        {Gen::kPan, kAside}, {Gen::kFineTune, r.beating}, {Gen::kAttenuation, kSofter}};
    instrument.zones.push_back(std::move(zone));
  }
  bank.instruments.push_back(std::move(instrument));
  return bank.instruments.size() - 1;
}

std::size_t addSingle(sf2::Bank& bank, const char* name, sf2::Sample sample, double softer,
                      Settings settings) {
  sf2::Instrument instrument;
  instrument.name = name;
  instrument.settings = std::move(settings);
  sf2::Zone zone;
  zone.sample = addSample(bank, std::move(sample), softer);
  instrument.zones.push_back(zone);
  bank.instruments.push_back(std::move(instrument));
  return bank.instruments.size() - 1;
}

// The instrument that stands in for each General MIDI program, eight a line as the standard groups
// them.
constexpr std::array<const char*, 128> kPrograms = {"Piano",
                                                    "Piano",
                                                    "Piano",
                                                    "Piano",
                                                    "Electric Piano",
                                                    "Electric Piano",
                                                    "Harpsichord",
                                                    "Harpsichord",
                                                    "Bell",
                                                    "Bell",
                                                    "Bell",
                                                    "Bell",
                                                    "Mallet",
                                                    "Mallet",
                                                    "Bell",
                                                    "Guitar",
                                                    "Organ",
                                                    "Organ",
                                                    "Organ",
                                                    "Organ",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Driven Guitar",
                                                    "Driven Guitar",
                                                    "Bell",
                                                    "Bass",
                                                    "Bass",
                                                    "Bass",
                                                    "Bass",
                                                    "Bass",
                                                    "Bass",
                                                    "Saw",
                                                    "Square",
                                                    "Strings",
                                                    "Strings",
                                                    "Strings",
                                                    "Strings",
                                                    "Strings",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Tom",
                                                    "Strings",
                                                    "Strings",
                                                    "Strings",
                                                    "Strings",
                                                    "Choir",
                                                    "Choir",
                                                    "Choir",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Brass",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Reed",
                                                    "Flute",
                                                    "Flute",
                                                    "Flute",
                                                    "Flute",
                                                    "Flute",
                                                    "Flute",
                                                    "Flute",
                                                    "Flute",
                                                    "Square",
                                                    "Saw",
                                                    "Flute",
                                                    "Saw",
                                                    "Driven Guitar",
                                                    "Choir",
                                                    "Saw",
                                                    "Saw",
                                                    "Pad",
                                                    "Pad",
                                                    "Saw",
                                                    "Choir",
                                                    "Pad",
                                                    "Pad",
                                                    "Choir",
                                                    "Pad",
                                                    "Bell",
                                                    "Pad",
                                                    "Bell",
                                                    "Pad",
                                                    "Bell",
                                                    "Choir",
                                                    "Pad",
                                                    "Saw",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Guitar",
                                                    "Mallet",
                                                    "Reed",
                                                    "Strings",
                                                    "Reed",
                                                    "Bell",
                                                    "Mallet",
                                                    "Bell",
                                                    "Mallet",
                                                    "Tom",
                                                    "Tom",
                                                    "Tom",
                                                    "Noise",
                                                    "Noise",
                                                    "Noise",
                                                    "Noise",
                                                    "Flute",
                                                    "Bell",
                                                    "Noise",
                                                    "Noise",
                                                    "Noise"};

}  // namespace

void addInstruments(sf2::Bank& bank, Rng& rng) {
  std::map<std::string, std::size_t> index;
  for (const auto& recipes : {keyboardRecipes(), stringRecipes(), windRecipes()}) {
    for (const Recipe& r : recipes) index[r.name] = addRecipe(bank, r, rng);
  }
  index["Tom"] = addSingle(bank, "Tom", makeTom(rng), 2,
                           {{Gen::kRelease, sf2::timecents(3)}, {Gen::kReverbSend, 150}});
  index["Noise"] = addSingle(bank, "Noise", makeNoise(rng), 14,
                             held(0.15, 0.6) + Settings{{Gen::kReverbSend, 150}});
  for (int program = 0; program < 128; ++program) {
    sf2::Preset preset;
    preset.name = generalMidiName(program);
    preset.program = program;
    preset.instrument = index.at(kPrograms[static_cast<std::size_t>(program)]);
    bank.presets.push_back(std::move(preset));
  }
}

}  // namespace incipit::tones
