// SPDX-License-Identifier: Apache-2.0
#include "models/published/tiling.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "models/quantity/check.h"

namespace addax::published {
namespace {

using Divisors = std::vector<std::uint64_t>;

// Those of at most `most`, in order.
Divisors divisors(std::uint64_t number, std::uint64_t most) {
  Divisors low, high;
  for (std::uint64_t d = 1; d <= number / d && d <= most; ++d) {
    if (number % d != 0) continue;
    low.push_back(d);
    if (d != number / d && number / d <= most) high.push_back(number / d);
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

double as_double(std::uint64_t count) { return static_cast<double>(count); }

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Candidate {
  Tiling tiling;
  double energy = kInfinity, steps = 0.0;
};

// Among equals the first by m0, m1, c0, c1, so that the order of the search decides nothing.
bool before(const Tiling& a, const Tiling& b) {
  return std::tie(a.m0, a.m1, a.c0, a.c1) < std::tie(b.m0, b.m1, b.c0, b.c1);
}

class Search {
 public:
  Search(const Problem& problem, const UnitCosts& costs, const Capacity& capacity)
      : problem_(problem),
        costs_(costs),
        capacity_(capacity),
        // More than the buffer's words is no valid factor, however large the problem.
        batch_(divisors(problem.batch, capacity.buffer_words_below)),
        inputs_(divisors(problem.inputs, capacity.buffer_words_below)),
        outputs_(divisors(problem.outputs, capacity.buffer_words_below)) {}

  Choice best() {
    for (const std::uint64_t m1 : outputs_) {
      for (const std::uint64_t c1 : inputs_) {
        if (m1 * c1 >= capacity_.pes_below) break;
        side_by_side(m1, c1);
      }
    }
    ADDAX_CHECK(!candidates_.empty(), "a tiling of ones is always valid");
    const Candidate* chosen = nullptr;
    double least = kInfinity;
    for (const Candidate& each : candidates_) {
      const double score = part(each.energy - least_energy_, most_energy_) +
                           part(each.steps - least_steps_, most_steps_);
      if (score < least || (score == least && before(each.tiling, chosen->tiling))) {
        least = score;
        chosen = &each;
      }
    }
    return {chosen->tiling, chosen->energy, chosen->steps};
  }

 private:
  static double part(double above, double most) { return most > 0.0 ? above / most : 0.0; }

  // Tilings of equal m1 and c1 take equal steps: only the one of least energy can be the best.
  void side_by_side(std::uint64_t m1, std::uint64_t c1) {
    Candidate best;
    Tiling tiling;
    tiling.m1 = m1;
    tiling.c1 = c1;
    for (const std::uint64_t m0 : outputs_) {
      if (m0 > capacity_.psum_registers) break;
      if (problem_.outputs % (m0 * m1) != 0) continue;
      tiling.m0 = m0;
      for (const std::uint64_t c0 : inputs_) {
        if (c0 >= capacity_.input_registers_below || m0 * c0 >= capacity_.weight_registers_below)
          break;
        if (problem_.inputs % (c0 * c1) != 0) continue;
        tiling.c0 = c0;
        tiling.c2 = problem_.inputs / (c0 * c1);
        above_registers(tiling, best);
      }
    }
    if (best.energy == kInfinity) return;
    best.steps = steps(problem_, best.tiling);
    least_energy_ = std::min(least_energy_, best.energy);
    least_steps_ = std::min(least_steps_, best.steps);
    most_steps_ = std::max(most_steps_, best.steps);
    candidates_.push_back(best);
  }

  // All n0 with the largest m2 that the buffer allows: the best. m0 = n0 = m2 = 1: the worst.
  void above_registers(Tiling tiling, Candidate& best) {
    const std::uint64_t most_words = capacity_.buffer_words_below - 1;
    const std::uint64_t rest = problem_.outputs / (tiling.m0 * tiling.m1);
    const std::uint64_t inputs = tiling.c1 * tiling.c0;
    const std::uint64_t outputs = tiling.m1 * tiling.m0;
    if (inputs + outputs > most_words) return;
    if (tiling.m0 == 1) {
      tiling.m2 = 1;
      tiling.m3 = rest;
      tiling.n0 = 1;
      tiling.n3 = problem_.batch;
      most_energy_ = std::max(most_energy_, energy_of(tiling));
    }
    for (auto n0 = batch_.rbegin(); n0 != batch_.rend(); ++n0) {
      if (inputs + outputs > most_words / *n0) continue;
      tiling.n0 = *n0;
      tiling.n3 = problem_.batch / *n0;
      tiling.m2 = largest(rest, (most_words / *n0 - inputs) / outputs);
      tiling.m3 = rest / tiling.m2;
      const double cost = energy_of(tiling);
      if (cost < best.energy || (cost == best.energy && before(tiling, best.tiling))) {
        best.tiling = tiling;
        best.energy = cost;
      }
      if (tiling.m2 == rest) break;  // less of n0 can only cost more
    }
  }

  // Largest divisor of `rest`, itself a divisor of the outputs, that is at most `limit` >= 1.
  std::uint64_t largest(std::uint64_t rest, std::uint64_t limit) const {
    if (rest <= limit) return rest;
    auto divisor = std::upper_bound(outputs_.begin(), outputs_.end(), limit) - 1;
    while (rest % *divisor != 0) --divisor;
    return *divisor;
  }

  double energy_of(const Tiling& tiling) const {
    return energy(accesses(problem_, tiling), costs_).total();
  }

  const Problem& problem_;
  const UnitCosts& costs_;
  const Capacity& capacity_;
  Divisors batch_, inputs_, outputs_;
  std::vector<Candidate> candidates_;
  double least_energy_ = kInfinity, most_energy_ = 0.0;
  double least_steps_ = kInfinity, most_steps_ = 0.0;
};

}  // namespace

Accesses accesses(const Problem& problem, const Tiling& tiling) {
  const double n = as_double(problem.batch);
  const double c = as_double(problem.inputs);
  const double m = as_double(problem.outputs);
  const double n3 = as_double(tiling.n3);
  const double m3 = as_double(tiling.m3);
  const double m2 = as_double(tiling.m2);
  const double m1 = as_double(tiling.m1);
  const double c0 = as_double(tiling.c0);
  const double c1 = as_double(tiling.c1);
  const double c2 = as_double(tiling.c2);
  const double inputs = n * c;
  const double weights = c * m;
  const double outputs = n * m;
  Accesses all;
  all.inputs = {m3 * inputs, m3 * m2 * inputs, m3 * m2 * m1 * inputs, m * inputs};
  all.weights = {n3 * weights, 0.0, n3 * weights, n * weights};
  all.outputs = {outputs, std::max(2.0 * (c2 - 1.0), 1.0) * outputs,
                 std::max(c2 * (c1 - 1.0), 1.0) * outputs,
                 std::max(2.0 * c2 * c1 * (c0 - 1.0), 1.0) * outputs};
  all.operations = n * c * m;
  return all;
}

LevelEnergy energy(const Accesses& accesses, const UnitCosts& costs) {
  const auto sum = [&](double OperandAccesses::*count, double OperandCosts::*cost) {
    return accesses.inputs.*count * costs.inputs.*cost +
           accesses.weights.*count * costs.weights.*cost +
           accesses.outputs.*count * costs.outputs.*cost;
  };
  LevelEnergy energy;
  energy.dram = sum(&OperandAccesses::dram, &OperandCosts::dram);
  energy.buffer = sum(&OperandAccesses::buffer, &OperandCosts::buffer);
  energy.network = sum(&OperandAccesses::network, &OperandCosts::network);
  energy.registers = sum(&OperandAccesses::registers, &OperandCosts::registers);
  energy.operations = accesses.operations * costs.operation;
  return energy;
}

double steps(const Problem& problem, const Tiling& tiling) {
  return as_double(problem.batch) * (as_double(problem.outputs) / as_double(tiling.m1)) *
         (as_double(problem.inputs) / as_double(tiling.c1));
}

Choice choose(const Problem& problem, const UnitCosts& costs, const Capacity& capacity) {
  ADDAX_CHECK(problem.batch > 0 && problem.inputs > 0 && problem.outputs > 0,
              "a problem has no empty side");
  return Search(problem, costs, capacity).best();
}

}  // namespace addax::published
