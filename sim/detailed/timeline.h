// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <ostream>
#include <string>

#include "sim/detailed/observer.h"

namespace addax::detailed {

/// Writes when each part of the chip worked for each pass, as Chrome trace events
/// (docs/formats/timeline.md). A pass is written when it has ended, and forgotten.
class Timeline final : public Observer {
 public:
  Timeline(std::ostream& stream, quantity::Hertz clock);
  /// A layer that begins in a cycle of the run; its chip is watched from its first cycle on.
  void begin_layer(const std::string& name, quantity::Cycles at);
  void see(const View& view) override;
  /// Completes the file.
  void finish();

 private:
  enum Part { kLoad, kActivations, kWeights, kReturns, kBuild, kPes, kOutputs, kStore };
  static constexpr std::size_t kParts = 8;
  /// First cycle, and the one after the last; both 0: none.
  struct Span {
    std::uint64_t begin = 0, end = 0;
  };
  using Spans = std::array<Span, kParts>;
  void mark(std::uint64_t pass, Part part, std::uint64_t begin, std::uint64_t end);
  void see_network(Part part, const Flow& flow, std::uint64_t cycle);
  void see_dram(const View& view);
  void see_pes(const View& view);
  void write(std::uint64_t pass, const Spans& spans);
  void event(const std::string& text);

  std::ostream& stream_;
  double us_a_cycle_;
  bool any_ = false;
  std::uint64_t layers_ = 0, begin_ = 0;
  std::map<std::uint64_t, Spans> passes_;  ///< that have begun
  std::uint64_t asked_ = 0, ended_ = 0, stored_ = 0;
  std::array<std::uint64_t, kParts> bits_{};      ///< that networks have carried
  std::vector<std::uint64_t> products_, tables_;  ///< one a PE
};

}  // namespace addax::detailed
