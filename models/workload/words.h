// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace addax::workload {

/// The value of an enumeration whose words are listed in its order.
template <class Enum, std::size_t Count>
std::optional<Enum> parse_word(const std::array<const char*, Count>& words,
                               const std::string& text) {
  for (std::size_t i = 0; i < Count; ++i)
    if (text == words[i]) return static_cast<Enum>(i);
  return std::nullopt;
}

template <class Enum, std::size_t Count>
const char* word_of(const std::array<const char*, Count>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

}  // namespace addax::workload
