// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <random>
#include <vector>

#include "models/arch/architecture.h"
#include "models/mapping/plan.h"
#include "sim/detailed/chip.h"
#include "sim/hw/chip.h"

namespace addax::tests {

struct Shape {
  std::uint64_t tokens = 1, outputs = 1, inputs = 1;
};

/// A table in place of the shipped one.
struct Table {
  std::uint32_t key_bits = 8;
  bool half = true;
  std::uint32_t readers = 1;
};

/// A format on a datapath that runs it.
struct Kind {
  const char* architecture;
  workload::WeightFormat format;
  workload::Widths widths;
  std::optional<Table> table = std::nullopt;  ///< none: as shipped
};

/// Each datapath with the formats that it runs in ways of their own.
const std::vector<Kind>& kinds();
/// Datapaths with tables of other keys, full ones, and others with several readers.
const std::vector<Kind>& table_kinds();

/// An array, buffer, networks and DRAM of any size, and a product that they may run.
struct Case {
  arch::Architecture architecture;
  Shape shape;
  workload::WeightFormat format;
  workload::Widths widths;
  std::uint64_t copies = 1;
  workload::Linear linear() const {
    return {shape.tokens, shape.inputs, shape.outputs, copies, workload::LinearRole::kMlp, format};
  }
};

/// The mapping that a run would take.
mapping::ProductPlan plan_of(const Case& one);
/// The `cycle` fidelity.
hw::LayerRun simulated(const arch::Architecture& a, const mapping::ProductPlan& plan);
/// The `detailed` one.
detailed::ProductRun clocked(const arch::Architecture& a, const mapping::ProductPlan& plan,
                             const values::LayerValues& operands);

/// Random cases, the same for the same seed.
class Cases {
 public:
  Cases(std::uint32_t seed, bool narrow_networks) : random_(seed), narrow_(narrow_networks) {}

  Case next(const Kind& kind);
  /// The same with more at random: bandwidth of the DRAM, refresh with outages of up to 4000 cycles,
  /// places in the write queue, number of banks, single and double tables; some products are longer.
  Case varied(const Kind& kind);
  std::mt19937& random() { return random_; }

 private:
  std::uint64_t pick(std::uint64_t least, std::uint64_t most);
  std::uint64_t extent();

  std::mt19937 random_;
  bool narrow_;
};

}  // namespace addax::tests
