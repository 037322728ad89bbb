// Pictures of music as PNG files: a pixel a cell, the highest key on top, channels as they are
// (grey; red, green, blue; and alpha for the fourth), so that a picture reads back as it was.
//
// Thread safety: free functions. Errors are one line with the file's name and what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "core/encoding/picture.h"
#include "core/result.h"

namespace incipit {

std::vector<std::uint8_t> pngOf(const Picture& picture);
// Refuses, before anything of its size is allocated, what is no PNG of this kind's width and
// height; more or fewer channels are refused, too.
Result<Picture> pictureOfPng(std::span<const std::uint8_t> bytes, PictureKind kind);

Result<void> writePicture(const Picture& picture, const std::filesystem::path& file);
Result<Picture> readPicture(const std::filesystem::path& file, PictureKind kind);

// Several pictures of one kind side by side, `columns` to a row, a pixel of grey between them; to
// look at: the fourth channel is left out.
Result<void> writePictureSheet(std::span<const Picture> pictures, int columns,
                               const std::filesystem::path& file);

}  // namespace incipit
