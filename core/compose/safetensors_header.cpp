#include "core/compose/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace incipit {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMostHeaderBytes = 100'000'000;
constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

int bytesOf(const std::string& dtype) {
  static const std::map<std::string, int> kBytes{
      {"F64", 8},  {"I64", 8}, {"U64", 8}, {"F32", 4}, {"I32", 4}, {"U32", 4}, {"F16", 2},
      {"BF16", 2}, {"I16", 2}, {"U16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}};
  const auto found = kBytes.find(dtype);
  return found == kBytes.end() ? 0 : found->second;
}

// Throws nlohmann's exceptions where a field is missing or of the wrong kind.
Result<TensorEntry> entryOf(const std::string& name, const nlohmann::json& j, std::uint64_t data,
                            std::uint64_t fileBytes) {
  TensorEntry e;
  e.name = name;
  e.dtype = j.at("dtype").get<std::string>();
  std::int64_t elements = 1;
  for (const auto& n : j.at("shape")) {
    const auto size = n.get<std::int64_t>();
    if (size < 0 || (size > 0 && elements > kMostElements / size)) {
      return fail(fmt::format("tensor \"{}\" has an impossible shape", name));
    }
    elements *= size;
    e.shape.push_back(size);
  }
  const auto begin = j.at("data_offsets").at(0).get<std::uint64_t>();
  const auto end = j.at("data_offsets").at(1).get<std::uint64_t>();
  if (begin > end || end > fileBytes - data) {
    return fail(fmt::format("tensor \"{}\" lies outside the file: it is cut short", name));
  }
  const int width = bytesOf(e.dtype);
  if (width == 0) return fail(fmt::format("tensor \"{}\" has unknown type {}", name, e.dtype));
  if (end - begin != static_cast<std::uint64_t>(elements) * static_cast<std::uint64_t>(width)) {
    return fail(fmt::format("tensor \"{}\": {} bytes do not fit its shape", name, end - begin));
  }
  e.begin = data + begin;
  e.end = data + end;
  return e;
}

Result<SafetensorsHeader> headerOf(const nlohmann::json& j, std::uint64_t data,
                                   std::uint64_t fileBytes) {
  SafetensorsHeader h;
  h.fileBytes = fileBytes;
  try {
    for (const auto& [name, value] : j.items()) {
      if (name == "__metadata__") {
        h.metadata = value.get<std::map<std::string, std::string>>();
        continue;
      }
      auto entry = entryOf(name, value, data, fileBytes);
      if (!entry) return fail(entry.error().message);
      h.tensors.push_back(std::move(*entry));
    }
  } catch (const nlohmann::json::exception& e) {
    return fail(fmt::format("its header is damaged ({})", e.what()));
  }
  std::sort(h.tensors.begin(), h.tensors.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < h.tensors.size(); ++i) {
    if (h.tensors[i].begin < h.tensors[i - 1].end) {
      return fail(fmt::format("tensors \"{}\" and \"{}\" overlap", h.tensors[i - 1].name,
                              h.tensors[i].name));
    }
  }
  return h;
}

}  // namespace

std::int64_t TensorEntry::elements() const {
  std::int64_t n = 1;
  for (const std::int64_t s : shape) n *= s;
  return n;
}

Result<SafetensorsHeader> readSafetensorsHeader(const fs::path& file) {
  const std::string name = file.string();
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return fail(fmt::format("{}: no such file", name));
  const std::uint64_t bytes = fs::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) return fail(fmt::format("{}: cannot be read", name));
  std::array<unsigned char, 8> prefix{};
  in.read(reinterpret_cast<char*>(prefix.data()), prefix.size());
  if (in.gcount() != 8) return fail(fmt::format("{}: is not a safetensors file", name));
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8U | prefix[i];
  if (length < 2 || length > kMostHeaderBytes) {
    return fail(fmt::format("{}: is not a safetensors file", name));
  }
  if (length > bytes - 8) {
    return fail(fmt::format("{}: is cut short within its header, at byte {}", name, bytes));
  }
  std::string text(length, '\0');
  in.read(text.data(), static_cast<std::streamsize>(length));
  if (static_cast<std::uint64_t>(in.gcount()) != length) {
    return fail(fmt::format("{}: cannot be read", name));
  }
  const auto j = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object()) return fail(fmt::format("{}: is not a safetensors file", name));
  auto header = headerOf(j, 8 + length, bytes);
  if (!header) return fail(fmt::format("{}: {}", name, header.error().message));
  return header;
}

fs::path shardPath(const fs::path& first, int shard, int shards) {
  if (shard <= 1) return first;
  fs::path p = first;
  p.replace_filename(fmt::format("{}.{}-of-{}.safetensors", first.stem().string(), shard, shards));
  return p;
}

}  // namespace incipit
