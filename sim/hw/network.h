// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/arch/architecture.h"

namespace addax::hw {

class NetworkPort : virtual public sc_core::sc_interface {
 public:
  /// `bits` over the trunk, from cycle `now`; returns the cycle of the end.
  virtual std::uint64_t carry(std::uint64_t bits, std::uint64_t row_bits, std::uint64_t now) = 0;
};

/// Multicast network: a Y bus (the trunk) to row buses, X buses to the PEs of a row. All PEs that
/// need a word take it in the same cycle.
/// Ports: one target.
/// Latency: latency_cycles, in the array's skew.
/// Initiation: width_bits a cycle.
/// Conflicts: the earlier request wins.
/// Actions: transfer, bits over the trunk; deliver, bits over row buses.
/// Not modelled: a PE that is not ready; IDs and their configuration; words narrower than a flit.
class Network final : public sc_core::sc_module, public NetworkPort {
 public:
  sc_core::sc_export<NetworkPort> target{"target"};

  Network(const sc_core::sc_module_name& name, const arch::Network& params);
  std::uint64_t carry(std::uint64_t bits, std::uint64_t row_bits, std::uint64_t now) override;
  void start_layer() { free_ = bits_ = row_bits_ = 0; }

  std::uint64_t bits() const { return bits_; }
  std::uint64_t row_bits() const { return row_bits_; }

 private:
  std::uint32_t width_bits_;
  std::uint64_t free_ = 0, bits_ = 0, row_bits_ = 0;
};

}  // namespace addax::hw
