// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <optional>
#include <random>

#include "models/mapping/mapper.h"
#include "models/quantity/diagnosis.h"
#include "tests/models/mapping/example.h"
#include "tests/seed.h"

using namespace addax;
using namespace addax::mapping;
using arith::Arithmetic;
using workload::FormatKind;
using workload::ScaleSharing;
using workload::WeightFormat;

namespace {

constexpr std::uint32_t kSeed = 47;
constexpr int kCases = 600;

class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(addax::tests::printed(seed)) {}
  std::uint64_t upto(std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(1, most)(random_);
  }
  bool coin() { return upto(2) == 1; }

  WeightFormat format() {
    WeightFormat f = workload::default_format(static_cast<FormatKind>(upto(8) - 1),
                                              static_cast<std::uint32_t>(upto(4)));
    if (f.kind == FormatKind::kTernary) {
      f.packed_trits = coin();
      f.gamma = coin();
    }
    if (f.kind == FormatKind::kMsfp) f.box = upto(6);
    const bool groups = f.kind == FormatKind::kInt || f.kind == FormatKind::kTernary;
    if (groups && coin()) f.scales = {ScaleSharing::kRow, 0, 0, 0};
    if (f.scales.sharing == ScaleSharing::kGroup) f.scales.group = upto(3) * 8;
    if (f.scales.sharing == ScaleSharing::kBlock) f.scales.block_rows = upto(12);
    if (is_binary_coded(f) && coin()) f.scales = {ScaleSharing::kColumn, 0, 0, 0};
    return f;
  }

  /// The mapper's nest with arbitrary tiles; those of K in whole steps of the array and packed fields.
  ProductPlan plan() {
    const bool table = coin();
    const std::uint32_t mu = std::uint32_t{1} << upto(3);
    arch::Architecture a = table ? example::with_table(mu, static_cast<std::uint32_t>(upto(2)))
                                 : example::architecture();
    a.groups[0].psum_scratchpad.words = upto(8);
    a.groups[0].weight_scratchpad.words = upto(12);
    a.rows = static_cast<std::uint32_t>(upto(3));
    const std::uint64_t b = upto(3), m = upto(5), n = upto(20), k = upto(60);
    const WeightFormat format = this->format();
    const workload::Linear linear{m, k, n, b, workload::LinearRole::kMlp, format};
    const workload::Realisation how = realise(a.groups[0].datapath, linear);
    const Kernel kernel = example::kernel(format, n, k, how);
    const std::uint64_t box = format.kind == FormatKind::kMsfp ? format.box : 1;
    const std::uint64_t step =
        how.key_bits > 0 ? how.key_bits : std::lcm(box, kernel.tiles.packed_inputs());
    const std::uint64_t k_tile = std::min(k, upto(20) * step), n_tile = upto(n);
    const ArrayExtents largest = Dataflow(a, 0, kernel, {}).array_extents({1, m, n, k_tile});
    const Dataflow dataflow(
        a, 0, kernel,
        example::any_array(a, kernel, largest, [this](std::uint64_t most) { return upto(most); }));
    const bool streams = coin();
    LoopNest nest;
    nest.loops = {{0, 1}, {1, upto(m)}, {2, n_tile}, {3, k_tile}, {2, upto(n_tile)}};
    nest.hold = {streams ? 5 : std::size_t{2} * upto(2), 5, 3};
    Placement placement;
    placement.input_on_chip = !streams && coin();
    placement.output_on_chip = coin();
    return {matrix_product(b, m, n, k), nest, dataflow, 0, {2, 4}, placement, streams};
  }

 private:
  std::mt19937 random_;
};

std::string text(int i, const ProductPlan& plan) {
  return "seed " + std::to_string(kSeed) + " case " + std::to_string(i) + ": " +
         workload::describe(plan.dataflow.kernel().format) + ", " + describe(LayerPlan(plan));
}

workload::Linear linear_of(const ProductPlan& plan) {
  const auto& d = plan.problem.dimensions;
  return {d[1].size,
          d[3].size,
          d[2].size,
          d[0].size,
          workload::LinearRole::kMlp,
          plan.dataflow.kernel().format};
}

/// The mapper's choice; none where the buffer holds no tile.
std::optional<ProductPlan> map(const arch::Architecture& a, const Placement& placement,
                               const workload::Linear& linear, const Kernel& kernel) {
  Policy policy;
  policy.fast_budget = 500;  // any mapping does
  try {
    return map_product({a, 0, placement, normalised_prices(a, 0)},
                       {linear.copies, linear.tokens, linear.outputs, linear.inputs}, kernel,
                       policy)
        .plan;
  } catch (const quantity::Impossible& impossible) {
    REQUIRE(impossible.diagnosis().path == "buffer");
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("the sums of a product in closed form are those of its passes, on random plans") {
  Random random(kSeed);
  for (int i = 0; i < kCases; ++i) {
    const ProductPlan plan = random.plan();
    INFO(text(i, plan));
    const LayerTotals closed = totals(plan), walked = example::walk(plan);
    example::require_closed_form(closed, walked);
    REQUIRE(closed.pass_cycles == walked.pass_cycles);
  }
}

TEST_CASE("passes do at least the layer's arithmetic, and its products exactly, on random plans") {
  Random random(kSeed + 1);
  for (int i = 0; i < kCases; ++i) {
    const ProductPlan plan = random.plan();
    INFO(text(i, plan));
    const workload::Linear linear = linear_of(plan);
    workload::ArithmeticCounts own =
        workload::arithmetic(linear, plan.dataflow.kernel().widths, plan.dataflow.kernel().how);
    const workload::ArithmeticCounts done = totals(plan).array_arithmetic;
    for (std::size_t a = 0; a < own.operations.size(); ++a)
      REQUIRE(done.operations[a] >= own.operations[a]);
    REQUIRE(done.lut_queries == own.lut_queries);
    REQUIRE(done.lut_tables >= own.lut_tables);
    REQUIRE(done[Arithmetic::kInt8Multiply] == own[Arithmetic::kInt8Multiply]);
    if (linear.weights.kind == FormatKind::kFp16)
      REQUIRE(done[Arithmetic::kFp16Multiply] == own[Arithmetic::kFp16Multiply]);
  }
}

TEST_CASE("weights are read once for each tile of tokens, results written once, on random plans") {
  Random random(kSeed + 2);
  for (int i = 0; i < kCases; ++i) {
    const ProductPlan plan = random.plan();
    INFO(text(i, plan));
    const workload::Linear linear = linear_of(plan);
    const LayerTotals sum = totals(plan);
    const workload::StoredBits stored =
        workload::stored_bits(linear.weights, linear.inputs, linear.outputs);
    const std::uint64_t weights = (stored.codes + stored.scales).value() * linear.copies;
    const std::vector<std::uint64_t> trips = trip_counts(plan.problem, plan.nest);
    // A single tile stays in its half for all tokens.
    const bool one_tile = trips[2] * trips[3] * trips[4] == 1;
    const std::uint64_t sweeps = one_tile ? 1 : trips[1];
    const std::uint64_t x = 16 * linear.tokens * linear.inputs * linear.copies;
    // Held over all of K, x is read once; otherwise for every tile of outputs, unless K is one tile.
    const bool held = plan.nest.hold[0] == 2 || trips[3] == 1;
    const std::uint64_t reads = plan.placement.input_on_chip ? 0 : held ? 1 : trips[2];
    REQUIRE(sum.dram_read_bits == weights * sweeps + x * reads);
    const std::uint64_t y = 16 * linear.tokens * linear.outputs * linear.copies;
    REQUIRE(sum.dram_write_bits == (plan.placement.output_on_chip ? 0 : y));
    REQUIRE(sum.output_bits >= y);
  }
}

TEST_CASE("a mapped product fits its banks and adds up, on random layers") {
  Random random(kSeed + 3);
  int mapped = 0;
  for (int i = 0; i < kCases; ++i) {
    arch::Architecture a = random.coin() ? example::architecture() : example::with_table(4);
    a.buffer.bank_bytes = 8 * random.upto(40);
    const WeightFormat format = random.format();
    const workload::Linear linear{random.upto(9), random.upto(300),           random.upto(200),
                                  random.upto(2), workload::LinearRole::kMlp, format};
    const Kernel kernel = example::kernel(format, linear.outputs, linear.inputs,
                                          realise(a.groups[0].datapath, linear));
    Placement placement;
    placement.input_on_chip = random.coin();
    placement.resident_bits = random.upto(resident_budget(a.buffer));
    const std::optional<ProductPlan> found = map(a, placement, linear, kernel);
    if (!found) continue;
    const ProductPlan& plan = *found;
    ++mapped;
    INFO(text(i, plan));
    REQUIRE(plan.share.resident_banks + 2 * plan.share.half_banks == a.buffer.banks);
    // A pass's weights, scales and streamed activations lie in one half.
    const std::uint64_t half = plan.share.half_banks * a.buffer.bank_bits();
    const std::unique_ptr<PassSource> source = passes(plan);
    for (Pass pass; source->next(pass);) REQUIRE(pass.stream_load_bits <= half);
    // Held activations and sums that leave the PEs lie beside the tensors that stay.
    NestWalk walk(plan.problem, plan.nest);
    walk.next();
    std::uint64_t resident = placement.resident_bits +
                             32 * elements(Operand::kOutput, walk.held_extents(Operand::kOutput));
    if (!placement.input_on_chip && !plan.activation_streams)
      resident += 16 * elements(Operand::kActivation, walk.held_extents(Operand::kActivation));
    REQUIRE(resident <= plan.share.resident_banks * a.buffer.bank_bits());
    example::require_closed_form(totals(plan), example::walk(plan));
  }
  INFO(mapped << " of " << kCases << " layers have a mapping, seed " << kSeed + 3);
  REQUIRE(mapped > kCases / 2);
}

TEST_CASE("weights that all fit a half are fetched once for all tokens") {
  // N = 4, K = 4, FP16: 256 bits. A half of 4 banks of 512 bits.
  const arch::Architecture a = example::architecture();
  const Kernel kernel = example::kernel(workload::default_format(FormatKind::kFp16, 0), 4, 4);
  const ProductPlan plan =
      map_product({a, 0, {}, normalised_prices(a, 0)}, {1, 8, 4, 4}, kernel, {}).plan;
  const LayerTotals sum = totals(plan);
  CHECK(sum.dram_read_bits == 256 + 8 * 4 * 16);
  CHECK(sum.dram_write_bits == 8 * 4 * 16);
}
