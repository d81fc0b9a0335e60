// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/search/space.h"

namespace addax::search {

enum class Objective { kEnergy, kLatency, kEdp };
const char* name(Objective objective);  ///< energy, latency, edp
std::optional<Objective> parse_objective(const std::string& text);
/// The value that an objective minimises; ties are broken by the other of energy and cycles.
double value(Objective objective, const nest::Cost& cost);

/// A mapping of a problem of these sizes, one a dimension.
struct Hint {
  std::vector<std::uint64_t> sizes;
  nest::Mapping mapping;
};

struct Options {
  Objective objective = Objective::kEdp;
  /// Nodes that may be evaluated; none: until the optimum is proven.
  std::optional<std::uint64_t> budget;
  unsigned threads = 1;  ///< the answer does not depend on it
  /// Whether a search whose budget is too small for branching bounds the optimum; otherwise its bound is
  /// 0. What it finds does not depend on that.
  bool bounds = true;
  /// Where a search with a small budget sets out if they fit some space; else, from the spaces' seeds.
  std::vector<Hint> hints = {};
};

struct Found {
  std::size_t space = 0;  ///< which
  nest::Mapping mapping;
  nest::Cost cost;
};

/// Why nothing was found: candidates that a constraint excluded, most first, and the nearest thing
/// that would fit.
struct Refusal {
  struct Reason {
    std::string constraint;  ///< such as "GLB: Weights within 65536 words"
    std::uint64_t excluded = 0;
  };
  std::vector<Reason> reasons;
  std::string nearest;  ///< such as "PE: Outputs of 32 bits take 32 bits, 16 more than there are"
};

struct Outcome {
  std::optional<Found> best;
  /// The best found of those with another spatial placement, keep choice or space than `best`.
  std::optional<Found> runner_up;
  std::vector<Found> leaders;  ///< the best few of different cost that were met, the best first
  double bound = 0.0;          ///< no mapping of the spaces has a smaller value
  bool proven = false;         ///< best is optimal: value(best) == bound
  std::uint64_t nodes = 0;     ///< evaluated
  Refusal refusal;             ///< filled where there is no best
  /// value(best) / bound - 1; 0 where proven.
  double gap(Objective objective) const;
};

/// The best mapping of all spaces by branch and bound. Optimal over them unless the budget ends it.
Outcome search(const std::vector<Space>& spaces, const Options& options);

/// The mappings that no other of the spaces betters in both energy and cycles, by rising cycles.
/// `complete`: proven so; otherwise the budget ended it.
struct Frontier {
  std::vector<Found> points;
  bool complete = false;
  std::uint64_t nodes = 0;
  Refusal refusal;
};
Frontier pareto(const std::vector<Space>& spaces, const Options& options);

}  // namespace addax::search
