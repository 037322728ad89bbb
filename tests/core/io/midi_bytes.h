// Builds Standard MIDI Files byte by byte for the tests, sound and broken, with nothing shared with
// the writer under test.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace incipit::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes bytesOf(std::string_view text) { return {text.begin(), text.end()}; }

inline Bytes bigEndian(std::uint32_t value, int count) {
  Bytes out;
  for (int i = count - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return out;
}

inline Bytes quantity(std::uint32_t value) {
  Bytes out;
  for (int shift = 21; shift > 0; shift -= 7) {
    if (value >> shift != 0)
      out.push_back(static_cast<std::uint8_t>(0x80U | (value >> shift & 0x7FU)));
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7FU));
  return out;
}

inline Bytes message(std::uint32_t delta, std::initializer_list<std::uint8_t> bytes) {
  return quantity(delta) + Bytes(bytes);
}

inline Bytes meta(std::uint32_t delta, std::uint8_t type, const Bytes& data) {
  return quantity(delta) + Bytes{0xFF, type} + quantity(static_cast<std::uint32_t>(data.size())) +
         data;
}
inline Bytes textMeta(std::uint32_t delta, std::uint8_t type, std::string_view text) {
  return meta(delta, type, bytesOf(text));
}

inline Bytes end(std::uint32_t delta = 0) { return meta(delta, 0x2F, Bytes()); }

inline Bytes note(std::uint8_t channel, std::uint8_t pitch, std::uint32_t length,
                  std::uint32_t delta = 0) {
  return message(delta, {static_cast<std::uint8_t>(0x90 | channel), pitch, 80}) +
         message(length, {static_cast<std::uint8_t>(0x80 | channel), pitch, 64});
}

inline Bytes chunk(const Bytes& body) {
  return bytesOf("MTrk") + bigEndian(static_cast<std::uint32_t>(body.size()), 4) + body;
}

inline Bytes header(std::uint32_t format, std::uint32_t tracks, std::uint32_t division) {
  return bytesOf("MThd") + bigEndian(6, 4) + bigEndian(format, 2) + bigEndian(tracks, 2) +
         bigEndian(division, 2);
}

// Each body gets an end of track.
inline Bytes song(std::uint32_t format, std::uint32_t division,
                  std::initializer_list<Bytes> bodies) {
  Bytes out = header(format, static_cast<std::uint32_t>(bodies.size()), division);
  for (const Bytes& body : bodies) out = out + chunk(body + end());
  return out;
}

}  // namespace incipit::test
