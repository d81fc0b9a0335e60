// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <utility>

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
          joined(all.rows, " + "),
          all.assumed_rows};
}

/// Empty where the macros of a group's table lie within the fit, or where it has none.
std::string small_macro_note(const CostTable& table, const arch::ColumnGroup& group) {
  const auto& lut = group.datapath.lut;
  if (!lut || lut->storage != arch::Storage::kSram || !table.sram) return "";
  const SramFit& fit = *table.sram;
  const Macro macro = macro_of(store_of(*lut));
  if (within(fit, macro)) return "";
  std::ostringstream text;
  text << "the SRAM table of group '" << group.name << "' is made of macros of " << macro.bytes
       << " B x " << macro.width_bits << " b, outside the fit (" << fit.least_bytes << " to "
       << fit.most_bytes << " B, " << fit.least_width_bits << " to " << fit.most_width_bits
       << " b): its figures are extrapolated and count as assumed";
  // Too large is another matter than too small.
  if (macro.bytes < static_cast<double>(fit.least_bytes))
    text << ". A macro of a few hundred bits is mostly periphery, of which the fit has seen none: "
            "FIGLUT (HPCA 2025) found one dearer than an FP adder";
  return text.str();
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
  for (const arch::ColumnGroup& group : a.groups) {
    std::string note = small_macro_note(table, group);
    if (!note.empty()) report.notes.push_back(std::move(note));
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
