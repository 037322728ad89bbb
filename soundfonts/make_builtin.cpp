// Makes the built-in soundfont: incipit_make_soundfont FILE. The same bytes each time.
#include <cmath>
#include <cstdio>

#include "core/rng.h"
#include "soundfonts/drums.h"
#include "soundfonts/instruments.h"
#include "soundfonts/sf2_writer.h"

namespace {

using incipit::sf2::Gen;

// Bank 128 holds the drum kit; a soundfont without program N of it plays program 0.
void addKit(incipit::sf2::Bank& bank, incipit::Rng& rng) {
  incipit::sf2::Instrument kit;
  kit.name = "Standard Kit";
  kit.settings = {{Gen::kReverbSend, 70}};
  for (incipit::tones::Drum& drum : incipit::tones::makeDrums(rng)) {
    const std::size_t sample = bank.samples.size();
    const auto gain = static_cast<float>(std::pow(10, -drum.softer / 20));
    for (float& v : drum.sample.data) v *= gain;
    bank.samples.push_back(std::move(drum.sample));
    for (const auto& at : drum.keys) {
      incipit::sf2::Zone zone;
      zone.lowKey = zone.highKey = at.key;
      zone.sample = sample;
      zone.settings = {{Gen::kRootKey, at.key - at.semitones},
                       {Gen::kPan, static_cast<int>(1000 * at.pan)},
                       {Gen::kAttenuation, static_cast<int>(10 * at.softer)},
                       {Gen::kRelease, incipit::sf2::timecents(drum.release)}};
      if (at.choke != 0) zone.settings.push_back({Gen::kExclusiveClass, at.choke});
      kit.zones.push_back(std::move(zone));
    }
  }
  bank.instruments.push_back(std::move(kit));
  bank.presets.push_back({"Standard Kit", 128, 0, bank.instruments.size() - 1, {}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: incipit_make_soundfont FILE\n");
    return 2;
  }
  incipit::Rng rng(2023);
  incipit::sf2::Bank bank;
  bank.name = "Incipit";
  bank.copyright = "Synthesised by Incipit's build; free of rights (CC0)";
  incipit::tones::addInstruments(bank, rng);
  addKit(bank, rng);
  if (const auto done = incipit::sf2::writeSoundfont(bank, argv[1]); !done) {
    std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return 1;
  }
  return 0;
}
