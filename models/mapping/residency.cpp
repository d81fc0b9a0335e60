// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/residency.h"

#include <algorithm>
#include <map>

#include "models/quantity/quantity.h"

namespace addax::mapping {

Residency::Residency(const std::vector<const workload::Operation*>& operations,
                     const std::vector<bool>& internal, std::uint32_t activation_bits,
                     std::uint64_t budget_bits, std::vector<std::uint64_t> workspace)
    : reads_(operations.size()),
      writes_(operations.size(), kNone),
      live_bits_(operations.size(), 0) {
  std::map<std::string, std::size_t> current;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const workload::Operation& op = *operations[i];
    for (const std::string& tensor : op.reads) {
      const auto found = current.find(tensor);
      reads_[i].push_back(found == current.end() ? kNone : found->second);
      if (found == current.end()) continue;
      versions_[found->second].last = i;
      versions_[found->second].read = true;
    }
    if (op.writes.empty() || internal[i]) continue;
    const std::uint64_t bits =
        quantity::checked_mul(workload::elements_written(op.work), activation_bits);
    const auto found = current.find(op.writes);
    const bool in_place = std::find(op.reads.begin(), op.reads.end(), op.writes) != op.reads.end();
    const bool another_part = found != current.end() && !versions_[found->second].read;
    if (found != current.end() && (in_place || another_part)) {
      Version& version = versions_[found->second];
      version.last = i;
      version.bits =
          in_place ? std::max(version.bits, bits) : quantity::checked_add(version.bits, bits);
      writes_[i] = found->second;
    } else {
      writes_[i] = current[op.writes] = versions_.size();
      versions_.push_back({op.writes, bits, i, i});
    }
  }
  workspace.resize(operations.size(), 0);
  std::vector<std::uint64_t> taken = workspace;
  for (Version& version : versions_) {
    std::uint64_t most = 0;
    for (std::size_t i = version.first; i <= version.last; ++i) most = std::max(most, taken[i]);
    version.on_chip = version.bits <= budget_bits && most <= budget_bits - version.bits;
    if (version.on_chip) {
      for (std::size_t i = version.first; i <= version.last; ++i) {
        live_bits_[i] += version.bits;
        taken[i] += version.bits;
      }
    } else if (std::find(spilled_.begin(), spilled_.end(), version.name) == spilled_.end()) {
      spilled_.push_back(version.name);
    }
  }
}

bool Residency::reads_on_chip(std::size_t operation, std::size_t input) const {
  if (input >= reads_.at(operation).size()) return false;
  const std::size_t version = reads_[operation][input];
  return version != kNone && versions_[version].on_chip;
}

bool Residency::writes_on_chip(std::size_t operation) const {
  const std::size_t version = writes_.at(operation);
  return version != kNone && versions_[version].on_chip;
}

}  // namespace addax::mapping
