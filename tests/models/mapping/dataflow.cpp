// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/dataflow.h"

#include "models/quantity/check.h"
#include "tests/models/mapping/example.h"

using namespace addax;
using namespace addax::mapping;
using arith::Arithmetic;
using quantity::Cycles;
using workload::FormatKind;
using workload::ScaleSharing;
using workload::WeightFormat;

// The array of tests/models/mapping/example.h, 2 rows x 3 columns, and mostly N = 5, K = 7. With K
// over rows a PE has ceil(7/2) = 4 inputs and ceil(5/3) = 2 outputs: 8 products a token.
namespace {

constexpr std::uint64_t kN = 5, kK = 7;

ArrayMapping k_over_rows(bool keeps_sums = true) {
  return {{}, {{kUnits, 4}}, {{kOutputs, 2}}, keeps_sums};
}

Dataflow multiplies(const WeightFormat& format, const ArrayMapping& mapping = k_over_rows(),
                    const workload::Realisation& how = {}) {
  return {example::architecture(), 0, example::kernel(format, kN, kK, how), mapping};
}

WeightFormat fp16() { return workload::default_format(FormatKind::kFp16, 0); }

WeightFormat grouped(FormatKind kind, std::uint32_t bits, std::uint64_t group) {
  WeightFormat format = workload::default_format(kind, bits);
  format.scales = {ScaleSharing::kGroup, group, 0, 0};
  return format;
}

}  // namespace

TEST_CASE("a token whose sums stay in the PEs passes each operand once and adds up the rows") {
  const Dataflow dataflow = multiplies(fp16());
  CHECK(dataflow.keeps_sums({1, 1, kN, kK}));
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.array_cycles == Cycles(8));
  CHECK(w.arithmetic[Arithmetic::kFp16Multiply] == 35);
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 35);  // a row goes on from the row above
  CHECK(w.accesses.neighbour_bits == 5 * 32);
  CHECK(w.activation_bits == 7 * 16);
  CHECK(w.activation_row_bits == 7 * 16);  // each input goes to one row only
  CHECK(w.weight_bits == 35 * 16);
  CHECK(w.psum_bits == 0);
  CHECK(w.output_bits == 5 * 16);  // complete sums leave in 16 bits
  CHECK(w.accesses.activation_writes == 7 * 3);
  CHECK(w.accesses.activation_reads == 35);
  CHECK(w.accesses.weight_writes == 35);
  CHECK(w.accesses.weight_reads == 35);
  // Two rows hold a sum for each output: written once, and read once to leave.
  CHECK(w.accesses.psum_writes == 10);
  CHECK(w.accesses.psum_reads == 10);
  CHECK(w.resident_reads == 2);   // 112 bits in words of 64
  CHECK(w.stream_reads == 9);     // 560
  CHECK(w.resident_writes == 2);  // 80
  CHECK(w.fill_cycles == Cycles(1));
  // One cycle each: network, unit, the second row, output network.
  CHECK(dataflow.drain_cycles() == Cycles(4));
}

TEST_CASE("activations that stream are read from the streaming half, with the weights") {
  const PassWork w = multiplies(fp16()).work(example::only_pass({1, 1, kN, kK}), true);
  CHECK(w.resident_reads == 0);
  CHECK(w.stream_reads == 2 + 9);
}

TEST_CASE("sums that stay move only with the first and the last pass of their outputs") {
  const Dataflow dataflow = multiplies(fp16());
  PassPosition p = example::only_pass({1, 1, kN, kK});
  p.last_reduction = p.output_leaves = false;
  const PassWork first = dataflow.work(p, false);
  CHECK(first.psum_bits == 0);
  CHECK(first.output_bits == 0);
  CHECK(first.arithmetic[Arithmetic::kFp32Add] == 35);
  CHECK(first.accesses.psum_reads == 0);
  CHECK(first.accesses.psum_writes == 10);
  p = example::only_pass({1, 1, kN, kK});
  p.first_reduction = p.changed[2] = false;
  const PassWork last = dataflow.work(p, false);
  CHECK(last.psum_bits == 0);
  CHECK(last.output_bits == 5 * 16);
  CHECK(last.accesses.psum_reads == 10 + 10);  // to go on, and to leave
}

TEST_CASE("sums that stay come back from the buffer when other outputs came between") {
  PassPosition p = example::only_pass({1, 1, kN, kK});
  p.first_reduction = p.last_reduction = false;
  const PassWork w = multiplies(fp16()).work(p, false);
  CHECK(w.psum_bits == 5 * 32);
  CHECK(w.output_bits == 5 * 32);  // not complete: in full width
}

TEST_CASE("sums that do not stay travel down the rows and back after every wave") {
  // One output of 8 inputs a column and token: two waves of outputs, and activations pass twice.
  const Dataflow dataflow =
      multiplies(fp16(), {{{kOutputs, 3}, {kTokens, 1}}, {{kUnits, 4}}, {{kOutputs, 1}}, false});
  CHECK_FALSE(dataflow.keeps_sums({1, 3, kN, kK}));
  const PassWork w = dataflow.work(example::only_pass({1, 3, kN, kK}), false);
  CHECK(w.array_cycles == Cycles(24));
  CHECK(w.arithmetic[Arithmetic::kFp16Multiply] == 105);
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 105);
  CHECK(w.activation_bits == 2 * 3 * 7 * 16);
  CHECK(w.weight_bits == 35 * 16);
  CHECK(w.accesses.activation_writes == (3 + 2) * 3 * 7);  // into the columns that have an output
  CHECK(w.accesses.weight_writes == 35);
  CHECK(w.accesses.weight_reads == 105);
  CHECK(w.accesses.neighbour_bits == 15 * 32);
  CHECK(w.output_bits == 15 * 16);
  CHECK(w.accesses.psum_writes == 15);  // on the way out of the column
  // 7 inputs of 3 outputs, 21 x 16 bits over 128, come to an idle array in 3 cycles; the first token
  // takes 4 with them. One cycle of network is left.
  CHECK(w.fill_cycles == Cycles(1));
}

TEST_CASE("sums come back before their pass, and results wait behind it, as far as PEs hold them") {
  // Two tokens of two outputs a PE: four sums, in two words of the scratchpad. Ten sums of 32 bits come
  // back over 64 bits in five cycles.
  ArrayMapping travels = k_over_rows(false);
  PassPosition p = example::only_pass({1, 2, kN, kK});
  p.first_reduction = false;
  const PassWork w = multiplies(fp16(), travels).work(p, false);
  CHECK(w.psum_bits == 10 * 32);
  CHECK(w.return_lead_cycles == Cycles(5 * 2 / 4));
  CHECK(w.array_cycles == Cycles(16));
  // Two more lie in the registers on the way to the network.
  CHECK(w.results_a_pe == 4);
  CHECK(w.results_held == 4);
  CHECK(w.blocked_cycles() == Cycles(0));
  CHECK(w.results_fit(0));
  CHECK_FALSE(w.results_fit(1));
  CHECK(w.blocked_cycles(1) == Cycles(16 / 4));
  CHECK(w.blocked_cycles(5) == Cycles(16));
  // What the pass itself has sent does not come before it.
  p.first_reduction = true;
  CHECK(multiplies(fp16(), travels).work(p, false).return_lead_cycles == Cycles(0));
}

TEST_CASE("activations that their scratchpads have no room for hold PEs up on a narrow network") {
  // Three tokens, one after another, 4 inputs a PE in 4 words: nothing of a token comes before the one
  // before is used for its last output. 3 x 7 x 16 bits in 12 words of the busiest PE.
  ArrayMapping one_token = k_over_rows(false);
  one_token.waves = {{kTokens, 1}};
  arch::Architecture a = example::architecture();
  const auto stalls = [&] {
    return Dataflow(a, 0, example::kernel(fp16(), kN, kK), one_token)
        .work(example::only_pass({1, 3, kN, kK}), false)
        .stall_cycles;
  };
  CHECK(stalls() == Cycles(0));
  a.networks.activation.width_bits = 8;  // 3.5 cycles a word, and one of latency: 4 words take 15
  CHECK(stalls() == Cycles(2 * (15 - 7)));
  // Two words come before: the network never rests. It takes 14 cycles for four words, the PEs 8 for two outputs.
  a.groups[0].activation_scratchpad.words = 6;
  CHECK(stalls() == Cycles(2 * (14 - 8)));
  a.networks.activation.width_bits = 4;
  CHECK(stalls() == Cycles(2 * (28 - 8)));
  a.groups[0].activation_scratchpad.words = 8;
  CHECK(stalls() == Cycles(0));
}

TEST_CASE("waves of inputs inside waves of outputs let sums stay, the other way round they leave") {
  const ArrayMapping inner{{{kOutputs, 3}, {kUnits, 4}}, {{kUnits, 2}}, {{kOutputs, 1}}, true};
  ArrayMapping outer = inner;
  std::swap(outer.waves[0], outer.waves[1]);
  const PassWork stay = multiplies(fp16(), inner).work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(stay.psum_bits == 0);
  CHECK(stay.output_bits == 5 * 16);
  CHECK(stay.activation_bits == 2 * 7 * 16);  // all inputs for each wave of outputs
  const PassWork leave = multiplies(fp16(), outer).work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(leave.psum_bits == 5 * 32);
  CHECK(leave.output_bits == 5 * 32 + 5 * 16);
  CHECK(leave.activation_bits == 7 * 16);  // held while the outputs go by
}

TEST_CASE("tokens over rows share their weights") {
  // Three tokens in two rows, 2 and 1; 5 outputs in three columns; all 7 inputs in one PE.
  const ArrayMapping mapping{{}, {{kTokens, 2}}, {{kOutputs, 2}}, true};
  const PassWork w = multiplies(fp16(), mapping).work(example::only_pass({1, 3, kN, kK}), false);
  CHECK(w.weight_bits == 35 * 16);
  CHECK(w.weight_row_bits == 2 * 35 * 16);
  CHECK(w.accesses.weight_writes == 2 * 35);
  CHECK(w.activation_bits == 3 * 7 * 16);
  CHECK(w.activation_row_bits == 3 * 7 * 16);
  CHECK(w.accesses.neighbour_bits == 0);
  CHECK(w.array_cycles == Cycles(2 * 2 * 7));
}

TEST_CASE("outputs over rows and columns need every input in every row, and no chain") {
  // 5 outputs, 3 in the first row and 2 in the second, one each, of 7 inputs, 4 held at a time.
  const Dataflow dataflow =
      multiplies(fp16(), {{{kUnits, 4}}, {{kOutputs, 3}}, {{kOutputs, 1}}, true});
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.array_cycles == Cycles(7));
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 35);
  CHECK(w.accesses.neighbour_bits == 0);
  CHECK(w.activation_bits == 7 * 16);
  CHECK(w.activation_row_bits == 2 * 7 * 16);
  CHECK(w.accesses.activation_writes == 7 * 5);  // into the PEs that have an output
  CHECK(w.accesses.psum_writes == 5);  // the one sum of a PE stays in its unit over both waves
  CHECK(w.output_bits == 5 * 16);
  CHECK(dataflow.drain_cycles() == Cycles(3));
}

TEST_CASE("a unit that takes several cycles slows the array, several units speed it up") {
  arch::Architecture a = example::architecture();
  const auto cycles = [&a] {
    const Dataflow dataflow(a, 0, example::kernel(fp16(), kN, kK), k_over_rows());
    return dataflow.work(example::only_pass({1, 1, kN, kK}), false).array_cycles;
  };
  a.groups[0].datapath.units[0].initiation_interval = 3;  // of the multiplier
  CHECK(cycles() == Cycles(24));
  a.groups[0].datapath.units[0].count = 2;
  CHECK(cycles() == Cycles(12));
  a.groups[0].datapath.units[0].count = 9;  // the adder is left as the bottleneck
  CHECK(cycles() == Cycles(8));
}

TEST_CASE("integer weights are converted once a tile; each row scales the groups that it reaches") {
  const Dataflow dataflow = multiplies(grouped(FormatKind::kInt, 4, 4));
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kInt8Add] == 35);
  CHECK(w.arithmetic[Arithmetic::kFp16Convert] == 35);
  CHECK(w.arithmetic[Arithmetic::kFp16Multiply] == 35);
  CHECK(w.weight_bits == 35 * 4);
  CHECK(w.segment_outputs == 5);
  CHECK(dataflow.segments(0, {1, 1, kN, kK}) == 2);  // a group of 4 in each row
  const workload::ArithmeticCounts scaling = dataflow.scaling(20);
  CHECK(scaling[Arithmetic::kFp16Multiply] == 20);
  CHECK(scaling[Arithmetic::kFp32Add] == 20);
  // Two outputs of four inputs in the busiest PE, each scaled: ten multiplications.
  CHECK(w.array_cycles == Cycles(10));
  // Three tokens: weights once for all of them, products and adds for each.
  const PassWork tokens = dataflow.work(example::only_pass({1, 3, kN, kK}), false);
  CHECK(tokens.arithmetic[Arithmetic::kInt8Add] == 35);
  CHECK(tokens.arithmetic[Arithmetic::kFp16Multiply] == 105);
}

TEST_CASE("dequantised tiles multiply each weight once more and leave nothing to scale") {
  const Dataflow dataflow = multiplies(grouped(FormatKind::kInt, 4, 4), k_over_rows(),
                                       {0, {}, workload::IntegerMode::kDequantisedTiles});
  const PassWork w = dataflow.work(example::only_pass({1, 3, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kFp16Multiply] == 105 + 35);
  CHECK(dataflow.segments(0, {1, 3, kN, kK}) == 0);
}

TEST_CASE("rows take stretches of inputs: a group that two of them share is scaled twice") {
  // Rows take 4 and 3 inputs. Groups of one and two inputs begin with the second row, of three not.
  CHECK(multiplies(grouped(FormatKind::kInt, 4, 1)).segments(0, {1, 1, kN, kK}) == 7);
  CHECK(multiplies(grouped(FormatKind::kInt, 4, 2)).segments(0, {1, 1, kN, kK}) == 4);
  CHECK(multiplies(grouped(FormatKind::kInt, 4, 3)).segments(0, {1, 1, kN, kK}) == 3 + 1);
}

TEST_CASE(
    "a sum that travels is scaled where it leaves its unit, not at every wave that it stays") {
  const auto segments = [](const std::vector<nest::Loop>& waves, std::uint64_t outputs_a_pe,
                           std::uint64_t inputs_a_pe = 1) {
    const ArrayMapping mapping{waves, {{kUnits, inputs_a_pe}}, {{kOutputs, outputs_a_pe}}, false};
    return multiplies(grouped(FormatKind::kInt, 4, 5), mapping).segments(0, {1, 1, kN, kK});
  };
  // Groups of 5 and 2 inputs. Waves of inputs innermost: rows have sums of 4 and 3 to scale.
  CHECK(segments({{kOutputs, 3}, {kUnits, 2}}, 1) == 3);
  // One wave of all inputs: the rows' sums are joined before they are scaled.
  CHECK(segments({{kOutputs, 3}}, 1, 4) == 2);
  // Other outputs come between waves of two inputs: a PE's own, or those of another wave.
  CHECK(segments({{kUnits, 2}}, 2) == 5);
  CHECK(segments({{kUnits, 2}, {kOutputs, 3}}, 1) == 5);
}

TEST_CASE("one scale for the whole row is applied once, with the first pass of the reduction") {
  WeightFormat format = workload::default_format(FormatKind::kInt, 4);
  format.scales = {ScaleSharing::kRow, 0, 0, 0};
  const Dataflow dataflow = multiplies(format);
  CHECK(dataflow.segments(0, {1, 1, kN, 4}) == 1);
  CHECK(dataflow.segments(4, {1, 1, kN, 3}) == 0);
}

TEST_CASE("W8A8 scales a complete sum by weight and token") {
  const Dataflow dataflow = multiplies(workload::default_format(FormatKind::kW8a8, 0));
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kInt8Multiply] == 35);
  CHECK(w.arithmetic[Arithmetic::kInt32Add] == 35);
  CHECK(dataflow.segments(0, {1, 1, kN, 4}) == 0);
  CHECK(dataflow.segments(4, {1, 1, kN, 3}) == 1);
  CHECK(dataflow.scaling(5)[Arithmetic::kFp16Multiply] == 10);
}

TEST_CASE("ternary weights are adds; zeros save cycles only with a compaction unit") {
  WeightFormat format = grouped(FormatKind::kTernary, 0, 128);
  format.zero_fraction = 0.5;
  const Dataflow plain = multiplies(format);
  const PassWork w = plain.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 35);  // the layer takes zeros off as a whole
  CHECK(w.array_cycles == Cycles(8));
  CHECK(w.weight_bits == 35 * 2);
  arch::Architecture a = example::architecture();
  a.groups[0].datapath.skips_zeros_in_time = true;
  const Dataflow compacting(a, 0, example::kernel(format, kN, kK), k_over_rows());
  // The last row: half of 3 inputs x 2 outputs, and two sums that it scales.
  CHECK(compacting.work(example::only_pass({1, 1, kN, kK}), false).array_cycles == Cycles(3 + 2));
  format.gamma = true;  // and sums of the activations
  const Dataflow offset = multiplies(format);
  CHECK(offset.work(example::only_pass({1, 1, kN, kK}), false).arithmetic[Arithmetic::kFp32Add] ==
        35 + 7);
  CHECK(offset.scaling(5)[Arithmetic::kFp16Multiply] == 10);
  CHECK(offset.scaling(5)[Arithmetic::kFp32Add] == 10);
}

TEST_CASE("shared-exponent boxes stay whole in a row and take an exponent and an FP add each") {
  WeightFormat format = workload::default_format(FormatKind::kMsfp, 0);
  format.box = 4;
  const Dataflow dataflow = multiplies(format);
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kInt8Multiply] == 35);
  CHECK(w.arithmetic[Arithmetic::kInt16Add] == 35);
  CHECK(w.arithmetic[Arithmetic::kFp16Convert] == 7);
  CHECK(w.array_cycles == Cycles(8));
  CHECK(dataflow.segments(0, {1, 1, kN, kK}) == 2);
  CHECK(dataflow.scaling(10)[Arithmetic::kExponentAdd] == 10);
  CHECK(dataflow.scaling(10)[Arithmetic::kFp32Add] == 10);
}

TEST_CASE("binary-coded weights without a table take a signed add a plane and weight") {
  const Dataflow dataflow = multiplies(workload::default_format(FormatKind::kShiftAdd, 3),
                                       {{}, {{kOutputs, 3}}, {{kOutputs, 1}}, true});
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 3 * 35);
  CHECK(w.array_cycles == Cycles(3 * 7));
  CHECK(w.weight_bits == 3 * 35);
  CHECK(dataflow.segments(0, {1, 1, kN, kK}) == 1);  // one block of 8 inputs
}

// Tables: K = 16, N = 5, 3 planes, blocks of 8 inputs x 5 outputs, 3 terms.
namespace {

/// 16 inputs are 4, 8 or 2 keys: all at once over the array, or four in each of two waves.
ArrayMapping keys_over_the_array(std::uint32_t mu) {
  if (mu == 8) return {{}, {{kUnits, 1}}, {}, false};
  return {{{kUnits, 4}}, {{kUnits, 2}}, {{kUnits, 1}}, false};
}

Dataflow tables(std::uint32_t mu, std::uint32_t copies = 1) {
  const WeightFormat format = workload::default_format(FormatKind::kShiftAdd, 3, kN);
  return {example::with_table(mu, copies), 0, example::kernel(format, kN, 16, {mu, {}, {}}),
          keys_over_the_array(mu)};
}

}  // namespace

TEST_CASE("four weights a key: four tables in two columns, and their sums return from each") {
  const Dataflow dataflow = tables(4);
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, 16}), false);
  // Build: max(12 adds / 2, 8 entries / 1) + depth 2 = 10. Then 5 outputs x 3 planes of queries; the lower
  // row scales them, with 9 exponent adds an output: beside the next pass's building, if there is one.
  CHECK(w.array_cycles.value() == 45);
  CHECK(w.behind_cycles == Cycles(10));
  CHECK(w.arithmetic.lut_queries == 4 * 15);
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 4 * 15);
  CHECK(w.arithmetic.lut_tables == 4);
  CHECK(w.accesses.lut_reads == 60);
  CHECK(w.accesses.lut_writes == 4 * 8);
  CHECK(w.activation_bits == 16 * 16);
  CHECK(w.weight_bits == 5 * 16 * 3);
  // Out of both columns; into the second only. Complete sums leave in 16 bits.
  CHECK(w.psum_bits == 5 * 32);
  CHECK(w.output_bits == 5 * 32 + 5 * 16);
  // A scale covers two keys: each plane's sum runs down a column by itself.
  CHECK(w.accesses.neighbour_bits == 5 * 2 * 3 * 32);
  CHECK(w.segment_outputs == 5);
  CHECK(dataflow.segments(0, {1, 1, kN, 16}) == 2);
  // 5 outputs x 2 segments x 3 planes: three exponent adds and two FP16 adds each.
  CHECK(dataflow.scaling(10)[Arithmetic::kExponentAdd] == 90);
  CHECK(dataflow.scaling(10)[Arithmetic::kFp16Add] == 60);
}

TEST_CASE(
    "columns that share the reduction run behind one another, and hold their keys for longer") {
  arch::Architecture a = example::with_table(4);
  const WeightFormat format = workload::default_format(FormatKind::kShiftAdd, 3, kN);
  const auto pass = [&] {
    return Dataflow(a, 0, example::kernel(format, kN, 16, {4, {}, {}}), keys_over_the_array(4))
        .work(example::only_pass({1, 1, kN, 16}), false);
  };
  // Two rows with an adder each; the lower scales in three cycles; out of the array and back in again.
  CHECK(pass().skew_cycles == Cycles(2 + 3 + 1 + 1));
  // While they wait for the column before, two of five sums find room: two fifths of a wave of 45 cycles.
  CHECK(pass().lag_cycles == Cycles(0));
  a.networks.output.latency_cycles = a.networks.psum.latency_cycles = 40;
  CHECK(pass().skew_cycles == Cycles(2 + 3 + 40 + 40));
  CHECK(pass().lag_cycles == Cycles(85 - 18));
}

TEST_CASE("two weights a key: eight tables need two waves, and scales meet half a column") {
  const Dataflow dataflow = tables(2);
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, 16}), false);
  // Build: max(2 / 2, 2 / 1) + 1 = 3. Tables are built while sums of those before are scaled.
  CHECK(w.array_cycles.value() == 2 * 45);
  CHECK(w.behind_cycles == Cycles(3));
  CHECK(w.arithmetic.lut_queries == 8 * 15);
  CHECK(w.arithmetic.lut_tables == 8);
  CHECK(w.psum_bits == 5 * 3 * 32);
  CHECK(w.output_bits == 5 * 3 * 32 + 5 * 16);
  // A column reduces 4 inputs, a scale covers 8: four segments.
  CHECK(dataflow.segments(0, {1, 1, kN, 16}) == 4);
}

TEST_CASE("eight weights a key: a scale for each look-up, and one chain for all planes") {
  const Dataflow dataflow = tables(8);
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, 16}), false);
  // Build: max(152 / 2, 128 / 1) + 3 = 131. 15 queries; 45 exponent adds go on beside the next building.
  CHECK(w.array_cycles.value() == 131 + 15);
  CHECK(w.behind_cycles == Cycles(45 - 15));
  CHECK(w.arithmetic.lut_queries == 2 * 15);
  CHECK(w.psum_bits == 0);
  CHECK(w.output_bits == 5 * 16);
  CHECK(w.accesses.neighbour_bits == 5 * 32);
  CHECK(dataflow.segments(0, {1, 1, kN, 16}) == 2);
}

TEST_CASE("a second copy of the table hides the building of the next") {
  const PassWork w = tables(4, 2).work(example::only_pass({1, 1, kN, 16}), false);
  CHECK(w.array_cycles.value() == 45);
  // 16 inputs of 16 bits come in 4 cycles; the first table has nothing to hide behind.
  CHECK(w.fill_cycles == Cycles(1 + 4 + 10));
  const PassWork slow = tables(8, 2).work(example::only_pass({1, 1, kN, 16}), false);
  CHECK(slow.array_cycles == Cycles(131));
}

TEST_CASE("tables outlive the pass while the activations stay and all fit the array") {
  PassPosition p = example::only_pass({1, 1, kN, 16});
  p.changed[0] = false;
  const PassWork w = tables(4).work(p, false);
  CHECK(w.array_cycles.value() == 45);
  CHECK(w.arithmetic.lut_tables == 0);
  CHECK(w.accesses.lut_writes == 0);
  CHECK(w.activation_bits == 0);
  CHECK(w.arithmetic.lut_queries == 60);
  // Two waves overwrite them.
  CHECK(tables(2).work(p, false).arithmetic.lut_tables == 8);
}

TEST_CASE("several readers share a table and its queries") {
  arch::Architecture a = example::with_table(4);
  a.groups[0].datapath.lut->readers = 2;
  // As many units as queries want, and more for the row that ends segments.
  a.groups[0].datapath.units[2].count = 4;   // fp32.add
  a.groups[0].datapath.units[7].count = 18;  // exponent.add
  a.groups[0].datapath.units[1].count = 12;  // fp16.add
  const WeightFormat format = workload::default_format(FormatKind::kShiftAdd, 3, kN);
  const Dataflow dataflow(a, 0, example::kernel(format, kN, 16, {4, {}, {}}),
                          keys_over_the_array(4));
  // ceil(5 / 2) outputs x 3 planes.
  CHECK(dataflow.work(example::only_pass({1, 1, kN, 16}), false).array_cycles.value() == 10 + 9);
}

TEST_CASE("column scales go to the inputs before the tables, one table a plane") {
  WeightFormat format = workload::default_format(FormatKind::kShiftAdd, 3);
  format.scales = {ScaleSharing::kColumn, 0, 0, 0};
  const Dataflow dataflow(
      example::with_table(4), 0,
      example::kernel(format, kN, 16, {4, workload::ScalePlacement::kBeforeTable, {}}),
      {{{kUnits, 2}}, {{kUnits, 1}}, {{kPlanes, 1}}, false});
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, 16}), false);
  // 4 keys x 3 planes = 12 tables in 6 PEs: two waves of building and 5 queries.
  CHECK(w.array_cycles == Cycles(2 * (10 + 5)));
  CHECK(w.arithmetic.lut_tables == 12);
  CHECK(w.arithmetic.lut_queries == 60);
  CHECK(w.arithmetic[Arithmetic::kExponentAdd] == 16 * 3 * 3);
  CHECK(w.arithmetic[Arithmetic::kFp16Add] == 16 * 3 * 2);
  CHECK(w.accesses.activation_writes == 16 * 3);
  CHECK(w.segment_outputs == 0);
  CHECK(dataflow.segments(0, {1, 1, kN, 16}) == 0);
  // Six columns' worth of sums leave, five return.
  CHECK(w.output_bits == 5 * 5 * 32 + 5 * 16);
  CHECK(w.psum_bits == 5 * 5 * 32);
}

TEST_CASE("sums of 16 bits are FP16 adds and travel in 16 bits") {
  Kernel kernel = example::kernel(fp16(), kN, kK);
  kernel.widths.accumulator_bits = 16;
  const Dataflow dataflow(example::architecture(), 0, kernel, k_over_rows());
  const PassWork w = dataflow.work(example::only_pass({1, 1, kN, kK}), false);
  CHECK(w.arithmetic[Arithmetic::kFp16Add] == 35);
  CHECK(w.arithmetic[Arithmetic::kFp32Add] == 0);
  CHECK(w.accesses.neighbour_bits == 5 * 16);
}

TEST_CASE("a datapath names what it lacks for a format") {
  arch::Datapath path = example::architecture().groups[0].datapath;
  for (int kind = 0; kind <= static_cast<int>(FormatKind::kMsfp); ++kind)
    CHECK(missing_operation(path, workload::default_format(static_cast<FormatKind>(kind), 3), {})
              .empty());
  path.units = {{Arithmetic::kFp16Multiply, 1, 1, 1}, {Arithmetic::kFp32Add, 1, 1, 1}};
  CHECK(missing_operation(path, fp16(), {}).empty());
  CHECK(missing_operation(path, fp16(), {16, 16, 16}) == "fp16.add");
  CHECK(missing_operation(path, workload::default_format(FormatKind::kShiftAdd, 3), {}) != "");
  CHECK(missing_operation(path, workload::default_format(FormatKind::kBcq, 3), {}).empty());
}

TEST_CASE("integers are dequantised where that takes fewer operations than scaling the sums") {
  // G = ceil(256 / 128) = 2 groups: 2 M N G against N K, so from 2 M x 2 > 256 on.
  workload::Linear linear{
      64, 256, 5, 1, workload::LinearRole::kMlp, grouped(FormatKind::kInt, 4, 128)};
  const arch::Datapath path = example::architecture().groups[0].datapath;
  CHECK(realise(path, linear).integer_mode == workload::IntegerMode::kAfterGroup);
  linear.tokens = 65;
  CHECK(realise(path, linear).integer_mode == workload::IntegerMode::kDequantisedTiles);
}

TEST_CASE("binary-coded weights use the table where there is one, columns scale before it") {
  workload::Linear linear{
      1, 256, 5, 1, workload::LinearRole::kMlp, workload::default_format(FormatKind::kShiftAdd, 3)};
  CHECK(realise(example::architecture().groups[0].datapath, linear).key_bits == 0);
  const arch::Datapath path = example::with_table(4).groups[0].datapath;
  CHECK(realise(path, linear).key_bits == 4);
  CHECK(realise(path, linear).scale_placement == workload::ScalePlacement::kAfterQuery);
  linear.weights.scales = {ScaleSharing::kColumn, 0, 0, 0};
  CHECK(realise(path, linear).scale_placement == workload::ScalePlacement::kBeforeTable);
}
