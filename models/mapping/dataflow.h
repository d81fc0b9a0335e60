// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/arch/architecture.h"
#include "models/mapping/array_mapping.h"
#include "models/mapping/nest.h"
#include "models/mapping/segments.h"
#include "models/mapping/weight_tiles.h"
#include "models/workload/operation.h"

namespace addax::mapping {

/// What the array computes in a layer: the weights' format, or plain 16-bit data for attention.
struct Kernel {
  workload::WeightFormat format;
  workload::Widths widths;
  workload::Realisation how;
  WeightTiles tiles{16};
  std::uint64_t reduction = 0;  ///< the whole K of the layer
  /// Whether sums of planes run down a column by themselves: a scale covers more than a key.
  bool sums_by_plane() const {
    return how.key_bits > 0 && how.scale_placement != workload::ScalePlacement::kBeforeTable &&
           tiles.inputs_a_scale() > how.key_bits;
  }
};

/// Bits of an activation in the buffer and in DRAM, whatever width the array takes it in.
inline constexpr std::uint32_t kStoredActivationBits = 16;

/// Small-memory accesses and links inside the array, in a pass.
struct ArrayAccesses {
  std::uint64_t activation_reads = 0, activation_writes = 0;
  std::uint64_t weight_reads = 0, weight_writes = 0;
  std::uint64_t psum_reads = 0, psum_writes = 0;
  std::uint64_t neighbour_bits = 0;
  std::uint64_t lut_reads = 0, lut_writes = 0;

  void add(const ArrayAccesses& other, std::uint64_t times);
};

/// What the PEs do in a pass: `waves` one after another, each with these operations in the busiest
/// PE and, where there is a table, these reads through its busiest port.
struct PeWork {
  std::uint64_t waves = 0;
  workload::ArithmeticCounts busiest;
  /// That the pass takes at least with scalings: waves one after another, each as long as the PE with the most
  /// to do.
  std::uint64_t scaled_cycles = 0;
  std::uint64_t port_reads = 0;
  bool builds = false;  ///< the tables are built anew for each wave
  /// That the pass takes at least: sums that leave the busiest PE one by one, and round trips of sums
  /// that go to the buffer and are added to by the next wave.
  std::uint64_t least_cycles = 0;
};

/// All that one pass asks of the chip, apart from DRAM and from scaling (which depends on where the
/// pass lies in the scale groups; see Dataflow::segments).
struct PassWork {
  PeWork pe;
  quantity::Cycles array_cycles;  ///< that the PEs need for it: docs/physics/array.md
  quantity::Cycles cycles;  ///< that it takes at least: PEs and networks; ports of the buffer aside
  /// Of the PEs' cycles, those for which what their scratchpads hold of the streaming half's data lasts
  /// at most: the half has been read before they begin.
  quantity::Cycles held_cycles;
  /// That PEs wait for activations because their scratchpads had no room for them before.
  quantity::Cycles stall_cycles;
  /// The same for its first activations, where it follows another pass.
  quantity::Cycles refill_cycles;
  /// In which results are through with the last adds and scalings, behind the last products.
  quantity::Cycles behind_cycles;
  /// At the end of the pass, in which PEs are done with one sum after another of a tile that stays in them; 0:
  /// sums leave all the time.
  quantity::Cycles leaving_cycles;
  /// Between the first column and the last of those that share the reduction.
  quantity::Cycles skew_cycles;  ///< in sending sums ...
  quantity::Cycles lag_cycles;   ///< ... in reading keys, or weights
  quantity::Cycles fill_cycles;  ///< before the first result of an array that was idle
  /// While single tables are built, as far as keys do not come, and sums do not leave or come back, all the same.
  quantity::Cycles keyless_cycles, sumless_cycles, returnless_cycles;
  /// Of the weight network, for what scratchpads hold: it may come before the first query.
  quantity::Cycles lead_cycles;
  /// Of the network that brings sums, for what scratchpads hold of those of the first wave: they may come before
  /// the pass begins.
  quantity::Cycles return_lead_cycles;
  /// Of the output network: it takes sums that wait in the PEs when the pass has ended.
  quantity::Cycles waiting_cycles;
  /// Before the first query of an idle array, building included; 0: no tables are built.
  quantity::Cycles first_query_cycles;
  /// Results of the busiest PE, as many as may wait in one, and the cycles at the end of the pass in which they come.
  std::uint64_t results_a_pe = 0, results_held = 0;
  quantity::Cycles results_cycles;
  /// Whether they find room in the PEs beside `waiting` ones of passes before.
  bool results_fit(std::uint64_t waiting) const { return results_a_pe + waiting <= results_held; }
  /// Of the PEs' cycles, those that come after PEs are full of results that may not leave, `waiting`
  /// of them of passes before.
  quantity::Cycles blocked_cycles(std::uint64_t waiting = 0) const;
  bool own_returns = false;         ///< sums that come back are those that the pass itself has sent
  bool activations_stream = false;  ///< from the streaming half
  std::uint64_t activation_bits = 0;      ///< over the trunk of the activation network
  std::uint64_t activation_row_bits = 0;  ///< over row buses: once for each row that needs the bit
  std::uint64_t weight_bits = 0;          ///< over the weight network, without scales
  std::uint64_t weight_row_bits = 0;      ///< the same over row buses
  std::uint64_t psum_bits = 0;            ///< buffer to array
  std::uint64_t output_bits = 0;          ///< array to buffer
  std::uint64_t resident_reads = 0, resident_writes = 0;  ///< buffer accesses, resident banks
  std::uint64_t sum_reads = 0;                            ///< of these, sums that come back
  std::uint64_t stream_reads = 0;                         ///< buffer accesses, streaming half
  workload::ArithmeticCounts arithmetic;
  ArrayAccesses accesses;
  std::uint64_t activations_a_pe = 0, weights_a_pe = 0;  ///< words that come to the busiest PE
  std::uint64_t segment_outputs = 0;  ///< outputs scaled once for each segment of the pass
  std::vector<Progression> cuts;      ///< see Dataflow::cuts
};

/// Rows, columns and readers of a group, as its nest needs them.
ArrayShape array_shape(const arch::Architecture& architecture, std::size_t group,
                       const Kernel& kernel);

/// The law of one column group and one kernel: what a pass of given extents costs inside the chip.
/// Formulae and what they leave out: docs/physics/array.md.
class Dataflow {
 public:
  Dataflow(const arch::Architecture& architecture, std::size_t group, const Kernel& kernel,
           const ArrayMapping& mapping);

  /// `activation_streams`: activations come from the streaming half instead of resident banks.
  PassWork work(const PassPosition& position, bool activation_streams) const;

  /// Pieces into which scale groups and the array's own reductions cut [offset, offset + extent) of
  /// the reduction: each output is scaled once for each. `tokens`, `outputs`: extents of the pass.
  std::uint64_t segments(std::uint64_t offset, const Extents& extents) const;
  /// The same for passes of one kind, whose cuts are known.
  std::uint64_t segments(std::uint64_t offset, std::uint64_t inputs,
                         const std::vector<Progression>& cuts) const;
  /// Inputs of a pass with which the array's own sums begin; none: they do not cut the reduction.
  std::vector<Progression> cuts(const Extents& extents) const;
  /// Arithmetic of `scalings` scalings (of one output in one segment).
  workload::ArithmeticCounts scaling(std::uint64_t scalings) const;
  /// Arithmetic of one.
  const workload::ArithmeticCounts& one_scaling() const { return one_scaling_; }

  /// Whether the sums of a pass stay in the PEs while consecutive passes reduce into them.
  bool keeps_sums(const Extents& extents) const;
  bool has_table() const { return kernel_.how.key_bits > 0; }
  const ArrayMapping& mapping() const { return mapping_; }
  const Kernel& kernel() const { return kernel_; }
  /// Extents of a pass in the array's dimensions.
  ArrayExtents array_extents(const Extents& extents) const;
  /// Cycles from the last operand to the last result, computed from the pipeline: networks, units
  /// and the chain of rows.
  quantity::Cycles drain_cycles() const;
  /// Of these, the ones before the output network takes it.
  quantity::Cycles drain_to_network() const {
    return drain_cycles() - quantity::Cycles(output_latency_);
  }
  std::uint32_t buffer_width() const { return buffer_width_; }
  std::uint32_t output_bits() const;  ///< of a complete sum as it is stored
  arith::Arithmetic sum() const;      ///< the add that accumulates
  /// Arithmetic of one scaling in one plane of binary-coded weights.
  workload::ArithmeticCounts scaling_of_plane() const;

 private:
  PassWork count(const PassPosition& position) const;
  void count_activations(PassWork& work, const PassPosition& position, const ArrayNest& nest,
                         const nest::Counts& counts) const;
  void count_weights(PassWork& work, const PassPosition& position, const ArrayNest& nest,
                     const nest::Counts& counts) const;
  void count_sums(PassWork& work, const PassPosition& position, const ArrayNest& nest,
                  const nest::Counts& counts) const;
  /// Sums of a pass, in words.
  struct Sums {
    std::uint64_t to_buffer = 0, returns = 0;  ///< from the last PE of each column, and back
    std::uint64_t to_neighbours = 0;           ///< added on the way down
    std::uint64_t turns = 0;                   ///< that units put down, each time that they do
    std::uint64_t of_pes() const { return to_buffer + to_neighbours; }
  };
  bool stretches(const Extents& extents) const;
  std::uint64_t outputs_in_units(const ArrayExtents& extents) const;
  Sums sums_of(const Extents& extents, const nest::Counts& counts) const;
  Sums begun_sums(const PassPosition& position, const Sums& own) const;
  void count_products(PassWork& work, const Extents& extents, const nest::Counts& counts) const;
  void count_queries(PassWork& work, const Extents& extents, const nest::Counts& counts) const;
  std::vector<Progression> columns_of_keys(std::uint64_t keys, std::uint64_t joint) const;
  /// Whether other outputs come between two waves of a reduction.
  bool sums_leave_each_wave(const ArrayExtents& extents) const;
  /// Whether a PE works on no more outputs in a wave than its units hold the sums of.
  bool one_sum_a_unit(const ArrayExtents& extents) const;
  workload::ArithmeticCounts make_scaling() const;
  /// Bits of a weight in a PE: integers are converted when they come in.
  std::uint64_t held_weight_bits() const;
  quantity::Cycles pe_cycles(const PeWork& pe) const;
  /// Sums that travel: rows and columns that share the reduction, and cycles from the top of a column
  /// through the buffer to that of the next.
  struct Chain {
    std::uint64_t rows = 1, columns = 1, trip = 0;
    std::uint64_t skew() const { return (columns - 1) * trip; }
  };
  Chain chain(const ArrayExtents& extents) const;
  std::uint64_t segment_units() const;
  void count_columns(PassWork& work, const PassPosition& position) const;
  bool sums_stay(const Extents& extents) const;
  bool scales_sums() const;
  bool scales_complete_sums() const;
  /// How PEs share the reduction of a pass, in units of it.
  struct ScaledPass {
    std::uint64_t units = 1;       ///< of the pass; of a PE, where sums stay
    std::uint64_t step = 1;        ///< of a wave, of the same
    std::uint64_t units_a_pe = 1;  ///< in a wave
    std::uint64_t rows = 1;        ///< in which sums go down
    bool stays = false;            ///< sums, while there are other waves
    bool complete = false;         ///< only complete sums are scaled
    std::uint64_t waves = 1;
    std::uint64_t units_of_busiest = 1;  ///< of the busiest PE, in all waves
    std::uint64_t times = 1;  ///< that all waves are gone through, with other outputs or tokens
    double outputs = 0.0;     ///< of the busiest PE, in each of these
  };
  /// What a PE has of a wave.
  struct Piece {
    std::uint64_t units = 0;
    std::uint64_t starts = 0, ends = 0;  ///< of segments
    bool joins = false;                  ///< the first of them began in the PE above
  };
  /// Operations of one kind in the PEs of a pass, wave after wave: products, which wait for each other, and
  /// behind them scalings, of which a few may wait while the next products go on.
  struct Kind {
    double rate = 1.0;         ///< operations a cycle
    double a_unit = 0.0;       ///< for a unit of the reduction, all outputs of a wave
    double an_end = 0.0;       ///< where a segment ends
    double a_start = 0.0;      ///< where one begins in the PE
    double a_join = 0.0;       ///< where it began in the PE above
    double may_wait = 0.0;     ///< cycles
    std::vector<double> done;  ///< cycle in which those of the waves so far are, by PE
    double begin = 0.0;        ///< in which all before this round are
    double all_done() const;
    double taken(const Piece& piece) const;  ///< cycles
  };
  /// Cycles of a pass among others like it, whose scalings go on beside the next one's products, and by itself.
  struct Scaled {
    double cycles = 0.0, alone = 0.0;
    Scaled mean_of(std::uint64_t places) const;  ///< rounded up
  };
  std::vector<Piece> pieces_of_wave(const ScaledPass& pass, std::uint64_t offset,
                                    std::uint64_t wave) const;
  std::vector<std::vector<Piece>> pieces_of_waves(const ScaledPass& pass,
                                                  std::uint64_t offset) const;
  ScaledPass scaled_pass(const PeWork& pe, const PassPosition& position) const;
  std::vector<Kind> scaled_kinds(const PeWork& pe, const ScaledPass& pass) const;
  Scaled scaled_rounds(const PeWork& pe, const ScaledPass& pass, std::vector<Kind> kinds,
                       std::uint64_t offset) const;
  Scaled scaled(const PeWork& pe, const PassPosition& position) const;
  void count_building(PassWork& work) const;
  std::uint64_t latency_of(arith::Arithmetic what) const;
  std::uint64_t latency_of_scaling() const;  ///< of a plane, and of the add to the total
  std::uint64_t sums_held() const;
  quantity::Cycles waiting_cycles(const PassWork& work, const PassPosition& position) const;
  quantity::Cycles return_lead_cycles(const PassWork& work, const PassPosition& position) const;
  quantity::Cycles leaving_cycles(const PassWork& work, const PassPosition& position) const;
  void count_results(PassWork& work, const PassPosition& position) const;
  quantity::Cycles held_cycles(const PassWork& work, bool activation_streams) const;
  void count_stalls(PassWork& work, const Extents& extents, std::uint64_t tiles) const;
  quantity::Cycles rate_limited(const workload::ArithmeticCounts& a_pe) const;
  std::uint64_t words(std::uint64_t bits) const;
  std::uint64_t pes() const { return shape_.rows * shape_.columns; }

  arch::ColumnGroup group_;
  ArrayShape shape_;
  std::uint32_t buffer_width_;
  std::uint32_t network_latency_, output_latency_;
  arch::Networks networks_;
  Kernel kernel_;
  ArrayMapping mapping_;
  workload::ArithmeticCounts one_scaling_;
};

/// What a datapath lacks to run a format, in words. Empty when it lacks nothing.
std::string missing_operation(const arch::Datapath& datapath, const workload::WeightFormat& format,
                              const workload::Widths& widths);

/// MACs that a PE completes in a cycle when nothing but the units of its inner products binds: a
/// multiplier with its add 1, a table port with its add mu / q, a signed add 1 / q of binary-coded
/// weights and 1 of ternary ones. Work beside the inner products (scales, tables) is left out. 0
/// where a unit is missing.
double peak_macs_a_cycle(const arch::Datapath& datapath, const workload::WeightFormat& format,
                         const workload::Widths& widths);

/// How a datapath computes a format: with its table if it has one; column-wise scales before the
/// table, all others after the query; integers in the mode with fewer multiplies for M tokens.
workload::Realisation realise(const arch::Datapath& datapath, const workload::Linear& linear);

}  // namespace addax::mapping
