// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/baseline.h"

#include <algorithm>
#include <cmath>

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"

namespace addax::engine {
namespace {

using arith::Arithmetic;
using workload::FormatKind;
using workload::WeightFormat;

// Past this an array is not hardware any more; the search for columns stops here.
constexpr std::uint32_t kMostColumns = 1U << 20U;

WeightFormat same_bits(const WeightFormat& format) {
  if (format.kind == FormatKind::kFp16 || format.kind == FormatKind::kInt) return format;
  WeightFormat integers = workload::default_format(FormatKind::kInt, workload::code_bits_a_weight(format));
  if (format.scales.sharing == workload::ScaleSharing::kGroup)
    integers.scales.group = format.scales.group;
  return integers;
}

double rate(const arch::Datapath& path, Arithmetic arithmetic) {
  const arch::Datapath::Rate rate = path.rate(arithmetic);
  return static_cast<double>(rate.operations) / static_cast<double>(rate.cycles);
}

double macs_a_cycle(const arch::Datapath& path, const WeightFormat& format,
                    const workload::Widths& widths) {
  const double products = rate(path, workload::accumulate_products(widths));
  const double sums = rate(path, workload::accumulate(widths));
  switch (format.kind) {
    case FormatKind::kFp16:
    case FormatKind::kInt:
      return std::min(rate(path, Arithmetic::kFp16Multiply), products);
    case FormatKind::kW8a8:
      return std::min(rate(path, Arithmetic::kInt8Multiply), rate(path, Arithmetic::kInt32Add));
    case FormatKind::kMsfp:
      return std::min(rate(path, Arithmetic::kInt8Multiply), rate(path, Arithmetic::kInt16Add));
    case FormatKind::kTernary:
      return sums;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      break;
  }
  const double planes = format.planes;
  if (!path.lut) return sums / planes;
  return std::min<double>(path.lut->readers, sums) * path.lut->key_bits / planes;
}

double macs_a_cycle(const arch::Architecture& architecture, const WeightFormat& format,
                    const workload::Widths& widths) {
  double best = 0.0;
  for (const arch::ColumnGroup& group : architecture.groups)
    best = std::max(best, macs_a_cycle(group.datapath, format, widths) * group.columns);
  return best * architecture.rows;
}

double area_um2(const cost::CostTable& table, const arch::Architecture& architecture) {
  return cost::area(table, architecture).total.value.value();
}

arch::Architecture with_columns(arch::Architecture architecture, std::uint32_t columns) {
  architecture.groups.front().columns = columns;
  return architecture;
}

// The most columns whose area stays within the design's: area grows with columns.
std::uint32_t columns_of_area(const arch::Architecture& shape, const cost::CostTable& table,
                              double budget_um2) {
  const auto fits = [&](std::uint32_t columns) {
    return area_um2(table, with_columns(shape, columns)) <= budget_um2;
  };
  if (!fits(1))
    throw quantity::Impossible({"groups", std::to_string(budget_um2) + " um2",
                                "an area that holds one column of multipliers (" +
                                    std::to_string(area_um2(table, with_columns(shape, 1))) +
                                    " um2), or another --equal"});
  std::uint32_t least = 1;
  std::uint32_t past = 2;
  while (past <= kMostColumns && fits(past)) {
    least = past;
    past *= 2;
  }
  if (past > kMostColumns)
    throw quantity::Impossible({"groups", std::to_string(budget_um2) + " um2",
                                "a cost table in which columns take area, or another --equal"});
  while (past - least > 1) {
    const std::uint32_t middle = least + (past - least) / 2;
    (fits(middle) ? least : past) = middle;
  }
  return least;
}

}  // namespace

workload::Trace baseline_trace(const workload::Trace& trace, BaselineKind kind) {
  workload::Trace baseline = workload::with_formats(
      trace, [kind](const workload::Operation&, const workload::Linear& linear) {
        return kind == BaselineKind::kFp16 ? WeightFormat{} : same_bits(linear.weights);
      });
  baseline.widths.activation_bits = 16;
  baseline.name += kind == BaselineKind::kFp16 ? " as fp16" : " as integers";
  return baseline;
}

double peak_macs_a_cycle(const arch::Architecture& architecture, const workload::Trace& trace) {
  double macs = 0.0;
  double cycles = 0.0;
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks)
      for (const workload::Operation& operation : block.operations) {
        const auto* linear = std::get_if<workload::Linear>(&operation.work);
        if (linear == nullptr) continue;
        const double peak = macs_a_cycle(architecture, linear->weights, trace.widths);
        if (peak == 0.0) continue;
        const double work =
            static_cast<double>(workload::macs(operation.work)) * static_cast<double>(block.repeat);
        macs += work;
        cycles += work / peak;
      }
  return cycles > 0.0 ? macs / cycles : 0.0;
}

BaselineArchitecture baseline_architecture(const arch::Architecture& design,
                                           const arch::Architecture& pattern,
                                           const workload::Trace& trace,
                                           const cost::CostTable& table,
                                           result::Equalisation equalisation) {
  ADDAX_CHECK(pattern.groups.size() == 1, pattern.name);
  arch::Architecture shape = design;
  shape.name = pattern.name;
  shape.description = pattern.description;
  shape.groups = pattern.groups;

  if (equalisation == result::Equalisation::kIsoPe)
    return {with_columns(shape, design.columns()), 0.0};

  if (equalisation == result::Equalisation::kIsoArea) {
    const double budget = area_um2(table, design);
    const std::uint32_t columns = columns_of_area(shape, table, budget);
    arch::Architecture baseline = with_columns(shape, columns);
    const double residual = (area_um2(table, baseline) - budget) / budget;
    return {std::move(baseline), residual};
  }

  const double wanted = peak_macs_a_cycle(design, trace);
  const double a_column = macs_a_cycle(with_columns(shape, 1), WeightFormat{}, trace.widths);
  ADDAX_CHECK(a_column > 0.0, pattern.name);
  if (wanted == 0.0)
    throw quantity::Impossible({"phases", trace.name,
                                "at least one linear layer that the design can run, or another "
                                "--equal"});
  const double columns =
      std::clamp(std::round(wanted / a_column), 1.0, static_cast<double>(kMostColumns));
  arch::Architecture baseline = with_columns(shape, static_cast<std::uint32_t>(columns));
  return {std::move(baseline), (columns * a_column - wanted) / wanted};
}

}  // namespace addax::engine
