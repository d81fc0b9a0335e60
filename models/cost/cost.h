// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/action/action.h"
#include "models/arch/architecture.h"
#include "models/cost/cost_table.h"
#include "models/quantity/quantity.h"

namespace addax::cost {

/// What one action costs on a given architecture, and which row says so.
struct Price {
  quantity::Picojoules energy, low, high;
  quantity::Picojoules assumed;             ///< share of `energy` that rests on assumed rows
  Evidence evidence = Evidence::kMeasured;  ///< the weakest of the rows used
  std::string row;  ///< keys of the rows, joined by " + "; "sram" for the fit
  std::string source;
};

struct Area {
  quantity::SquareMicrometres value, low, high;
  quantity::SquareMicrometres assumed;  ///< share of `value` that rests on assumed rows
};

/// Silicon of one part of the chip.
struct AreaPart {
  std::string component;  ///< "buffer", "array[0].lut", "vector_unit", ...
  std::uint64_t instances = 1;
  Area total;                             ///< of all instances
  std::string row;                        ///< keys of the rows, joined by " + "
  std::vector<std::string> assumed_rows;  ///< those that are assumed, or used beyond their data
};

struct AreaReport {
  std::vector<AreaPart> parts;
  Area total;                      ///< on chip; DRAM is not silicon of this chip
  std::vector<std::string> notes;  ///< where the cost table is used beyond what it was made from
};

struct Energy {
  quantity::Picojoules value, low, high;
  quantity::Picojoules assumed;  ///< share of `value` that rests on assumed rows
  void add(const Price& price, std::uint64_t count);
  void add(const Energy& other);
};

/// Silicon of an architecture. Throws quantity::Impossible where the table lacks a row.
AreaReport area(const CostTable& table, const arch::Architecture& architecture);

/// Prices of the actions of one architecture under one cost table. A price per cycle (leakage,
/// clock, background) uses the architecture's clock; wire lengths follow from its area.
class PriceList {
 public:
  PriceList(const CostTable& table, const arch::Architecture& architecture);
  /// Throws quantity::Impossible naming the missing row: an action without a row is an error.
  const Price& of(const action::Action& action) const;

 private:
  Price find(const action::Action& action) const;
  CostTable table_;
  arch::Architecture architecture_;
  quantity::Millimetres array_width_, array_height_;
  quantity::Millimetres buffer_side_;
  mutable std::map<action::Action, Price> known_;
};

/// What the tables of all PEs take: the parts of the component "lut", and their share of "leakage".
struct TableEnergy {
  Energy adds;     ///< the generator's
  Energy writes;   ///< entries that building writes
  Energy reads;    ///< queries
  Energy hold;     ///< clock of flip-flops and latches
  Energy leakage;  ///< cells, ports and generator, whether or not a table is in use
  Energy build() const;
  void add(const TableEnergy& other);
};

/// Energy of `counts`, in total and by component ("dram", "buffer", "network", "scratchpad", "lut",
/// "arithmetic", "control", "leakage", "vector_unit").
struct EnergyReport {
  Energy total;
  std::map<std::string, Energy> by_component;
  TableEnergy tables;
};
EnergyReport energy(const action::ActionCounts& counts, const PriceList& prices);

}  // namespace addax::cost
