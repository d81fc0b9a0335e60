// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/app/commands.h"
#include "sim/app/sweep_point.h"
#include "sim/sweep/results.h"

namespace addax::app {

/// A fixed part of a sweep's points.
struct Shard {
  std::uint64_t part = 1, parts = 1;
  bool takes_all() const { return parts == 1; }
  /// `key`: hash of a point's inputs, hexadecimal.
  bool takes(const std::string& key) const {
    std::uint64_t hash = 0;
    std::from_chars(key.data(), key.data() + 15, hash, 16);
    return hash % parts == part - 1;
  }
};

/// A sweep that runs: what workers do, and what becomes of it.
class SweepRun {
 public:
  SweepRun(const std::string& name, Shard shard, bool quiet);

  /// The sweep's name.
  const std::string& name() const { return sweep_.name; }
  /// Files that the sweep and its points read, as far as there are such.
  std::vector<InputFile> inputs() const;
  /// Prints the shard's points.
  void list() const;
  /// Runs what is left of the shard's points, and commits each to the file of results at `path`. The first
  /// signal lets points end that are under way.
  /// @return the signal that stopped it, or 0
  int run(const std::string& path, bool resume, unsigned jobs);
  /// A line about what was run.
  std::string summary(const std::string& path) const;
  /// None of the points that ended, now or before, gave a result.
  bool all_failed() const { return failed_ + kept_ > 0 && !any_done_; }

 private:
  using Hash = std::array<char, 64>;  // SHA-256, hexadecimal

  std::string shortfall() const;
  sweep::Place place(std::uint64_t number) const;
  std::vector<std::uint64_t> in_turn(const std::vector<std::uint64_t>& numbers) const;
  void read_contents();

  sweep::Sweep sweep_;
  Shard shard_;
  SweepPoints reader_;
  sweep::Points points_;
  std::vector<Hash> contents_;
  bool quiet_, any_done_ = false;
  std::uint64_t kept_ = 0, done_ = 0, failed_ = 0, left_ = 0;
};

}  // namespace addax::app
