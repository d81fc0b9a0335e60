// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/baseline.h"

#include <algorithm>
#include <cmath>

#include "models/mapping/dataflow.h"
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
  WeightFormat integers =
      workload::default_format(FormatKind::kInt, workload::code_bits_a_weight(format));
  if (format.scales.sharing == workload::ScaleSharing::kGroup)
    integers.scales.group = format.scales.group;
  return integers;
}

double macs_a_cycle(const arch::Architecture& architecture, const WeightFormat& format,
                    const workload::Widths& widths) {
  double best = 0.0;
  for (const arch::ColumnGroup& group : architecture.groups)
    best =
        std::max(best, mapping::peak_macs_a_cycle(group.datapath, format, widths) * group.columns);
  return best * architecture.rows;
}

double area_um2(const cost::CostTable& table, const arch::Architecture& architecture) {
  return cost::area(table, architecture).total.value.value();
}

/// FP16 adders and words in the place of FP32 ones: the pattern's PE for a trace that sums in FP16.
void narrow_sums(arch::ColumnGroup& group) {
  std::vector<arch::Unit>& units = group.datapath.units;
  const auto unit_of = [&units](Arithmetic arithmetic) {
    return std::find_if(units.begin(), units.end(),
                        [=](const arch::Unit& u) { return u.executes == arithmetic; });
  };
  const auto wide = unit_of(Arithmetic::kFp32Add);
  ADDAX_CHECK(wide != units.end() && unit_of(Arithmetic::kFp16Add) == units.end(), group.name);
  wide->executes = Arithmetic::kFp16Add;
  group.psum_scratchpad.width_bits = 16;
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
  if (trace.widths.accumulator_bits == 16) {
    narrow_sums(shape.groups.front());
    shape.name += "_sum16";
  }

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
