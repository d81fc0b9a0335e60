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

/// The trace that a baseline replays: linear layers of `trace` in the baseline's formats. Integers take
/// the design's bits a weight (planes for binary-coded weights, 2 for ternary, 1 + m for msfp) and its
/// grouping along K where it has one, else groups of 128.
workload::Trace baseline_trace(const workload::Trace& trace, BaselineKind kind);

struct BaselineArchitecture {
  arch::Architecture architecture;
  double residual = 0.0;  ///< (baseline - design) / design of what is held equal
};

/// An array of `pattern`'s PEs (a uniform multiplier architecture) made comparable with `design`:
/// DRAM, clock, buffer, networks and vector unit are the design's; rows are the design's; columns
/// follow from the equalisation. Throws Impossible where not even one column fits.
BaselineArchitecture baseline_architecture(const arch::Architecture& design,
                                           const arch::Architecture& pattern,
                                           const workload::Trace& trace,
                                           const cost::CostTable& table,
                                           result::Equalisation equalisation);

}  // namespace addax::engine
