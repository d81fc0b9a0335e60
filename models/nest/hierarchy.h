// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace addax::nest {

/// Whether a level stores a tensor.
enum class Keep { kMust, kMay, kNever };

/// What a level does with one tensor.
struct Storage {
  Keep keep = Keep::kMay;
  std::uint32_t word_bits = 16;  ///< of one element in this level
  std::optional<std::uint64_t>
      capacity_bits;  ///< for this tensor alone, an instance; none: no limit
  /// Steps in which an instance prepares a word of an input, while it computes with the one before: a
  /// table's build. It holds one word at a time then (capacity_bits == word_bits), its indices are
  /// plain (no sums, not shared), and of the dimensions that do not index it one at most loops above
  /// the level or is spread. 0: none.
  std::uint64_t preparation_steps = 0;
};

/// One level of storage, or the compute units where it is the last of a hierarchy. Instances of a
/// level are equal; each serves a mesh of `fan_out_x` x `fan_out_y` instances of the next.
struct Level {
  std::string name;
  std::vector<Storage> tensors;                ///< one a tensor of the problem
  std::optional<std::uint64_t> capacity_bits;  ///< for all its tensors together, an instance
  std::uint64_t fan_out_x = 1, fan_out_y = 1;
  /// One word on the way down serves all children that need it; without, each is served by itself.
  bool multicasts = true;
  /// Partial sums of children that differ only in reduced dimensions are added on the way up, along
  /// x or y. Without, every child's sum comes up by itself.
  bool reduces_x = true, reduces_y = true;
  /// Words an instance moves in a cycle; none: no limit.
  std::optional<double> read_words_a_cycle, write_words_a_cycle;
};

/// Storage levels, outermost first; the compute units are below the last.
struct Hierarchy {
  std::vector<Level> levels;
};

}  // namespace addax::nest
