// Music as a picture for networks that learn images: what a picture is. How music becomes one and
// is read from one: picture_encoding.h.
//
// Kinds, after a paper of 2020 on music as images (image 1, 2, 3) and a thesis (ticks):
//  * kImage1: 88 keys (MIDI 21..108) by 200 columns of a twentieth of a second, 4 channels: length,
//    velocity, instrument, tempo, written where a note starts only;
//  * kImage2: the same size, 3 channels: 125 where a note starts and 255 while it is sustained;
//    velocity; instrument;
//  * kImage3: the first channel of image 2;
//  * kTicks: 96 keys (MIDI 16..111) by 96 columns, 12 a quarter: two bars of 4/4; 255 where a note
//    sounds.
//
// Thread safety: values.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace incipit {

enum class PictureKind : std::uint8_t { kImage1, kImage2, kImage3, kTicks };
inline constexpr std::array kPictureKinds{PictureKind::kImage1, PictureKind::kImage2,
                                          PictureKind::kImage3, PictureKind::kTicks};

struct PictureShape {
  int channels = 1;
  int keys = 88;
  int columns = 200;
  int lowest = 21;  // the MIDI pitch of key 0
  constexpr std::size_t size() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(keys) *
           static_cast<std::size_t>(columns);
  }
};
constexpr PictureShape shapeOf(PictureKind kind) {
  switch (kind) {
    case PictureKind::kImage1:
      return {4, 88, 200, 21};
    case PictureKind::kImage2:
      return {3, 88, 200, 21};
    case PictureKind::kImage3:
      return {1, 88, 200, 21};
    case PictureKind::kTicks:
      break;
  }
  return {1, 96, 96, 16};
}
// "image1" ... "ticks".
constexpr const char* pictureKindId(PictureKind kind) {
  constexpr std::array kIds{"image1", "image2", "image3", "ticks"};
  return kIds[static_cast<std::size_t>(kind)];
}

struct Picture {
  PictureKind kind = PictureKind::kTicks;
  std::vector<std::uint8_t> values;  // [channel][key][column], shapeOf(kind).size() of them

  explicit Picture(PictureKind k = PictureKind::kTicks) : kind(k), values(shapeOf(k).size()) {}
  std::uint8_t& at(int channel, int key, int column) { return values[index(channel, key, column)]; }
  std::uint8_t at(int channel, int key, int column) const {
    return values[index(channel, key, column)];
  }
  bool operator==(const Picture&) const = default;

 private:
  std::size_t index(int channel, int key, int column) const {
    const PictureShape s = shapeOf(kind);
    return (static_cast<std::size_t>(channel) * static_cast<std::size_t>(s.keys) +
            static_cast<std::size_t>(key)) *
               static_cast<std::size_t>(s.columns) +
           static_cast<std::size_t>(column);
  }
};

}  // namespace incipit
