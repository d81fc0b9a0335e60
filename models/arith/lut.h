// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/arith/float.h"
#include "models/arith/span.h"
#include "models/quantity/check.h"

namespace addax::arith {

/// Entries that a table for keys of `key_bits` binary weights stores: 2^mu, or 2^(mu-1) when the
/// other half is taken as the negated entry of the complemented key. 1 <= key_bits <= 16.
std::uint64_t lut_entries(std::uint32_t key_bits, bool half_table);

/// Adds that a tree generator needs for one half table: A(1) = 0 and
/// A(mu) = 2^(mu-1) + A(ceil(mu/2)) + A(floor(mu/2)): 2, 12, 152 for mu = 2, 4, 8. Two half tables
/// of half the key are built, then all their sign-distinct pairs are added. A full table is the
/// half table and its negation, which takes no add. Subtractions count as adds.
std::uint64_t lut_generator_adds(std::uint32_t key_bits);

/// Levels of that tree: the adds in series from an input to an entry. ceil(log2(mu)).
std::uint32_t lut_generator_depth(std::uint32_t key_bits);

/// The signed sums of mu FP16 inputs. Bit i of a key is 1 for +x_i and 0 for -x_i. Half a table
/// stores the keys whose highest bit is 0; the others are the negated entry of the complemented key.
/// A full table stores these negations, so that both answer every key with the same bits.
class Table {
 public:
  /// Allocates; building and querying do not. 1 <= key_bits <= 16.
  Table(std::uint32_t key_bits, bool half_table);

  /// Builds the tree generator's entries of at most key_bits inputs; missing ones are +0 (the last
  /// key of a row may be short). The generator takes the lower ceil(mu/2) and the upper floor(mu/2)
  /// inputs, builds half a table of each and adds all their sign-distinct pairs: every add rounds to
  /// FP16. Returns the adds that were done, lut_generator_adds(key_bits).
  ///
  /// An entry is the sum of its signed inputs in the tree's order but for signs of zeros: a negated +0
  /// is -0 where adding gives +0, in the table and in the halves that it is built from. A sum that
  /// begins at +0 does not show it. Negated NaN carry the sign.
  std::uint64_t build(Span<Fp16> inputs);

  /// The entry of a key below 2^mu.
  Fp16 query(std::uint32_t key) const {
    if (key < entries_.size()) return entries_[key];
    ADDAX_CHECK(key <= complement_, std::to_string(key));
    return negated(entries_[key ^ complement_]);
  }

  std::uint32_t key_bits() const { return key_bits_; }

 private:
  std::uint32_t key_bits_;
  std::uint32_t complement_;
  std::vector<Fp16> entries_;
};

}  // namespace addax::arith
