// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/nest/counts.h"

namespace addax::nest {

/// What a charge is raised on.
enum class Flow { kReads, kFills, kUpdates, kRowWords, kReductions, kTurns };

/// So much for each word of a flow of a tensor at a level.
struct Charge {
  std::size_t level = 0, tensor = 0;
  Flow flow = Flow::kReads;
  double each = 0.0;
};

/// Something that is busy while words move or MACs are computed. It needs at least
/// steps x a_step + sum(charges) cycles.
struct Resource {
  std::string name;
  double a_step = 0.0;
  std::vector<Charge> charges;
  /// Charges are on what the busiest instance of a level moves, not on all of them together. Only
  /// reads, fills, updates and turns (its steps, InstanceCounts::turns) then, and reductions, which
  /// are no single instance's: those of all. Nothing else is charged on turns.
  bool of_one_instance = false;
  /// It works ahead: on what the others need later (Costs::overlap_power).
  bool ahead = false;
};

/// Cycles for which nothing is busy whenever a level is filled with another tile of an input.
struct Wait {
  std::size_t level = 0, tensor = 0;
  double cycles = 0.0;
};

/// What a mapping costs: linear in its counts.
struct Costs {
  double fixed_pj = 0.0;  ///< whatever the mapping: arithmetic
  std::vector<Charge> energy_pj;
  double a_cycle_pj = 0.0;  ///< leakage, clock, background
  /// Cycles that a step of the busiest compute unit takes; 0 where resources say what computing takes.
  double cycles_a_step = 1.0;
  std::vector<Resource> resources;
  std::vector<Wait> waits;
  /// What works ahead and the rest overlap the worse the more alike they are busy, for tiles differ: of
  /// a and b cycles they take (a^p + b^p)^(1/p). 0: perfectly, the larger of them.
  double overlap_power = 0.0;
};

struct Cost {
  double energy_pj = 0.0;
  double cycles = 0.0;
  double edp() const { return energy_pj * cycles; }  ///< pJ x cycles
};

/// Cycles of resources that work ahead and of the rest together.
double overlapped(double ahead, double rest, double overlap_power);

/// cycles = max(steps x cycles_a_step, resources) + waits, where overlap is perfect; energy = fixed +
/// charges + a_cycle x cycles. The bandwidths of the hierarchy's levels take part as resources: (reads
/// of all tensors) / read words a cycle, and (fills + updates) / write words a cycle, of the busiest
/// instance.
Cost evaluate(const Hierarchy& hierarchy, const Costs& costs, const Counts& counts);

/// What a charge on all instances together comes to.
double charged(const Charge& charge, const Counts& counts);

/// Cycles that a resource needs.
double busy(const Resource& resource, const Counts& counts);

}  // namespace addax::nest
