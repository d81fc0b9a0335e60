// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "models/arch/architecture.h"
#include "models/mapping/dataflow.h"
#include "models/mapping/plan.h"
#include "tests/catch.h"

namespace addax::mapping::example {

using arith::Arithmetic;

/// Two rows of three columns; small scratchpads (4 activations, 8 words of 16 bits for weights, 2
/// sums); one unit of everything, with one cycle of latency. Networks take one cycle.
inline arch::Architecture architecture() {
  arch::Architecture a;
  a.name = "example";
  a.clock = quantity::Hertz(1e9);
  a.rows = 2;
  arch::ColumnGroup group;
  group.name = "pe";
  group.columns = 3;
  group.datapath.name = "everything";
  for (const Arithmetic executes :
       {Arithmetic::kFp16Multiply, Arithmetic::kFp16Add, Arithmetic::kFp32Add,
        Arithmetic::kInt8Multiply, Arithmetic::kInt8Add, Arithmetic::kInt16Add,
        Arithmetic::kInt32Add, Arithmetic::kExponentAdd, Arithmetic::kFp16Convert})
    group.datapath.units.push_back({executes, 1, 1, 1});
  group.activation_scratchpad = {4, 16, arch::Storage::kFlipFlop};
  group.weight_scratchpad = {8, 16, arch::Storage::kFlipFlop};
  group.psum_scratchpad = {2, 32, arch::Storage::kFlipFlop};
  a.groups = {group};
  a.buffer = {16, 64, 64};  // 1 KiB: 16 banks of 512 bits
  a.networks = {{64, 1}, {128, 1}, {64, 1}, {64, 1}};
  a.dram.type = "lpddr4";
  a.dram.peak_bandwidth = quantity::BitsPerSecond(64e9);
  a.dram.burst_bits = 128;
  a.vector_unit.lanes = 4;
  a.vector_unit.buffer_width_bits = 64;
  for (const Arithmetic operation :
       {Arithmetic::kFp32Add, Arithmetic::kFp32Multiply, Arithmetic::kFp32Compare,
        Arithmetic::kFp32Exp, Arithmetic::kFp32Reciprocal, Arithmetic::kFp32Rsqrt,
        Arithmetic::kFp16Convert})
    a.vector_unit.operations[operation] = {1};
  return a;
}

/// One table a PE: half table, one reader, two generator adders, one entry written a cycle.
inline arch::Architecture with_table(std::uint32_t key_bits, std::uint32_t copies = 1) {
  arch::Architecture a = architecture();
  a.groups[0].datapath.lut =
      arch::Lut{key_bits, true, 16, arch::Storage::kSram, true, 1, copies, 2, 1};
  return a;
}

inline Kernel kernel(const workload::WeightFormat& format, std::uint64_t outputs,
                     std::uint64_t reduction, const workload::Realisation& how = {}) {
  return {format, {}, how, WeightTiles(format, reduction, outputs), reduction};
}

/// Any legal way to take passes of up to these extents: waves in any order, a dimension spread over
/// rows and one over columns. `upto(n)` draws from 1 to n. Tiles of K are whole boxes; a PE has one
/// table at a time.
template <class Upto>
ArrayMapping any_array(const arch::Architecture& a, const Kernel& kernel,
                       const ArrayExtents& extents, const Upto& upto, std::size_t group = 0) {
  const ArrayShape shape = array_shape(a, group, kernel);
  const bool table = shape.readers > 0;
  std::vector<std::size_t> order = {kTokens, kUnits, kOutputs};
  if (table) order.back() = kPlanes;
  if (table && !shape.table_a_plane) order.pop_back();
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[upto(i) - 1]);
  const std::size_t over_rows = order[upto(order.size()) - 1];
  std::size_t over_columns = order[upto(order.size()) - 1];
  if (!table && over_columns == kUnits) over_columns = kOutputs;
  const std::uint64_t rows = upto(shape.rows), columns = upto(shape.columns);
  const std::uint64_t box =
      kernel.format.kind == workload::FormatKind::kMsfp && !table ? kernel.format.box : 1;
  ArrayExtents tile{1, 1, box, 1};
  if (!table)
    for (const std::size_t d : order) tile[d] *= upto(quantity::ceil_div(extents[d], tile[d]));
  ArrayMapping mapping;
  mapping.keeps_sums = !table && upto(2) == 1;
  if (columns > 1) mapping.x.push_back({over_columns, tile[over_columns]});
  tile[over_columns] *= columns;
  if (rows > 1) mapping.y.push_back({over_rows, tile[over_rows]});
  tile[over_rows] *= rows;
  for (const std::size_t d : order) mapping.waves.push_back({d, tile[d]});
  return mapping;
}

/// A pass that begins and ends its outputs' sums, on fresh activations.
inline PassPosition only_pass(const Extents& extents) {
  return {extents,
          {true, true, true},
          {true, true, true},
          true,
          true,
          true,
          true,
          extent(extents, Role::kReduction)};
}

/// What the modules of the chip would count over the passes of a plan, one by one. Array cycles are
/// those of work and scalings together.
inline LayerTotals walk(const LayerPlan& plan) {
  const auto* product = std::get_if<ProductPlan>(&plan);
  const BufferShare share = std::visit([](const auto& p) { return p.share; }, plan);
  LayerTotals sum;
  std::uint64_t scalings = 0;
  quantity::Cycles array_cycles;
  const std::unique_ptr<PassSource> source = passes(plan);
  for (Pass pass; source->next(pass);) {
    ++sum.passes;
    sum.dram_read_bits += pass.resident_load_bits + pass.stream_load_bits;
    sum.dram_write_bits += pass.store_bits;
    sum.resident_writes += pass.resident_load_words;
    sum.resident_reads += pass.store_words;
    sum.stream_writes += pass.stream_load_words;
    sum.vector_reads += pass.vector.reads;
    sum.vector_writes += pass.vector.writes;
    sum.vector_cycles += pass.vector.cycles;
    if (pass.work == nullptr) continue;
    sum.add(*pass.work, share, 1);
    sum.weight_bits += pass.scale_bits;
    sum.weight_row_bits += pass.scale_bits;
    sum.stream_reads += pass.scale_words;
    scalings += pass.scalings;
    array_cycles += pass.work->array_cycles;
  }
  if (product != nullptr) sum.array_arithmetic.add(product->dataflow.scaling(scalings));
  sum.array_cycles = array_cycles;
  return sum;
}

/// All sums equal; array cycles, where scalings of different passes may hide behind other work, at
/// most those of the passes.
inline void require_closed_form(const LayerTotals& closed, const LayerTotals& walked) {
  REQUIRE(closed.passes == walked.passes);
  REQUIRE(closed.dram_read_bits == walked.dram_read_bits);
  REQUIRE(closed.dram_write_bits == walked.dram_write_bits);
  REQUIRE(closed.activation_row_bits == walked.activation_row_bits);
  REQUIRE(closed.activation_bits == walked.activation_bits);
  REQUIRE(closed.weight_bits == walked.weight_bits);
  REQUIRE(closed.weight_row_bits == walked.weight_row_bits);
  REQUIRE(closed.psum_bits == walked.psum_bits);
  REQUIRE(closed.output_bits == walked.output_bits);
  REQUIRE(closed.resident_reads == walked.resident_reads);
  REQUIRE(closed.resident_writes == walked.resident_writes);
  REQUIRE(closed.stream_reads == walked.stream_reads);
  REQUIRE(closed.stream_writes == walked.stream_writes);
  REQUIRE(closed.vector_reads == walked.vector_reads);
  REQUIRE(closed.vector_writes == walked.vector_writes);
  REQUIRE(closed.vector_cycles == walked.vector_cycles);
  REQUIRE(closed.array_arithmetic == walked.array_arithmetic);
  const ArrayAccesses &c = closed.accesses, &w = walked.accesses;
  REQUIRE(c.activation_reads == w.activation_reads);
  REQUIRE(c.activation_writes == w.activation_writes);
  REQUIRE(c.weight_reads == w.weight_reads);
  REQUIRE(c.weight_writes == w.weight_writes);
  REQUIRE(c.psum_reads == w.psum_reads);
  REQUIRE(c.psum_writes == w.psum_writes);
  REQUIRE(c.neighbour_bits == w.neighbour_bits);
  REQUIRE(c.lut_reads == w.lut_reads);
  REQUIRE(c.lut_writes == w.lut_writes);
  REQUIRE(closed.array_cycles <= walked.array_cycles);
}

}  // namespace addax::mapping::example
