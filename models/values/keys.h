// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/arith/span.h"
#include "models/quantise/quantised.h"
#include "models/values/count.h"
#include "models/workload/value_counts.h"

namespace addax::values {

/// The keys of binary-coded weights: bit i of a key is the weight of its input i, 1 for +1. Bits that
/// the last key of a row has no weights for are 0.
class Keys {
 public:
  /// 1 <= key_bits <= 16.
  Keys(const quantise::QuantisedMatrix& matrix, std::uint32_t key_bits);
  /// Of one output in one plane, in the order of the inputs.
  arith::Span<std::uint16_t> of(std::uint64_t output, std::uint32_t plane) const {
    return {keys_.data() + (output * planes_ + plane) * a_row_, a_row_};
  }
  std::uint32_t key_bits() const { return key_bits_; }
  std::uint64_t a_row() const { return a_row_; }  ///< keys of an output in a plane

 private:
  std::uint32_t key_bits_, planes_;
  std::uint64_t a_row_;
  std::vector<std::uint16_t> keys_;  ///< outputs x planes x a_row
};

/// Outputs and planes whose keys are asked of the same tables.
struct Readers {
  std::uint64_t outputs = 0;
  std::uint32_t planes = 0;
};
/// Scales after the query leave a table to all outputs and planes; scales before it to one plane and the
/// rows that share a scale (the last may have fewer).
Readers readers_of(const workload::WeightFormat& format, std::uint64_t outputs,
                   std::uint64_t inputs, const Execution& execution);

/// Queries of one token: of every table, those that ask for an entry that another of its queries asks
/// for. In half a table a key and its complement are one entry.
workload::KeyCounts count_keys(const quantise::QuantisedMatrix& matrix, const Keys& keys,
                               const Readers& readers, bool half_table);

}  // namespace addax::values
