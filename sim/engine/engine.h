// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "models/arch/architecture.h"
#include "models/arith/float.h"
#include "models/cost/cost_table.h"
#include "models/mapping/mapper.h"
#include "models/result/result.h"
#include "models/values/layer_values.h"
#include "models/workload/trace.h"

namespace addax::engine {

struct Findings;

enum class Fidelity {
  kAnalytic,  ///< closed form: exact actions, an estimate of cycles
  kCycle,     ///< SystemC, one transaction a pass
  kDetailed,  ///< SystemC, every PE in every cycle; what it cannot run by kCycle
};
const char* name(Fidelity fidelity);  ///< "analytic", "cycle", "detailed"

/// What came out of a layer, as it is stored.
struct OutputMatrix {
  std::uint64_t tokens = 0, outputs = 0;
  std::vector<arith::Fp16> values;  ///< tokens x outputs, row by row
};

/// What is wanted of layers that are clocked PE by PE. Null: nothing.
struct Watch {
  /// Whose signals and outputs: "layer", "block/layer" or "phase/block/layer"; of several that are
  /// called so, and of all where it is empty, the first that is clocked.
  std::string layer;
  std::ostream* signals = nullptr;            ///< takes a value change dump
  std::vector<std::string> patterns = {"*"};  ///< of names of signals
  std::ostream* timeline = nullptr;           ///< of the passes of all
  OutputMatrix* outputs = nullptr;
};

/// The values of a layer that has some.
using ValuesOf = std::function<values::LayerValues(const workload::Linear&)>;

struct Options {
  Fidelity fidelity = Fidelity::kCycle;
  bool reuse_equal_layers = true;  ///< simulate layers of equal shape, format and mapping once
  /// Called now and then with the layers done and all layers; may be empty.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
  mapping::Effort effort = mapping::Effort::kFast;
  search::Objective objective = search::Objective::kEdp;
  std::uint64_t fast_budget = mapping::kFastBudget;  ///< nodes that `fast` evaluates for a layer
  unsigned threads = 1;                              ///< of the mapper; results do not depend on it
  std::optional<mapping::Constraints> constraints = {};  ///< on products with weights
  /// What mappings are priced with; none: Eyeriss's normalised costs.
  const cost::CostTable* costs = nullptr;
  /// Of runs before, and for those after; null: none.
  Findings* findings = nullptr;
  // For kDetailed:
  Watch watch = {};
  ValuesOf values = {};  ///< none: operands are pseudo-random
};

/// PEs x cycles that a detailed run may take: an hour at 10 million a second. 13 to 19 million were
/// measured.
inline constexpr std::uint64_t kMostPeCycles = 36'000'000'000;

/// Replays a trace on an architecture. Throws quantity::Impossible where a layer cannot run there
/// (path "phases[i].blocks[j].operations[k]..."), where `watch` asks for a layer or signals that are not
/// there ("--layer", "--signals"), where clocking every PE would take more than kMostPeCycles; and
/// CountOverflow.
result::Activity run(const arch::Architecture& architecture, const workload::Trace& trace,
                     const Options& options);

}  // namespace addax::engine
