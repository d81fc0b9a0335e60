// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/passes.h"
#include "models/quantity/diagnosis.h"

namespace addax::mapping {

using quantity::ceil_div;
using quantity::Cycles;

namespace {

/// `whole` in `chunks` parts that differ by one at most; the larger come first.
struct Shares {
  std::uint64_t smaller, larger_count;
  Shares(std::uint64_t whole, std::uint64_t chunks)
      : smaller(whole / chunks), larger_count(whole % chunks) {}
  std::uint64_t at(std::uint64_t index) const { return smaller + (index < larger_count ? 1 : 0); }
  /// Sum over the parts of ceil(part / unit).
  std::uint64_t rounded_up(std::uint64_t chunks, std::uint64_t unit) const {
    return larger_count * ceil_div(smaller + 1, unit) +
           (chunks - larger_count) * ceil_div(smaller, unit);
  }
};

class VectorSource final : public PassSource {
 public:
  explicit VectorSource(const VectorPlan& plan)
      : plan_(plan),
        load_(plan.load_bits, plan.chunks),
        store_(plan.store_bits, plan.chunks),
        read_(plan.read_bits, plan.chunks),
        write_(plan.write_bits, plan.chunks),
        lane_cycles_(plan.lane_cycles, plan.chunks) {}

  bool next(Pass& pass) override {
    if (chunk_ == plan_.chunks) return false;
    pass = Pass{};
    pass.stream_load_bits = load_.at(chunk_);
    pass.stream_load_words = ceil_div(pass.stream_load_bits, plan_.buffer_width);
    pass.store_bits = store_.at(chunk_);
    pass.store_words = ceil_div(pass.store_bits, plan_.buffer_width);
    pass.vector.cycles = Cycles(ceil_div(lane_cycles_.at(chunk_), plan_.lanes));
    pass.vector.reads = ceil_div(read_.at(chunk_), plan_.buffer_width);
    pass.vector.writes = ceil_div(write_.at(chunk_), plan_.buffer_width);
    ++chunk_;
    return true;
  }

 private:
  VectorPlan plan_;
  Shares load_, store_, read_, write_, lane_cycles_;
  std::uint64_t chunk_ = 0;
};

}  // namespace

std::unique_ptr<PassSource> vector_passes(const VectorPlan& plan) {
  return std::make_unique<VectorSource>(plan);
}

LayerTotals vector_totals(const VectorPlan& plan) {
  LayerTotals sum;
  const auto words = [&plan](std::uint64_t bits) {
    return Shares(bits, plan.chunks).rounded_up(plan.chunks, plan.buffer_width);
  };
  sum.passes = plan.chunks;
  sum.dram_read_bits = plan.load_bits;
  sum.dram_write_bits = plan.store_bits;
  sum.stream_writes = words(plan.load_bits);
  sum.resident_reads = words(plan.store_bits);
  sum.vector_reads = words(plan.read_bits);
  sum.vector_writes = words(plan.write_bits);
  sum.vector_cycles =
      Cycles(Shares(plan.lane_cycles, plan.chunks).rounded_up(plan.chunks, plan.lanes));
  return sum;
}

std::uint64_t lane_cycles(const arch::VectorUnit& unit, const workload::ArithmeticCounts& counts) {
  std::uint64_t sum = 0;
  for (std::size_t a = 0; a < counts.operations.size(); ++a) {
    if (counts.operations[a] == 0) continue;
    const auto found = unit.operations.find(static_cast<arith::Arithmetic>(a));
    if (found == unit.operations.end())
      throw quantity::Impossible({"vector_unit.operations",
                                  arith::name(static_cast<arith::Arithmetic>(a)),
                                  "an entry for every operation that the trace needs"});
    sum = quantity::checked_add(sum,
                                quantity::checked_mul(counts.operations[a], found->second.cycles));
  }
  return sum;
}

}  // namespace addax::mapping
