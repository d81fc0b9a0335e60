// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/plan.h"

#include <algorithm>

#include "models/mapping/passes.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::checked_add;
using quantity::checked_mul;
using quantity::Cycles;

void LayerTotals::add(const PassWork& work, const BufferShare& share, std::uint64_t times) {
  const auto more = [times](std::uint64_t& sum, std::uint64_t count) {
    sum = checked_add(sum, checked_mul(count, times));
  };
  more(activation_bits, work.activation_bits);
  more(activation_row_bits, work.activation_row_bits);
  more(weight_bits, work.weight_bits);
  more(weight_row_bits, work.weight_row_bits);
  more(psum_bits, work.psum_bits);
  more(output_bits, work.output_bits);
  more(resident_reads, work.resident_reads);
  more(resident_writes, work.resident_writes);
  more(stream_reads, work.stream_reads);
  array_cycles += Cycles(checked_mul(work.array_cycles.value(), times));
  const std::uint64_t longest = std::max(
      {work.cycles.value(), ceil_div(work.stream_reads, share.half_banks),
       ceil_div(checked_add(work.resident_reads, work.resident_writes), share.resident_banks)});
  pass_cycles += Cycles(checked_mul(longest, times));
  array_arithmetic.add(work.arithmetic, times);
  accesses.add(work.accesses, times);
}

void LayerTotals::add(const LayerTotals& other, std::uint64_t times) {
  const auto more = [times](std::uint64_t& sum, std::uint64_t count) {
    sum = checked_add(sum, checked_mul(count, times));
  };
  more(passes, other.passes);
  more(dram_read_bits, other.dram_read_bits);
  more(dram_write_bits, other.dram_write_bits);
  more(activation_bits, other.activation_bits);
  more(activation_row_bits, other.activation_row_bits);
  more(weight_bits, other.weight_bits);
  more(weight_row_bits, other.weight_row_bits);
  more(psum_bits, other.psum_bits);
  more(output_bits, other.output_bits);
  more(resident_reads, other.resident_reads);
  more(resident_writes, other.resident_writes);
  more(stream_reads, other.stream_reads);
  more(stream_writes, other.stream_writes);
  more(vector_reads, other.vector_reads);
  more(vector_writes, other.vector_writes);
  array_cycles += Cycles(checked_mul(other.array_cycles.value(), times));
  pass_cycles += Cycles(checked_mul(other.pass_cycles.value(), times));
  vector_cycles += Cycles(checked_mul(other.vector_cycles.value(), times));
  array_arithmetic.add(other.array_arithmetic, times);
  accesses.add(other.accesses, times);
}

namespace {

struct MakePasses {
  std::unique_ptr<PassSource> operator()(const ProductPlan& p) const { return product_passes(p); }
  std::unique_ptr<PassSource> operator()(const AttentionPlan& p) const {
    return attention_passes(p);
  }
  std::unique_ptr<PassSource> operator()(const VectorPlan& p) const { return vector_passes(p); }
};

struct MakeTotals {
  LayerTotals operator()(const ProductPlan& p) const { return product_totals(p); }
  LayerTotals operator()(const AttentionPlan& p) const { return attention_totals(p); }
  LayerTotals operator()(const VectorPlan& p) const { return vector_totals(p); }
};

std::string banks(const BufferShare& share) {
  return "; banks " + std::to_string(share.resident_banks) + " resident, 2 x " +
         std::to_string(share.half_banks) + " streaming";
}

/// How the array computes the format, where there is a choice.
std::string realisation(const Kernel& kernel) {
  const workload::Realisation& how = kernel.how;
  if (how.key_bits > 0)
    return "; tables of " + std::to_string(how.key_bits) + " inputs, k in keys, scaled " +
           (how.scale_placement == workload::ScalePlacement::kBeforeTable ? "before the table"
                                                                          : "after the query");
  if (kernel.format.kind != workload::FormatKind::kInt) return "";
  return how.integer_mode == workload::IntegerMode::kDequantisedTiles
             ? "; weights dequantised as they enter a PE"
             : "; scaled after the group";
}

struct Describe {
  std::string operator()(const ProductPlan& p) const {
    std::string text = describe(p.problem, p.nest);
    NestWalk walk(p.problem, p.nest);
    walk.next();
    text +=
        "; " + describe(p.dataflow.mapping(), p.dataflow.array_extents(walk.position().extents));
    text += realisation(p.dataflow.kernel()) + banks(p.share);
    return text + (p.activation_streams ? ", inputs stream" : ", inputs resident");
  }
  std::string operator()(const AttentionPlan& p) const {
    return "fused, " + std::to_string(p.query_block) + " query tokens, " +
           std::to_string(p.key_tile) + " keys a pass" + banks(p.share);
  }
  std::string operator()(const VectorPlan& p) const {
    return (p.lane_cycles > 0 ? "vector unit, " : "transfer, ") + std::to_string(p.chunks) +
           (p.chunks == 1 ? " pass" : " passes");
  }
};

}  // namespace

std::unique_ptr<PassSource> passes(const LayerPlan& plan) { return std::visit(MakePasses{}, plan); }
LayerTotals totals(const LayerPlan& plan) { return std::visit(MakeTotals{}, plan); }
std::string describe(const LayerPlan& plan) { return std::visit(Describe{}, plan); }

}  // namespace addax::mapping
