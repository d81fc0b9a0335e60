// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "models/mapping/dataflow.h"
#include "models/quantity/quantity.h"

namespace addax::mapping {

using arith::Arithmetic;
using workload::FormatKind;
using workload::ScaleSharing;

namespace {

std::set<Arithmetic> operations_of(const workload::WeightFormat& format,
                                   const workload::Widths& widths) {
  const Arithmetic products = workload::accumulate_products(widths);
  switch (format.kind) {
    case FormatKind::kFp16:
      return {Arithmetic::kFp16Multiply, products};
    case FormatKind::kW8a8:
      return {Arithmetic::kInt8Multiply, Arithmetic::kInt32Add, Arithmetic::kFp16Multiply};
    case FormatKind::kInt:
      return {Arithmetic::kInt8Add, Arithmetic::kFp16Convert, Arithmetic::kFp16Multiply, products};
    case FormatKind::kTernary:
      return {workload::accumulate(widths), Arithmetic::kFp16Multiply, products};
    case FormatKind::kMsfp:
      return {Arithmetic::kFp16Convert, Arithmetic::kInt8Multiply, Arithmetic::kInt16Add,
              Arithmetic::kExponentAdd, products};
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      break;
  }
  std::set<Arithmetic> needed = {workload::accumulate(widths)};
  if (format.scale_terms == 0) needed.insert(Arithmetic::kFp16Multiply);
  if (format.scale_terms > 0) needed.insert(Arithmetic::kExponentAdd);
  if (format.scale_terms > 1) needed.insert(Arithmetic::kFp16Add);
  return needed;
}

}  // namespace

std::string missing_operation(const arch::Datapath& datapath, const workload::WeightFormat& format,
                              const workload::Widths& widths) {
  for (const Arithmetic arithmetic : operations_of(format, widths))
    if (datapath.rate(arithmetic).operations == 0) return arith::name(arithmetic);
  constexpr std::uint32_t kEntryBits = 16;
  if (workload::is_binary_coded(format) && datapath.lut && datapath.lut->entry_bits < kEntryBits)
    return "table entries of 16 bits";
  return "";
}

workload::Realisation realise(const arch::Datapath& datapath, const workload::Linear& linear) {
  const workload::WeightFormat& format = linear.weights;
  workload::Realisation how;
  if (workload::is_binary_coded(format) && datapath.lut) {
    how.key_bits = datapath.lut->key_bits;
    if (format.scales.sharing == ScaleSharing::kColumn && how.key_bits > 1)
      how.scale_placement = workload::ScalePlacement::kBeforeTable;
  }
  if (format.kind == FormatKind::kInt) {
    // After the group: M N G multiplies and as many adds. Dequantised tiles: N K multiplies.
    const std::uint64_t groups = workload::scale_groups_a_row(format, linear.inputs);
    if (quantity::checked_mul(2, linear.tokens, groups) > linear.inputs)
      how.integer_mode = workload::IntegerMode::kDequantisedTiles;
  }
  return how;
}

}  // namespace addax::mapping
