// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/valid_files.h"

using namespace addax::cli;

namespace {

/// One mistake: what is changed in a valid file, and what the message has to name.
struct Mistake {
  const char* what;
  const char* from;
  const char* to;
  std::vector<std::string> named;
};

/// Applies each mistake to `valid` and hands the file to `check`, and to `use`, which is asked to
/// write a file that must not appear.
template <class Use>
void check_mistakes(const char* name, const char* valid, const std::vector<std::string>& check_as,
                    const std::vector<Mistake>& mistakes, const Use& use) {
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.what);
    const Folder folder;
    const std::string path = folder.write(name, replaced(valid, mistake.from, mistake.to));
    std::vector<std::string> named = mistake.named;
    named.push_back(path + ":");
    std::vector<std::string> words = {"check", path};
    words.insert(words.end(), check_as.begin(), check_as.end());
    check_refused(run_addax(words), named);
    check_refused(use(folder, path), named);
    CHECK(folder.names() == std::vector<std::string>{name});
  }
}

}  // namespace

TEST_CASE("The files that the tests of bad input change are without fault") {
  const Folder folder;
  CHECK(run_addax({"check", folder.write("arch.yaml", kArchitecture)}).status == 0);
  CHECK(run_addax({"check", folder.write("table.yaml", kCostTable)}).status == 0);
  CHECK(run_addax({"check", folder.write("trace.yaml", kTrace)}).status == 0);
  CHECK(run_addax({"check", folder.write("config.json", kModel)}).status == 0);
  CHECK(run_addax({"check", folder.write("bits.yaml", kAllocation), "--as", "bits"}).status == 0);
  const Outcome run = run_addax({"run", "--arch", folder.path("arch.yaml"), "--trace",
                                 folder.path("trace.yaml"), "--tech", folder.path("table.yaml")});
  CHECK(run.err.empty());
  CHECK(run.status == 0);
}

TEST_CASE("A mistake in an architecture is named with file, line, key and what is allowed") {
  const std::vector<Mistake> mistakes = {
      {"no format", "addax: architecture/1\n", "", {"addax"}},
      {"a version to come", "architecture/1", "architecture/2", {":1: addax", "architecture/1"}},
      {"a missing key", "clock_hz: 2.5e8\n", "", {"clock_hz"}},
      {"a missing nested key", ", bank_bytes: 2048", "", {"buffer.bank_bytes"}},
      {"an unknown key", "write_queue: 2", "volume: 2", {":54: volume"}},
      {"a misspelt key", "write_queue: 2", "write_qeue: 2", {"did you mean 'write_queue'?"}},
      {"a misspelt nested key", "key_bits: 8", "key_bit: 8", {"did you mean 'key_bits'?"}},
      {"a key given twice", "rows: 4", "rows: 4\nrows: 5", {":6: rows"}},
      {"a key without value", "rows: 4", "rows:", {":5: rows", "found nothing"}},
      {"a negative count", "rows: 4", "rows: -4", {":5: rows", "'-4'"}},
      {"a count of zero", "rows: 4", "rows: 0", {":5: rows", "'0'"}},
      {"a huge count", "rows: 4", "rows: 400000000", {":5: rows", "400000000"}},
      {"a count beyond 64 bits", "rows: 4", "rows: 99999999999999999999", {":5: rows"}},
      {"a fraction of a row", "rows: 4", "rows: 4.5", {":5: rows", "'4.5'"}},
      {"an octal count", "rows: 4", "rows: 010", {":5: rows", "'010'"}},
      {"a hexadecimal count", "rows: 4", "rows: 0x10", {":5: rows", "'0x10'"}},
      {"a quoted count", "rows: 4", "rows: \"4\"", {":5: rows"}},
      {"a list for a count", "rows: 4", "rows: [4]", {":5: rows", "found a list"}},
      {"a map for a count", "rows: 4", "rows: {a: 4}", {":5: rows", "found a map"}},
      {"a word for a count", "rows: 4", "rows: many", {":5: rows", "'many'"}},
      {"a count with a unit", "rows: 4", "rows: 4 PEs", {":5: rows", "'4 PEs'"}},
      {"a clock with a unit", "2.5e8", "250 MHz", {":4: clock_hz", "250 MHz"}},
      {"a clock in megahertz", "2.5e8", "250", {":4: clock_hz", "'250'"}},
      {"a clock that is no number", "2.5e8", ".nan", {":4: clock_hz", ".nan"}},
      {"a clock without end", "2.5e8", ".inf", {":4: clock_hz", ".inf"}},
      {"a negative clock", "2.5e8", "-2.5e8", {":4: clock_hz"}},
      {"a clock beyond a double", "2.5e8", "1e999", {":4: clock_hz", "1e999"}},
      {"a clock that was forgotten", "clock_hz: 2.5e8", "clock_mhz: 250", {"clock_hz"}},
      {"a negative time", "latency_ns: 60", "latency_ns: -60", {"dram.latency_ns", "-60"}},
      {"a refresh longer than its interval",
       "refresh_time_ns: 280",
       "refresh_time_ns: 5000",
       {"dram.refresh_time_ns", "refresh_interval_ns"}},
      {"a bandwidth of zero", "2.048e11", "0", {"dram.peak_bandwidth_bits_per_s"}},
      {"a bandwidth in gigabytes",
       "peak_bandwidth_bits_per_s: 2.048e11",
       "peak_bandwidth_gb_per_s: 25.6",
       {"peak_bandwidth"}},
      {"a burst of no bits", "burst_bits: 1024", "burst_bits: 0", {"dram.burst_bits"}},
      {"DRAM without a name", "type: lpddr4", "type: \"\"", {"dram.type"}},
      {"too few banks", "banks: 64", "banks: 2", {"buffer.banks", "2"}},
      {"banks without bytes", "bank_bytes: 2048", "bank_bytes: 0", {"buffer.bank_bytes"}},
      {"a port that does not divide its bank",
       "bank_bytes: 2048, width_bits: 64",
       "bank_bytes: 2048, width_bits: 63",
       {"buffer.width_bits", "63"}},
      {"a network without wires", "width_bits: 480", "width_bits: 0", {"networks.output"}},
      {"a network that is missing",
       "  output: {width_bits: 480, latency_cycles: 1}\n",
       "",
       {"networks", "output"}},
      {"a network too many",
       "  output: {",
       "  input: {width_bits: 1}\n  output: {",
       {"networks.input"}},
      {"no columns", "columns: 3", "columns: 0", {"groups[0].columns"}},
      {"more columns than 32 bits hold",
       "columns: 3",
       "columns: 4294967299",
       {"groups[0].columns"}},
      {"groups that are no list",
       "groups:\n  - name: lut",
       "groups: none\nname2:\n  - name: lut",
       {"groups"}},
      {"an unknown unit",
       "executes: exponent.add",
       "executes: exponent.subtract",
       {"groups[0].datapath.units[0].executes", "exponent.subtract", "exponent.add"}},
      {"a misspelt unit",
       "executes: exponent.add",
       "executes: exponant.add",
       {"did you mean 'exponent.add'?"}},
      {"a unit listed twice",
       "executes: fp16.add",
       "executes: exponent.add",
       {"groups[0].datapath.units[1]"}},
      {"no units of a kind",
       "executes: fp16.multiply, count: 1",
       "executes: fp16.multiply, count: 0",
       {"groups[1].datapath.units[0].count"}},
      {"a unit that never finishes",
       "initiation_interval: 1",
       "initiation_interval: 0",
       {"initiation_interval"}},
      {"a latency of zero", "latency_cycles: 2,", "latency_cycles: 0,", {"latency_cycles"}},
      {"a key without bits", "key_bits: 8", "key_bits: 0", {"lut.key_bits"}},
      {"a key of too many bits", "key_bits: 8", "key_bits: 32", {"lut.key_bits", "32"}},
      {"a flag that is a number", "half_table: true", "half_table: 1", {"lut.half_table"}},
      {"a flag in YAML 1.1", "half_table: true", "half_table: yes", {"lut.half_table", "yes"}},
      {"an unknown storage",
       "storage: sram, readers",
       "storage: dram, readers",
       {"lut.storage", "flip_flop, latch, sram"}},
      {"a table that nobody reads", "readers: 1", "readers: 0", {"lut.readers"}},
      {"three copies of a table", "copies: 1", "copies: 3", {"lut.copies", "3"}},
      {"a scratchpad without width",
       "words: 25, width_bits: 32",
       "words: 25, width_bits: 0",
       {"groups[0].psum_scratchpad.width_bits"}},
      {"a scratchpad that is missing",
       "    activation_scratchpad: {words: 13, width_bits: 16, storage: flip_flop}\n",
       "",
       {"groups[1]", "activation_scratchpad"}},
      {"no vector lanes", "lanes: 16", "lanes: 0", {"vector_unit.lanes"}},
      {"a vector operation that does not exist",
       "fp32.exp:",
       "fp32.sine:",
       {"vector_unit.operations", "fp32.sine"}},
      {"a vector operation that takes no time",
       "{cycles: 7}",
       "{cycles: 0}",
       {"vector_unit.operations", "cycles"}},
      {"an empty name", "name: small", "name: \"\"", {":2: name"}},
      {"an anchor that holds itself", "rows: 4", "rows: &a [*a]", {}},
      {"an alias without an anchor", "rows: 4", "rows: *gone", {}},
      {"a tag", "rows: 4", "rows: !!python/object 4", {":5:"}},
      {"a tab for indentation", "  type: lpddr4", "\ttype: lpddr4", {}},
      {"a brace that is not closed", "{banks: 64", "{{banks: 64", {}},
      {"a second document", "write_queue: 2", "write_queue: 2\n---\naddax: x", {}},
  };
  check_mistakes("arch.yaml", kArchitecture, {}, mistakes,
                 [](const Folder& folder, const std::string& path) {
                   return run_addax({"area", "--arch", path, "--json", folder.path("out.json")});
                 });
}

TEST_CASE("A mistake in a cost table is named with file, line, key and what is allowed") {
  const std::vector<Mistake> mistakes = {
      {"a version to come", "cost_table/1", "cost_table/9", {":1: addax"}},
      {"a row without a source",
       "    source: \"a source\"\n",
       "",
       {"rows.fp16.multiply", "source"}},
      {"an empty source", "\"a source\"", "\" \"", {":12: rows.fp16.multiply.source"}},
      {"an unknown evidence",
       "evidence: measured",
       "evidence: guessed",
       {"evidence", "guessed", "measured, derived, assumed"}},
      {"a row that is misspelt",
       "  fp16.multiply:",
       "  fp16.multipy:",
       {"fp16.multipy", "did you mean 'fp16.multiply'?"}},
      {"a figure in another unit", "area_um2: 1640", "area_mm2: 0.00164", {"area_mm2", "area_um2"}},
      {"a figure with its unit beside it", "area_um2: 1640", "area_um2: 1640 um2", {"1640 um2"}},
      {"a negative energy", "value: 1.1", "value: -1.1", {"energy_pj", "-1.1"}},
      {"a range without its value", "low: 1.0", "low: 1.15", {"energy_pj.low", "1.15"}},
      {"a range upside down", "high: 1.2", "high: 0.9", {"energy_pj"}},
      {"a range without an end", ", high: 1.2", "", {"energy_pj", "high"}},
      {"an energy that is no number", "value: 1.1", "value: .nan", {"energy_pj", ".nan"}},
      {"a node in micrometres", "node_nm: 45", "node_nm: 0.045", {"node_nm"}},
      {"a voltage of zero", "voltage_v: 0.9", "voltage_v: 0", {"voltage_v"}},
      {"a table that extends one that is not there",
       "extends: physical-45nm",
       "extends: physical-54nm",
       {":3: extends", "physical-54nm"}},
      {"a table that extends itself",
       "extends: physical-45nm",
       "extends: ./table.yaml",
       {":3: extends"}},
      {"a table that extends a file that is not there",
       "extends: physical-45nm",
       "extends: gone.yaml",
       {":3: extends", "gone.yaml"}},
      {"rows that are a list", "rows:\n  fp16.multiply:", "rows:\n  - fp16.multiply:", {}},
      {"an unknown purpose",
       "rows:\n",
       "purpose: basis\nrows:\n",
       {":4: purpose", "complete, base, reference"}},
      {"an unknown key", "    node_nm: 45", "    node_nm: 45\n    colour: red", {"colour"}},
  };
  check_mistakes(
      "table.yaml", kCostTable, {}, mistakes, [](const Folder& folder, const std::string& path) {
        return run_addax(
            {"area", "--arch", "eyeriss_fp16", "--tech", path, "--csv", folder.path("out.csv")});
      });
}

TEST_CASE("A mistake in a trace is named with file, line, key and what is allowed") {
  const std::vector<Mistake> mistakes = {
      {"a version to come", "trace/1", "trace/2", {":1: addax"}},
      {"no model", "model: toy\n", "", {"model"}},
      {"an unknown format",
       "kind: shiftadd",
       "kind: shift",
       {"formats.coded.kind", "fp16, w8a8, int, bcq, shiftadd"}},
      {"no planes", "planes: 3", "planes: 0", {"formats.coded.planes"}},
      {"too many planes", "planes: 3", "planes: 9", {"formats.coded.planes", "9"}},
      {"a parameter of another format",
       "{kind: fp16}",
       "{kind: fp16, box: 16}",
       {"formats.fp16.box"}},
      {"an unknown sharing", "sharing: block", "sharing: brick", {"scales.sharing", "brick"}},
      {"a group of no weights", "group: 64", "group: 0", {"scales.group"}},
      {"more zeros than weights", "zero_fraction: 0.25", "zero_fraction: 1.5", {"zero_fraction"}},
      {"zeros that are no number", "zero_fraction: 0.25", "zero_fraction: .nan", {"zero_fraction"}},
      {"activations of no known width",
       "activation_bits: 16",
       "activation_bits: 12",
       {"widths.activation_bits", "12"}},
      {"sums of no known width",
       "accumulator_bits: 32",
       "accumulator_bits: 64",
       {"widths.accumulator_bits", "64"}},
      {"no phase",
       "phases:\n  - name: decode-16",
       "phases: []\nrest:\n  - name: decode-16",
       {"rest"}},
      {"an unknown phase", "kind: decode", "kind: encode", {"phases[0].kind", "did you mean"}},
      {"two new tokens in decode", "new_tokens: 1", "new_tokens: 2", {"phases[0].new_tokens"}},
      {"a context of nothing", "context: 16", "context: 0", {"phases[0].context"}},
      {"a batch of nothing", "batch: 1", "batch: 0", {"phases[0].batch"}},
      {"a block that never comes", "repeat: 2", "repeat: 0", {"phases[0].blocks[0].repeat"}},
      {"two blocks of one name", "- name: end", "- name: block", {"phases[0].blocks[1].name"}},
      {"two operations of one name", "- name: out", "- name: head", {"operations[1].name", "head"}},
      {"an unknown kind", "kind: norm", "kind: nrom", {"kind", "nrom", "did you mean 'norm'?"}},
      {"a format that is not listed",
       "weights: coded",
       "weights: codded",
       {"weights", "did you mean 'coded'?"}},
      {"an unknown role", "role: attention", "role: tension", {"role", "tension"}},
      {"a layer without inputs",
       "inputs: 64, outputs: 128",
       "inputs: 0, outputs: 128",
       {"linear.inputs"}},
      {"a layer without outputs", ", outputs: 128", "", {"linear", "outputs"}},
      {"a negative size", "outputs: 128", "outputs: -128", {"linear.outputs", "-128"}},
      {"sizes whose counts leave 64 bits",
       "tokens: 1, inputs: 64, outputs: 128",
       "tokens: 2147483648, inputs: 2147483648, outputs: 2147483648",
       {":26: phases[0].blocks[0].operations[1].linear.tokens", "'2147483648'", "2^64"}},
      {"copies whose counts leave 64 bits",
       "outputs: 32, copies: 1",
       "outputs: 2147483648, copies: 2147483648",
       {"operations[0].linear.outputs", "'2147483648'", "2^64"}},
      {"an unknown function", "function: rms_norm", "function: rms", {"elementwise.function"}},
      {"two works in one operation",
       "            transfer: {",
       "            scores: {heads: 1, kv_heads: 1, head_dim: 8}\n            transfer: {",
       {"transfer"}},
      {"no work in an operation",
       "            transfer: {direction: to_dram, elements: 32, element_bits: 16}\n",
       "",
       {"operations[1]"}},
      {"a transfer to nowhere", "direction: to_dram", "direction: to_disk", {"to_disk"}},
      {"an element without bits", "element_bits: 16", "element_bits: 0", {"element_bits"}},
      {"a tensor too short for its reader",
       "elements: 32",
       "elements: 33",
       {"operations[1].reads[0]", "'y'", "33 elements", "head leaves 32"}},
      {"a linear of other inputs than its tensor has",
       "tokens: 1, inputs: 64, outputs: 128",
       "tokens: 1, inputs: 63, outputs: 128",
       {"operations[1].reads[0]", "'h'", "63 inputs", "norm leaves 64"}},
      {"more tokens than its tensor has",
       "tokens: 1, inputs: 64, outputs: 128",
       "tokens: 2, inputs: 64, outputs: 128",
       {"operations[1].reads[0]", "'h'", "128 elements", "norm leaves 64"}},
      {"a tensor too many",
       "reads: [y]",
       "reads: [y, y]",
       {"operations[1].reads", "'2 tensors'", "1 tensor for transfer to_dram"}},
      {"reads that are a word", "reads: [x]", "reads: x", {"reads"}},
      {"an unknown key", "repeat: 2", "repeats: 2", {"repeats", "did you mean 'repeat'?"}},
  };
  check_mistakes("trace.yaml", kTrace, {}, mistakes,
                 [](const Folder& folder, const std::string& path) {
                   return run_addax({"run", "--arch", "eyeriss_shiftadd", "--trace", path, "--json",
                                     folder.path("out.json")});
                 });
}

TEST_CASE("A mistake in a model's config.json is named with file, line, key and what is allowed") {
  const std::vector<Mistake> mistakes = {
      {"an unknown family", "\"llama\"", "\"lama\"", {":2: model_type", "did you mean 'llama'?"}},
      {"no layers", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 0", {"num_hidden_layers"}},
      {"too many layers",
       "\"num_hidden_layers\": 2",
       "\"num_hidden_layers\": 1000000",
       {"num_hidden_layers", "1000000"}},
      {"a size that is missing", "  \"intermediate_size\": 512,\n", "", {"intermediate_size"}},
      {"a size that is text", "\"vocab_size\": 1000", "\"vocab_size\": \"1000\"", {"vocab_size"}},
      {"a fraction", "\"hidden_size\": 256", "\"hidden_size\": 256.5", {":3: hidden_size"}},
      {"heads that do not divide",
       "\"num_attention_heads\": 8",
       "\"num_attention_heads\": 7",
       {"num_attention_heads"}},
      {"groups that do not divide",
       "\"num_key_value_heads\": 4",
       "\"num_key_value_heads\": 3",
       {"num_key_value_heads", "3"}},
      {"an unknown activation", "\"silu\"", "\"sigmoid\"", {"hidden_act", "sigmoid"}},
      {"a flag that is text", "false", "\"false\"", {"tie_word_embeddings"}},
      {"a comma too few", "256,", "256", {}},
      {"a brace too few", "\"silu\"\n}", "\"silu\"\n", {}},
  };
  check_mistakes(
      "config.json", kModel, {"--as", "model"}, mistakes,
      [](const Folder& folder, const std::string& path) {
        return run_addax({"trace", "make", "--model", path, "-o", folder.path("out.yaml")});
      });
}

TEST_CASE("A mistake in a bit allocation is named with file, line, key and what is allowed") {
  const std::vector<Mistake> mistakes = {
      {"no bits", "block.0.q: 3", "block.0.q: 0", {":1:", "block.0.q"}},
      {"bits that no format has", "block.0.q: 3", "block.0.q: 12", {":1:", "12"}},
      {"an unknown layer", "block.0.q", "block.0.queries", {":1:", "block.0.queries"}},
      {"a layer given twice", "block.1.down: 2", "block.0.q: 2", {":3:", "block.0.q"}},
      {"a layer given by two names",
       "block.1.down: 2",
       "model.layers.0.self_attn.q_proj: 2",
       {":3:", "q_proj"}},
      {"an unknown key", "columnwise", "rowwise", {"rowwise"}},
      {"a list", "block.1.down: 2", "block.1.down: [2]", {"block.1.down"}},
  };
  check_mistakes("bits.yaml", kAllocation, {"--as", "bits"}, mistakes,
                 [](const Folder& folder, const std::string& path) {
                   const std::string model = folder.write("config.json", kModel);
                   const Outcome outcome =
                       run_addax({"trace", "make", "--model", model, "--weights", "shiftadd-3bit",
                                  "--allocation", path, "-o", folder.path("out.yaml")});
                   std::remove(model.c_str());
                   return outcome;
                 });
}
