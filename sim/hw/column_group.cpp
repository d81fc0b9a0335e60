// SPDX-License-Identifier: Apache-2.0
#include "sim/hw/column_group.h"

#include <algorithm>

namespace addax::hw {

ColumnGroup::ColumnGroup(const sc_core::sc_module_name& name, const arch::ColumnGroup& params)
    : sc_module(name),
      units_("pe_units", params.datapath),
      lut_("pe_lut", params.datapath.lut),
      scratchpads_("pe_scratchpads") {
  target.bind(*this);
  units.bind(units_.target);
  lut.bind(lut_.target);
  scratchpads.bind(scratchpads_.target);
}

void ColumnGroup::start_layer() {
  units_.start_layer();
  scratchpads_.start_layer();
  busy_ = 0;
}

std::uint64_t ColumnGroup::compute(const mapping::Pass& pass) {
  const mapping::PassWork& work = *pass.work;
  scratchpads->access(work.accesses);
  units->execute(work.arithmetic, 1);
  std::uint64_t cycles = quantity::checked_mul(
      work.pe.waves,
      lut->wave_cycles(work.pe.builds, work.pe.port_reads, units->cycles(work.pe.busiest)));
  cycles = std::max({cycles, work.pe.scaled_cycles, work.pe.least_cycles});
  if (pass.scalings > 0) units->execute(*pass.scaling, pass.scalings);
  busy_ += cycles;
  return cycles;
}

}  // namespace addax::hw
