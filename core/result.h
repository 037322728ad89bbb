// How a function of Incipit reports that it could not do what was asked.
//
// An Error is one line for a person: which file or thing, where, and what to do. Nothing throws
// across a public function of core, models or playback; where a function returns Result, an error
// leaves its outputs and the files it names as they were, unless its header says otherwise.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace incipit {

struct Error {
  std::string message;
  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace incipit
