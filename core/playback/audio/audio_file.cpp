#include "core/playback/audio/audio_file.h"

#include <sndfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr double kOggQuality = 0.6;  // about 190 kbit/s
constexpr std::int64_t kLargestWav = 0xFFFFFFFFLL - 4096;

struct Format {
  int code = 0;
  int bits = 0;  // of the integers written; 0: floats
};

std::string lowerEnding(const fs::path& file) {
  std::string ending = file.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

Result<Format> formatOf(const fs::path& file, int bits, std::int64_t frames) {
  if (bits != 16 && bits != 24 && bits != 32) {
    return fail(file.string() + ": " + std::to_string(bits) +
                " bits cannot be written; use 16, 24 or 32");
  }
  const std::string ending = lowerEnding(file);
  if (ending == ".wav") {
    const bool large = frames * 2 * bits / 8 > kLargestWav;
    const int container = large ? SF_FORMAT_RF64 : SF_FORMAT_WAV;
    if (bits == 32) return Format{container | SF_FORMAT_FLOAT, 0};
    return Format{container | (bits == 16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24), bits};
  }
  if (ending == ".flac") {
    return bits == 16 ? Format{SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16}
                      : Format{SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 24};
  }
  if (ending == ".ogg") return Format{SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0};
  return fail(file.string() + ": the ending decides the format; use .wav, .flac or .ogg");
}

// The checksum of an Ogg page (RFC 3533): polynomial 0x04C11DB7, not reflected, from 0.
std::uint32_t oggChecksum(const std::vector<unsigned char>& page) {
  static const std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t r = i << 24U;
      for (int bit = 0; bit < 8; ++bit)
        r = (r & 0x80000000U) != 0 ? r << 1U ^ 0x04C11DB7U : r << 1U;
      table[i] = r;
    }
    return table;
  }();
  std::uint32_t sum = 0;
  for (const unsigned char byte : page) sum = sum << 8U ^ kTable[(sum >> 24U ^ byte) & 0xFFU];
  return sum;
}

// libsndfile draws the stream's serial number from the clock; a fixed one makes the file
// repeatable.
bool fixOggSerial(const fs::path& file) {
  constexpr std::size_t kHeader = 27;
  constexpr std::size_t kSerialAt = 14;
  constexpr std::size_t kSumAt = 22;
  const auto put = [](std::vector<unsigned char>& page, std::size_t at, std::uint32_t v) {
    for (unsigned i = 0; i < 4; ++i) page[at + i] = static_cast<unsigned char>(v >> (8 * i));
  };
  std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
  std::vector<unsigned char> page;
  for (std::streamoff at = 0;; at += static_cast<std::streamoff>(page.size())) {
    page.assign(kHeader, 0);
    io.seekg(at);
    io.read(reinterpret_cast<char*>(page.data()), static_cast<std::streamsize>(kHeader));
    if (io.gcount() == 0) return true;
    if (io.gcount() != kHeader || std::memcmp(page.data(), "OggS", 4) != 0) return false;
    const std::size_t segments = page[kHeader - 1];
    page.resize(kHeader + segments);
    io.read(reinterpret_cast<char*>(page.data() + kHeader), static_cast<std::streamsize>(segments));
    std::size_t body = 0;
    for (std::size_t i = 0; i < segments; ++i) body += page[kHeader + i];
    page.resize(kHeader + segments + body);
    io.read(reinterpret_cast<char*>(page.data() + kHeader + segments),
            static_cast<std::streamsize>(body));
    if (!io) return false;
    put(page, kSerialAt, 1);
    put(page, kSumAt, 0);
    put(page, kSumAt, oggChecksum(page));
    io.seekp(at);
    io.write(reinterpret_cast<const char*>(page.data()), static_cast<std::streamsize>(page.size()));
    if (!io) return false;
  }
}

// To the nearest, without a call for each sample: the sum has no room left for a fraction.
int rounded(double v) {
  constexpr double kNoFraction = 6755399441055744.0;  // 1.5 * 2^52
  return static_cast<int>((v + kNoFraction) - kNoFraction);
}

// Two uniform numbers a step wide, from one draw, make the triangular noise.
short dithered(float sample, Rng& rng) {
  constexpr double kScale = 32767;
  constexpr double kStep = 1.0 / 65536;
  const std::uint32_t r = rng.next();
  const double noise = (static_cast<int>(r & 0xFFFFU) - static_cast<int>(r >> 16U)) * kStep;
  return static_cast<short>(rounded(std::clamp(sample * kScale + noise, -kScale - 1, kScale)));
}

// In the upper bits, where libsndfile takes them from.
int as24(float sample) {
  constexpr double kScale = 8388607;
  return rounded(std::clamp(sample * kScale, -kScale - 1, kScale)) * 256;
}

fs::path temporaryName(const fs::path& file) {
  static std::atomic<unsigned> counter{0};
  const unsigned n = counter.fetch_add(1, std::memory_order_relaxed);  // only to differ
  std::string name = ".";
  name += file.filename().string();
  for (const long part : {static_cast<long>(getpid()), static_cast<long>(n)}) {
    name += '.';
    name += std::to_string(part);
  }
  name += ".part";
  return file.parent_path() / name;
}

}  // namespace

struct AudioFileWriter::Handle {
  fs::path file;
  fs::path temporary;
  SNDFILE* out = nullptr;
  Format format;
  Rng dither{0x1C1D17};
  std::vector<float> floats;
  std::vector<short> shorts;
  std::vector<int> integers;
  bool committed = false;

  ~Handle() {
    if (out != nullptr) sf_close(out);
    std::error_code ignored;
    if (!committed) fs::remove(temporary, ignored);
  }

  tl::unexpected<Error> failed() const {
    // libsndfile keeps the system's reason; a full disk shows as a short write without one.
    std::error_code error;
    const fs::space_info space =
        fs::space(file.parent_path().empty() ? "." : file.parent_path(), error);
    constexpr std::uintmax_t kLittle = 1 << 20;
    if (!error && space.available < kLittle) {
      return fail(file.string() + ": the disk is full; free some space and export again");
    }
    return fail(file.string() + ": cannot write the audio: " + sf_strerror(out));
  }
};

AudioFileWriter::AudioFileWriter(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}

AudioFileWriter::~AudioFileWriter() = default;

Result<std::unique_ptr<AudioFileWriter>> AudioFileWriter::create(const fs::path& file,
                                                                 int sampleRate, int bits,
                                                                 std::int64_t expectedFrames) {
  const auto format = formatOf(file, bits, expectedFrames);
  if (!format) return tl::unexpected(format.error());
  std::error_code error;
  if (fs::is_directory(file, error)) return fail(file.string() + ": is a folder; give a file name");
  const fs::path folder = file.parent_path().empty() ? "." : file.parent_path();
  if (!fs::is_directory(folder, error)) {
    return fail(file.string() + ": the folder " + folder.string() + " does not exist");
  }

  auto handle = std::make_unique<Handle>();
  handle->file = file;
  handle->temporary = temporaryName(file);
  handle->format = *format;
  SF_INFO info{};
  info.samplerate = sampleRate;
  info.channels = 2;
  info.format = format->code;
  handle->out = sf_open(handle->temporary.c_str(), SFM_WRITE, &info);
  if (handle->out == nullptr) {
    return fail(file.string() + ": cannot write there: " + sf_strerror(nullptr));
  }
  sf_command(handle->out, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it holds the time of day
  double quality = kOggQuality;
  sf_command(handle->out, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
  return std::unique_ptr<AudioFileWriter>(new AudioFileWriter(std::move(handle)));
}

Result<void> AudioFileWriter::write(const float* left, const float* right, int frames) {
  Handle& h = *handle_;
  const auto count = static_cast<std::size_t>(frames);
  if (h.format.bits == 0) {
    h.floats.resize(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      h.floats[2 * i] = left[i];
      h.floats[2 * i + 1] = right[i];
    }
    if (sf_writef_float(h.out, h.floats.data(), frames) != frames) return h.failed();
    return {};
  }
  if (h.format.bits == 16) {
    h.shorts.resize(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      h.shorts[2 * i] = dithered(left[i], h.dither);
      h.shorts[2 * i + 1] = dithered(right[i], h.dither);
    }
    if (sf_writef_short(h.out, h.shorts.data(), frames) != frames) return h.failed();
    return {};
  }
  h.integers.resize(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    h.integers[2 * i] = as24(left[i]);
    h.integers[2 * i + 1] = as24(right[i]);
  }
  if (sf_writef_int(h.out, h.integers.data(), frames) != frames) return h.failed();
  return {};
}

Result<void> AudioFileWriter::commit() {
  Handle& h = *handle_;
  const int closed = sf_close(h.out);
  h.out = nullptr;
  if (closed != 0) {
    return fail(h.file.string() + ": cannot finish the file: " + sf_error_number(closed));
  }
  if (lowerEnding(h.file) == ".ogg" && !fixOggSerial(h.temporary)) {
    return fail(h.file.string() + ": cannot finish the Ogg stream; is the disk full?");
  }
  std::error_code error;
  fs::rename(h.temporary, h.file, error);
  if (error) return fail(h.file.string() + ": cannot be replaced: " + error.message());
  h.committed = true;
  return {};
}

}  // namespace incipit
