// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>

#include "models/published/account.h"
#include "tests/catch.h"
#include "tests/models/published/reference.h"
#include "tests/seed.h"

using namespace addax;
using published::Kind;
using published::Method;
using published::Scheme;

namespace reference = tests::reference;

namespace {

constexpr double kTolerance = 1e-9;

// A sum of rounded numbers, and 0 where the category is empty.
void check_equal(double ours, double theirs) {
  if (theirs == 0.0) {
    CHECK(ours == 0.0);
  } else {
    CHECK(std::abs(ours / theirs - 1.0) <= kTolerance);
  }
}

void check_equal(const published::Breakdown& ours, const reference::Sums& theirs) {
  check_equal(ours.fp_mult_mj, theirs.mult);
  check_equal(ours.fp_add_mj, theirs.add);
  check_equal(ours.fp_shift_mj, theirs.shift);
  check_equal(ours.lut_build_mj, theirs.build);
  check_equal(ours.lut_lookup_mj, theirs.lookup);
  check_equal(ours.energy_mj(), theirs.energy());
  check_equal(ours.latency_s, theirs.seconds);
}

struct Case {
  Scheme ours;
  reference::Weights weights;
  long bits;
};

std::vector<Case> all_schemes() {
  std::vector<Case> all = {{{}, reference::Weights::kFp16, 16}};
  const std::pair<Method, reference::Weights> methods[] = {
      {Method::kOptq, reference::Weights::kOptq},
      {Method::kLutGemm, reference::Weights::kLutGemm},
      {Method::kShiftAdd, reference::Weights::kShiftAdd}};
  for (const auto& [method, weights] : methods)
    for (const std::uint32_t bits : {2U, 3U, 4U}) all.push_back({{method, bits}, weights, bits});
  return all;
}

void check_layer(published::Accountant& accountant, long inputs, long outputs) {
  INFO("layer " << inputs << " x " << outputs);
  for (const Case& each : all_schemes()) {
    INFO(name(each.ours));
    const bool tables = each.weights == reference::Weights::kLutGemm ||
                        each.weights == reference::Weights::kShiftAdd;
    if (tables && inputs % 8 != 0) continue;
    check_equal(accountant
                    .linear(each.ours, static_cast<std::uint64_t>(inputs),
                            static_cast<std::uint64_t>(outputs))
                    .total,
                reference::linear(each.weights, each.bits, inputs, outputs));
  }
}

}  // namespace

TEST_CASE("Layers of awkward shapes cost what trying all tilings finds") {
  published::Accountant accountant;
  const std::pair<long, long> shapes[] = {
      {1, 1},   {8, 1},    {1, 8},     {8, 8},     {7, 13},    {8, 251},  {251, 8},  {997, 1},
      {1, 997}, {192, 16}, {191, 191}, {193, 193}, {24, 1023}, {520, 77}, {264, 96}, {1016, 31}};
  for (const auto& [inputs, outputs] : shapes) check_layer(accountant, inputs, outputs);
}

TEST_CASE("Layers of random shapes cost what trying all tilings finds") {
  std::mt19937 random(tests::printed(20240611));
  published::Accountant accountant;
  for (int i = 0; i < 150; ++i) {
    const long any_inputs = std::uniform_int_distribution<long>(1, 1500)(random);
    const long tables = std::uniform_int_distribution<long>(1, 60)(random);
    const long outputs = std::uniform_int_distribution<long>(1, 600)(random);
    check_layer(accountant, i % 2 == 0 ? any_inputs : 8 * tables, outputs);
  }
}

TEST_CASE("Single operations of random shapes cost what trying all tilings finds") {
  std::mt19937 random(tests::printed(777));
  const std::pair<Kind, reference::Op> kinds[] = {{Kind::kFc, reference::Op::kFc},
                                                  {Kind::kMult, reference::Op::kMult},
                                                  {Kind::kAdd, reference::Op::kAdd},
                                                  {Kind::kShift, reference::Op::kShift},
                                                  {Kind::kLut, reference::Op::kLut}};
  const auto side = [&](long most) { return std::uniform_int_distribution<long>(1, most)(random); };
  for (int i = 0; i < 100; ++i) {
    const long n = side(300), c = side(400), m = side(400);
    for (const auto& [kind, op] : kinds) {
      for (const std::uint32_t bits : {2U, 8U, 16U, 32U}) {
        INFO(name(kind) << " of " << bits << " bits: " << n << " x " << c << " x " << m);
        const published::Problem problem{static_cast<std::uint64_t>(n),
                                         static_cast<std::uint64_t>(c),
                                         static_cast<std::uint64_t>(m)};
        const published::Choice choice =
            choose(problem, unit_costs(kind, bits), published::capacity(bits));
        const reference::Cost cost = reference::operation(op, bits, n, c, m);
        check_equal(choice.energy_pj, cost.picojoules);
        check_equal(choice.steps * published::seconds_a_step(kind), cost.seconds);
      }
    }
  }
}

TEST_CASE("The buffer decides tilings of large shapes as trying all of them does") {
  // With 512 tables it cannot hold all of them, so that n0 competes with m2. With one input, 65 535
  // outputs are one word too many, and half as many are not.
  struct Sides {
    long n, c, m;
  };
  for (const auto& [kind, op] :
       {std::pair{Kind::kFc, reference::Op::kFc}, std::pair{Kind::kShift, reference::Op::kShift}}) {
    for (const auto& [n, c, m] : {Sides{512, 96, 240}, Sides{512, 360, 4}, Sides{512, 4, 1260},
                                  Sides{1, 1, 65535}, Sides{2, 1, 32767}, Sides{2, 1, 32766}}) {
      INFO(name(kind) << " " << n << " x " << c << " x " << m);
      const published::Problem problem{static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(c),
                                       static_cast<std::uint64_t>(m)};
      const published::Choice choice =
          choose(problem, published::unit_costs(kind, 16), published::capacity(16));
      const reference::Cost cost = reference::operation(op, 16, n, c, m);
      check_equal(choice.energy_pj, cost.picojoules);
      check_equal(choice.steps * published::seconds_a_step(kind), cost.seconds);
    }
  }
}

TEST_CASE("Models of random shapes cost what trying all tilings finds") {
  std::mt19937 random(tests::printed(4096));
  const auto side = [&](long most) { return std::uniform_int_distribution<long>(1, most)(random); };
  for (int i = 0; i < 12; ++i) {
    const bool llama = i % 2 == 0;
    const long d = 8 * side(16), f = 8 * side(40);
    const reference::Model model{llama, d, f, llama ? side(d) : d, side(100), side(300)};
    published::Shape shape;
    shape.hidden = shape.query_width = shape.embedding_width = static_cast<std::uint64_t>(d);
    shape.kv_width = static_cast<std::uint64_t>(model.d_kv);
    shape.vocabulary = static_cast<std::uint64_t>(model.vocabulary);
    shape.gated_mlp = llama;
    shape.qkv_bias = shape.output_bias = shape.mlp_bias = !llama;
    shape.blocks = {{static_cast<std::uint64_t>(model.layers), static_cast<std::uint64_t>(f)}};
    std::vector<Case> schemes = all_schemes();
    schemes.push_back({{Method::kShiftAdd, 2, true}, reference::Weights::kShiftAdd, 0});
    published::Accountant accountant;
    for (const Case& each : schemes) {
      INFO((llama ? "llama" : "opt")
           << " d " << d << ", f " << f << ", d_kv " << model.d_kv << ", layers " << model.layers
           << ", vocabulary " << model.vocabulary << ", " << name(each.ours));
      check_equal(accountant.model(shape, each.ours).total,
                  reference::model(model, each.weights, each.bits));
    }
  }
}
