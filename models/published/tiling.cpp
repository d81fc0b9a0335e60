// SPDX-License-Identifier: Apache-2.0
#include "models/published/tiling.h"

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "models/quantity/check.h"

namespace addax::published {
namespace {

using Divisors = std::vector<std::uint64_t>;

Divisors divisors(std::uint64_t number) {
  Divisors low, high;
  for (std::uint64_t d = 1; d <= number / d; ++d) {
    if (number % d != 0) continue;
    low.push_back(d);
    if (d != number / d) high.push_back(number / d);
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

// The divisors of every divisor of one number.
class DivisorTable {
 public:
  explicit DivisorTable(std::uint64_t number) : all_(divisors(number)) {
    for (const std::uint64_t d : all_) {
      Divisors& own = of_[d];
      for (const std::uint64_t e : all_)
        if (d % e == 0) own.push_back(e);
    }
  }
  const Divisors& all() const { return all_; }
  const Divisors& of(std::uint64_t divisor) const { return of_.find(divisor)->second; }

 private:
  Divisors all_;
  std::map<std::uint64_t, Divisors> of_;
};

// Largest element that is at most `limit`; the list starts with 1.
std::uint64_t largest(const Divisors& list, std::uint64_t limit) {
  return *(std::upper_bound(list.begin(), list.end(), limit) - 1);
}

double as_double(std::uint64_t count) { return static_cast<double>(count); }

struct Candidate {
  Tiling tiling;
  double energy = 0.0, steps = 0.0;
};

class Search {
 public:
  Search(const Problem& problem, const UnitCosts& costs, const Capacity& capacity)
      : problem_(problem),
        costs_(costs),
        capacity_(capacity),
        batch_(divisors(problem.batch)),
        inputs_(problem.inputs),
        outputs_(problem.outputs) {}

  Choice best() {
    for (const std::uint64_t m0 : outputs_.all()) {
      if (m0 > capacity_.psum_registers) break;
      for (const std::uint64_t m1 : outputs_.of(problem_.outputs / m0)) {
        if (m1 >= capacity_.pes_below) break;
        inner(m0, m1);
      }
    }
    ADDAX_CHECK(!candidates_.empty(), "a tiling of ones is always valid");
    const Candidate* chosen = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const Candidate& each : candidates_) {
      const double score = part(each.energy - least_energy_, most_energy_) +
                           part(each.steps - least_steps_, most_steps_);
      if (score < least) {
        least = score;
        chosen = &each;
      }
    }
    return {chosen->tiling, chosen->energy, chosen->steps};
  }

 private:
  static double part(double above, double most) { return most > 0.0 ? above / most : 0.0; }

  void inner(std::uint64_t m0, std::uint64_t m1) {
    for (const std::uint64_t c0 : inputs_.all()) {
      if (c0 >= capacity_.input_registers_below || m0 * c0 >= capacity_.weight_registers_below)
        break;
      for (const std::uint64_t c1 : inputs_.of(problem_.inputs / c0)) {
        if (m1 * c1 >= capacity_.pes_below) break;
        Tiling tiling;
        tiling.m0 = m0;
        tiling.m1 = m1;
        tiling.c0 = c0;
        tiling.c1 = c1;
        tiling.c2 = problem_.inputs / (c0 * c1);
        outer(tiling);
      }
    }
  }

  // All n0 with the largest m2 that the buffer allows: the best. n0 = m2 = 1: the worst.
  void outer(Tiling tiling) {
    const std::uint64_t most_words = capacity_.buffer_words_below - 1;
    const std::uint64_t rest = problem_.outputs / (tiling.m0 * tiling.m1);
    const std::uint64_t least = tiling.c1 * tiling.c0 + tiling.m1 * tiling.m0;
    if (least > most_words) return;
    tiling.m2 = 1;
    tiling.m3 = rest;
    tiling.n3 = problem_.batch;
    const Candidate worst = evaluated(tiling);
    most_energy_ = std::max(most_energy_, worst.energy);
    most_steps_ = std::max(most_steps_, worst.steps);
    for (auto n0 = batch_.rbegin(); n0 != batch_.rend(); ++n0) {
      if (least > most_words / *n0) continue;
      const std::uint64_t words = most_words / *n0 - tiling.c1 * tiling.c0;
      tiling.n0 = *n0;
      tiling.n3 = problem_.batch / *n0;
      tiling.m2 = largest(outputs_.of(rest), words / (tiling.m1 * tiling.m0));
      tiling.m3 = rest / tiling.m2;
      keep(evaluated(tiling));
      if (tiling.m2 == rest) break;  // less of n0 can only cost more
    }
  }

  Candidate evaluated(const Tiling& tiling) const {
    return {tiling, energy(accesses(problem_, tiling), costs_).total(), steps(problem_, tiling)};
  }

  void keep(const Candidate& candidate) {
    least_energy_ = std::min(least_energy_, candidate.energy);
    least_steps_ = std::min(least_steps_, candidate.steps);
    candidates_.push_back(candidate);
  }

  const Problem& problem_;
  const UnitCosts& costs_;
  const Capacity& capacity_;
  Divisors batch_;
  DivisorTable inputs_, outputs_;
  std::vector<Candidate> candidates_;
  double least_energy_ = std::numeric_limits<double>::infinity(), most_energy_ = 0.0;
  double least_steps_ = std::numeric_limits<double>::infinity(), most_steps_ = 0.0;
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
