// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <systemc>

#include "models/arch/architecture.h"
#include "models/mapping/pass.h"
#include "sim/hw/global_buffer.h"

namespace addax::hw {

class VectorPort : virtual public sc_core::sc_interface {
 public:
  /// Queues a job whose operands are there from cycle `ready`; returns the cycle of its end.
  virtual std::uint64_t submit(const mapping::VectorWork& work, std::uint64_t ready) = 0;
  /// Cycle in which the first `count` jobs of the layer have ended; one of the latest kRemembered.
  virtual std::uint64_t end_of(std::uint64_t count) const = 0;
  static constexpr std::uint64_t kRemembered = 4;
  /// Cycles from an operation to its result.
  virtual std::uint64_t latency() const = 0;
};

/// Lanes beside the array.
/// Ports: one target for jobs; one initiator to the buffer's resident banks.
/// Latency: latency_cycles after the last operation.
/// Initiation: a job takes its lane-cycles divided by the lanes, or as long as its operands take
///   over its port to the buffer.
/// Conflicts: jobs run in the order of submission.
/// Actions: buffer accesses of its operands; its arithmetic is that of the layer.
/// Not modelled: lanes that a short row leaves idle; registers and forwarding between operations.
class VectorUnit final : public sc_core::sc_module, public VectorPort {
 public:
  sc_core::sc_export<VectorPort> target{"target"};
  sc_core::sc_port<BufferPort> buffer{"buffer"};

  VectorUnit(const sc_core::sc_module_name& name, const arch::Architecture& architecture);
  std::uint64_t submit(const mapping::VectorWork& work, std::uint64_t ready) override;
  std::uint64_t end_of(std::uint64_t count) const override;
  std::uint64_t latency() const override { return latency_cycles_; }
  void start_layer();

  std::uint64_t busy_cycles() const { return busy_; }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t writes() const { return writes_; }

 private:
  std::uint32_t latency_cycles_;
  std::uint64_t word_bits_, port_bits_;
  std::uint64_t free_ = 0, busy_ = 0, submitted_ = 0, reads_ = 0, writes_ = 0;
  std::array<std::uint64_t, kRemembered> ends_{};
};

}  // namespace addax::hw
