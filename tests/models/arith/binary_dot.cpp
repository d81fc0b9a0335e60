// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "models/arith/dot.h"
#include "models/quantity/check.h"
#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/models/arith/soft_float.h"
#include "tests/models/arith/soft_sum.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::arith;
using addax::tests::RandomBits;
using addax::tests::SoftSum;
namespace soft = addax::tests::soft;

namespace {

constexpr std::array<SumKind, 2> kFloating = {SumKind::kFp16, SumKind::kFp32};
constexpr int kTrials = 300;
constexpr std::size_t kTerms = 3;

/// A row of q planes: K inputs in keys of mu, a scale for every `keys_a_scale` keys of each plane.
struct Case {
  std::uint32_t mu = 4;
  std::size_t inputs = 30;
  std::size_t planes = 2;
  std::size_t keys_a_scale = 1;
  bool terms = false;

  std::size_t keys() const { return (inputs + mu - 1) / mu; }
  std::size_t scales() const { return (keys() + keys_a_scale - 1) / keys_a_scale; }
  std::size_t first_key(std::size_t scale) const { return scale * keys_a_scale; }
  std::size_t key_count(std::size_t scale) const {
    return std::min(keys_a_scale, keys() - first_key(scale));
  }
  /// Inputs of key `key`: the last one of a row may be short.
  std::size_t first_input(std::size_t key) const { return std::min(key * mu, inputs); }
};

const std::array<Case, 6> kCases = {{{4, 32, 3, 1, false},
                                     {8, 60, 2, 1, true},
                                     {3, 31, 2, 4, false},
                                     {8, 64, 3, 2, true},
                                     {5, 40, 1, 8, true},
                                     {1, 12, 2, 3, false}}};

struct Row {
  std::vector<Fp16> x;
  std::vector<std::vector<std::uint8_t>> positive;  // of a plane and an input
  std::vector<std::vector<std::uint16_t>> keys;     // of a plane and a key
  std::vector<std::vector<Fp16>> factors;           // of a plane and a scale
  std::vector<std::vector<std::vector<PowerOfTwo>>> terms;
};

PowerOfTwo random_term(RandomBits& random) {
  return {random.below(2) != 0, static_cast<std::int8_t>(static_cast<int>(random.below(9)) - 12)};
}

Row random_row(RandomBits& random, const Case& c) {
  Row row;
  row.x = random.halves(c.inputs, -8, 3);
  for (std::size_t p = 0; p < c.planes; ++p) {
    std::vector<std::uint8_t> positive(c.inputs);
    std::vector<std::uint16_t> keys(c.keys());
    for (std::size_t i = 0; i < c.inputs; ++i) {
      positive[i] = static_cast<std::uint8_t>(random.below(2));
      if (positive[i] != 0) keys[i / c.mu] |= static_cast<std::uint16_t>(1U << (i % c.mu));
    }
    row.positive.push_back(positive);
    row.keys.push_back(keys);
    row.factors.push_back(random.halves(c.scales(), -8, -3));
    row.terms.emplace_back(c.scales());
    for (auto& terms : row.terms.back())
      for (std::size_t t = 0; t < kTerms; ++t) terms.push_back(random_term(random));
  }
  return row;
}

PlaneScale scale_of(const Case& c, const Row& row, std::size_t plane, std::size_t scale) {
  if (c.terms) return {Fp16{}, row.terms[plane][scale]};
  return {row.factors[plane][scale], {}};
}

std::vector<Table> tables_of(const Case& c, const std::vector<Fp16>& x) {
  std::vector<Table> tables(c.keys(), Table(c.mu, true));
  for (std::size_t key = 0; key < c.keys(); ++key) {
    const std::size_t first = c.first_input(key);
    tables[key].build({x.data() + first, c.first_input(key + 1) - first});
  }
  return tables;
}

/// An entry and its exact value.
void add_entry(SoftSum& sum, const Case& c, const std::vector<Fp16>& x, std::size_t key,
               std::uint16_t signs) {
  std::vector<Fp16> inputs(c.mu);
  double exact = 0.0, magnitude = 0.0;
  for (std::size_t i = c.first_input(key); i < c.first_input(key + 1); ++i) {
    const std::size_t place = i % c.mu;
    inputs[place] = x[i];
    const double input = soft::value(x[i].bits);
    exact += ((signs >> place) & 1U) != 0 ? input : -input;
    magnitude += std::abs(input);
  }
  const double error = c.mu > 1 ? c.mu * SoftSum::rounding(magnitude, 0.0) : 0.0;
  sum.add(soft::entry(inputs, signs, 0, c.mu), exact, error);
}

/// a times a scale as the rules have it, its exact value and a bound of its error.
struct Scaled {
  std::uint32_t bits = 0;
  double exact = 0.0;
  double error = 0.0;
};

Scaled soft_scaled(std::uint32_t a, double exact, double error, const PlaneScale& scale,
                   const ShiftRules& rules) {
  Scaled result;
  if (scale.terms.size == 0) {
    const double factor = soft::value(scale.factor.bits);
    result.bits = soft::times(a, scale.factor.bits);
    result.exact = exact * factor;
    result.error = error * std::abs(factor);
    result.error += SoftSum::rounding(result.exact, result.error);
    return result;
  }
  SoftSum sum(SumKind::kFp16);  // its bits begin at +0: the unit's begin at the first term
  const bool flush = rules.underflow == Underflow::kFlushToZero;
  for (const PowerOfTwo& term : scale.terms) {
    const int exponent = term.exponent + rules.tensor_exponent;
    const double power = std::ldexp(term.negative ? -1.0 : 1.0, exponent);
    std::uint32_t shifted = soft::shifted(a, exponent, flush);
    if (term.negative) shifted ^= 0x8000U;
    result.bits =
        &term == scale.terms.data ? shifted : soft::add(soft::kHalf, result.bits, shifted);
    sum.add(shifted, exact * power, error * std::abs(power) + (flush ? 0x1p-14 : 0x1p-25));
  }
  return {result.bits, sum.exact(), sum.error()};
}

void add_scaled_part(SoftSum& sum, const SoftSum& part, const PlaneScale& scale,
                     const ShiftRules& rules) {
  const Scaled s = soft_scaled(part.half(), part.exact(), part.half_error(), scale, rules);
  sum.add(s.bits, s.exact, s.error);
}

std::vector<ShiftRules> all_rules(const Case& c) {
  if (!c.terms) return {ShiftRules{}};
  return {{Underflow::kGradual, 0}, {Underflow::kFlushToZero, 0}, {Underflow::kGradual, 6}};
}

/// What a complete sum of scales with 2^E is worth: its exact value without E is within the bound.
void check_output(const Sum& found, const SoftSum& expected, const ShiftRules& rules) {
  soft::check_same(found, expected);
  if (rules.underflow == Underflow::kFlushToZero) return;
  const double exact = std::ldexp(expected.exact(), -rules.tensor_exponent);
  const double error = std::ldexp(expected.error(), -rules.tensor_exponent);
  REQUIRE(std::abs(soft::value(found.to_fp16(rules).bits) - exact) <=
          error + SoftSum::rounding(exact, error));
}

template <class Check>
void for_all_cases(std::uint32_t seed, Check check) {
  RandomBits random(seed);
  for (const Case& c : kCases)
    for (const SumKind kind : kFloating)
      for (const ShiftRules& rules : all_rules(c))
        for (int trial = 0; trial < kTrials; ++trial)
          check(c, random_row(random, c), DotRules{kind, rules});
}

}  // namespace

TEST_CASE(
    "binary-coded rows by tables add entries of a scale, then the scaled sums in their order") {
  for_all_cases(tests::printed(60), [](const Case& c, const Row& row, const DotRules& rules) {
    const std::vector<Table> tables = tables_of(c, row.x);
    std::vector<TableSegment> segments;
    SoftSum sum(rules.sum);
    for (std::size_t s = 0; s < c.scales(); ++s)
      for (std::size_t p = 0; p < c.planes; ++p) {
        const std::size_t first = c.first_key(s), count = c.key_count(s);
        const PlaneScale scale = scale_of(c, row, p, s);
        segments.push_back(
            {{tables.data() + first, count}, {row.keys[p].data() + first, count}, scale});
        SoftSum part(rules.sum);
        for (std::size_t key = first; key < first + count; ++key)
          add_entry(part, c, row.x, key, row.keys[p][key]);
        add_scaled_part(sum, part, scale, rules.shift);
      }
    check_output(table_dot(segments, rules), sum, rules.shift);
  });
}

TEST_CASE("binary-coded rows without tables add signed inputs, then the scaled sums") {
  for_all_cases(tests::printed(61), [](const Case& c, const Row& row, const DotRules& rules) {
    std::vector<SignedSegment> segments;
    SoftSum sum(rules.sum);
    for (std::size_t p = 0; p < c.planes; ++p)
      for (std::size_t s = 0; s < c.scales(); ++s) {
        const std::size_t first = c.first_input(c.first_key(s));
        const std::size_t count = c.first_input(c.first_key(s) + c.key_count(s)) - first;
        const PlaneScale scale = scale_of(c, row, p, s);
        segments.push_back(
            {{row.positive[p].data() + first, count}, {row.x.data() + first, count}, scale});
        SoftSum part(rules.sum);
        for (std::size_t i = first; i < first + count; ++i)
          soft::add_signed(part, row.x[i], row.positive[p][i] != 0);
        add_scaled_part(sum, part, scale, rules.shift);
      }
    check_output(signed_dot(segments, rules), sum, rules.shift);
  });
}

TEST_CASE("scales before the tables go to the inputs, and entries of all planes add up plain") {
  for_all_cases(tests::printed(62), [](const Case& c, const Row& row, const DotRules& rules) {
    std::vector<Table> tables;
    std::vector<std::uint16_t> keys;
    SoftSum sum(rules.sum);
    for (std::size_t p = 0; p < c.planes; ++p) {
      std::vector<Fp16> x(c.inputs), expected(c.inputs);
      for (std::size_t s = 0; s < c.scales(); ++s) {
        const std::size_t first = c.first_input(c.first_key(s));
        const std::size_t end = c.first_input(c.first_key(s) + c.key_count(s));
        const PlaneScale scale = scale_of(c, row, p, s);
        scale_inputs({row.x.data() + first, end - first}, scale, rules.shift, x.data() + first);
        for (std::size_t i = first; i < end; ++i)
          expected[i].bits = static_cast<std::uint16_t>(
              soft_scaled(row.x[i].bits, 0.0, 0.0, scale, rules.shift).bits);
      }
      REQUIRE(x == expected);
      for (const Table& table : tables_of(c, x)) tables.push_back(table);
      keys.insert(keys.end(), row.keys[p].begin(), row.keys[p].end());
      for (std::size_t key = 0; key < c.keys(); ++key)
        add_entry(sum, c, expected, key, row.keys[p][key]);
    }
    soft::check_same(table_sum(tables, keys, rules.sum), sum);
  });
}

TEST_CASE("keys without a table of their own are a defect") {
  const std::vector<Table> tables(2, Table(4, true));
  CHECK_THROWS_AS(table_sum(tables, std::vector<std::uint16_t>(3), SumKind::kFp32),
                  quantity::Defect);
  CHECK_THROWS_AS(signed_sum(std::vector<std::uint8_t>(2), std::vector<Fp16>(3), SumKind::kFp32),
                  quantity::Defect);
}
