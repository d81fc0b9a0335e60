// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "models/cost/cost.h"
#include "models/quantity/quantity.h"

namespace addax::report {

/// A value with an SI prefix and four significant digits, for people: si(0.0123, "s") is "12.30
/// ms".
std::string si(double value, const std::string& unit);

/// A count with its thousands apart: "12 345 678".
std::string grouped(std::uint64_t count);

/// Four significant digits without an exponent: "0.2531", "12.50", "1234". For ratios.
std::string significant(double value);

/// "12.5 %"; a share that is not zero never reads as zero.
std::string percent(double share);

double square_millimetres(quantity::SquareMicrometres area);

double joules(quantity::Picojoules energy);

/// Share of an energy or an area that rests on assumed rows; 0 for nothing.
double assumed_share(const cost::Energy& energy);
double assumed_share(const cost::Area& area);

}  // namespace addax::report
