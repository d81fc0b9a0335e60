// SPDX-License-Identifier: Apache-2.0
#include "sim/app/blame.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "sim/app/command_line.h"
#include "sim/input/document.h"

namespace addax::app {
namespace {

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

std::string shortest(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value);
  return text.data();
}

/// The document at fault; none: the trace was made.
std::optional<input::Document> at_fault(const std::string& path, const Sources& sources) {
  if (starts(path, "rows.") || starts(path, "sram")) return sources.table;
  constexpr std::array<const char*, 8> kArchitecture = {
      "groups", "buffer", "networks", "dram", "vector_unit", "rows", "clock_hz", "write_queue"};
  if (std::any_of(kArchitecture.begin(), kArchitecture.end(),
                  [&](const char* key) { return starts(path, key); }))
    return sources.architecture;
  if (sources.trace.empty()) return std::nullopt;
  return input::Document::read(sources.trace);
}

}  // namespace

void blame(const quantity::Impossible& error, const Sources& sources) {
  const quantity::Diagnosis& diagnosis = error.diagnosis();
  if (starts(diagnosis.path, "--"))
    refuse(diagnosis.path, "'" + diagnosis.value + "'", {diagnosis.message});
  if (const std::optional<input::Document> document = at_fault(diagnosis.path, sources))
    document->root().fail(diagnosis);
  throw input::ConfigError("trace '" + sources.trace_name + "': " + diagnosis.path + ": found '" +
                           diagnosis.value + "'; allowed: " + diagnosis.message);
}

void blame_overflow(const Sources& sources, const arch::Architecture& architecture) {
  const double clock = architecture.clock.value();
  const double bandwidth = architecture.dram.peak_bandwidth.value();
  if (clock > bandwidth) {
    const std::string key = "dram.peak_bandwidth_bits_per_s";
    sources.architecture.root().fail(quantity::Diagnosis{
        key, shortest(bandwidth),
        "more, so that cycles and what is counted a cycle stay below "
        "2^64: at a clock_hz of " +
            shortest(clock) + " a bit takes " + shortest(clock / bandwidth) + " cycles"});
  }
  throw input::ConfigError(
      (sources.trace.empty() ? "trace '" + sources.trace_name + "'" : sources.trace) +
      ": phases: found a count that exceeds 64 bits; allowed: at most "
      "18446744073709551615 of each action");
}

}  // namespace addax::app
