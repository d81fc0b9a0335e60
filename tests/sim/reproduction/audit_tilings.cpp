// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/reproduction/audit_tilings.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace addax::tests::audit {
namespace {

double real(long number) { return static_cast<double>(number); }

Tiled tiled(const Product& p, long n0, long m0, long m1, long m2, long c0, long c1) {
  Tiled t{n0, m0, m1, m2, p.m / (m0 * m1 * m2), c0, c1, p.c / (c0 * c1), {}, 0.0, 0.0};
  const double in = real(p.n * p.c), weights = real(p.c * p.m), out = real(p.n * p.m);
  const auto often = [](long times) { return real(std::max(times, 1L)); };
  const long n3 = p.n / n0;
  t.energy.dram =
      real(t.m3) * in * p.in.dram + real(n3) * weights * p.weight.dram + out * p.out.dram;
  t.energy.buffer = real(t.m3 * m2) * in * p.in.buffer + often(2 * (t.c2 - 1)) * out * p.out.buffer;
  t.energy.network = real(t.m3 * m2 * m1) * in * p.in.network +
                     real(n3) * weights * p.weight.network +
                     often(t.c2 * (c1 - 1)) * out * p.out.network;
  t.energy.registers = real(p.m) * in * p.in.registers + real(p.n) * weights * p.weight.registers +
                       often(2 * t.c2 * c1 * (c0 - 1)) * out * p.out.registers;
  t.total = t.energy.dram + t.energy.buffer + t.energy.network + t.energy.registers +
            real(p.n * p.c * p.m) * p.operation;
  t.steps = real(n3 * n0 * t.m3 * t.m2 * m0 * t.c2 * c0);
  return t;
}

std::vector<long> divisors(long number) {
  std::vector<long> all;
  for (long d = 1; d <= number; ++d)
    if (number % d == 0) all.push_back(d);
  return all;
}

std::vector<Tiled> all_tilings(const Product& p) {
  std::vector<Tiled> all;
  for (const long n0 : divisors(p.n))
    for (const long m0 : divisors(p.m))
      for (const long m1 : divisors(p.m / m0))
        for (const long m2 : divisors(p.m / m0 / m1))
          for (const long c0 : divisors(p.c))
            for (const long c1 : divisors(p.c / c0))
              if (m0 <= p.most_sums && c0 <= p.most_inputs && m0 * c0 <= p.most_weights &&
                  m1 * c1 <= p.most_pes && n0 * (c1 * c0 + m2 * m1 * m0) <= p.most_words)
                all.push_back(tiled(p, n0, m0, m1, m2, c0, c1));
  return all;
}

}  // namespace

Tiled best(const Product& p) {
  const std::vector<Tiled> all = all_tilings(p);
  const auto extremes = [&](double Tiled::*figure) {
    const auto [least, most] =
        std::minmax_element(all.begin(), all.end(),
                            [&](const Tiled& a, const Tiled& b) { return a.*figure < b.*figure; });
    return std::pair<double, double>(*least.*figure, *most.*figure);
  };
  const auto [least_energy, most_energy] = extremes(&Tiled::total);
  const auto [least_steps, most_steps] = extremes(&Tiled::steps);
  const Tiled* chosen = nullptr;
  double least = 0.0;
  for (const Tiled& t : all) {
    const double score =
        (t.total - least_energy) / most_energy + (t.steps - least_steps) / most_steps;
    const bool equal = chosen != nullptr && std::abs(score - least) < 1e-13;
    if (chosen != nullptr && (equal ? t.order() > chosen->order() : score > least)) continue;
    chosen = &t;
    least = score;
  }
  return *chosen;
}

}  // namespace addax::tests::audit
