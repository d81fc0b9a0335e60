// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/cost/cost.h"
#include "models/published/method.h"
#include "models/reproduction/audit.h"
#include "models/workload/counts.h"

namespace addax::reproduction {

/// Whether `what` is physical once the audit has come to `now`.
bool reached(Assumption now, Assumption what);

/// Energy of one access at each level, pJ a bit. A weight's register is written and read; a sum is
/// read as often as it is written, and its cost is the mean.
struct MemoryCosts {
  double dram = 0.0;
  double buffer_read = 0.0, buffer_write = 0.0;
  double network = 0.0;       ///< from the buffer to the PEs
  double psum_network = 0.0;  ///< between neighbours
  double activation_register = 0.0, weight_register = 0.0, psum_register = 0.0;
};

/// Bits of an operand at the levels that it passes; 0 where an access costs nothing.
struct OperandBits {
  std::uint32_t inputs = 0;  ///< DRAM, buffer, network
  std::uint32_t input_registers = 0;
  std::uint32_t weights = 0;  ///< DRAM, network
  std::uint32_t weight_registers = 0;
  std::uint32_t outputs = 0;        ///< DRAM
  std::uint32_t sums = 0;           ///< buffer
  std::uint32_t sum_registers = 0;  ///< registers, links between neighbours
};
OperandBits at_all_levels(std::uint32_t bits);
OperandBits on_chip(std::uint32_t bits);  ///< as the paper's additions and lookups
published::UnitCosts unit_costs(const MemoryCosts& memory, const OperandBits& bits);

/// What the accounting is charged for one design: published constants, until the audit has come to
/// the assumption that replaces them by those of the cost table.
class AuditPrices {
 public:
  explicit AuditPrices(const SimulatedDesign& design);
  const cost::PriceList& list() const { return prices_; }
  MemoryCosts memory(std::uint32_t group, Assumption now) const;
  /// pJ. An FP32 add is an FP16 one until accumulators are as wide as they are.
  double of(arith::Arithmetic arithmetic, Assumption now) const;
  double of(const workload::ArithmeticCounts& counts, Assumption now) const;
  double shift(Assumption now) const;
  /// pJ a lookup, in the column group's table.
  double query(std::uint32_t group, Assumption now) const;
  /// pJ to fill the group's table once: writes and the generator's adds.
  double build(std::uint32_t group) const;
  /// pJ a cycle to hold the tables of all PEs of the group.
  double hold(std::uint32_t group) const;

 private:
  const arch::Architecture& architecture_;
  cost::PriceList prices_;
  double barrel_shift_ = 0.0;
};

}  // namespace addax::reproduction
