// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace addax::arith {

/// `size` values that somebody else keeps.
template <class T>
struct Span {
  Span() = default;
  Span(const T* first, std::size_t count) : data(first), size(count) {}
  /// Of all values of a vector or an array, which must outlive the span.
  template <class Container>
  Span(const Container& values) : data(values.data()), size(values.size()) {}

  const T& operator[](std::size_t i) const { return data[i]; }
  const T* begin() const { return data; }
  const T* end() const { return data + size; }

  const T* data = nullptr;
  std::size_t size = 0;
};

}  // namespace addax::arith
