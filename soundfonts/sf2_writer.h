// Writes a SoundFont 2.01 file (SoundFont Technical Specification 2.04, E-mu, 1996) from values.
//
// Limits: mono samples of 16 bits; names are cut at 19 characters; generator amounts are as the
// specification defines them (timecents, centibels, absolute cents ...).
// Thread safety: values and one free function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace incipit::sf2 {

enum class Gen : std::uint16_t {
  kVibratoToPitch = 6,
  kFilterCutoff = 8,
  kModEnvToFilter = 11,
  kChorusSend = 15,
  kReverbSend = 16,
  kPan = 17,
  kVibratoDelay = 23,
  kVibratoRate = 24,
  kModAttack = 26,
  kModDecay = 28,
  kModSustain = 29,
  kModRelease = 30,
  kAttack = 34,
  kHold = 35,
  kDecay = 36,
  kSustain = 37,
  kRelease = 38,
  kKeyToDecay = 40,
  kInstrument = 41,
  kKeyRange = 43,
  kAttenuation = 48,
  kFineTune = 52,
  kSampleId = 53,
  kSampleModes = 54,
  kExclusiveClass = 57,
  kRootKey = 58,
};

struct Setting {
  Gen gen;
  int amount = 0;
};
using Settings = std::vector<Setting>;

struct Sample {
  std::string name;
  std::vector<float> data;  // -1..1
  int rate = 32000;
  int rootKey = 60;
  std::size_t loopStart = 0;  // loopEnd 0: not looped
  std::size_t loopEnd = 0;    // one past the last sample of the loop
};

struct Zone {
  int lowKey = 0;
  int highKey = 127;
  std::size_t sample = 0;
  Settings settings;
};

struct Instrument {
  std::string name;
  Settings settings;  // of all its zones
  std::vector<Zone> zones;
};

struct Preset {
  std::string name;
  int bank = 0;
  int program = 0;
  std::size_t instrument = 0;
  Settings settings;  // added to the instrument's
};

struct Bank {
  std::string name;
  std::string copyright;
  std::vector<Sample> samples;
  std::vector<Instrument> instruments;
  std::vector<Preset> presets;
};

int timecents(double seconds);
int absoluteCents(double hertz);

Result<void> writeSoundfont(const Bank& bank, const std::filesystem::path& file);

}  // namespace incipit::sf2
