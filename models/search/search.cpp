// SPDX-License-Identifier: Apache-2.0
#include "models/search/search.h"

#include "models/search/refusal.h"
#include "models/search/rounds.h"

namespace addax::search {

const char* name(Objective objective) {
  switch (objective) {
    case Objective::kEnergy:
      return "energy";
    case Objective::kLatency:
      return "latency";
    case Objective::kEdp:
      break;
  }
  return "edp";
}

std::optional<Objective> parse_objective(const std::string& text) {
  for (const Objective objective : {Objective::kEnergy, Objective::kLatency, Objective::kEdp})
    if (text == name(objective)) return objective;
  return std::nullopt;
}

double value(Objective objective, const nest::Cost& cost) {
  switch (objective) {
    case Objective::kEnergy:
      return cost.energy_pj;
    case Objective::kLatency:
      return cost.cycles;
    case Objective::kEdp:
      break;
  }
  return cost.edp();
}

double Outcome::gap(Objective objective) const {
  if (proven || !best) return 0.0;
  return value(objective, best->cost) / bound - 1.0;
}

Outcome search(const std::vector<Space>& spaces, const Options& options) {
  Rounds rounds(spaces, options);
  Best best(options.objective);
  rounds.run(best);
  Outcome outcome;
  outcome.leaders = best.leaders();
  if (!outcome.leaders.empty()) outcome.best = outcome.leaders.front();
  outcome.runner_up = best.runner_up();
  outcome.nodes = rounds.nodes();
  if (!outcome.best) {
    outcome.refusal = refusal(spaces);
    return outcome;
  }
  outcome.bound = value(options.objective, outcome.best->cost);
  outcome.proven = true;
  for (const CostBound& open : rounds.open()) {
    if (best.hopeless(open)) continue;  // but for rounding it is met
    outcome.bound = std::min(outcome.bound, best.rank(open));
    outcome.proven = false;
  }
  return outcome;
}

Frontier pareto(const std::vector<Space>& spaces, const Options& options) {
  Rounds rounds(spaces, options);
  Front front;
  rounds.run(front);
  Frontier frontier;
  frontier.points = front.points();
  frontier.complete = rounds.finished();
  frontier.nodes = rounds.nodes();
  if (frontier.points.empty()) frontier.refusal = refusal(spaces);
  return frontier;
}

}  // namespace addax::search
