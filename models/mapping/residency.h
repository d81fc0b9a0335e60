// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/mapping/plan.h"
#include "models/workload/trace.h"

namespace addax::mapping {

/// Which activation tensors of a phase stay in the buffer between operations. In the order in which
/// they are first written, a tensor stays if it fits the budget beside those that stay already,
/// from its first write to its last use; otherwise it goes to DRAM and comes back for every use. An
/// operation that writes a tensor it reads works in place.
class Residency {
 public:
  /// `internal[i]` is true for operations whose output is consumed inside a fused group;
  /// `workspace[i]`, if given, are bits of the budget that an operation needs for itself.
  Residency(const std::vector<const workload::Operation*>& operations,
            const std::vector<bool>& internal, std::uint32_t activation_bits,
            std::uint64_t budget_bits, std::vector<std::uint64_t> workspace = {});
  bool reads_on_chip(std::size_t operation, std::size_t input) const;
  bool writes_on_chip(std::size_t operation) const;
  /// Bits that stay in the buffer while the operation runs, its own tensors included.
  std::uint64_t resident_bits(std::size_t operation) const { return live_bits_.at(operation); }
  /// Names of tensors that did not fit, in order of first write.
  const std::vector<std::string>& spilled() const { return spilled_; }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Version {
    std::string name;
    std::uint64_t bits = 0;
    std::size_t first = 0, last = 0;
    bool read = false, on_chip = false;
  };
  std::vector<Version> versions_;
  std::vector<std::vector<std::size_t>> reads_;
  std::vector<std::size_t> writes_;
  std::vector<std::uint64_t> live_bits_;
  std::vector<std::string> spilled_;
};

}  // namespace addax::mapping
