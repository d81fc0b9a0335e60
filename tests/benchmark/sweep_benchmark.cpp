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

// Decoding with OPT-125M at the contexts `step`, 2 `step`, ..., `points` times. Tries alternate: other work on the
// machine makes each longer, never shorter.
bool overhead() {
  constexpr double kMost = 0.2;
  constexpr int kPoints = 64, kStep = 30, kTries = 3;
  const std::string text = fmt::format(
      "addax: sweep/1\nname: s\nbase:\n  arch: eyeriss_shiftadd\n  trace: {{model: opt-125m, "
      "phase: decode, "
      "weights: shiftadd-3bit}}\n  run: {{fidelity: analytic}}\naxes: {{key: trace.context, range: "
      "{{from: "
      "{0}, to: {1}, step: {0}}}}}\n",
      kStep, kStep * kPoints);
  const arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
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
    for (int context = kStep; context <= kStep * kPoints; context += kStep)
      engine::run(architecture,
                  input::resolve_trace(fmt::format("opt-125m.decode-{}.shiftadd-3bit", context)),
                  options);
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

// Decoding with OPT-6.7B on arrays, buffers and tables that differ: points a second, and what a second worker gives.
bool speed() {
  constexpr double kLeast = 1.7, kMostMegabytes = 64.0;
  constexpr int kPoints = 72, kTries = 3;
  constexpr double kIdle = 1.95;  // free cores, of two
  const std::string text =
      "addax: sweep/1\nname: s\nbase:\n  arch: eyeriss_shiftadd\n  trace: {model: opt-6.7b, phase: "
      "decode, "
      "weights: shiftadd-3bit}\naxes:\n"
      "  - {key: arch.rows, values: [6, 12, 18]}\n"
      "  - {key: arch.groups.lut.columns, values: [4, 9, 16]}\n"
      "  - {key: arch.buffer.banks, values: [32, 64]}\n"
      "  - {key: arch.groups.lut.datapath.lut.key_bits, values: [4, 8]}\n"
      "  - {key: arch.groups.multiplier.columns, values: [4, 5]}\n";
  double one = std::numeric_limits<double>::infinity(), two = one, megabytes = 0.0;
  double cores = 2.0;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    cores = std::min(cores, free_cores());
    const Used alone = sweep(text, "1"), both = sweep(text, "2");
    if (!alone.done || !both.done) return report("a sweep that is done", 1.0, 0.0, "");
    one = std::min(one, alone.elapsed);
    two = std::min(two, both.elapsed);
    megabytes = std::max(megabytes, both.megabytes);
  }
  fmt::print("{} points of OPT-6.7B decode: {:.3g} points/s with one worker, {:.3g} with two\n",
             kPoints, kPoints / one, kPoints / two);
  const bool fits = report("  memory of the largest process", megabytes, kMostMegabytes, "MiB");
  const double part = two / one;
  if (part > 1.0 / kLeast && std::min(cores, free_cores()) < kIdle) {
    fmt::print("  a second worker's gain is not judged: other work is on the machine\n");
    return fits;
  }
  return report("  time with two workers, of that with one", part, 1.0 / kLeast, "") && fits;
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
