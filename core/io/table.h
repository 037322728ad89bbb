// A table made once, then shown in a terminal, in a view, or kept as a file for a spreadsheet.
//
// Thread safety: values and free functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace incipit {

struct TableCell {
  std::string text;             // for the eye; empty where there is nothing to say
  std::optional<double> value;  // finite; what a file holds and a view sorts by
};

struct Table {
  struct Column {
    std::string name;
    bool number = false;  // stands to the right
  };
  std::vector<Column> columns;
  std::vector<std::vector<TableCell>> rows;  // each as long as `columns`
};

inline TableCell textCell(std::string text) { return {std::move(text), {}}; }
// With so many digits after the point; empty where there is no value, or none that is finite.
TableCell numberCell(std::optional<double> value, int digits);

// For a terminal: a head, then a line a row, columns as wide as their widest cell with two blanks
// between; "-" where there is nothing to say. Each line ends in a line feed.
std::string tableText(const Table& table);

// Comma-separated values (RFC 4180, UTF-8, lines ending in a line feed): a head, then a line a row.
// Numbers in full, and empty where there is none.
std::string tableCsv(const Table& table);

// A field of such a line, in quotes where it must be.
std::string csvField(std::string_view text);

}  // namespace incipit
