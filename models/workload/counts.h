// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/arith/operation.h"

namespace addax::workload {

/// Arithmetic of an operation: exact counts by kind, table queries and tables beside them.
struct ArithmeticCounts {
  std::array<std::uint64_t, arith::kArithmeticCount> operations{};
  std::uint64_t lut_queries = 0;
  std::uint64_t lut_tables = 0;  ///< tables built; their generator adds are not in `operations`

  std::uint64_t& operator[](arith::Arithmetic a) { return operations[static_cast<std::size_t>(a)]; }
  std::uint64_t operator[](arith::Arithmetic a) const {
    return operations[static_cast<std::size_t>(a)];
  }
  /// Adds `times` times `other`. Throws CountOverflow.
  void add(const ArithmeticCounts& other, std::uint64_t times = 1);
  friend bool operator==(const ArithmeticCounts& a, const ArithmeticCounts& b) {
    return a.operations == b.operations && a.lut_queries == b.lut_queries &&
           a.lut_tables == b.lut_tables;
  }
};

}  // namespace addax::workload
