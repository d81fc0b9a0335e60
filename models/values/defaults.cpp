// SPDX-License-Identifier: Apache-2.0
#include "models/values/defaults.h"

#include <algorithm>
#include <cmath>

#include "models/arith/lut.h"
#include "models/quantity/quantity.h"
#include "models/values/keys.h"

namespace addax::values {

using arith::Arithmetic;
using quantity::checked_mul;
using workload::Linear;

namespace {

/// Entries of one table that `queries` of it ask for: E - E (1 - 1/E)^queries, where each asks for one of
/// the E that keys of `weights` weights reach, independently and all as often.
double expected_distinct(std::uint64_t queries, std::uint64_t weights,
                         std::uint64_t table_entries) {
  const std::uint64_t reached = std::min(std::uint64_t{1} << weights, table_entries);
  const auto entries = static_cast<double>(reached);
  return -entries * std::expm1(static_cast<double>(queries) * std::log1p(-1.0 / entries));
}

/// Of the tables that serve one set of readers, all along a row.
double expected_distinct_a_row(const Linear& linear, std::uint64_t queries, std::uint64_t key_bits,
                               std::uint64_t table_entries) {
  const std::uint64_t whole = linear.inputs / key_bits, rest = linear.inputs % key_bits;
  double distinct =
      static_cast<double>(whole) * expected_distinct(queries, key_bits, table_entries);
  if (rest > 0) distinct += expected_distinct(queries, rest, table_entries);
  return distinct;
}

workload::KeyCounts expected_keys(const Linear& linear, const workload::ArithmeticCounts& once,
                                  const Execution& execution) {
  const std::uint64_t key_bits = execution.how.key_bits;
  const std::uint64_t table_entries =
      arith::lut_entries(execution.how.key_bits, execution.half_table);
  const Readers readers = readers_of(linear.weights, linear.outputs, linear.inputs, execution);
  const auto a_row = [&](std::uint64_t outputs) {
    return expected_distinct_a_row(linear, outputs * readers.planes, key_bits, table_entries);
  };
  const std::uint64_t whole = linear.outputs / readers.outputs;
  const std::uint64_t rest = linear.outputs % readers.outputs;
  double distinct = static_cast<double>(whole) * a_row(readers.outputs);
  if (rest > 0) distinct += a_row(rest);
  const std::uint64_t tables_a_key = linear.weights.planes / readers.planes;
  for (const std::uint64_t times : {tables_a_key, linear.tokens, linear.copies})
    distinct *= static_cast<double>(times);

  workload::KeyCounts keys;
  keys.queries = once.lut_queries;
  keys.entries = checked_mul(once.lut_tables, table_entries);
  const std::uint64_t rounded =
      std::min({static_cast<std::uint64_t>(std::llround(distinct)), keys.queries, keys.entries});
  keys.repeated = keys.queries - rounded;
  keys.unused = keys.entries - rounded;
  return keys;
}

}  // namespace

workload::ValueCounts defaults(const Linear& linear, const workload::Widths& widths,
                               const Execution& execution) {
  workload::ValueCounts counts;
  if (!is_binary_coded(linear.weights)) return counts;
  const workload::ArithmeticCounts once = arithmetic(linear, widths, execution.how);
  if (execution.how.key_bits != 0) counts.keys = expected_keys(linear, once, execution);
  if (linear.weights.scale_terms > 0 && widths.activation_bits == 16)
    counts.terms = workload::TermCounts{once[Arithmetic::kExponentAdd], 0, 0};
  return counts;
}

}  // namespace addax::values
