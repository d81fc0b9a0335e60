// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <systemc>

#include "models/arch/architecture.h"

namespace addax::hw {

class LutPort : virtual public sc_core::sc_interface {
 public:
  /// Cycles of one wave: every table is built, if asked for, and read `port_reads` times through
  /// its busiest port, while the accumulators take `adding` cycles.
  virtual std::uint64_t wave_cycles(bool builds, std::uint64_t port_reads,
                                    std::uint64_t adding) const = 0;
};

/// The tables of a column group, one a PE, each with its generator and its readers' ports.
/// Ports: one target.
/// Latency: a table can be read when its last entry is written (build cycles: adds over the
///   generator's adders, or entries over the write ports, and the depth of the adder tree).
/// Initiation: one read a port and cycle; with two copies one table is built while the other is
///   read.
/// Conflicts: a single table is built or read, not both.
/// Actions: table reads and writes, generator adds (counted with the pass), bits held.
/// Not modelled: activations that come late to the generator; two readers of one entry.
class Lut final : public sc_core::sc_module, public LutPort {
 public:
  sc_core::sc_export<LutPort> target{"target"};

  Lut(const sc_core::sc_module_name& name, const std::optional<arch::Lut>& params);
  std::uint64_t wave_cycles(bool builds, std::uint64_t port_reads,
                            std::uint64_t adding) const override;

 private:
  std::uint64_t build_cycles_ = 0;
  bool double_ = false;
};

}  // namespace addax::hw
