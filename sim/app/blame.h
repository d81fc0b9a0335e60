// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/arch/architecture.h"
#include "models/quantity/diagnosis.h"
#include "sim/input/document.h"

namespace addax::app {

/// What the parts of a design point were read from.
struct Sources {
  input::Document architecture, table;
  std::string trace;       ///< file; empty for a trace that was made
  std::string trace_name;  ///< as the user gave it, for a trace that was made
};

/// Turns what models/ or the engine found impossible into the user's input::ConfigError, at the
/// file, line and key at fault: "rows.KEY" and "sram" are the cost table's, "groups", "buffer" and
/// the like the architecture's, everything else the trace's.
[[noreturn]] void blame(const quantity::Impossible& error, const Sources& sources);

/// The same for a count that left 64 bits. Where a bit of DRAM takes more than a cycle it is the
/// architecture's bandwidth, whose cycles grew too many; else it is the trace.
[[noreturn]] void blame_overflow(const Sources& sources, const arch::Architecture& architecture);

}  // namespace addax::app
