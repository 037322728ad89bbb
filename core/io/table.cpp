#include "core/io/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace incipit {
namespace {

// In characters, of UTF-8.
std::size_t widthOf(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6U) != 2; }));
}

std::string_view shown(const TableCell& cell) {
  return cell.text.empty() ? std::string_view("-") : std::string_view(cell.text);
}

void append(std::string& line, std::string_view text, std::size_t width, bool right) {
  const std::string blanks(width - widthOf(text), ' ');
  if (!line.empty()) line += "  ";
  if (right) line += blanks;
  line += text;
  if (!right) line += blanks;
}

std::string csvCell(const TableCell& cell, bool number) {
  if (!number) return csvField(cell.text);
  return cell.value ? fmt::format("{}", *cell.value) : std::string();
}

}  // namespace

TableCell numberCell(std::optional<double> value, int digits) {
  if (!value || !std::isfinite(*value)) return {};
  return {fmt::format("{:.{}f}", *value, digits), value};
}

std::string tableText(const Table& table) {
  std::vector<std::size_t> widths;
  for (const Table::Column& c : table.columns) widths.push_back(widthOf(c.name));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], widthOf(shown(row[i])));
    }
  }
  std::string out;
  const auto add = [&](auto textOf) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      append(line, textOf(i), widths[i], table.columns[i].number);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add([&](std::size_t i) { return std::string_view(table.columns[i].name); });
  for (const auto& row : table.rows) {
    add([&](std::size_t i) { return shown(row[i]); });
  }
  return out;
}

std::string tableCsv(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ',';
    out += csvField(table.columns[i].name);
  }
  out += "\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (i > 0) out += ',';
      out += csvCell(row[i], table.columns[i].number);
    }
    out += "\n";
  }
  return out;
}

std::string csvField(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += c;
    out += c;
  }
  return out + '"';
}

}  // namespace incipit
