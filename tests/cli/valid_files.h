// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace addax::cli {

/// Small files without fault. The tests of bad input are tables of what to change in them; every
/// piece that a table changes occurs once.

inline constexpr const char* kArchitecture = R"(addax: architecture/1
name: small
description: a few PEs with tables and a few with multipliers
clock_hz: 2.5e8
rows: 4
groups:
  - name: lut
    columns: 3
    datapath:
      name: shift_lut_add
      units:
        - {executes: exponent.add, count: 3}
        - {executes: fp16.add, count: 2}
        - {executes: fp32.add, count: 1, latency_cycles: 2, initiation_interval: 1}
      lut: {key_bits: 8, half_table: true, entry_bits: 16, storage: sram, readers: 1, copies: 1}
    activation_scratchpad: {words: 12, width_bits: 16, storage: flip_flop}
    weight_scratchpad: {words: 8, width_bits: 8, storage: flip_flop}
    psum_scratchpad: {words: 25, width_bits: 32, storage: flip_flop}
  - name: multiplier
    columns: 2
    datapath:
      name: fp16_mac
      units:
        - {executes: fp16.multiply, count: 1}
        - {executes: fp32.add}
    activation_scratchpad: {words: 13, width_bits: 16, storage: flip_flop}
    weight_scratchpad: {words: 224, width_bits: 16, storage: sram}
    psum_scratchpad: {words: 24, width_bits: 32, storage: flip_flop}
buffer: {banks: 64, bank_bytes: 2048, width_bits: 64}
networks:
  activation: {width_bits: 256, latency_cycles: 1}
  weight: {width_bits: 1024, latency_cycles: 1}
  psum: {width_bits: 512, latency_cycles: 1}
  output: {width_bits: 480, latency_cycles: 1}
dram:
  type: lpddr4
  peak_bandwidth_bits_per_s: 2.048e11
  burst_bits: 1024
  latency_ns: 60
  refresh_interval_ns: 3904
  refresh_time_ns: 280
vector_unit:
  lanes: 16
  latency_cycles: 4
  buffer_width_bits: 256
  operations:
    fp32.add: {cycles: 1}
    fp32.multiply: {cycles: 1}
    fp32.compare: {cycles: 1}
    fp16.convert: {cycles: 1}
    fp32.exp: {cycles: 6}
    fp32.reciprocal: {cycles: 4}
    fp32.rsqrt: {cycles: 7}
write_queue: 2
)";

inline constexpr const char* kCostTable = R"(addax: cost_table/1
name: mine
extends: physical-45nm
rows:
  fp16.multiply:
    figures:
      energy_pj: {value: 1.1, low: 1.0, high: 1.2}
      area_um2: 1640
    node_nm: 45
    voltage_v: 0.9
    width_bits: 16
    source: "a source"
    evidence: measured
)";

inline constexpr const char* kTrace = R"(addax: trace/1
name: toy
model: toy
widths: {activation_bits: 16, kv_bits: 16, accumulator_bits: 32}
formats:
  coded: {kind: shiftadd, planes: 3, scales: {sharing: block, block_columns: 8}, scale_terms: 3}
  fp16: {kind: fp16}
  trits: {kind: ternary, zero_fraction: 0.25, scales: {sharing: group, group: 64}}
phases:
  - name: decode-16
    kind: decode
    batch: 1
    new_tokens: 1
    context: 16
    blocks:
      - name: block
        repeat: 2
        operations:
          - name: norm
            kind: norm
            elementwise: {function: rms_norm, rows: 1, width: 64, parameter_elements: 63}
            reads: [x]
            writes: h
          - name: q
            kind: linear
            linear: {tokens: 1, inputs: 64, outputs: 128, role: attention, weights: coded}
            reads: [h]
            writes: q
      - name: end
        operations:
          - name: head
            kind: head
            linear: {tokens: 1, inputs: 64, outputs: 32, copies: 1, role: head, weights: fp16}
            reads: [h]
            writes: y
          - name: out
            kind: kv_write
            transfer: {direction: to_dram, elements: 32, element_bits: 16}
            reads: [y]
)";

inline constexpr const char* kModel = R"({
  "model_type": "llama",
  "hidden_size": 256,
  "num_hidden_layers": 2,
  "num_attention_heads": 8,
  "num_key_value_heads": 4,
  "intermediate_size": 512,
  "vocab_size": 1000,
  "max_position_embeddings": 4096,
  "tie_word_embeddings": false,
  "hidden_act": "silu"
}
)";

inline constexpr const char* kAllocation = R"(block.0.q: 3
block.0.k: {bits: 4, columnwise: true}
block.1.down: 2
)";

}  // namespace addax::cli
