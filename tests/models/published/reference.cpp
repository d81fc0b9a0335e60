// SPDX-License-Identifier: Apache-2.0
#include "tests/models/published/reference.h"

#include <algorithm>
#include <array>
#include <vector>

namespace addax::tests::reference {
namespace {

using Factors = std::vector<long>;

void factorise(long number, std::size_t parts, Factors& begun, std::vector<Factors>& all) {
  if (parts == 1) {
    begun.push_back(number);
    all.push_back(begun);
    begun.pop_back();
    return;
  }
  for (long first = 1; first <= number; ++first) {
    if (number % first != 0) continue;
    begun.push_back(first);
    factorise(number / first, parts - 1, begun, all);
    begun.pop_back();
  }
}

std::vector<Factors> factorisations(long number, std::size_t parts) {
  std::vector<Factors> all;
  Factors begun;
  factorise(number, parts, begun, all);
  return all;
}

double at_least_one(long number) { return number > 1 ? static_cast<double>(number) : 1.0; }

struct Machine {
  Op op;
  long bits;

  bool holds(long n0, const Factors& m, const Factors& c) const {
    const long mem = bits < 16 ? 2 : 1;
    const long pe = bits < 16 ? 4 : 1;
    if (m[0] > 16 * mem) return false;
    if (m[1] * c[1] >= 192 * pe) return false;
    if (c[0] >= 12 * mem) return false;
    if (m[0] * c[0] >= 960 * mem) return false;
    return n0 * c[1] * c[0] + n0 * m[2] * m[1] * m[0] < 65536 * mem;
  }

  double arithmetic() const {
    switch (op) {
      case Op::kAdd:
        return bits == 32 ? 0.9 : 0.4;
      case Op::kShift:
        return 0.15;
      case Op::kLut:
        return 0.37;
      default:
        return bits == 32 ? 3.7 : 1.1;
    }
  }

  double picojoules(const Factors& n, const Factors& m, const Factors& c) const {
    const double s = op == Op::kShift ? 10.0 / 16.0 : static_cast<double>(bits) / 16.0;
    const double on = op == Op::kFc || op == Op::kShift ? s : 0.0;
    const auto big_n = static_cast<double>(n[0] * n[1]);
    const auto big_m = static_cast<double>(m[0] * m[1] * m[2] * m[3]);
    const auto big_c = static_cast<double>(c[0] * c[1] * c[2]);
    const double in = big_n * big_c, weights = big_c * big_m, out = big_n * big_m;
    const auto n3 = static_cast<double>(n[1]);
    const auto m3 = static_cast<double>(m[3]);
    double pj = big_n * big_m * big_c * arithmetic();
    pj += 200.0 * on * (m3 * in + n3 * weights + out);
    pj += 22.2 * on * (m3 * static_cast<double>(m[2]) * in + at_least_one(2 * (c[2] - 1)) * out);
    pj += 7.4 * on * (m3 * static_cast<double>(m[2] * m[1]) * in + n3 * weights);
    pj += 3.7 * s * at_least_one(c[2] * (c[1] - 1)) * out;
    pj += 3.7 * s * (big_m * in + at_least_one(2 * c[2] * c[1] * (c[0] - 1)) * out);
    return pj + 7.4 * s * big_n * weights;
  }

  double seconds(const Factors& n, const Factors& m, const Factors& c) const {
    const auto steps = static_cast<double>(n[0] * n[1] * m[3] * m[2] * m[0] * c[2] * c[0]);
    return steps / 250e6 / (op == Op::kShift ? 3.2 : 1.0);
  }
};

}  // namespace

Cost operation(Op op, long bits, long n, long c, long m) {
  const Machine machine{op, bits};
  const std::vector<Factors> all_m = factorisations(m, 4);
  const std::vector<Factors> all_c = factorisations(c, 3);
  std::vector<Cost> valid;
  for (const Factors& of_n : factorisations(n, 2))
    for (const Factors& of_m : all_m)
      for (const Factors& of_c : all_c)
        if (machine.holds(of_n[0], of_m, of_c))
          valid.push_back(
              {machine.picojoules(of_n, of_m, of_c), machine.seconds(of_n, of_m, of_c)});
  const auto by_energy = [](const Cost& a, const Cost& b) { return a.picojoules < b.picojoules; };
  const auto by_time = [](const Cost& a, const Cost& b) { return a.seconds < b.seconds; };
  const auto e = std::minmax_element(valid.begin(), valid.end(), by_energy);
  const auto l = std::minmax_element(valid.begin(), valid.end(), by_time);
  const double e_min = e.first->picojoules, e_max = e.second->picojoules;
  const double l_min = l.first->seconds, l_max = l.second->seconds;
  const auto score = [&](const Cost& cost) {
    return (cost.picojoules - e_min) / e_max + (cost.seconds - l_min) / l_max;
  };
  return *std::min_element(valid.begin(), valid.end(),
                           [&](const Cost& a, const Cost& b) { return score(a) < score(b); });
}

void Sums::plus(const Sums& other, double times) {
  mult += times * other.mult;
  add += times * other.add;
  shift += times * other.shift;
  build += times * other.build;
  lookup += times * other.lookup;
  seconds += times * other.seconds;
}

Sums linear(Weights weights, long bits, long inputs, long outputs) {
  Sums sums;
  const auto spend = [&](double& category, Op op, long width, long n, long c, long m) {
    const Cost cost = operation(op, width, n, c, m);
    category += cost.picojoules * 1e-9;
    sums.seconds += cost.seconds;
  };
  if (weights == Weights::kFp16 || weights == Weights::kOptq) {
    spend(sums.mult, Op::kFc, weights == Weights::kFp16 ? 16 : bits, 1, inputs, outputs);
    spend(sums.add, Op::kAdd, 16, 1, inputs, outputs);
    return sums;
  }
  const long tables = inputs / 8;
  spend(sums.build, Op::kFc, 16, tables, 8, 1);
  spend(sums.build, Op::kAdd, 16, tables, 8, 1);
  spend(sums.build, Op::kAdd, 16, tables, 1, 255);
  spend(sums.lookup, Op::kLut, 16, tables, outputs, bits);
  if (weights == Weights::kShiftAdd) {
    spend(sums.shift, Op::kShift, 16, tables, outputs, bits);
  } else {
    spend(sums.mult, Op::kFc, 16, tables, outputs, bits);
  }
  spend(sums.add, Op::kAdd, 16, 1, tables, outputs);
  return sums;
}

Sums model(const Model& shape, Weights weights, long bits) {
  Sums sums;
  const auto layers = static_cast<double>(shape.layers);
  const long two = bits == 0 ? 2 : bits, three = bits == 0 ? 3 : bits;
  const auto weigh = [&](long width, long inputs, long outputs) {
    sums.plus(linear(weights, width, inputs, outputs), layers);
  };
  const auto elementwise = [&](double& category, Op op, long width, double times) {
    const Cost cost = operation(op, 16, 1, width, 1);
    category += cost.picojoules * 1e-9 * layers * times;
    sums.seconds += cost.seconds * layers * times;
  };
  weigh(two, shape.d, shape.d);
  weigh(three, shape.d, shape.d);
  weigh(two, shape.d, shape.d_kv);
  weigh(three, shape.d, shape.d_kv);
  if (shape.llama) {
    weigh(two, shape.d, shape.f);
    weigh(two, shape.d, shape.f);
    weigh(two, shape.f, shape.d);
    elementwise(sums.mult, Op::kMult, shape.f, 1.0);
  } else {
    weigh(two, shape.d, shape.f);
    weigh(two, shape.f, shape.d);
    elementwise(sums.add, Op::kAdd, shape.d, 5.0);
    elementwise(sums.add, Op::kAdd, shape.f, 1.0);
  }
  sums.plus(linear(Weights::kFp16, 16, shape.d, shape.vocabulary), 1.0);
  return sums;
}

}  // namespace addax::tests::reference
