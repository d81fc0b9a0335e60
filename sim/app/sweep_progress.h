// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/sweep/results.h"

namespace addax::app {

/// How far a sweep is: points done and failed, rate, time left, the best so far. A line that changes on a
/// terminal, a line every half minute elsewhere; on standard error.
class SweepProgress {
 public:
  /// `all`: points that are to be run. `objective`: of what the best is shown: latency, energy or edp.
  SweepProgress(std::uint64_t all, bool wanted, const std::string& objective);
  SweepProgress(const SweepProgress&) = delete;
  SweepProgress& operator=(const SweepProgress&) = delete;
  ~SweepProgress();  ///< clears the line

  void add(const sweep::Row& row);
  void show();
  /// Clears the line for other text, until it is shown again.
  void clear();
  std::uint64_t done() const { return done_; }
  std::uint64_t failed() const { return failed_; }

 private:
  using Clock = std::chrono::steady_clock;
  std::string text() const;
  std::uint64_t all_, done_ = 0, failed_ = 0;
  std::string name_, unit_;  ///< of the objective
  std::size_t column_;
  std::optional<double> best_;  ///< least
  bool wanted_, terminal_, shown_ = false;
  Clock::time_point begin_, next_;
};

}  // namespace addax::app
