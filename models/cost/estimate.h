// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/cost/cost_table.h"

namespace addax::cost {

/// A figure on its way from the rows to a price or an area: the value with its range, the share
/// that rests on assumed rows, and the rows themselves. The unit is that of the figures it was made
/// from.
struct Estimate {
  Figure figure;
  double assumed = 0.0;
  Evidence evidence = Evidence::kMeasured;
  std::vector<std::string> rows;          ///< each once
  std::vector<std::string> sources;       ///< each once
  std::vector<std::string> assumed_rows;  ///< of `rows`: assumed, or used beyond their data

  Estimate& operator+=(const Estimate& other);
  friend Estimate operator+(Estimate a, const Estimate& b) { return a += b; }
  friend Estimate operator*(const Estimate& estimate, double factor);
  friend Estimate operator*(double factor, const Estimate& estimate) { return estimate * factor; }
};

/// Product of the figures of two estimates, as of an area and a leakage a unit of area. What rests
/// on an assumed row on either side is assumed.
Estimate product(const Estimate& a, const Estimate& b);

/// Figure `figure` of row `key`. Throws quantity::Impossible naming both where the table lacks it.
Estimate look_up(const CostTable& table, const std::string& key, const std::string& figure);

std::string joined(const std::vector<std::string>& items, const std::string& separator);

/// A single SRAM macro.
struct Macro {
  double bytes = 0.0;
  double width_bits = 0.0;
};
/// Whether the fit has data on both sides of it.
bool within(const SramFit& fit, const Macro& macro);
/// What a macro has for `figure` (read_pj, write_pj, leakage_mw, area_um2) by the fit; outside the
/// fitted range it is assumed. Throws Impossible where the table has no fit.
Estimate sram_macro(const CostTable& table, const Macro& macro, const std::string& figure);

}  // namespace addax::cost
