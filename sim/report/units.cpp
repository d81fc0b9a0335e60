// SPDX-License-Identifier: Apache-2.0
#include "sim/report/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace addax::report {
namespace {

struct Prefix {
  double factor;
  const char* symbol;
};
constexpr std::array<Prefix, 11> kPrefixes = {{{1e15, "P"},
                                               {1e12, "T"},
                                               {1e9, "G"},
                                               {1e6, "M"},
                                               {1e3, "k"},
                                               {1.0, ""},
                                               {1e-3, "m"},
                                               {1e-6, "u"},
                                               {1e-9, "n"},
                                               {1e-12, "p"},
                                               {1e-15, "f"}}};

// Digits after the point that leave four significant ones of what the value rounds to.
int decimals(double value) {
  const std::string rounded = fmt::format("{:.3e}", value);
  const int exponent = std::stoi(rounded.substr(rounded.find('e') + 1));
  return exponent >= 3 ? 0 : 3 - exponent;
}

}  // namespace

std::string significant(double value) {
  if (value == 0.0) return "0";
  return fmt::format("{:.{}f}", value, decimals(value));
}

std::string si(double value, const std::string& unit) {
  if (value == 0.0) return "0 " + unit;
  for (const Prefix& prefix : kPrefixes) {
    const double scaled = value / prefix.factor;
    // 999.95 and more would round to 1000 of this unit.
    if (std::abs(scaled) >= 0.99995)
      return fmt::format("{} {}{}", significant(scaled), prefix.symbol, unit);
  }
  return fmt::format("{:.3e} {}", value, unit);
}

std::string grouped(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, " ");
  return digits;
}

std::string percent(double share) {
  const double value = share * 100.0;
  if (value > 0.0 && value < 0.05) return "<0.1 %";
  return fmt::format("{:.1f} %", value);
}

double square_millimetres(quantity::SquareMicrometres area) { return area.value() * 1e-6; }

double joules(quantity::Picojoules energy) { return energy.value() * 1e-12; }

double assumed_share(const cost::Energy& energy) {
  return energy.value.value() > 0.0 ? energy.assumed / energy.value : 0.0;
}

double assumed_share(const cost::Area& area) {
  return area.value.value() > 0.0 ? area.assumed / area.value : 0.0;
}

}  // namespace addax::report
