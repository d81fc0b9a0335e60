// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace addax::workload {

/// How many of all are zero.
struct ZeroCounts {
  std::uint64_t zeros = 0;
  std::uint64_t all = 0;
};

/// Of all distinct tables of a layer.
struct KeyCounts {
  std::uint64_t queries = 0;
  std::uint64_t repeated = 0;  ///< queries less the entries that are asked for
  std::uint64_t entries = 0;
  std::uint64_t unused = 0;  ///< entries that no query asks for
};

/// Of the exponent additions of scales.
struct TermCounts {
  std::uint64_t additions = 0;
  std::uint64_t rounded = 0;  ///< changed by gradual underflow
  std::uint64_t flushed = 0;  ///< changed where subnormal numbers are flushed to zero
};

/// What was counted from the values of a layer, or is assumed in their place, over all copies and tokens, each piece of work done
/// once: docs/physics/values.md. What its format or its values do not have is none.
struct ValueCounts {
  std::optional<ZeroCounts> weights;      ///< ternary
  std::optional<ZeroCounts> activations;  ///< elements of x
  std::optional<KeyCounts> keys;
  std::optional<TermCounts> terms;

  /// Adds `times` times `other`. Throws CountOverflow.
  void add(const ValueCounts& other, std::uint64_t times = 1);
  /// Leaves out the parts that `other` has.
  void leave_out(const ValueCounts& other);
  bool empty() const { return !weights && !activations && !keys && !terms; }
};

}  // namespace addax::workload
