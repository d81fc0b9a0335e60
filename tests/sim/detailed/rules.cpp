// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/detailed/rules.h"

#include <algorithm>
#include <cmath>

#include "models/arith/dot.h"
#include "models/arith/integer.h"

namespace addax::tests {

using arith::Fp16;
using arith::Sum;
using arith::SumKind;
using workload::FormatKind;

Rules::Rules(const mapping::ProductPlan& plan, const values::LayerValues& operands,
             std::uint64_t copy)
    : format_(plan.dataflow.kernel().format),
      w_(operands.weights[copy]),
      x_(*operands.activations),
      index_(w_.format, w_.outputs, w_.inputs),
      first_token_(copy * operands.tokens) {
  const mapping::Kernel& kernel = plan.dataflow.kernel();
  key_bits_ = kernel.how.key_bits;
  unit_inputs_ = std::max<std::uint64_t>(key_bits_, 1);
  before_table_ = kernel.how.scale_placement == workload::ScalePlacement::kBeforeTable;
  dequantised_ = kernel.how.integer_mode == workload::IntegerMode::kDequantisedTiles;
  integers_ = std::holds_alternative<std::vector<std::int8_t>>(x_);
  const SumKind floating = kernel.widths.accumulator_bits == 16 ? SumKind::kFp16 : SumKind::kFp32;
  total_kind_ = floating;
  open_kind_ = integers_ || format_.kind == FormatKind::kMsfp ? SumKind::kInt32 : floating;
  const bool one_scale = index_.tile_columns() >= w_.inputs;
  switch (format_.kind) {
    case FormatKind::kFp16:
    case FormatKind::kW8a8:
      break;
    case FormatKind::kMsfp:
      segment_ = format_.box;
      break;
    case FormatKind::kInt:
      if (!dequantised_ && !one_scale) segment_ = index_.tile_columns();
      break;
    case FormatKind::kTernary:
      if (!one_scale) segment_ = index_.tile_columns();
      break;
    default:
      if (!before_table_) segment_ = index_.tile_columns();
  }
}

State Rules::zero() const {
  return {Sum(total_kind_), std::vector<Sum>(std::max(format_.planes, 1U), Sum(open_kind_)),
          Sum(open_kind_), false};
}

Fp16 Rules::half(std::uint64_t m, std::uint64_t k) const {
  return std::get<std::vector<Fp16>>(x_)[(first_token_ + m) * w_.inputs + k];
}

int Rules::integer(std::uint64_t m, std::uint64_t k) const {
  return std::get<std::vector<std::int8_t>>(x_)[(first_token_ + m) * w_.inputs + k];
}

Fp16 Rules::weight(std::uint64_t n, std::uint64_t k) const {
  const std::uint16_t code = w_.codes[n * w_.inputs + k];
  if (format_.kind == FormatKind::kFp16) return {code};
  const std::uint64_t scale = index_(n, k);
  const int q = format_.zero_points ? int{code} - int{w_.zero_points[scale]}
                                    : int{arith::symmetric_code(code, format_.bits)};
  const Fp16 steps = arith::to_fp16(static_cast<float>(q));
  return dequantised_ ? arith::fp16_multiply(steps, w_.scales[scale]) : steps;
}

Fp16 Rules::scaled(Fp16 a, std::uint64_t plane, std::uint64_t n, std::uint64_t k) const {
  const std::uint64_t a_plane = workload::scales_a_plane(format_, w_.inputs, w_.outputs);
  const std::uint64_t at = plane * a_plane + index_(n, k);
  if (format_.scale_terms == 0) return arith::fp16_multiply(a, w_.scales[at]);
  std::vector<arith::PowerOfTwo> terms;
  for (std::uint32_t i = 0; i < format_.scale_terms; ++i)
    terms.push_back(arith::decoded_power_of_two(w_.scale_terms[at * format_.scale_terms + i]));
  return arith::scaled(a, terms, {});
}

void Rules::accumulate(State& state, std::uint64_t m, std::uint64_t n, std::uint64_t unit,
                       const std::set<std::uint64_t>& planes) const {
  const std::uint64_t first = unit * unit_inputs_;
  const std::uint64_t end = std::min(first + unit_inputs_, w_.inputs);
  const std::uint16_t code = w_.codes[n * w_.inputs + first];
  switch (format_.kind) {
    case FormatKind::kFp16:
    case FormatKind::kInt:
      state.open[0].add(arith::fp16_multiply(weight(n, first), half(m, first)));
      return;
    case FormatKind::kW8a8:
      state.open[0].add(arith::symmetric_code(code, 8) * integer(m, first));
      return;
    case FormatKind::kTernary: {
      const int sign = arith::symmetric_code(code, 2);
      if (integers_) {
        state.inputs.add(integer(m, first));
        state.open[0].add(sign * integer(m, first));
      } else {
        state.inputs.add(half(m, first));
        if (sign != 0) state.open[0].add(sign > 0 ? half(m, first) : negated(half(m, first)));
      }
      return;
    }
    case FormatKind::kMsfp:
      return;  // boxes are taken whole, when they end
    default:
      break;
  }
  for (const std::uint64_t plane :
       key_bits_ > 0 ? planes : std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7}) {
    if (plane >= format_.planes) continue;
    const auto bit = [&](std::uint64_t k) { return (w_.codes[n * w_.inputs + k] >> plane) & 1U; };
    if (key_bits_ == 0) {
      state.open[plane].add(bit(first) != 0 ? half(m, first) : negated(half(m, first)));
      continue;
    }
    std::vector<Fp16> x;
    std::uint32_t key = 0;
    for (std::uint64_t k = first; k < end; ++k) {
      key |= bit(k) << (k - first);
      x.push_back(before_table_ ? scaled(half(m, k), plane, n, k) : half(m, k));
    }
    arith::Table table(static_cast<std::uint32_t>(key_bits_), false);
    table.build(x);
    state.open[before_table_ ? 0 : plane].add(table.query(key));
  }
}

void Rules::close(State& state, std::uint64_t m, std::uint64_t n, std::uint64_t unit) const {
  const std::uint64_t k = unit * unit_inputs_;
  if (format_.kind == FormatKind::kMsfp) {
    const std::uint64_t first = k / format_.box * format_.box;
    const std::uint64_t size = std::min(format_.box, w_.inputs - first);
    std::vector<Fp16> inputs;
    std::vector<std::int8_t> x(size), w;
    for (std::uint64_t i = first; i < first + size; ++i) {
      inputs.push_back(half(m, i));
      const std::uint16_t code = w_.codes[n * w_.inputs + i];
      const int magnitude = code & ((1 << format_.mantissa_bits) - 1);
      w.push_back(
          static_cast<std::int8_t>((code >> format_.mantissa_bits) != 0 ? -magnitude : magnitude));
    }
    const arith::MsfpBox a =
        arith::msfp_box(inputs, {format_.mantissa_bits, format_.exponent_bits}, x.data());
    const std::uint64_t boxes = (w_.inputs + format_.box - 1) / format_.box;
    const int exponent = w_.exponents[n * boxes + first / format_.box] -
                         quantise::exponent_bias(format_.exponent_bits);
    const arith::MsfpBox b = {w, static_cast<std::int16_t>(exponent), format_.mantissa_bits, true};
    state.total.add(arith::msfp_product(a, b, arith::Underflow::kGradual));
  } else {
    for (std::uint64_t plane = 0; plane < state.open.size(); ++plane)
      state.total.add(scaled(state.open[plane].to_fp16(), plane, n, k));
    if (format_.gamma)
      state.total.add(arith::fp16_multiply(state.inputs.to_fp16(), w_.gammas[index_(n, k)]));
  }
  state.has_total = true;
  const State none = zero();
  state.open = none.open;
  state.inputs = none.inputs;
}

void Rules::add_open(State& state, const State& own) const {
  for (std::size_t plane = 0; plane < state.open.size(); ++plane)
    state.open[plane].add(own.open[plane]);
  state.inputs.add(own.inputs);
}

void Rules::add_total(State& state, const State& own) const {
  if (own.has_total) state.total.add(own.total);
  state.has_total = state.has_total || own.has_total;
}

void Rules::take_open(State& state, const State& own) const {
  state.open = own.open;
  state.inputs = own.inputs;
}

float Rules::output(const State& state, std::uint64_t n) const {
  if (segmented()) return static_cast<float>(state.total.value());
  const Sum& sum = state.open[0];
  if (format_.kind == FormatKind::kFp16 || dequantised_ || before_table_)
    return static_cast<float>(sum.value());
  const Fp16 scale = w_.scales[index_(n, 0)];
  if (integers_)
    return arith::to_fp32(arith::to_fp16(static_cast<float>(static_cast<std::int32_t>(sum.bits())) *
                                         arith::to_fp32(scale)));
  Sum complete(total_kind_);
  complete.add(arith::fp16_multiply(sum.to_fp16(), scale));
  return static_cast<float>(complete.value());
}

}  // namespace addax::tests
