// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"

using namespace addax;

namespace {

arch::Architecture architecture(const std::string& name) {
  return input::read_architecture(name, nullptr);
}
workload::Trace trace(const std::string& name) { return input::resolve_trace(name, nullptr); }

std::uint64_t bits_read(const result::Activity& activity) {
  std::uint64_t bits = 0;
  for (const auto& layer : activity.layers) bits += layer.dram_read_bits;
  return bits;
}
std::uint64_t bits_written(const result::Activity& activity) {
  std::uint64_t bits = 0;
  for (const auto& layer : activity.layers) bits += layer.dram_write_bits;
  return bits;
}

/// What a decode token must read: each linear layer's stored weights, every parameter of the vector
/// operations, the cached keys and values, the embedding's rows.
std::uint64_t compulsory_reads(const workload::Trace& trace) {
  std::uint64_t bits = 0;
  for (const workload::Block& block : trace.phases.at(0).blocks)
    for (const workload::Operation& op : block.operations) {
      std::uint64_t one = 0;
      if (const auto* linear = std::get_if<workload::Linear>(&op.work)) {
        const auto stored = workload::stored_bits(linear->weights, linear->inputs, linear->outputs);
        one = (stored.codes + stored.scales).value() * linear->copies;
      } else if (const auto* scores = std::get_if<workload::Scores>(&op.work)) {
        one = workload::cache_elements_read(scores->shape) * trace.widths.kv_bits;
      } else if (const auto* elementwise = std::get_if<workload::Elementwise>(&op.work)) {
        one = elementwise->parameter_elements * 16;
      } else if (const auto* transfer = std::get_if<workload::Transfer>(&op.work)) {
        if (transfer->direction == workload::TransferDirection::kFromDram)
          one = transfer->elements * transfer->element_bits;
      }
      bits += one * block.repeat;
    }
  return bits;
}

std::uint64_t compulsory_writes(const workload::Trace& trace) {
  std::uint64_t bits = 0;
  for (const workload::Block& block : trace.phases.at(0).blocks)
    for (const workload::Operation& op : block.operations)
      if (const auto* transfer = std::get_if<workload::Transfer>(&op.work))
        if (transfer->direction == workload::TransferDirection::kToDram)
          bits += transfer->elements * transfer->element_bits * block.repeat;
  return bits;
}

arch::Architecture with_buffer(arch::Architecture a, std::uint32_t banks) {
  a.buffer.banks = banks;
  return a;
}

double peak_macs(const arch::Architecture& a) { return static_cast<double>(a.pes()); }

}  // namespace

TEST_CASE(
    "DRAM bits of a decode token are the compulsory bits where everything else stays on chip") {
  // 1 MiB of buffer holds all activations of a token of OPT-6.7B, so nothing spills.
  const std::pair<const char*, const char*> points[] = {
      {"eyeriss_fp16", "opt-6.7b.decode.fp16"},
      {"eyeriss_int", "opt-6.7b.decode.int-4bit"},
      {"eyeriss_shiftadd", "opt-6.7b.decode.shiftadd-3bit"},
      {"eyeriss_shiftadd_mu4", "opt-6.7b.decode.shiftadd-3bit"},
      {"eyeriss_lutgemm", "opt-6.7b.decode.bcq-2bit"},
      {"eyeriss_ternary", "opt-6.7b.decode.ternary"},
      {"eyeriss_int8", "opt-6.7b.decode.w8a8"},
      {"eyeriss_msfp", "opt-6.7b.decode.msfp"},
      {"eyeriss_shiftadd", "llama-3-8b.decode.shiftadd-3bit"},
      {"eyeriss_fp16", "mixtral-8x7b-v0.1.decode.fp16"},
  };
  for (const auto& [arch_name, trace_name] : points) {
    INFO(arch_name << " " << trace_name);
    const workload::Trace t = trace(trace_name);
    const arch::Architecture a = with_buffer(architecture(arch_name), 512);
    for (const auto fidelity : {engine::Fidelity::kCycle, engine::Fidelity::kAnalytic}) {
      const result::Activity activity = engine::run(a, t, {fidelity, true, {}});
      CHECK(activity.notes.empty());  // nothing spilt
      CHECK(bits_read(activity) == compulsory_reads(t));
      CHECK(bits_written(activity) == compulsory_writes(t));
    }
  }
}

TEST_CASE("FP16 decode of OPT-6.7B takes its bytes over the effective bandwidth, within 2 %") {
  const arch::Architecture a = architecture("eyeriss_fp16");
  const result::Activity activity = engine::run(a, trace("opt-6.7b.decode.fp16"), {});
  const double bits = static_cast<double>(bits_read(activity) + bits_written(activity));
  const double least = bits / (a.dram_bits_per_cycle() * a.dram_availability());
  const double deviation = static_cast<double>(activity.cycles.value()) / least - 1.0;
  INFO("deviation " << deviation);
  CHECK(deviation >= 0.0);
  CHECK(deviation < 0.02);
}

TEST_CASE("the linear layers of a prefill run within 5 % of the array's peak") {
  const arch::Architecture a = architecture("eyeriss_fp16");
  const result::Activity activity = engine::run(a, trace("opt-6.7b.prefill-512.fp16"), {});
  for (const result::LayerActivity& layer : activity.layers) {
    if (layer.kind != "linear") continue;
    INFO(layer.name);
    CHECK(layer.bound_by == result::Resource::kCompute);
    const double peak = static_cast<double>(layer.macs) / peak_macs(a);
    CHECK(static_cast<double>(layer.cycles.value()) >= peak);
    CHECK(static_cast<double>(layer.cycles.value()) < 1.05 * peak);
  }
}

TEST_CASE(
    "about 52 multipliers keep OPT-6.7B's attention and head as fast as DRAM at context 2048") {
  const result::Activity activity =
      engine::run(architecture("eyeriss_shiftadd"), trace("opt-6.7b.decode.shiftadd-3bit"), {});
  for (const result::LayerActivity& layer : activity.layers)
    if (layer.kind == "attention" || layer.kind == "head") {
      INFO(layer.name);
      CHECK(layer.bound_by == result::Resource::kDram);
    }
}

TEST_CASE("a decode token of every shipped model runs on every format's architecture") {
  const std::pair<const char*, const char*> designs[] = {{"eyeriss_fp16", "fp16"},
                                                         {"eyeriss_int", "int-4bit"},
                                                         {"eyeriss_shiftadd", "shiftadd-3bit"},
                                                         {"eyeriss_shiftadd_mu4", "shiftadd-3bit"},
                                                         {"eyeriss_shift_add", "shiftadd-2bit"},
                                                         {"eyeriss_lutgemm", "bcq-3bit"},
                                                         {"eyeriss_ternary", "ternary"},
                                                         {"eyeriss_int8", "w8a8"},
                                                         {"eyeriss_msfp", "msfp"}};
  for (const std::string& model : input::shipped_models())
    for (const auto& [arch_name, format] : designs) {
      const std::string name = model + ".decode." + format;
      INFO(arch_name << " " << name);
      const workload::Trace t = trace(name);
      const result::Activity activity =
          engine::run(architecture(arch_name), t, {engine::Fidelity::kAnalytic, true, {}});
      std::uint64_t macs = 0;
      for (const auto& layer : activity.layers) macs += layer.macs;
      CHECK(macs == workload::macs(t));
      CHECK(bits_read(activity) >= compulsory_reads(t));
    }
}
