// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include "sim/engine/baseline.h"
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/sim/engine/compulsory.h"

using namespace addax;
using arith::Arithmetic;
using tests::bits_read;
using tests::bits_written;
using tests::compulsory_reads;
using tests::compulsory_writes;

namespace {

arch::Architecture architecture(const std::string& name) {
  return input::read_architecture(name, nullptr);
}
workload::Trace trace(const std::string& name) { return input::resolve_trace(name, nullptr); }

arch::Architecture with_buffer(arch::Architecture a, std::uint32_t banks) {
  a.buffer.banks = banks;
  return a;
}

/// Formats and the architectures that were made for them.
constexpr std::pair<const char*, const char*> kDesigns[] = {
    {"eyeriss_fp16", "fp16"},
    {"eyeriss_int", "int-4bit"},
    {"eyeriss_shiftadd", "shiftadd-3bit"},
    {"eyeriss_shiftadd_mu4", "shiftadd-3bit"},
    {"eyeriss_shift_add", "shiftadd-2bit"},
    {"eyeriss_lutgemm", "bcq-3bit"},
    {"eyeriss_ternary", "ternary"},
    {"eyeriss_int8", "w8a8"},
    {"eyeriss_msfp", "msfp"}};

/// Cycles that DRAM takes for a layer's bits at its effective bandwidth.
double dram_cycles(const arch::Architecture& a, const result::LayerActivity& layer) {
  return static_cast<double>(layer.dram_read_bits + layer.dram_write_bits) /
         (a.dram_bits_per_cycle() * a.dram_availability());
}

workload::ArithmeticCounts linear_arithmetic(const result::Activity& activity) {
  workload::ArithmeticCounts counts;
  for (const result::LayerActivity& layer : activity.layers)
    if (layer.kind == "linear") counts.add(layer.arithmetic);
  return counts;
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

// DRAM delivers 819.2 bits a cycle less refresh (280 of 3904 ns): 47.5 FP16 operands, each good for
// one multiplication in a decode token. 60 multipliers keep up, and so do 48: keys over rows and columns
// keep all of them busy. 36 take 47.5 / 36 as long.
TEST_CASE(
    "60 multipliers keep OPT-6.7B's attention and head as fast as DRAM at context 2048, 36 do "
    "not") {
  const workload::Trace t = trace("opt-6.7b.decode.shiftadd-3bit");
  for (const std::uint32_t columns : {5U, 4U, 3U}) {
    arch::Architecture a = architecture("eyeriss_shiftadd");
    REQUIRE(a.groups.back().name == "multiplier");
    a.groups.back().columns = columns;
    engine::Options fastest;
    fastest.objective = search::Objective::kLatency;
    const result::Activity activity = engine::run(a, t, fastest);
    for (const result::LayerActivity& layer : activity.layers) {
      if (layer.kind != "attention" && layer.kind != "head") continue;
      INFO(layer.name << " on " << a.rows * columns << " multipliers");
      CHECK(layer.group == "multiplier");
      const double slower = static_cast<double>(layer.cycles.value()) / dram_cycles(a, layer);
      if (columns > 3) {
        CHECK(layer.bound_by == result::Resource::kDram);
        CHECK(slower < 1.005);
      } else {
        CHECK(slower > 47.5 / 36 - 0.01);
      }
    }
  }
}

TEST_CASE("no column group of a shipped architecture is idle in its own trace") {
  for (const auto& [arch_name, format] : kDesigns) {
    INFO(arch_name);
    std::set<std::string> used;
    const result::Activity activity =
        engine::run(architecture(arch_name), trace(std::string("opt-6.7b.decode.") + format),
                    {engine::Fidelity::kAnalytic, true, {}});
    for (const result::LayerActivity& layer : activity.layers)
      if (!layer.group.empty()) used.insert(layer.group);
    CHECK(used.size() == architecture(arch_name).groups.size());
  }
}

TEST_CASE("a layer runs where multipliers and adders together are fastest") {
  // 14 columns of two multipliers behind one adder lose to 20 columns of one of each.
  arch::Architecture a = architecture("eyeriss_fp16");
  a.groups.push_back(a.groups.front());
  a.groups[0].datapath.units[0].count = 2;
  a.groups[1].name = "balanced";
  a.groups[1].columns = 20;
  const result::Activity activity =
      engine::run(a, trace("opt-125m.decode.fp16"), {engine::Fidelity::kAnalytic, true, {}});
  for (const result::LayerActivity& layer : activity.layers)
    if (layer.macs > 0) CHECK(layer.group == "balanced");
}

TEST_CASE("16-bit sums and 8-bit activations run on a shipped design and on both baselines") {
  struct Point {
    const char* architecture;
    const char* model;
    const char* weights;
    workload::Widths widths;
    Arithmetic sum;           ///< the add of the design's inner products ...
    Arithmetic baseline_sum;  ///< ... and of the baselines'
  };
  const Point points[] = {{"eyeriss_fp16_sum16",
                           "opt-6.7b",
                           "fp16",
                           {16, 16, 16},
                           Arithmetic::kFp16Add,
                           Arithmetic::kFp16Add},
                          {"eyeriss_shiftadd_sum16",
                           "opt-6.7b",
                           "shiftadd-3bit",
                           {16, 16, 16},
                           Arithmetic::kFp16Add,
                           Arithmetic::kFp16Add},
                          {"eyeriss_ternary",
                           "bitnet-b1.58-2b-4t",
                           "ternary",
                           {8, 16, 32},
                           Arithmetic::kInt32Add,
                           Arithmetic::kFp32Add},
                          {"eyeriss_int8",
                           "opt-6.7b",
                           "w8a8",
                           {8, 16, 32},
                           Arithmetic::kInt32Add,
                           Arithmetic::kFp32Add}};
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  for (const Point& point : points) {
    INFO(point.architecture);
    input::TraceOptions options;
    options.model = point.model;
    options.phases = {"decode"};
    options.weights = point.weights;
    options.widths = point.widths;
    const workload::Trace t = input::make_trace(options);
    const arch::Architecture design = architecture(point.architecture);
    CHECK(linear_arithmetic(engine::run(design, t, {}))[point.sum] > workload::macs(t) / 16);

    for (const auto& [kind, pattern] :
         {std::pair{engine::BaselineKind::kFp16, "eyeriss_fp16"},
          std::pair{engine::BaselineKind::kSameBits, "eyeriss_int"}}) {
      const auto equal = engine::baseline_architecture(design, architecture(pattern), t, table,
                                                       result::Equalisation::kIsoArea);
      const result::Activity baseline =
          engine::run(equal.architecture, engine::baseline_trace(t, kind), {});
      CHECK(linear_arithmetic(baseline)[point.baseline_sum] > workload::macs(t) / 2);
    }
  }
}

TEST_CASE("an INT8 prefill is faster than an FP16 one on the same area") {
  const arch::Architecture design = architecture("eyeriss_int8");
  const workload::Trace t = trace("opt-6.7b.prefill-512.w8a8");
  const engine::BaselineArchitecture fp16 = engine::baseline_architecture(
      design, architecture("eyeriss_fp16"), t, input::read_cost_table("physical-45nm"),
      result::Equalisation::kIsoArea);
  const result::Activity ours = engine::run(design, t, {});
  const result::Activity theirs =
      engine::run(fp16.architecture, engine::baseline_trace(t, engine::BaselineKind::kFp16), {});
  CHECK(ours.cycles.value() * 2 < theirs.cycles.value());
}

TEST_CASE("a decode token of every shipped model runs on every format's architecture") {
  for (const std::string& model : input::shipped_models())
    for (const auto& [arch_name, format] : kDesigns) {
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
