// SPDX-License-Identifier: Apache-2.0
#include "models/nest/costs.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "models/quantity/check.h"

namespace addax::nest {
namespace {

/// Of what all instances together and what one of them moves; none: only all together have it.
template <class Moved>
std::optional<std::uint64_t> moved_words(const Moved& moved, Flow flow) {
  switch (flow) {
    case Flow::kReads:
      return moved.reads;
    case Flow::kFills:
      return moved.fills;
    case Flow::kUpdates:
      return moved.updates;
    case Flow::kRowWords:
    case Flow::kReductions:
    case Flow::kTurns:
      break;
  }
  return std::nullopt;
}

std::uint64_t words(const Counts& counts, const Charge& charge) {
  const TensorCounts& moved = counts.levels.at(charge.level).tensors.at(charge.tensor);
  if (const auto common = moved_words(moved, charge.flow)) return *common;
  ADDAX_CHECK(charge.flow != Flow::kTurns, "turns are an instance's");
  return charge.flow == Flow::kRowWords ? moved.row_words : moved.reductions;
}

std::uint64_t words_of_one(const Counts& counts, const Charge& charge) {
  if (charge.flow == Flow::kReductions) return words(counts, charge);
  const InstanceCounts& busiest = counts.levels.at(charge.level).busiest.at(charge.tensor);
  if (charge.flow == Flow::kTurns) return busiest.turns;
  const auto own = moved_words(busiest, charge.flow);
  ADDAX_CHECK(own.has_value(), "a flow that no instance has for itself");
  return *own;
}

double bandwidth_cycles(const Level& level, const LevelCounts& counts) {
  double reads = 0.0;
  double writes = 0.0;
  for (const InstanceCounts& tensor : counts.busiest) {
    reads += static_cast<double>(tensor.reads);
    writes += static_cast<double>(tensor.fills) + static_cast<double>(tensor.updates);
  }
  double cycles = 0.0;
  if (level.read_words_a_cycle) cycles = reads / *level.read_words_a_cycle;
  if (level.write_words_a_cycle) cycles = std::max(cycles, writes / *level.write_words_a_cycle);
  return cycles;
}

}  // namespace

double charged(const Charge& charge, const Counts& counts) {
  return charge.each * static_cast<double>(words(counts, charge));
}

double busy(const Resource& resource, const Counts& counts) {
  double cycles = resource.a_step * static_cast<double>(counts.steps);
  for (const Charge& charge : resource.charges)
    cycles += resource.of_one_instance
                  ? charge.each * static_cast<double>(words_of_one(counts, charge))
                  : charged(charge, counts);
  return cycles;
}

double overlapped(double ahead, double rest, double overlap_power) {
  const double larger = std::max(ahead, rest);
  if (overlap_power == 0.0 || larger == 0.0) return larger;
  return larger * std::pow(1.0 + std::pow(std::min(ahead, rest) / larger, overlap_power),
                           1.0 / overlap_power);
}

Cost evaluate(const Hierarchy& hierarchy, const Costs& costs, const Counts& counts) {
  Cost cost;
  cost.cycles = costs.cycles_a_step * static_cast<double>(counts.steps);
  double ahead = 0.0;
  for (const Resource& resource : costs.resources) {
    double& cycles = resource.ahead ? ahead : cost.cycles;
    cycles = std::max(cycles, busy(resource, counts));
  }
  for (std::size_t level = 0; level < hierarchy.levels.size(); ++level)
    cost.cycles =
        std::max(cost.cycles, bandwidth_cycles(hierarchy.levels[level], counts.levels.at(level)));
  cost.cycles = overlapped(ahead, cost.cycles, costs.overlap_power);
  for (const Wait& wait : costs.waits)
    cost.cycles += wait.cycles *
                   static_cast<double>(counts.levels.at(wait.level).busiest.at(wait.tensor).tiles);
  cost.energy_pj = costs.fixed_pj;
  for (const Charge& charge : costs.energy_pj) cost.energy_pj += charged(charge, counts);
  cost.energy_pj += costs.a_cycle_pj * cost.cycles;
  return cost;
}

}  // namespace addax::nest
