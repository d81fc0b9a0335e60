// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/engine/random_designs.h"

namespace addax::tests {

using arith::Arithmetic;
using workload::FormatKind;

std::uint64_t RandomDesigns::pick(std::uint64_t least, std::uint64_t most) {
  // Not std::uniform_int_distribution: its values differ from library to library.
  return least + engine_() % (most - least + 1);
}

arch::Architecture RandomDesigns::architecture() {
  const auto u32 = [this](std::uint64_t least, std::uint64_t most) {
    return static_cast<std::uint32_t>(pick(least, most));
  };
  arch::Architecture a;
  a.name = "random";
  a.clock = quantity::Hertz(one_of({1e8, 2.5e8, 1e9}));
  a.rows = u32(1, 13);
  // A group that runs every format, and one of plain multipliers.
  arch::ColumnGroup all;
  all.name = "all";
  all.columns = u32(1, 9);
  for (const Arithmetic executes :
       {Arithmetic::kFp16Multiply, Arithmetic::kFp16Add, Arithmetic::kFp32Add,
        Arithmetic::kInt8Multiply, Arithmetic::kInt8Add, Arithmetic::kInt16Add,
        Arithmetic::kInt32Add, Arithmetic::kExponentAdd, Arithmetic::kFp16Convert})
    all.datapath.units.push_back({executes, u32(1, 3), u32(1, 4), u32(1, 2)});
  if (pick(0, 2) != 0) {
    arch::Lut lut;
    lut.key_bits = one_of({2U, 4U, 8U});
    lut.half_table = pick(0, 1) == 1;
    lut.storage = one_of({arch::Storage::kSram, arch::Storage::kFlipFlop});
    lut.readers = u32(1, 5);
    lut.copies = u32(1, 2);
    all.datapath.lut = lut;
  }
  all.activation_scratchpad = {pick(1, 16), 16, arch::Storage::kFlipFlop};
  all.weight_scratchpad = {pick(1, 64), 16, arch::Storage::kSram};
  all.psum_scratchpad = {pick(1, 24), 32, arch::Storage::kFlipFlop};
  a.groups.push_back(all);
  if (pick(0, 1) == 1) {
    arch::ColumnGroup multipliers = all;
    multipliers.name = "multipliers";
    multipliers.columns = u32(1, 5);
    multipliers.datapath.lut.reset();
    multipliers.datapath.units = {{Arithmetic::kFp16Multiply, 1, 2, 1},
                                  {Arithmetic::kFp32Add, 1, 2, 1}};
    a.groups.push_back(multipliers);
  }
  a.buffer.banks = u32(3, 40);
  a.buffer.bank_bytes = one_of({128U, 512U, 2048U});
  a.buffer.width_bits = one_of({16U, 64U, 128U});
  const auto network = [&] { return arch::Network{u32(8, 600), u32(0, 5)}; };
  a.networks = {network(), network(), network(), network()};
  a.dram = {"lpddr4",
            quantity::BitsPerSecond(one_of({1e9, 3e10, 2e11})),
            one_of({64U, 512U, 1024U}),
            quantity::Nanoseconds(one_of({0.0, 60.0, 333.0})),
            quantity::Nanoseconds(one_of({0.0, 3904.0})),
            quantity::Nanoseconds(280.0)};
  a.vector_unit.lanes = u32(1, 20);
  a.vector_unit.latency_cycles = u32(0, 4);
  a.vector_unit.buffer_width_bits = a.buffer.width_bits * u32(1, 4);
  for (const Arithmetic executes :
       {Arithmetic::kFp32Multiply, Arithmetic::kFp32Add, Arithmetic::kFp32Compare,
        Arithmetic::kFp32Exp, Arithmetic::kFp32Reciprocal, Arithmetic::kFp32Rsqrt,
        Arithmetic::kFp16Convert})
    a.vector_unit.operations[executes] = {u32(1, 6)};
  a.write_queue = u32(1, 3);
  return a;
}

workload::WeightFormat RandomDesigns::format() {
  const FormatKind kind =
      one_of({FormatKind::kFp16, FormatKind::kW8a8, FormatKind::kInt, FormatKind::kBcq,
              FormatKind::kShiftAdd, FormatKind::kTernary, FormatKind::kBinary, FormatKind::kMsfp});
  const auto bits = static_cast<std::uint32_t>(pick(1, 4));
  workload::WeightFormat format = workload::default_format(kind, bits);
  if (kind == FormatKind::kInt || kind == FormatKind::kBcq || kind == FormatKind::kTernary) {
    format.scales.sharing = one_of({workload::ScaleSharing::kRow, workload::ScaleSharing::kGroup});
    format.scales.group = 8 * pick(1, 5);
  }
  if (kind == FormatKind::kShiftAdd) {
    format.scale_terms = static_cast<std::uint32_t>(pick(1, 3));
    if (pick(0, 2) == 0) format.scales = {workload::ScaleSharing::kColumn, 0, 0, 0};
    if (pick(0, 2) == 0) format.scales = {workload::ScaleSharing::kBlock, 0, 8, pick(1, 40)};
  }
  if (kind == FormatKind::kTernary) {
    format.packed_trits = pick(0, 1) == 1;
    format.gamma = pick(0, 1) == 1;
    format.zero_fraction = one_of({0.0, 0.25, 1.0});
  }
  return format;
}

workload::Block RandomDesigns::linear() {
  workload::Linear linear;
  linear.tokens = one_of({std::uint64_t{1}, pick(1, 3), pick(1, 70)});
  linear.inputs = pick(1, 300);
  linear.outputs = pick(1, 300);
  linear.copies = one_of({std::uint64_t{1}, pick(1, 3)});
  linear.weights = format();
  return {"block", pick(1, 2), {{"linear", "linear", linear, {"x"}, "y"}}};
}

workload::AttentionShape RandomDesigns::attention_shape() {
  workload::AttentionShape shape;
  shape.batch = pick(1, 2);
  shape.kv_heads = pick(1, 3);
  shape.heads = shape.kv_heads * pick(1, 4);
  shape.head_dim = pick(1, 40);
  shape.new_tokens = one_of({std::uint64_t{1}, pick(1, 40)});
  shape.past = pick(0, 120);
  if (pick(0, 2) == 0) shape.window = pick(1, 50);
  return shape;
}

workload::Widths RandomDesigns::widths() {
  workload::Widths widths;
  widths.activation_bits = one_of({16U, 16U, 16U, 8U});
  widths.accumulator_bits = one_of({32U, 32U, 32U, 16U});
  widths.kv_bits = one_of({16U, 8U, 4U});
  return widths;
}

workload::Block RandomDesigns::attention(workload::Phase& phase) {
  const workload::AttentionShape shape = attention_shape();
  phase.batch = shape.batch;
  phase.new_tokens = shape.new_tokens;
  phase.context = shape.past + shape.new_tokens;
  const std::uint64_t pairs = workload::attended_pairs(shape);
  const workload::Elementwise scale{workload::VectorFunction::kScale, shape.batch * shape.heads,
                                    pairs, 1, 0};
  return {"block",
          1,
          {{"scores", "scores", workload::Scores{shape}, {"q", "k"}, "scores"},
           {"scale", "scale", scale, {"scores"}, "scores"},
           {"softmax", "softmax", workload::Softmax{shape}, {"scores"}, "probabilities"},
           {"context", "context", workload::Context{shape}, {"probabilities", "v"}, "context"}}};
}

workload::Block RandomDesigns::elementwise() {
  using workload::VectorFunction;
  const VectorFunction function =
      one_of({VectorFunction::kLayerNorm, VectorFunction::kRmsNorm, VectorFunction::kAdd,
              VectorFunction::kSilu, VectorFunction::kQuantize, VectorFunction::kSoftmax});
  const workload::Elementwise work{function, pick(1, 40), pick(1, 300), 1, pick(0, 300)};
  const std::uint64_t elements = work.rows * work.width;
  return {"block",
          1,
          {{"in",
            "embedding",
            workload::Transfer{workload::TransferDirection::kFromDram, elements, 16},
            {},
            "x"},
           {"work", "norm", work, {"x"}, "y"},
           {"out",
            "kv_write",
            workload::Transfer{workload::TransferDirection::kToDram, elements, 16},
            {"y"},
            ""}}};
}

workload::Trace RandomDesigns::trace() {
  workload::Trace trace;
  trace.name = trace.model = "random";
  trace.widths = widths();
  workload::Phase phase;
  phase.name = "phase";
  phase.kind = workload::PhaseKind::kPrefill;
  switch (pick(0, 5)) {
    case 0:
      phase.blocks.push_back(attention(phase));
      break;
    case 1:
      phase.blocks.push_back(elementwise());
      break;
    default:
      phase.blocks.push_back(linear());
  }
  trace.phases.push_back(phase);
  return trace;
}

}  // namespace addax::tests
