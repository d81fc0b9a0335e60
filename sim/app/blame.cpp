// SPDX-License-Identifier: Apache-2.0
#include "sim/app/blame.h"

#include <algorithm>
#include <array>

#include "sim/input/document.h"

namespace addax::app {
namespace {

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

const std::string& file_at_fault(const std::string& path, const Sources& sources) {
  if (starts(path, "rows.") || starts(path, "sram")) return sources.table;
  constexpr std::array<const char*, 8> kArchitecture = {
      "groups", "buffer", "networks", "dram", "vector_unit", "rows", "clock_hz", "write_queue"};
  const bool architecture = std::any_of(kArchitecture.begin(), kArchitecture.end(),
                                        [&](const char* key) { return starts(path, key); });
  return architecture ? sources.architecture : sources.trace;
}

}  // namespace

void blame(const quantity::Impossible& error, const Sources& sources) {
  const quantity::Diagnosis& diagnosis = error.diagnosis();
  const std::string& file = file_at_fault(diagnosis.path, sources);
  if (!file.empty()) input::Document::read(file).root().fail(diagnosis);
  throw input::ConfigError("trace '" + sources.trace_name + "': " + diagnosis.path + ": found '" +
                           diagnosis.value + "'; allowed: " + diagnosis.message);
}

void blame_overflow(const Sources& sources) {
  throw input::ConfigError(
      (sources.trace.empty() ? "trace '" + sources.trace_name + "'" : sources.trace) +
      ": phases: found a count that exceeds 64 bits; allowed: at most "
      "18446744073709551615 of each action");
}

}  // namespace addax::app
