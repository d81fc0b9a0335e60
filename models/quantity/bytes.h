// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "models/quantity/quantity.h"

namespace addax::quantity {

/// Values one after another as bytes, so that equal bytes are equal values: for keys of what is remembered, within
/// one process. A type of another folder is added by its `write(Bytes&, const Type&)`.
class Bytes {
 public:
  template <class... Values>
  Bytes& add(const Values&... values) {
    (one(values), ...);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  template <class T>
  void one(const T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
      text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    else
      write(*this, value);
  }
  template <class Unit, class Rep>
  void one(const Quantity<Unit, Rep>& value) {
    one(value.value());
  }
  void one(const std::string& value) {
    one(value.size());
    text_ += value;
  }
  template <class T>
  void one(const std::vector<T>& values) {
    one(values.size());
    for (const T& value : values) one(value);
  }
  template <class T, std::size_t kSize>
  void one(const std::array<T, kSize>& values) {
    for (const T& value : values) one(value);
  }
  template <class T>
  void one(const std::optional<T>& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  template <class Key, class T>
  void one(const std::map<Key, T>& values) {
    one(values.size());
    for (const auto& [key, value] : values) add(key, value);
  }

  std::string text_;
};

}  // namespace addax::quantity
