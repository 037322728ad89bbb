#include "soundfonts/sf2_writer.h"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace incipit::sf2 {
namespace {

class Bytes {
 public:
  Bytes& u8(unsigned v) {
    data_.push_back(static_cast<char>(v & 0xFFU));
    return *this;
  }
  Bytes& u16(unsigned v) { return u8(v).u8(v >> 8U); }
  Bytes& u32(std::size_t v) {
    return u16(static_cast<unsigned>(v & 0xFFFFU)).u16(static_cast<unsigned>(v >> 16U & 0xFFFFU));
  }
  Bytes& text(const std::string& s, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) {
      u8(i < s.size() && i + 1 < length ? static_cast<unsigned char>(s[i]) : 0U);
    }
    return *this;
  }
  Bytes& append(const std::string& s) {
    data_ += s;
    return *this;
  }
  const std::string& data() const { return data_; }

 private:
  std::string data_;
};

std::string chunk(const char* id, const std::string& body) {
  Bytes b;
  b.append(std::string(id, 4)).u32(body.size()).append(body);
  if (body.size() % 2 != 0) b.u8(0);
  return b.data();
}

std::string list(const char* kind, const std::string& body) {
  return chunk("LIST", std::string(kind, 4) + body);
}

// The specification asks for this many zeros after each sample.
constexpr std::size_t kGuard = 46;

struct Placed {
  std::size_t start = 0;
  std::size_t end = 0;
};

std::string sampleData(const Bank& bank, std::vector<Placed>& places) {
  Bytes b;
  std::size_t at = 0;
  for (const Sample& s : bank.samples) {
    places.push_back({at, at + s.data.size()});
    for (const float v : s.data) {
      const auto whole = static_cast<int>(std::lrint(std::clamp(v, -1.0F, 1.0F) * 32767.0F));
      b.u16(static_cast<unsigned>(whole) & 0xFFFFU);
    }
    for (std::size_t i = 0; i < kGuard; ++i) b.u16(0);
    at += s.data.size() + kGuard;
  }
  return b.data();
}

// Bags (zones) and their generators, of presets or instruments.
class Zones {
 public:
  std::size_t count() const { return bags_; }
  void add(const Settings& settings) {
    bag_.u16(static_cast<unsigned>(generators_)).u16(0);
    ++bags_;
    for (const Setting& s : settings) {
      gen_.u16(static_cast<unsigned>(s.gen)).u16(static_cast<unsigned>(s.amount) & 0xFFFFU);
      ++generators_;
    }
  }
  std::string bags() {
    Bytes end = bag_;
    return end.u16(static_cast<unsigned>(generators_)).u16(0).data();
  }
  std::string generators() {
    Bytes end = gen_;
    return end.u16(0).u16(0).data();
  }

 private:
  Bytes bag_;
  Bytes gen_;
  std::size_t bags_ = 0;
  std::size_t generators_ = 0;
};

std::string presetChunks(const Bank& bank) {
  std::vector<const Preset*> sorted;
  for (const Preset& p : bank.presets) sorted.push_back(&p);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Preset* a, const Preset* b) {
    return a->bank != b->bank ? a->bank < b->bank : a->program < b->program;
  });
  Bytes headers;
  Zones zones;
  const auto header = [&](const std::string& name, int program, int number) {
    headers.text(name, 20).u16(static_cast<unsigned>(program)).u16(static_cast<unsigned>(number));
    headers.u16(static_cast<unsigned>(zones.count())).u32(0).u32(0).u32(0);
  };
  for (const Preset* p : sorted) {
    header(p->name, p->program, p->bank);
    Settings settings = p->settings;
    settings.push_back({Gen::kInstrument, static_cast<int>(p->instrument)});
    zones.add(settings);
  }
  header("EOP", 0, 0);
  return chunk("phdr", headers.data()) + chunk("pbag", zones.bags()) +
         chunk("pmod", std::string(10, '\0')) + chunk("pgen", zones.generators());
}

std::string instrumentChunks(const Bank& bank) {
  Bytes headers;
  Zones zones;
  const auto header = [&](const std::string& name) {
    headers.text(name, 20).u16(static_cast<unsigned>(zones.count()));
  };
  for (const Instrument& instrument : bank.instruments) {
    header(instrument.name);
    if (!instrument.settings.empty()) zones.add(instrument.settings);
    for (const Zone& z : instrument.zones) {
      const Sample& sample = bank.samples[z.sample];
      Settings settings = {{Gen::kKeyRange, z.highKey << 8 | z.lowKey}};  // must come first
      settings.insert(settings.end(), z.settings.begin(), z.settings.end());
      settings.push_back({Gen::kSampleModes, sample.loopEnd > 0 ? 1 : 0});
      settings.push_back({Gen::kSampleId, static_cast<int>(z.sample)});  // must come last
      zones.add(settings);
    }
  }
  header("EOI");
  return chunk("inst", headers.data()) + chunk("ibag", zones.bags()) +
         chunk("imod", std::string(10, '\0')) + chunk("igen", zones.generators());
}

std::string sampleHeaders(const Bank& bank, const std::vector<Placed>& places) {
  constexpr unsigned kMono = 1;
  Bytes b;
  for (std::size_t i = 0; i < bank.samples.size(); ++i) {
    const Sample& s = bank.samples[i];
    const bool looped = s.loopEnd > 0;
    b.text(s.name, 20).u32(places[i].start).u32(places[i].end);
    b.u32(looped ? places[i].start + s.loopStart : places[i].start);
    b.u32(looped ? places[i].start + s.loopEnd : places[i].end);
    b.u32(static_cast<std::size_t>(s.rate)).u8(static_cast<unsigned>(s.rootKey)).u8(0);
    b.u16(0).u16(kMono);
  }
  b.text("EOS", 20);
  for (int i = 0; i < 26; ++i) b.u8(0);
  return chunk("shdr", b.data());
}

std::string zeroTerminated(const std::string& s) {
  std::string text = s + '\0';
  if (text.size() % 2 != 0) text += '\0';
  return text;
}

}  // namespace

int timecents(double seconds) {
  return static_cast<int>(std::lrint(1200 * std::log2(std::max(seconds, 0.001))));
}

int absoluteCents(double hertz) {
  constexpr double kCentsZero = 8.1757989156;  // MIDI key 0
  return static_cast<int>(std::lrint(1200 * std::log2(hertz / kCentsZero)));
}

Result<void> writeSoundfont(const Bank& bank, const std::filesystem::path& file) {
  std::vector<Placed> places;
  const std::string samples = sampleData(bank, places);
  Bytes version;
  version.u16(2).u16(1);
  const std::string info =
      chunk("ifil", version.data()) + chunk("isng", zeroTerminated("EMU8000")) +
      chunk("INAM", zeroTerminated(bank.name)) + chunk("ICOP", zeroTerminated(bank.copyright)) +
      chunk("ISFT", zeroTerminated("Incipit"));
  const std::string body =
      list("INFO", info) + list("sdta", chunk("smpl", samples)) +
      list("pdta", presetChunks(bank) + instrumentChunks(bank) + sampleHeaders(bank, places));
  const std::string riff = chunk("RIFF", "sfbk" + body);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(riff.data(), static_cast<std::streamsize>(riff.size()));
  out.close();
  if (!out) return fail(file.string() + ": cannot write the soundfont");
  return {};
}

}  // namespace incipit::sf2
