// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <string>

namespace addax {

/// CPU time, user and system, s.
inline double cpu_seconds(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Of this process so far.
inline double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return cpu_seconds(usage);
}

/// Prints a figure beside its limit; false where it is broken.
inline bool report(const std::string& what, double value, double most, const std::string& unit) {
  const bool kept = value <= most;
  fmt::print("{:<58} {:>10.4g} {:<4} limit {:>6g}  {}\n", what, value, unit, most,
             kept ? "kept" : "BROKEN");
  return kept;
}

}  // namespace addax
