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
  busy_ = passes_ = scalings_ = 0;
  work_ = nullptr;
}

void ColumnGroup::count() {
  if (passes_ > 0) {
    scratchpads->access(work_->accesses, passes_);
    units->execute(work_->arithmetic, passes_);
  }
  if (scalings_ > 0) units->execute(*scaling_, scalings_);
  passes_ = scalings_ = 0;
}

std::uint64_t ColumnGroup::compute(const mapping::Pass& pass) {
  const mapping::PassWork& work = *pass.work;
  if (&work != work_ || pass.scaling != scaling_) {
    count();
    work_ = &work;
    scaling_ = pass.scaling;
    work_cycles_ = quantity::checked_mul(
        work.pe.waves,
        lut->wave_cycles(work.pe.builds, work.pe.port_reads, units->cycles(work.pe.busiest)));
    work_cycles_ = std::max({work_cycles_, work.pe.scaled_cycles, work.pe.least_cycles});
  }
  ++passes_;
  scalings_ = quantity::checked_add(scalings_, pass.scalings);
  busy_ += work_cycles_;
  return work_cycles_;
}

}  // namespace addax::hw
