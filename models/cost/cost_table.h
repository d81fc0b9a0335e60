// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/quantity/quantity.h"

namespace addax::cost {

/// How far a figure can be trusted.
enum class Evidence { kMeasured, kDerived, kAssumed };
const char* name(Evidence evidence);
std::optional<Evidence> parse_evidence(const std::string& text);

/// What a table is for. Only a complete one prices a run.
enum class Purpose {
  kComplete,
  kBase,       ///< some rows only, for other tables to extend
  kReference,  ///< published figures to compare with, in units that no action is priced in
};
const char* name(Purpose purpose);

/// A value with the range its source gives; low = value = high where it gives none.
struct Figure {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

/// One row of a cost table: what one action costs, or one component measures, and where that is
/// from.
struct Row {
  std::string key;  ///< "fp16.multiply", "dram.lpddr4", "wire", "flip_flop", "pe.clock", ...
  std::map<std::string, Figure>
      figures;  ///< by name with its unit: energy_pj, area_um2, leakage_mw, ...
  double node_nm = 0.0;
  double voltage_v = 0.0;
  std::uint32_t width_bits = 0;
  std::string source;
  Evidence evidence = Evidence::kMeasured;
  std::string table;  ///< the cost table that the row comes from
};

/// Coefficients of ln(figure) = c0 + c1 b + c2 w + c3 b^2 + c4 b w + c5 w^2 with b = ln(bytes) and
/// w = ln(width_bits), fitted over CACTI 7 (docs/physics/sram.md states the error).
struct SramFit {
  std::map<std::string, std::vector<double>>
      coefficients;                               ///< read_pj, write_pj, leakage_mw, area_um2
  std::uint64_t least_bytes = 0, most_bytes = 0;  ///< outside: extrapolated, hence assumed
  std::uint32_t least_width_bits = 0, most_width_bits = 0;
  std::string source;
  Evidence evidence = Evidence::kDerived;
  std::string table;
};

/// Energy, area and leakage of actions and components at one node. Later tables override the rows
/// of those they extend.
struct CostTable {
  std::string name;
  std::vector<std::string> lineage;  ///< the tables it extends, nearest first
  std::map<std::string, Row> rows;
  std::optional<SramFit> sram;
  Purpose purpose = Purpose::kComplete;
};

/// Names of the figures that a row may have (docs/formats/cost_table.md).
const std::vector<std::string>& figure_names();
/// Names of the figures of the SRAM fit.
const std::vector<std::string>& sram_figure_names();
inline constexpr std::size_t kSramCoefficients = 6;

}  // namespace addax::cost
