// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

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

}  // namespace addax::arith
