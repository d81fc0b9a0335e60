// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "models/mapping/layer_planner.h"
#include "models/mapping/planner.h"
#include "models/published/account.h"
#include "models/values/pseudo_random.h"
#include "sim/detailed/chip.h"
#include "sim/engine/engine.h"
#include "sim/engine/kernel.h"
#include "sim/engine/prices.h"
#include "sim/hw/chip.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/published_reader.h"
#include "sim/input/trace_request.h"
#include "tests/benchmark/measure.h"
#include "tests/models/published/reference.h"

// Speed of the simulation, as CPU time, each figure beside its limit. Exit status 1 when one is
// broken.
namespace addax {
namespace {

// The least of some tries: other work on the machine makes a run longer, by up to twice, never shorter.
template <class Run>
double least_cpu_seconds(int tries, const Run& run) {
  double least = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < tries; ++attempt) {
    const double start = cpu_seconds();
    run();
    least = std::min(least, cpu_seconds() - start);
  }
  return least;
}

struct Timed {
  double seconds = std::numeric_limits<double>::infinity();
  std::uint64_t passes = 0;
};

void run_once(Timed& timed, const arch::Architecture& architecture, const workload::Trace& trace,
              const engine::Options& options) {
  timed.passes = 0;
  const double start = cpu_seconds();
  const result::Activity activity = engine::run(architecture, trace, options);
  timed.seconds = std::min(timed.seconds, cpu_seconds() - start);
  for (const result::LayerActivity& layer : activity.layers) timed.passes += layer.passes;
}

// Both fidelities map the layers alike; what `cycle` takes longer is the simulation. Their tries
// alternate and last some seconds, for what else the machine does comes and goes by the second.
bool passes_a_second(const std::string& arch_name, const std::string& trace_name) {
  constexpr double kMostMicroseconds = 0.6;
  constexpr int kLeastTries = 5;
  constexpr double kLeastSeconds = 4.0;
  const arch::Architecture architecture = input::read_architecture(arch_name);
  const workload::Trace trace = input::resolve_trace(trace_name);
  engine::Options options;
  options.reuse_equal_layers = false;
  Timed simulated;
  Timed closed;
  const double start = cpu_seconds();
  for (int attempt = 0; attempt < kLeastTries || cpu_seconds() - start < kLeastSeconds; ++attempt) {
    options.fidelity = engine::Fidelity::kCycle;
    run_once(simulated, architecture, trace, options);
    options.fidelity = engine::Fidelity::kAnalytic;
    run_once(closed, architecture, trace, options);
  }
  const auto passes = static_cast<double>(simulated.passes);
  const double simulation = simulated.seconds - closed.seconds;
  fmt::print("{} on {}: {:.4g} passes, {:.4g} passes/s, {:.4g} times the closed form's time\n",
             trace_name, arch_name, passes, passes / simulation,
             simulated.seconds / closed.seconds);
  return report("  CPU time of a simulated pass, equal layers simulated again",
                simulation / passes * 1e6, kMostMicroseconds, "us");
}

// The slowest of the layers that a paper would have.
bool mapped_layers(std::uint64_t tokens, double most_milliseconds) {
  constexpr std::pair<std::uint64_t, std::uint64_t> kMatrices[] = {
      {768, 768}, {768, 3072}, {4096, 11008}, {9216, 36864}};
  double longest = 0.0;
  for (const auto& [name, format] :
       {std::pair("eyeriss_fp16", workload::default_format(workload::FormatKind::kFp16, 0)),
        std::pair("eyeriss_shiftadd_mu4",
                  workload::default_format(workload::FormatKind::kShiftAdd, 3))}) {
    const arch::Architecture architecture = input::read_architecture(name);
    const mapping::LayerPlanner planner(architecture, {}, {});
    for (const auto& [inputs, outputs] : kMatrices) {
      const double least = least_cpu_seconds(5, [&] {
        planner.linear({tokens, inputs, outputs, 1, workload::LinearRole::kMlp, format}, {});
      });
      longest = std::max(longest, least);
    }
  }
  return report(fmt::format("`fast` mapping of {} tokens, slowest of 8: CPU time", tokens),
                longest * 1e3, most_milliseconds, "ms");
}

// A layer of ShiftAddLLM with values, from its codes to its outputs.
bool clocked_tables() {
  const arch::Architecture a = input::read_architecture("eyeriss_shiftadd");
  const mapping::LayerPlanner planner(a, {}, {});
  const workload::Linear linear = {64,
                                   768,
                                   768,
                                   1,
                                   workload::LinearRole::kAttention,
                                   workload::default_format(workload::FormatKind::kShiftAdd, 3)};
  const mapping::PlannedLayer layer = planner.linear(linear, {});
  const double clocked = least_cpu_seconds(2, [&] {
    const values::LayerValues operands = values::pseudo_random(linear, {}, 1);
    const engine::Kernel kernel;
    detailed::Chip chip("chip", a, std::get<mapping::ProductPlan>(layer.plan));
    chip.run(operands);
  });
  return report("every PE clocked, 64 x 768 x 768 ShiftAddLLM: CPU time", clocked, 30.0, "s");
}

// 12 x 14 PEs that multiply real values, clocked one by one, and what `cycle` takes for the same.
bool clocked_pes() {
  constexpr double kLeast = 3.0;  // millions a second
  constexpr std::uint64_t kTokens = 16, kOutputs = 256, kInputs = 256;
  const arch::Architecture a = input::read_architecture("eyeriss_fp16");
  const mapping::LayerPlanner planner(a, {}, {});
  const workload::WeightFormat format = workload::default_format(workload::FormatKind::kFp16, 0);
  const workload::Linear linear = {kTokens, kInputs, kOutputs, 1, workload::LinearRole::kMlp,
                                   format};
  const mapping::PlannedLayer layer = planner.linear(linear, {});
  const values::LayerValues operands = values::pseudo_random(linear, {}, 1);
  std::uint64_t cycles = 0;
  const double clocked = least_cpu_seconds(5, [&] {
    const engine::Kernel kernel;
    detailed::Chip chip("chip", a, std::get<mapping::ProductPlan>(layer.plan));
    cycles = chip.run(operands).pe_cycles;
  });
  const double simple = least_cpu_seconds(5, [&] {
    const engine::Kernel kernel;
    hw::Chip chip("chip", a);
    chip.run(layer.plan);
  });
  const double millions = static_cast<double>(cycles) / clocked * 1e-6;
  fmt::print("every PE clocked: {:.3g} million PE-cycles/s, {:.3g} times the time of `cycle`\n",
             millions, clocked / simple);
  return report("  CPU time of a million PE-cycles with values", 1e3 / millions, 1e3 / kLeast,
                "ms");
}

bool whole_process() {
  constexpr double kMostSeconds = 0.1;
  constexpr double kMostMegabytes = 150.0;
  double seconds = std::numeric_limits<double>::infinity();
  double megabytes = 0.0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(ADDAX_BINARY, ADDAX_BINARY, "run", "--arch", "eyeriss_shiftadd", "--trace",
              "opt-66b.decode.shiftadd-3bit", "--baseline", "none", "--quiet",
              static_cast<char*>(nullptr));
      ::_exit(126);
    }
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    if (status != 0) {
      fmt::print("addax run failed\n");
      return false;
    }
    seconds = std::min(seconds, cpu_seconds(usage));
    megabytes = std::max(megabytes, static_cast<double>(usage.ru_maxrss) / 1024.0);
  }
  const bool quick =
      report("OPT-66B decode, the whole process: CPU time", seconds, kMostSeconds, "s");
  return report("OPT-66B decode, the whole process: memory", megabytes, kMostMegabytes, "MiB") &&
         quick;
}

// Points of a sweep over array, buffer and tables: CPU time of one, of the mean, and where it goes.
bool sweep_point() {
  constexpr int kPoints = 40;
  constexpr double kMostMilliseconds = 40.0;
  arch::Architecture point = input::read_architecture("eyeriss_shiftadd");
  const cost::CostTable table = input::read_complete_cost_table("physical-45nm");
  const workload::Trace trace = input::resolve_trace("opt-6.7b.decode.shiftadd-3bit");
  std::mt19937 random(7);
  double mapping = 0.0;
  double closed = 0.0;
  double all = 0.0;
  for (int i = 0; i < kPoints; ++i) {
    point.rows = static_cast<std::uint32_t>(4 + random() % 21);
    point.groups[0].columns = static_cast<std::uint32_t>(4 + random() % 25);
    point.groups[0].datapath.lut->key_bits = 2U << random() % 3;
    point.groups[0].datapath.lut->readers = 1U << random() % 5;
    point.buffer.banks = static_cast<std::uint32_t>(16 + 4 * (random() % 29));
    engine::Options options;
    options.costs = &table;
    mapping += least_cpu_seconds(1, [&] {
      mapping::Policy policy;
      policy.prices = engine::prices(point, cost::PriceList(table, point));
      mapping::Planner planner(point, trace.widths, policy);
      for (const workload::Phase& phase : trace.phases) planner.plan(phase);
    });
    all += least_cpu_seconds(
        1, [&] { result::evaluate(engine::run(point, trace, options), point, trace.name, table); });
    options.fidelity = engine::Fidelity::kAnalytic;
    closed += least_cpu_seconds(
        1, [&] { result::evaluate(engine::run(point, trace, options), point, trace.name, table); });
  }
  const double ms = 1e3 / kPoints;
  fmt::print(
      "a point of a sweep, OPT-6.7B decode: mapping {:.3g} ms, simulation {:.3g} ms, rest {:.3g} "
      "ms\n",
      mapping * ms, (all - closed) * ms, (closed - mapping) * ms);
  return report(fmt::format("  CPU time of a point, mean of {}", kPoints), all * ms,
                kMostMilliseconds, "ms");
}

bool all_models() {
  constexpr double kMostSeconds = 2.0;
  const arch::Architecture architecture = input::read_architecture("eyeriss_fp16");
  const std::vector<std::string> models = input::shipped_models();
  const double least = least_cpu_seconds(2, [&] {
    for (const std::string& model : models)
      engine::run(architecture, input::resolve_trace(model + ".decode.fp16"), {});
  });
  return report(fmt::format("decode of all {} shipped models: CPU time", models.size()), least,
                kMostSeconds, "s");
}

// Every cell of ShiftAddLLM's energy tables, beside one layer searched by trying all tilings.
bool published_cells() {
  constexpr double kMostSeconds = 0.2;
  using published::Method;
  const published::Scheme schemes[] = {
      {},
      {Method::kOptq, 3},
      {Method::kLutGemm, 3},
      {Method::kShiftAdd, 3},
      {Method::kOptq, 2},
      {Method::kLutGemm, 2},
      {Method::kShiftAdd, 2},
      {Method::kShiftAdd, 2, true},
  };
  const reproduction::Source source = input::read_published("shiftaddllm");
  std::size_t cells = 0;
  double energy = 0.0;
  const double start = cpu_seconds();
  for (const auto& [name, shape] : source.shapes) {
    published::Accountant accountant;
    for (const published::Scheme& scheme : schemes) {
      energy += accountant.model(shape, scheme).total.energy_mj();
      ++cells;
    }
  }
  const double ours = cpu_seconds() - start;
  namespace reference = tests::reference;
  const double layer = reference::linear(reference::Weights::kShiftAdd, 3, 9216, 36864).energy();
  const double exhaustive = cpu_seconds() - start - ours;
  fmt::print(
      "{} published cells, {:.6g} mJ in all: {:.4g} times the CPU time of trying every tiling\n"
      "of one layer of OPT-66B ({:.4g} mJ, {:.4g} s)\n",
      cells, energy, ours / exhaustive, layer, exhaustive);
  return report("  CPU time of all published cells", ours, kMostSeconds, "s");
}

}  // namespace
}  // namespace addax

extern "C" int sc_main(int, char**) { return 0; }

int main() {
  using namespace addax;
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
  bool kept = passes_a_second("eyeriss_shiftadd", "opt-6.7b.decode.shiftadd-3bit");
  kept = passes_a_second("eyeriss_fp16", "opt-66b.decode.fp16") && kept;
  kept = mapped_layers(1, 10.0) && kept;
  kept = mapped_layers(128, 30.0) && kept;
  kept = clocked_pes() && kept;
  kept = clocked_tables() && kept;
  kept = whole_process() && kept;
  kept = sweep_point() && kept;
  kept = all_models() && kept;
  kept = published_cells() && kept;
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
