// SPDX-License-Identifier: Apache-2.0
#include "models/workload/counts.h"

#include "models/quantity/quantity.h"

namespace addax::workload {

using quantity::checked_add;
using quantity::checked_mul;

void ArithmeticCounts::add(const ArithmeticCounts& other, std::uint64_t times) {
  for (std::size_t i = 0; i < operations.size(); ++i)
    operations[i] = checked_add(operations[i], checked_mul(other.operations[i], times));
  lut_queries = checked_add(lut_queries, checked_mul(other.lut_queries, times));
  lut_tables = checked_add(lut_tables, checked_mul(other.lut_tables, times));
}

}  // namespace addax::workload
