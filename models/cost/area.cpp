// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost.h"
#include "models/cost/silicon.h"

namespace addax::cost {
namespace {

using quantity::SquareMicrometres;

AreaPart part(std::string component, std::uint64_t instances, const Estimate& one) {
  const Estimate all = one * static_cast<double>(instances);
  return {std::move(component),
          instances,
          {SquareMicrometres(all.figure.value), SquareMicrometres(all.figure.low),
           SquareMicrometres(all.figure.high), SquareMicrometres(all.assumed)},
          joined(all.rows, " + ")};
}

}  // namespace

AreaReport area(const CostTable& table, const arch::Architecture& a) {
  AreaReport report;
  report.parts.push_back(part("buffer", a.buffer.banks, cell_area(table, bank_of(a.buffer))));
  for (std::size_t g = 0; g < a.groups.size(); ++g) {
    const std::string prefix = "array[" + std::to_string(g) + "].";
    const std::uint64_t pes = std::uint64_t{a.rows} * a.groups[g].columns;
    for (const auto& [name, estimate] : pe_parts(table, a.groups[g]))
      report.parts.push_back(part(prefix + name, pes, estimate));
  }
  report.parts.push_back(part("vector_unit", 1, vector_unit_area(table, a.vector_unit)));
  report.parts.push_back(part("control", 1, look_up(table, "chip.control", "area_um2")));
  for (const AreaPart& each : report.parts) {
    report.total.value += each.total.value;
    report.total.low += each.total.low;
    report.total.high += each.total.high;
    report.total.assumed += each.total.assumed;
  }
  return report;
}

}  // namespace addax::cost
