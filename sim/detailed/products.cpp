// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/products.h"

#include <algorithm>

#include "models/arith/dot.h"
#include "models/arith/exponent_add.h"
#include "models/arith/integer.h"
#include "models/quantity/check.h"

namespace addax::detailed {

using arith::Arithmetic;
using arith::Fp16;
using arith::Sum;
using arith::SumKind;
using workload::FormatKind;

namespace {

SumKind kind_of(Arithmetic add) {
  switch (add) {
    case Arithmetic::kFp16Add:
      return SumKind::kFp16;
    case Arithmetic::kFp32Add:
      return SumKind::kFp32;
    default:
      return SumKind::kInt32;
  }
}

}  // namespace

Products::Products(const mapping::ProductPlan& plan, const values::LayerValues& operands)
    : operands_(&operands),
      format_(plan.dataflow.kernel().format),
      tiles_(plan.dataflow.kernel().tiles),
      index_(operands.weights.front().format, operands.weights.front().outputs,
             operands.weights.front().inputs),
      tokens_(operands.tokens),
      outputs_(operands.weights.front().outputs),
      inputs_(operands.weights.front().inputs),
      a_plane_(workload::scales_a_plane(format_, inputs_, outputs_)) {
  const mapping::Kernel& kernel = plan.dataflow.kernel();
  ADDAX_CHECK(operands.activations.has_value(), "values without activations");
  table_inputs_ = kernel.how.key_bits;
  units_ = has_table() ? quantity::ceil_div(inputs_, table_inputs_) : inputs_;
  table_a_plane_ =
      has_table() && kernel.how.scale_placement == workload::ScalePlacement::kBeforeTable;
  if (format_.kind == FormatKind::kMsfp) {
    a_row_ = quantity::ceil_div(inputs_, format_.box);
    a_plane_ = a_row_ * outputs_;
  }
  scales_ = a_plane_ * operands.weights.size();
  choose(kernel);
  if (format_.kind == FormatKind::kMsfp) prepare_boxes();
  if (has_table()) prepare_keys();
}

void Products::choose(const mapping::Kernel& kernel) {
  const Arithmetic products = workload::accumulate_products(kernel.widths);
  const Arithmetic sums = workload::accumulate(kernel.widths);
  int8_ = std::holds_alternative<std::vector<std::int8_t>>(*operands_->activations);
  total_add_ = open_add_ = products;
  const std::uint64_t scale = tiles_.inputs_a_scale();
  segment_inputs_ = std::max<std::uint64_t>(scale, 1);
  const bool one_scale = !has_table() && scale >= kernel.reduction;
  switch (format_.kind) {
    case FormatKind::kFp16:
      multiplication_ = {{Arithmetic::kFp16Multiply, 1}};
      break;
    case FormatKind::kInt:
      multiplication_ = {{Arithmetic::kFp16Multiply, 1}};
      when_held_ = {{Arithmetic::kInt8Add, 1}, {Arithmetic::kFp16Convert, 1}};
      dequantised_ = kernel.how.integer_mode == workload::IntegerMode::kDequantisedTiles;
      if (dequantised_) {
        when_held_.add({Arithmetic::kFp16Multiply, 1});
        break;
      }
      scaling_ = {{Arithmetic::kFp16Multiply, 1}};
      segmented_ = starts_at_zero_ = !one_scale;
      break;
    case FormatKind::kW8a8:
      multiplication_ = {{Arithmetic::kInt8Multiply, 1}};
      open_add_ = total_add_ = Arithmetic::kInt32Add;
      completion_ = {{Arithmetic::kFp16Multiply, 2}};
      break;
    case FormatKind::kTernary:
      open_add_ = sums;
      gamma_ = format_.gamma;
      if (gamma_) when_sent_ = {{sums, 1}};
      scaling_ = {{Arithmetic::kFp16Multiply, gamma_ ? 2U : 1U}};
      segmented_ = starts_at_zero_ = !one_scale;
      if (one_scale) total_add_ = sums;
      break;
    case FormatKind::kMsfp:
      multiplication_ = {{Arithmetic::kInt8Multiply, 1}};
      when_sent_ = {{Arithmetic::kFp16Convert, 1}};
      open_add_ = Arithmetic::kInt16Add;
      scaling_ = {{Arithmetic::kExponentAdd, 1}};
      segmented_ = starts_at_zero_ = true;
      break;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary: {
      open_add_ = total_add_ = sums;
      planes_ = format_.planes;
      Operations& scaled = table_a_plane_ ? before_table_ : scaling_;
      if (format_.scale_terms == 0)
        scaled = {{Arithmetic::kFp16Multiply, 1}};
      else
        scaled = {{Arithmetic::kExponentAdd, format_.scale_terms},
                  {Arithmetic::kFp16Add, format_.scale_terms - 1}};
      segmented_ = !table_a_plane_;
      break;
    }
  }
  if (one_scale && !segmented_ && !scaling_.list().empty()) {
    completion_ = scaling_;
    completion_.add({products, adds_a_scaling()});
  }
  open_kind_ = kind_of(open_add_);
  total_kind_ = kind_of(total_add_);
}

void Products::prepare_boxes() {
  const auto& x = std::get<std::vector<Fp16>>(*operands_->activations);
  const arith::MsfpFormat format = {format_.mantissa_bits, format_.exponent_bits};
  mantissas_.resize(x.size());
  for (std::uint64_t row = 0; row < x.size() / inputs_; ++row)
    for (std::uint64_t k = 0; k < inputs_; k += format_.box) {
      const std::uint64_t at = row * inputs_ + k;
      boxes_.push_back(
          arith::msfp_box({&x[at], std::min(format_.box, inputs_ - k)}, format, &mantissas_[at]));
    }
}

void Products::prepare_keys() {
  const std::uint64_t rows = outputs_ * operands_->weights.size();
  keys_.assign(planes_ * rows * units_, 0);
  for (std::uint64_t n = 0; n < rows; ++n) {
    const std::vector<std::uint16_t>& codes = operands_->weights[copy_of(n)].codes;
    const std::uint64_t row = n % outputs_ * inputs_;
    for (std::uint64_t k = 0; k < inputs_; ++k)
      for (std::uint32_t plane = 0; plane < planes_; ++plane) {
        const std::uint32_t bit = (codes[row + k] >> plane) & 1U;
        keys_[(plane * rows + n) * units_ + k / table_inputs_] |=
            static_cast<std::uint16_t>(bit << (k % table_inputs_));
      }
  }
}

std::uint64_t Products::inputs_of(std::uint64_t unit) const {
  return has_table() ? std::min(table_inputs_, inputs_ - unit * table_inputs_) : 1;
}

std::uint16_t Products::activation(std::uint64_t token, std::uint64_t input) const {
  const std::uint64_t at = token * inputs_ + input;
  if (!mantissas_.empty()) return static_cast<std::uint16_t>(mantissas_[at]);
  if (const auto* halves = std::get_if<std::vector<Fp16>>(&*operands_->activations))
    return (*halves)[at].bits;
  return static_cast<std::uint16_t>(
      std::get<std::vector<std::int8_t>>(*operands_->activations)[at]);
}

std::uint16_t Products::weight(std::uint64_t output, std::uint64_t unit,
                               std::uint64_t plane) const {
  if (has_table())
    return keys_[(plane * outputs_ * operands_->weights.size() + output) * units_ + unit];
  const quantise::QuantisedMatrix& matrix = operands_->weights[copy_of(output)];
  const std::uint64_t row = output % outputs_;
  const std::uint16_t code = matrix.codes[row * inputs_ + unit];
  switch (format_.kind) {
    case FormatKind::kInt: {
      const std::uint64_t scale = index_(row, unit);
      const std::int16_t q = format_.zero_points ? static_cast<std::int16_t>(code)
                                                 : arith::symmetric_code(code, format_.bits);
      const std::int16_t z =
          format_.zero_points ? std::int16_t{matrix.zero_points[scale]} : std::int16_t{0};
      return (dequantised_ ? arith::dequantised(q, z, matrix.scales[scale]) : arith::centred(q, z))
          .bits;
    }
    case FormatKind::kW8a8:
      return static_cast<std::uint16_t>(arith::symmetric_code(code, 8));
    case FormatKind::kTernary:
      return static_cast<std::uint16_t>(arith::symmetric_code(code, 2));
    case FormatKind::kMsfp: {
      const int magnitude = code & ((1 << format_.mantissa_bits) - 1);
      return static_cast<std::uint16_t>((code >> format_.mantissa_bits) != 0 ? -magnitude
                                                                             : magnitude);
    }
    default:
      return code;
  }
}

std::uint32_t Products::weight_bits(std::uint64_t unit) const {
  return static_cast<std::uint32_t>(has_table() ? inputs_of(unit) : tiles_.code_bits(unit, 1, 1));
}

std::uint32_t Products::scale_bits(std::uint64_t output, std::uint64_t unit,
                                   std::uint64_t plane) const {
  if (plane != 0) return 0;
  return static_cast<std::uint32_t>(
      tiles_.scale_bits(unit * inputs_a_unit(), inputs_of(unit), output % outputs_, 1));
}

std::uint64_t Products::scale(std::uint64_t output, std::uint64_t unit) const {
  if (format_.kind == FormatKind::kMsfp) return output * a_row_ + unit / format_.box;
  return copy_of(output) * a_plane_ + index_(output % outputs_, unit * inputs_a_unit());
}

std::uint32_t Products::sum_of(SumKind kind, std::uint32_t sum, Fp16 addend) const {
  Sum of(kind, sum);
  of.add(addend);
  return of.bits();
}

bool Products::accumulate(PartialSum& sum, std::uint16_t weight, std::uint16_t activation) const {
  const auto integer = [](std::uint16_t word) {
    return static_cast<std::int32_t>(static_cast<std::int16_t>(word));
  };
  std::uint32_t& open = sum.open[0];
  switch (format_.kind) {
    case FormatKind::kFp16:
    case FormatKind::kInt:
      open = sum_of(open_kind_, open, arith::fp16_multiply({weight}, {activation}));
      break;
    case FormatKind::kW8a8:
    case FormatKind::kMsfp:
      open += static_cast<std::uint32_t>(integer(weight) * integer(activation));
      break;
    case FormatKind::kTernary:
      if (gamma_) {
        sum.open[1] = int8_ ? sum.open[1] + static_cast<std::uint32_t>(integer(activation))
                            : sum_of(open_kind_, sum.open[1], {activation});
        sum.has_open |= 2U;
      }
      if (weight == 0) return false;
      if (int8_)
        open += static_cast<std::uint32_t>(integer(weight) * integer(activation));
      else
        open = sum_of(open_kind_, open,
                      integer(weight) > 0 ? Fp16{activation} : arith::negated({activation}));
      break;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      for (std::uint32_t plane = 0; plane < planes_; ++plane)
        sum.open[plane] =
            sum_of(open_kind_, sum.open[plane],
                   ((weight >> plane) & 1U) != 0 ? Fp16{activation} : arith::negated({activation}));
      sum.has_open = static_cast<std::uint8_t>((1U << planes_) - 1U);
      return true;
  }
  sum.has_open |= 1U;
  return true;
}

void Products::accumulate(PartialSum& sum, std::size_t plane, Fp16 entry) const {
  sum.open[plane] = sum_of(open_kind_, sum.open[plane], entry);
  sum.has_open |= static_cast<std::uint8_t>(1U << plane);
}

Fp16 Products::scaled(Fp16 value, std::size_t plane, std::uint64_t output,
                      std::uint64_t input) const {
  const quantise::QuantisedMatrix& matrix = operands_->weights[copy_of(output)];
  const std::uint64_t at = plane * a_plane_ + index_(output % outputs_, input);
  arith::PlaneScale scale;
  std::array<arith::PowerOfTwo, 16> terms{};
  if (format_.scale_terms == 0) {
    scale.factor = matrix.scales[at];
  } else {
    ADDAX_CHECK(format_.scale_terms <= terms.size(), "terms of a scale");
    for (std::uint32_t i = 0; i < format_.scale_terms; ++i)
      terms[i] = arith::decoded_power_of_two(matrix.scale_terms[at * format_.scale_terms + i]);
    scale.terms = {terms.data(), format_.scale_terms};
  }
  return arith::scaled(value, scale, {});
}

void Products::close(PartialSum& sum, std::size_t plane, std::uint32_t open,
                     const Place& at) const {
  const auto add = [&](Fp16 addend) {
    sum.total = sum_of(total_kind_, sum.total, addend);
    sum.has_total = true;
  };
  const std::uint64_t input = at.unit * inputs_a_unit();
  if (format_.kind == FormatKind::kMsfp) {
    const quantise::QuantisedMatrix& matrix = operands_->weights[copy_of(at.output)];
    const std::uint64_t box = input / format_.box;
    const arith::MsfpBox& x = boxes_[at.token * a_row_ + box];
    const int exponent = matrix.exponents[at.output % outputs_ * a_row_ + box] -
                         quantise::exponent_bias(format_.exponent_bits);
    const int units = x.exponent + exponent - 2 * static_cast<int>(format_.mantissa_bits) + 2;
    const auto integer = static_cast<std::int16_t>(static_cast<std::uint16_t>(open));
    add(x.finite ? arith::exponent_add(arith::to_fp16(static_cast<float>(integer)), units,
                                       arith::Underflow::kGradual)
                 : arith::kFp16NaN);
    return;
  }
  add(scaled(Sum(open_kind_, open).to_fp16(), plane, at.output, input));
  if (!gamma_) return;
  const quantise::QuantisedMatrix& matrix = operands_->weights[copy_of(at.output)];
  add(arith::fp16_multiply(Sum(open_kind_, sum.open[1]).to_fp16(),
                           matrix.gammas[index_(at.output % outputs_, input)]));
}

void Products::add_open(PartialSum& sum, const PartialSum& own) const {
  for (std::size_t plane = 0; plane < kMostPlanes; ++plane) {
    if ((own.has_open >> plane & 1U) == 0) continue;
    Sum of(open_kind_, sum.open[plane]);
    of.add(Sum(open_kind_, own.open[plane]));
    sum.open[plane] = of.bits();
  }
  sum.has_open |= own.has_open;
}

void Products::add_total(PartialSum& sum, std::uint32_t own) const {
  Sum of(total_kind_, sum.total);
  of.add(Sum(total_kind_, own));
  sum.total = of.bits();
  sum.has_total = true;
}

float Products::output(const PartialSum& sum, const Place& at) const {
  const auto number = [](const Sum& of) { return static_cast<float>(of.value()); };
  if (segmented_) return number(Sum(total_kind_, sum.total));
  const Sum open(open_kind_, sum.open[0]);
  if (completion_.list().empty()) return number(open);
  const quantise::QuantisedMatrix& matrix = operands_->weights[copy_of(at.output)];
  const std::uint64_t scale = index_(at.output % outputs_, 0);
  // Scales of tokens belong to the activations: 1 here.
  constexpr Fp16 kOne{0x3C00};
  if (int8_)
    return to_fp32(
        arith::w8a8_output(static_cast<std::int32_t>(open.bits()), {kOne, matrix.scales[scale]}));
  Sum complete(kind_of(total_add_) == SumKind::kInt32 ? SumKind::kFp32 : total_kind_);
  complete.add(arith::fp16_multiply(open.to_fp16(), matrix.scales[scale]));
  return number(complete);
}

arith::Table Products::table(std::uint64_t token, std::uint64_t unit, std::uint64_t plane) const {
  arith::Table made(static_cast<std::uint32_t>(table_inputs_), true);
  std::array<Fp16, 16> x{};
  const std::uint64_t count = inputs_of(unit);
  for (std::uint64_t i = 0; i < count; ++i) {
    x[i] = {activation(token, unit * table_inputs_ + i)};
    if (table_a_plane_)
      x[i] = scaled(x[i], plane, token / tokens_ * outputs_, unit * table_inputs_ + i);
  }
  made.build({x.data(), count});
  return made;
}

}  // namespace addax::detailed
