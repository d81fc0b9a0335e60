// SPDX-License-Identifier: Apache-2.0
#include "sim/report/configuration.h"

#include "models/arith/operation.h"

namespace addax::report {
namespace {

Json scratchpad(const arch::Scratchpad& pad) {
  return {{"words", pad.words}, {"width_bits", pad.width_bits}, {"storage", name(pad.storage)}};
}

Json lut(const arch::Lut& lut) {
  return {{"key_bits", lut.key_bits},       {"half_table", lut.half_table},
          {"entry_bits", lut.entry_bits},   {"storage", name(lut.storage)},
          {"clock_gated", lut.clock_gated}, {"readers", lut.readers},
          {"copies", lut.copies},           {"generator_adders", lut.generator_adders},
          {"write_ports", lut.write_ports}};
}

Json datapath(const arch::Datapath& path) {
  Json units = Json::array();
  for (const arch::Unit& unit : path.units)
    units.push_back({{"executes", arith::name(unit.executes)},
                     {"count", unit.count},
                     {"latency_cycles", unit.latency_cycles},
                     {"initiation_interval", unit.initiation_interval}});
  return {{"name", path.name},
          {"units", units},
          {"lut", path.lut ? lut(*path.lut) : Json()},
          {"skips_zeros_in_time", path.skips_zeros_in_time}};
}

Json network(const arch::Network& network) {
  return {{"width_bits", network.width_bits}, {"latency_cycles", network.latency_cycles}};
}

Json dram(const arch::Dram& dram) {
  return {{"type", dram.type},
          {"peak_bandwidth_bits_per_s", dram.peak_bandwidth.value()},
          {"burst_bits", dram.burst_bits},
          {"latency_ns", dram.latency.value()},
          {"refresh_interval_ns", dram.refresh_interval.value()},
          {"refresh_time_ns", dram.refresh_time.value()}};
}

Json vector_unit(const arch::VectorUnit& unit) {
  Json operations = Json::object();
  for (const auto& [arithmetic, operation] : unit.operations)
    operations[arith::name(arithmetic)] = {{"cycles", operation.cycles}};
  return {{"lanes", unit.lanes},
          {"latency_cycles", unit.latency_cycles},
          {"buffer_width_bits", unit.buffer_width_bits},
          {"operations", operations}};
}

Json figures(const std::map<std::string, cost::Figure>& figures) {
  Json object = Json::object();
  for (const auto& [key, figure] : figures)
    object[key] = {{"value", figure.value}, {"low", figure.low}, {"high", figure.high}};
  return object;
}

Json sram_fit(const cost::SramFit& fit) {
  return {{"coefficients", fit.coefficients},
          {"bytes", {fit.least_bytes, fit.most_bytes}},
          {"width_bits", {fit.least_width_bits, fit.most_width_bits}},
          {"source", fit.source},
          {"evidence", name(fit.evidence)},
          {"table", fit.table}};
}

Json scales(const workload::ScaleLayout& layout) {
  Json object = {{"sharing", name(layout.sharing)}};
  if (layout.sharing == workload::ScaleSharing::kGroup) object["group"] = layout.group;
  if (layout.sharing == workload::ScaleSharing::kBlock) {
    object["block_columns"] = layout.block_columns;
    object["block_rows"] = layout.block_rows;
  }
  return object;
}

/// Batch, new and past tokens are the phase's.
Json shape(const workload::AttentionShape& shape) {
  Json object = {
      {"heads", shape.heads}, {"kv_heads", shape.kv_heads}, {"head_dim", shape.head_dim}};
  if (shape.window) object["window"] = *shape.window;
  return object;
}

Json files(const workload::ValueFiles& values) {
  Json object = {{"weights", values.weights}};
  if (values.activations) object["activations"] = *values.activations;
  if (values.tensor) object["tensor"] = *values.tensor;
  return object;
}

struct WorkWriter {
  Json operator()(const workload::Linear& linear) const {
    Json object = {{"tokens", linear.tokens},   {"inputs", linear.inputs},
                   {"outputs", linear.outputs}, {"copies", linear.copies},
                   {"role", name(linear.role)}, {"weights", configuration_json(linear.weights)}};
    if (linear.values) object["values"] = files(*linear.values);
    return object;
  }
  Json operator()(const workload::Scores& scores) const { return shape(scores.shape); }
  Json operator()(const workload::Softmax& softmax) const { return shape(softmax.shape); }
  Json operator()(const workload::Context& context) const { return shape(context.shape); }
  Json operator()(const workload::Elementwise& elementwise) const {
    return {{"function", name(elementwise.function)},
            {"rows", elementwise.rows},
            {"width", elementwise.width},
            {"terms", elementwise.terms},
            {"parameter_elements", elementwise.parameter_elements}};
  }
  Json operator()(const workload::Transfer& transfer) const {
    return {{"direction", name(transfer.direction)},
            {"elements", transfer.elements},
            {"element_bits", transfer.element_bits}};
  }
};

Json operation(const workload::Operation& operation) {
  Json object = {{"name", operation.name},
                 {"kind", operation.kind},
                 {work_name(operation.work), std::visit(WorkWriter{}, operation.work)},
                 {"reads", operation.reads}};
  if (!operation.writes.empty()) object["writes"] = operation.writes;
  return object;
}

Json phase_summary(const workload::Phase& phase) {
  return {{"name", phase.name},
          {"kind", name(phase.kind)},
          {"batch", phase.batch},
          {"new_tokens", phase.new_tokens},
          {"context", phase.context}};
}

}  // namespace

Json configuration_json(const arch::Architecture& architecture) {
  Json groups = Json::array();
  for (const arch::ColumnGroup& group : architecture.groups)
    groups.push_back({{"name", group.name},
                      {"columns", group.columns},
                      {"datapath", datapath(group.datapath)},
                      {"activation_scratchpad", scratchpad(group.activation_scratchpad)},
                      {"weight_scratchpad", scratchpad(group.weight_scratchpad)},
                      {"psum_scratchpad", scratchpad(group.psum_scratchpad)}});
  const arch::GlobalBuffer& buffer = architecture.buffer;
  Json object = {{"addax", "architecture/1"}, {"name", architecture.name}};
  if (!architecture.description.empty()) object["description"] = architecture.description;
  object.update({{"clock_hz", architecture.clock.value()},
                 {"rows", architecture.rows},
                 {"groups", groups},
                 {"buffer",
                  {{"banks", buffer.banks},
                   {"bank_bytes", buffer.bank_bytes},
                   {"width_bits", buffer.width_bits}}},
                 {"networks",
                  {{"activation", network(architecture.networks.activation)},
                   {"weight", network(architecture.networks.weight)},
                   {"psum", network(architecture.networks.psum)},
                   {"output", network(architecture.networks.output)}}},
                 {"dram", dram(architecture.dram)},
                 {"vector_unit", vector_unit(architecture.vector_unit)},
                 {"write_queue", architecture.write_queue}});
  return object;
}

Json summary_json(const cost::CostTable& table) {
  return {{"name", table.name}, {"extends", table.lineage}};
}

Json configuration_json(const cost::CostTable& table) {
  Json rows = Json::object();
  for (const auto& [key, row] : table.rows)
    rows[key] = {{"figures", figures(row.figures)},
                 {"node_nm", row.node_nm},
                 {"voltage_v", row.voltage_v},
                 {"width_bits", row.width_bits},
                 {"source", row.source},
                 {"evidence", name(row.evidence)},
                 {"table", row.table}};
  return {{"addax", "cost_table/1"},
          {"name", table.name},
          {"purpose", name(table.purpose)},
          {"rows", rows},
          {"sram", table.sram ? sram_fit(*table.sram) : Json()}};
}

Json configuration_json(const workload::WeightFormat& format) {
  using workload::FormatKind;
  Json object = {{"kind", name(format.kind)}};
  if (format.kind == FormatKind::kFp16 || format.kind == FormatKind::kW8a8) return object;
  if (format.kind == FormatKind::kInt) {
    object["bits"] = format.bits;
    object["zero_points"] = format.zero_points;
  }
  if (is_binary_coded(format)) {
    object["planes"] = format.planes;
    object["scale_terms"] = format.scale_terms;
  }
  if (format.kind == FormatKind::kTernary) {
    object["packed_trits"] = format.packed_trits;
    object["gamma"] = format.gamma;
    object["zero_fraction"] = format.zero_fraction;
  }
  if (format.kind == FormatKind::kMsfp) {
    object["mantissa_bits"] = format.mantissa_bits;
    object["exponent_bits"] = format.exponent_bits;
    object["box"] = format.box;
  } else {
    object["scales"] = scales(format.scales);
  }
  return object;
}

Json summary_json(const workload::Trace& trace) {
  Json phases = Json::array();
  for (const workload::Phase& phase : trace.phases) phases.push_back(phase_summary(phase));
  return {{"name", trace.name},
          {"model", trace.model},
          {"widths",
           {{"activation_bits", trace.widths.activation_bits},
            {"kv_bits", trace.widths.kv_bits},
            {"accumulator_bits", trace.widths.accumulator_bits}}},
          {"phases", phases},
          {"notes", trace.notes}};
}

Json configuration_json(const workload::Trace& trace) {
  Json object = {{"addax", "trace/1"}};
  object.update(summary_json(trace));
  for (std::size_t p = 0; p < trace.phases.size(); ++p) {
    Json blocks = Json::array();
    for (const workload::Block& block : trace.phases[p].blocks) {
      Json operations = Json::array();
      for (const workload::Operation& each : block.operations)
        operations.push_back(operation(each));
      blocks.push_back(
          {{"name", block.name}, {"repeat", block.repeat}, {"operations", operations}});
    }
    object["phases"][p]["blocks"] = blocks;
  }
  return object;
}

Json configuration_json(const workload::ModelShape& m) {
  return {{"name", m.name},
          {"family", m.family},
          {"layers", m.layers},
          {"hidden", m.hidden},
          {"heads", m.heads},
          {"kv_heads", m.kv_heads},
          {"head_dim", m.head_dim},
          {"ffn", m.ffn},
          {"experts", m.experts},
          {"active_experts", m.active_experts},
          {"dense_layers", m.dense_layers},
          {"dense_ffn", m.dense_ffn},
          {"vocabulary", m.vocabulary},
          {"embedding_width", m.embedding_width},
          {"context_limit", m.context_limit},
          {"sliding_window", m.sliding_window ? Json(*m.sliding_window) : Json()},
          {"tied_head", m.tied_head},
          {"pre_norm", m.pre_norm},
          {"final_norm", m.final_norm},
          {"gated_mlp", m.gated_mlp},
          {"fused_qkv", m.fused_qkv},
          {"rope", m.rope},
          {"alibi", m.alibi},
          {"learned_positions", m.learned_positions},
          {"qk_norm", m.qk_norm},
          {"sub_norms", m.sub_norms},
          {"activation_quantisation", m.activation_quantisation},
          {"embedding_norm", m.embedding_norm},
          {"embedding_scale", m.embedding_scale},
          {"qkv_bias", m.qkv_bias},
          {"output_bias", m.output_bias},
          {"mlp_bias", m.mlp_bias},
          {"scale_on_query", m.scale_on_query},
          {"norm", m.norm == workload::NormKind::kLayer ? "layer" : "rms"},
          {"activation", name(m.activation)}};
}

}  // namespace addax::report
