#include "core/io/picture_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/io/atomic_file.h"

// The two header-only libraries, with all that is not PNG left out.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS 4096
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace incipit {
namespace fs = std::filesystem;
namespace {

// Larger than any picture with what programs write beside it; what a file can unfold to is bounded
// with it.
constexpr std::uintmax_t kMostBytes = 256 * 1024;

struct Image {
  int width = 0;
  int height = 0;
  int channels = 1;
  std::vector<std::uint8_t> pixels;  // rows from the top, channels together
};

std::vector<std::uint8_t> encoded(const Image& image) {
  std::vector<std::uint8_t> out;
  const auto take = [](void* into, void* data, int size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    auto& all = *static_cast<std::vector<std::uint8_t>*>(into);
    all.insert(all.end(), bytes, bytes + size);
  };
  stbi_write_png_to_func(take, &out, image.width, image.height, image.channels, image.pixels.data(),
                         image.width * image.channels);
  return out;
}

// Puts a picture where its left upper corner is to be.
void place(const Picture& picture, int left, int top, Image& into) {
  const PictureShape s = shapeOf(picture.kind);
  for (int key = 0; key < s.keys; ++key) {
    const int row = top + s.keys - 1 - key;
    for (int c = 0; c < s.columns; ++c) {
      const std::size_t pixel =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(into.width) +
          static_cast<std::size_t>(left + c);
      for (int channel = 0; channel < into.channels; ++channel) {
        into.pixels[pixel * static_cast<std::size_t>(into.channels) +
                    static_cast<std::size_t>(channel)] = picture.at(channel, key, c);
      }
    }
  }
}

Image blank(int width, int height, int channels, std::uint8_t value) {
  const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                    static_cast<std::size_t>(channels);
  return {width, height, channels, std::vector<std::uint8_t>(size, value)};
}

const char* channelsName(int channels) {
  switch (channels) {
    case 1:
      return "grey";
    case 2:
      return "grey with alpha";
    case 3:
      return "colour";
    default:
      return "colour with alpha";
  }
}

}  // namespace

std::vector<std::uint8_t> pngOf(const Picture& picture) {
  const PictureShape s = shapeOf(picture.kind);
  Image image = blank(s.columns, s.keys, s.channels, 0);
  place(picture, 0, 0, image);
  return encoded(image);
}

Result<Picture> pictureOfPng(std::span<const std::uint8_t> bytes, PictureKind kind) {
  if (bytes.size() > kMostBytes) {
    return fail(
        fmt::format("has {} bytes; a picture of music has at most {}", bytes.size(), kMostBytes));
  }
  const auto size = static_cast<int>(bytes.size());
  const PictureShape s = shapeOf(kind);
  int width = 0;
  int height = 0;
  int channels = 0;
  if (stbi_info_from_memory(bytes.data(), size, &width, &height, &channels) == 0) {
    return fail("is not a PNG image");
  }
  if (width != s.columns || height != s.keys) {
    return fail(fmt::format("is {} x {} pixels; a picture \"{}\" is {} x {}", width, height,
                            pictureKindId(kind), s.columns, s.keys));
  }
  if (channels != s.channels) {
    return fail(fmt::format("is {}; a picture \"{}\" is {}", channelsName(channels),
                            pictureKindId(kind), channelsName(s.channels)));
  }
  const std::unique_ptr<stbi_uc, decltype(&std::free)> pixels(
      stbi_load_from_memory(bytes.data(), size, &width, &height, &channels, s.channels),
      &std::free);
  if (pixels == nullptr) return fail(fmt::format("is damaged: {}", stbi_failure_reason()));
  Picture picture(kind);
  const stbi_uc* pixel = pixels.get();
  for (int row = 0; row < s.keys; ++row) {
    for (int c = 0; c < s.columns; ++c) {
      for (int channel = 0; channel < s.channels; ++channel) {
        picture.at(channel, s.keys - 1 - row, c) = *pixel++;
      }
    }
  }
  return picture;
}

Result<void> writePicture(const Picture& picture, const fs::path& file) {
  return writeFileAtomically(file, pngOf(picture), false);
}

Result<Picture> readPicture(const fs::path& file, PictureKind kind) {
  const auto bytes = readFile(file);
  if (!bytes) return fail(bytes.error().message);
  auto picture = pictureOfPng(*bytes, kind);
  if (!picture) return fail(fmt::format("{}: {}", file.string(), picture.error().message));
  return picture;
}

Result<void> writePictureSheet(std::span<const Picture> pictures, int columns,
                               const fs::path& file) {
  if (pictures.empty()) return fail(fmt::format("{}: there is no picture to write", file.string()));
  const PictureShape s = shapeOf(pictures.front().kind);
  const int across = std::clamp<int>(columns, 1, static_cast<int>(pictures.size()));
  const int down = (static_cast<int>(pictures.size()) + across - 1) / across;
  constexpr std::uint8_t kGrey = 96;
  Image image =
      blank(across * (s.columns + 1) - 1, down * (s.keys + 1) - 1, std::min(s.channels, 3), kGrey);
  for (int i = 0; i < std::ssize(pictures); ++i) {
    place(pictures[static_cast<std::size_t>(i)], i % across * (s.columns + 1),
          i / across * (s.keys + 1), image);
  }
  return writeFileAtomically(file, encoded(image), false);
}

}  // namespace incipit
