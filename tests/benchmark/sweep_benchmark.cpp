// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/trace_request.h"
#include "tests/benchmark/measure.h"
#include "tests/folder.h"

// What a sweep takes beyond the simulation of its points, what workers give, and memory. Exit status 1 when a limit
// is broken.
namespace addax {
namespace {

using Clock = std::chrono::steady_clock;

struct Used {
  bool done = false;
  double seconds = 0.0;    ///< CPU time, of the sweep and its workers
  double elapsed = 0.0;    ///< seconds
  double megabytes = 0.0;  ///< of the largest of them
};

Used sweep(const std::string& text, const char* workers = "2") {
  const tests::Folder folder;
  const std::string file = folder.path("s.yaml"), out = folder.path("r.sqlite");
  std::ofstream(file) << text;
  const Clock::time_point begin = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(ADDAX_BINARY, ADDAX_BINARY, "sweep", file.c_str(), "--out", out.c_str(), "-j", workers,
            "--quiet", static_cast<char*>(nullptr));
    ::_exit(126);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  return {status == 0, cpu_seconds(usage),
          std::chrono::duration<double>(Clock::now() - begin).count(),
          static_cast<double>(usage.ru_maxrss) / 1024.0};
}

// Decoding with OPT-125M on 8, 9, ... rows: points that share no layer. Tries alternate: other work on the machine
// makes each longer, never shorter.
bool overhead() {
  constexpr double kMost = 0.2;
  constexpr std::uint32_t kPoints = 64, kFirst = 8;
  constexpr int kTries = 3;
  const std::string text = fmt::format(
      "addax: sweep/1\nname: s\nbase:\n  arch: eyeriss_shiftadd\n  trace: {{model: opt-125m, "
      "phase: decode, "
      "weights: shiftadd-3bit}}\n  run: {{fidelity: analytic}}\naxes: {{key: arch.rows, range: "
      "{{from: {}, to: {}, step: 1}}}}\n",
      kFirst, kFirst + kPoints - 1);
  arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
  const workload::Trace trace = input::resolve_trace("opt-125m.decode.shiftadd-3bit");
  const cost::CostTable table = input::read_complete_cost_table("physical-45nm");
  engine::Options options;
  options.fidelity = engine::Fidelity::kAnalytic;
  options.costs = &table;
  double alone = std::numeric_limits<double>::infinity(), whole = alone;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Used used = sweep(text);
    if (!used.done) return report("a sweep that is done", 1.0, 0.0, "");
    whole = std::min(whole, used.seconds);
    const double begin = cpu_seconds();
    for (architecture.rows = kFirst; architecture.rows < kFirst + kPoints; ++architecture.rows)
      engine::run(architecture, trace, options);
    alone = std::min(alone, cpu_seconds() - begin);
  }
  fmt::print("{} points of OPT-125M, analytic: {:.3g} ms each in a sweep, {:.3g} ms without\n",
             kPoints, 1e3 * whole / kPoints, 1e3 * alone / kPoints);
  return report("  CPU time beyond the simulation, of it", whole / alone - 1.0, kMost, "");
}

// Cores that two busy threads get.
double free_cores() {
  const double begin = cpu_seconds();
  const Clock::time_point start = Clock::now(), end = start + std::chrono::milliseconds(100);
  const auto spin = [end] {
    while (Clock::now() < end) continue;
  };
  std::thread other(spin);
  spin();
  other.join();
  return (cpu_seconds() - begin) / std::chrono::duration<double>(Clock::now() - start).count();
}

// Decoding with OPT-6.7B on so many first values of axes over arrays, buffers and tables.
std::string designs(std::size_t rows, std::size_t columns, std::size_t banks) {
  const auto first = [](const std::vector<int>& of, std::size_t number) {
    return fmt::format(
        "{}", fmt::join(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(number), ", "));
  };
  return fmt::format(
      "addax: sweep/1\nname: s\nbase:\n  arch: eyeriss_shiftadd\n  trace: {{model: opt-6.7b, "
      "phase: "
      "decode, weights: shiftadd-3bit}}\naxes:\n"
      "  - {{key: arch.rows, values: [{}]}}\n"
      "  - {{key: arch.groups.lut.columns, values: [{}]}}\n"
      "  - {{key: arch.buffer.banks, values: [{}]}}\n"
      "  - {{key: arch.groups.multiplier.columns, values: [3, 4, 5, 6, 8]}}\n"
      "  - {{key: arch.groups.lut.datapath.lut.key_bits, values: [4, 8]}}\n"
      "  - linked:\n"
      "      - {{key: arch.groups.lut.datapath.lut.readers, values: [1, 2]}}\n"
      "      - {{key: 'arch.groups.lut.datapath.units[2].count', values: [1, 2]}}\n"
      "      - {{key: arch.groups.lut.weight_scratchpad.words, values: [2, 4]}}\n"
      "      - {{key: arch.groups.lut.psum_scratchpad.words, values: [2, 4]}}\n",
      first({12, 4, 6, 8, 10, 14, 16, 18, 20, 24}, rows),
      first({9, 16, 4, 6, 8, 10, 12, 14, 20, 24}, columns), first({32, 64, 24, 48, 96}, banks));
}

// 10 000 points: all of them by two workers, and of some what the second worker gives.
bool speed() {
  constexpr double kLeast = 1.7, kMostSeconds = 60.0, kMostMegabytes = 64.0;
  constexpr int kAll = 10'000, kSome = 320, kTries = 3;
  constexpr double kIdle = 1.95;  // free cores, of two
  const std::string some = designs(2, 4, 2);
  double one = std::numeric_limits<double>::infinity(), two = one;
  double cores = free_cores();
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Used alone = sweep(some, "1"), both = sweep(some, "2");
    if (!alone.done || !both.done) return report("a sweep that is done", 1.0, 0.0, "");
    one = std::min(one, alone.elapsed);
    two = std::min(two, both.elapsed);
    cores = std::min(cores, free_cores());
  }
  const Used all = sweep(designs(10, 10, 5), "2");
  if (!all.done) return report("a sweep that is done", 1.0, 0.0, "");
  cores = std::min(cores, free_cores());
  fmt::print(
      "{} points of OPT-6.7B decode, cycle: {:.3g} ms each with one worker, {:.3g} with two\n",
      kSome, 1e3 * one / kSome, 1e3 * two / kSome);
  fmt::print("{} points, two workers: {:.3g} s, {:.3g} ms of CPU time each\n", kAll, all.elapsed,
             1e3 * all.seconds / kAll);
  bool kept = report("  memory of the largest process", all.megabytes, kMostMegabytes, "MiB");
  const double part = two / one;
  if (cores < kIdle && (part > 1.0 / kLeast || all.elapsed > kMostSeconds)) {
    fmt::print("  time is not judged: other work is on the machine\n");
    return kept;
  }
  kept = report("  time with two workers, of that with one", part, 1.0 / kLeast, "") && kept;
  return report("  time of all", all.elapsed, kMostSeconds, "s") && kept;
}

// Each point with a trace and a cost table of its own: what is kept of them must not grow with the points.
bool memory() {
  constexpr double kMostMegabytes = 64.0;
  constexpr int kPoints = 1000;
  const Used used =
      sweep(fmt::format("addax: sweep/1\nname: s\nbase:\n  arch: eyeriss_fp16\n  trace: {{model: "
                        "opt-125m, phase: decode, "
                        "weights: fp16}}\n  run: {{fidelity: analytic}}\naxes:\n  - linked:\n      "
                        "- {{key: trace.context, range: "
                        "{{from: 1, to: {0}, step: 1}}}}\n      - {{key: "
                        "tech.rows.barrel.shift.figures.energy_pj, range: {{from: "
                        "1, to: {0}, step: 1}}}}\n",
                        kPoints));
  if (!used.done) return report("a sweep that is done", 1.0, 0.0, "");
  return report(fmt::format("{} points with traces and tables of their own: memory", kPoints),
                used.megabytes, kMostMegabytes, "MiB");
}

}  // namespace
}  // namespace addax

extern "C" int sc_main(int, char**) { return 0; }

int main() {
  using namespace addax;
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
  const bool cheap = overhead(), fast = speed();
  return memory() && cheap && fast ? EXIT_SUCCESS : EXIT_FAILURE;
}
