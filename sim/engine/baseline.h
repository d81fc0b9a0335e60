// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/arch/architecture.h"
#include "models/cost/cost.h"
#include "models/result/result.h"
#include "models/workload/trace.h"

namespace addax::engine {

enum class BaselineKind {
  kFp16,      ///< every linear layer in FP16, on FP16 multipliers
  kSameBits,  ///< every linear layer as integers of the same bits, on FP16 multipliers
};

/// The trace that a baseline replays: linear layers of `trace` in the baseline's formats,
/// activations in FP16. Integers take the design's bits a weight (planes for binary-coded weights,
/// 2 for ternary, 1 + m for msfp, 8 for w8a8) and its group size along K where it has one, else
/// groups of 128; layers in FP16 and integers stay as they are.
workload::Trace baseline_trace(const workload::Trace& trace, BaselineKind kind);

struct BaselineArchitecture {
  arch::Architecture architecture;
  double residual = 0.0;  ///< (baseline - design) / design of what is held equal
};

/// MAC equivalents that an architecture completes in a cycle on the linear layers of a trace, when
/// nothing but its arithmetic units binds: all MACs over the cycles of all layers, each layer on
/// the column group that is fastest for it, at mapping::peak_macs_a_cycle a PE. Scales and tables
/// are left out: they are overhead that a design may or may not hide. 0 where no layer can run.
double peak_macs_a_cycle(const arch::Architecture& architecture, const workload::Trace& trace);

/// An array of `pattern`'s PEs (a uniform multiplier architecture) made comparable with `design`:
/// DRAM, clock, buffer, networks and vector unit are the design's; rows are the design's; columns
/// follow from the equalisation:
/// - iso-area: as many as fit into the design's area;
/// - iso-throughput: peak MAC equivalents a cycle nearest to the design's on `trace`;
/// - iso-PE: the design's.
/// Where the trace sums in FP16 the pattern's FP32 adders and partial-sum words become FP16 ones: a
/// baseline sums as wide as its design.
/// Throws Impossible where not even one column fits, or where columns take no area.
BaselineArchitecture baseline_architecture(const arch::Architecture& design,
                                           const arch::Architecture& pattern,
                                           const workload::Trace& trace,
                                           const cost::CostTable& table,
                                           result::Equalisation equalisation);

}  // namespace addax::engine
