// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/action/action.h"
#include "models/cost/cost.h"
#include "models/quantity/quantity.h"
#include "models/workload/counts.h"
#include "models/workload/operation.h"
#include "models/workload/value_counts.h"

namespace addax::result {

/// What takes time: each has a closed-form bound on the cycles of a layer.
enum class Resource { kDram, kBuffer, kNetwork, kCompute, kVectorUnit };
inline constexpr int kResourceCount = 5;
const char* name(Resource resource);  ///< "dram", "buffer", "network", "compute", "vector_unit"

/// How long the tables of a layer are kept. Counts of all repetitions together.
struct Retention {
  /// Tables that differ, each built once at least: one for every key of every token and, where
  /// scales go to the inputs before the table, for every plane and block of rows too.
  std::uint64_t distinct = 0;
  std::uint64_t built = 0;
  std::uint64_t queries = 0;
  std::uint32_t planes = 1;        ///< that one table serves
  std::uint64_t output_tiles = 1;  ///< into which the passes cut the outputs that one table serves
  double builds_a_table() const;
  double outputs_a_build() const;
  /// Below 1 where a table is built more than once for one tile: in several PEs, or for every wave.
  double tiles_a_build() const;
};

/// What the engine found for one layer (or one fused group of layers), all repetitions together.
struct LayerActivity {
  std::string phase, block, name;
  std::string kind;      ///< as in the trace; for a fused group "attention"
  std::string fidelity;  ///< the report's; "cycle" where "detailed" cannot run the layer
  std::string format;    ///< weight format in words; empty where there are no weights
  std::string group;     ///< column group that computes it; empty where the array does nothing
  std::uint64_t repeat = 1;
  std::uint64_t macs = 0;
  quantity::Cycles cycles;
  std::uint64_t passes = 0;
  std::uint64_t dram_read_bits = 0, dram_write_bits = 0, dram_bursts = 0;
  Resource bound_by = Resource::kDram;                  ///< the largest of the bounds
  std::array<quantity::Cycles, kResourceCount> busy{};  ///< closed-form bound of each resource
  workload::ArithmeticCounts arithmetic;                ///< the layer's count
  workload::ArithmeticCounts repeated;  ///< done again for tiles: tables, dequantisation, rescaling
  std::optional<Retention> retention;   ///< where the layer has tables
  std::optional<workload::Realisation> realisation;  ///< of a linear layer
  std::optional<workload::ValueCounts> counted;      ///< where the layer has values
  std::optional<workload::ValueCounts> assumed;      ///< defaults for what was not counted
  std::uint64_t padding_macs = 0;                    ///< computed beyond a causal triangle
  std::string mapping;                               ///< loop nest in one line
  action::ActionCounts actions;
};

/// What the engine found for a design point.
struct Activity {
  std::vector<LayerActivity> layers;
  quantity::Cycles cycles;
  std::vector<std::string>
      notes;  ///< choices worth knowing: column groups used, tensors spilled, ...
};

struct LayerResult {
  LayerActivity activity;
  quantity::Seconds latency;
  cost::EnergyReport energy;
};

struct Totals {
  quantity::Cycles cycles;
  quantity::Seconds latency;
  cost::Energy energy;
  cost::Area area;
  std::uint64_t macs = 0;
  std::uint64_t dram_bits = 0;
};

/// A design point, evaluated.
struct DesignResult {
  std::string architecture, trace, cost_table;
  std::uint32_t rows = 0, columns = 0;
  Totals totals;
  std::map<std::string, cost::Energy> energy_by_component;
  std::map<std::string, cost::Energy> energy_by_operation;  ///< by LayerActivity::kind
  cost::TableEnergy energy_of_tables;
  cost::AreaReport area;
  action::ActionCounts actions;
  std::vector<LayerResult> layers;
  std::vector<std::string> notes;
};

/// Prices an activity: layers, sums, area. The actions of single layers are summed and let go.
/// Throws quantity::Impossible for a missing row.
DesignResult evaluate(Activity activity, const arch::Architecture& architecture,
                      const std::string& trace_name, const cost::CostTable& table);

/// design / baseline, so that below 1 is better for energy, latency and area.
struct Ratios {
  double energy = 0.0, latency = 0.0, area = 0.0, edp = 0.0;
};
Ratios ratios(const Totals& design, const Totals& baseline);

/// What a design saves of a baseline's energy, latency or memory, per cent; below 0 it takes more.
constexpr double saving_percent(double design, double baseline) {
  return 100.0 * (1.0 - design / baseline);
}

enum class Equalisation { kIsoArea, kIsoThroughput, kIsoPe };
const char* name(Equalisation equalisation);  ///< "iso-area", "iso-throughput", "iso-pe"

struct Baseline {
  DesignResult result;
  Equalisation equalisation{};
  double residual = 0.0;  ///< (baseline - design) / design of what is held equal
};

struct Provenance {
  std::string version, commit;
  std::string sources_sha256;  ///< of Addax itself
  std::string trace_sha256, cost_table_sha256, architecture_sha256;
  std::map<std::string, std::string> values_sha256 =
      {};  ///< of files of values, as the trace names them
};

/// All that one `addax run` found.
struct Report {
  Provenance provenance;
  std::string fidelity;  ///< "detailed", "cycle" or "analytic"
  DesignResult design;
  std::optional<Baseline> fp16, same_bits;
};

}  // namespace addax::result
