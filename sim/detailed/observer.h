// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/detailed/collector.h"
#include "sim/detailed/loader.h"
#include "sim/detailed/pe.h"
#include "sim/detailed/supply.h"

namespace addax::detailed {

/// What may be seen of a chip at the end of a cycle.
struct View {
  std::uint64_t cycle = 0;
  const std::vector<Pe*>& pes;  ///< row by row
  const Supply &activations, &weights;
  const Returns& returns;
  const Collector& collector;
  const Loader& loader;
  const BankPort &stream, &resident;
};

/// Watches a chip at work, and changes nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  /// After PEs have worked and words have moved. What it throws ends the run and leaves Chip::run.
  virtual void see(const View& view) = 0;
};

}  // namespace addax::detailed
