// SPDX-License-Identifier: Apache-2.0
#include "models/nest/case.h"

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::nest {
namespace {

std::uint64_t counted(const Expectation& expected, const Counts& counts) {
  switch (expected.figure) {
    case Figure::kCycles:
      return counts.cycles;
    case Figure::kMacs:
      return counts.macs;
    case Figure::kReads:
      return counts.levels.at(expected.level).tensors.at(expected.tensor).reads;
    case Figure::kFills:
      return counts.levels.at(expected.level).tensors.at(expected.tensor).fills;
    case Figure::kUpdates:
      return counts.levels.at(expected.level).tensors.at(expected.tensor).updates;
  }
  ADDAX_UNREACHABLE("an unknown figure");
}

}  // namespace

std::vector<Deviation> deviations(const Case& which, const Counts& counts) {
  std::vector<Deviation> found;
  for (const Expectation& expected : which.expected) {
    const std::uint64_t value = counted(expected, counts);
    if (value != expected.value) found.push_back({expected, value});
  }
  return found;
}

double access_pj(const AccessEnergy& energy, const TensorCounts& counts) {
  const auto accesses = [&](std::uint64_t words) {
    return static_cast<double>(quantity::ceil_div(words, energy.words));
  };
  return accesses(counts.reads) * energy.read_pj + accesses(counts.fills) * energy.write_pj +
         accesses(counts.updates) * energy.update_pj;
}

}  // namespace addax::nest
