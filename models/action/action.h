// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "models/arith/operation.h"

namespace addax::action {

using arith::Arithmetic;

/// Where an action happens. Components of a PE are told apart by column group.
enum class Component {
  kDram,
  kBuffer,  ///< global buffer
  kActivationNetwork,
  kWeightNetwork,
  kPsumNetwork,    ///< partial sums, buffer to array
  kOutputNetwork,  ///< partial sums, array to buffer
  kNeighbourLink,  ///< partial sums between vertical neighbours
  kActivationScratchpad,
  kWeightScratchpad,
  kPsumScratchpad,
  kLut,
  kArray,  ///< arithmetic units, clock and control of the PEs
  kVectorUnit,
};
inline constexpr int kComponentCount = 13;
const char* name(Component component);

enum class Verb {
  kRead,  ///< one access of the stated width
  kWrite,
  kTransfer,  ///< one bit over the trunk (Y bus) of a network, or over a neighbour link
  kDeliver,   ///< one bit driven on one row bus (X bus)
  kCompute,   ///< one arithmetic operation
  kHold,      ///< one bit of a table kept for one cycle
  kPowered,   ///< one instance powered for one cycle: leakage, or a device's background power
  kClocked,   ///< one instance clocked for one cycle: clock tree and control
};
const char* name(Verb verb);

/// One kind of action. `group` is the column group of the array (0 where there is none);
/// `arithmetic` is set for kCompute only; width 1 where the action is counted in bits.
struct Action {
  Component component{};
  Verb verb{};
  std::uint32_t width_bits = 1;
  std::uint32_t group = 0;
  std::optional<Arithmetic> arithmetic{};

  friend bool operator<(const Action& a, const Action& b) { return a.tie() < b.tie(); }
  friend bool operator==(const Action& a, const Action& b) { return a.tie() == b.tie(); }

 private:
  std::tuple<Component, std::uint32_t, Verb, std::optional<Arithmetic>, std::uint32_t> tie() const {
    return {component, group, verb, arithmetic, width_bits};
  }
};

/// "buffer.read", "array[1].compute.fp16.multiply": unique with the width.
std::string name(const Action& action);

/// How often each kind of action happened. Counts are exact; sums are checked (CountOverflow).
class ActionCounts {
 public:
  void add(const Action& action, std::uint64_t count);
  /// Adds `times` times everything in `other`.
  void add(const ActionCounts& other, std::uint64_t times = 1);
  std::uint64_t of(const Action& action) const;
  /// Sum over groups and widths of one component's verb.
  std::uint64_t total(Component component, Verb verb) const;
  /// Sum over components and groups of one arithmetic operation.
  std::uint64_t total(Arithmetic arithmetic) const;
  const std::map<Action, std::uint64_t>& all() const { return counts_; }
  friend bool operator==(const ActionCounts& a, const ActionCounts& b) {
    return a.counts_ == b.counts_;
  }

 private:
  std::map<Action, std::uint64_t> counts_;
};

}  // namespace addax::action
