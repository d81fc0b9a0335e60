// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>

namespace addax::quantity {

/// A number with a unit. Quantities of different units do not mix; a quantity may be scaled by a
/// plain number, and dividing two of the same unit gives a plain number.
template <class Unit, class Rep>
class Quantity {
 public:
  using rep = Rep;
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }

  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator*(Quantity a, Rep factor) {
    return Quantity(a.value_ * factor);
  }
  friend constexpr Quantity operator*(Rep factor, Quantity a) {
    return Quantity(a.value_ * factor);
  }
  friend constexpr double operator/(Quantity a, Quantity b) {
    return static_cast<double>(a.value_) / static_cast<double>(b.value_);
  }
  friend constexpr bool operator==(Quantity a, Quantity b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(Quantity a, Quantity b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(Quantity a, Quantity b) { return a.value_ < b.value_; }
  friend constexpr bool operator<=(Quantity a, Quantity b) { return a.value_ <= b.value_; }
  friend constexpr bool operator>(Quantity a, Quantity b) { return a.value_ > b.value_; }
  friend constexpr bool operator>=(Quantity a, Quantity b) { return a.value_ >= b.value_; }

 private:
  Rep value_{};
};

using Cycles = Quantity<struct CyclesUnit, std::uint64_t>;
using Bits = Quantity<struct BitsUnit, std::uint64_t>;
using Picojoules = Quantity<struct PicojoulesUnit, double>;
using Milliwatts = Quantity<struct MilliwattsUnit, double>;
using SquareMicrometres = Quantity<struct SquareMicrometresUnit, double>;
using Millimetres = Quantity<struct MillimetresUnit, double>;
using Seconds = Quantity<struct SecondsUnit, double>;
using Nanoseconds = Quantity<struct NanosecondsUnit, double>;
using Hertz = Quantity<struct HertzUnit, double>;
using BitsPerSecond = Quantity<struct BitsPerSecondUnit, double>;

/// A count left the range of 64 bits. The user's input is at fault: whoever knows which key says
/// so.
class CountOverflow : public std::overflow_error {
 public:
  CountOverflow() : std::overflow_error("a count exceeds 64 bits") {}
};

/// a + b. Throws CountOverflow.
inline std::uint64_t checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw CountOverflow();
  return sum;
}

/// a * b * ... Throws CountOverflow.
inline std::uint64_t checked_mul(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw CountOverflow();
  return product;
}
template <class... More>
std::uint64_t checked_mul(std::uint64_t a, std::uint64_t b, More... more) {
  return checked_mul(checked_mul(a, b), static_cast<std::uint64_t>(more)...);
}

/// a / b, rounded up. b > 0.
inline constexpr double kBitsAGibibyte = 8.0 * 1024.0 * 1024.0 * 1024.0;
constexpr double gibibytes(Bits bits) { return static_cast<double>(bits.value()) / kBitsAGibibyte; }

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return a / b + static_cast<std::uint64_t>(a % b != 0);
}

}  // namespace addax::quantity
