// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <systemc>

#include "sim/detailed/observer.h"

namespace addax::detailed {

/// What a product did on the chip, and what came out.
struct ProductRun {
  quantity::Cycles cycles;
  std::uint64_t dram_bursts = 0;
  std::uint64_t pe_cycles = 0;  ///< PEs x cycles that were simulated
  mapping::LayerTotals totals;  ///< without cycles
  std::vector<float> y;         ///< copies x tokens x outputs
};

/// Why products of a plan cannot be clocked, as docs/physics/detailed.md says; none where they can.
std::optional<std::string> left_out(const mapping::ProductPlan& plan);
inline bool models(const mapping::ProductPlan& plan) { return !left_out(plan); }

/// One column group of an accelerator with what feeds it, clock by clock, with values.
class Chip final : public sc_core::sc_module {
 public:
  Chip(const sc_core::sc_module_name& name, const arch::Architecture& architecture,
       const mapping::ProductPlan& plan);
  /// To be called before run(); lives as long as it.
  void watch(Observer& observer) { observers_.push_back(&observer); }
  /// Runs the product to its end, once; advances the kernel's time.
  ProductRun run(const values::LayerValues& operands);

 private:
  void tick();
  void move();
  std::uint64_t ended_passes();
  ProductRun counted(const Products& products) const;
  mapping::ArrayAccesses array_accesses(const Products& products) const;
  void expect_progress();
  void show();

  const arch::Architecture architecture_;
  const mapping::ProductPlan plan_;
  Clock clock_;
  hw::Dram dram_;
  sc_core::sc_vector<Pe> pes_;
  std::vector<Pe*> all_;
  BankPort stream_, resident_;
  Supply activations_, weights_;
  Returns returns_;
  Collector collector_;
  Loader loader_;
  std::unique_ptr<Waves> waves_;
  WeightBits weight_bits_;
  std::vector<Observer*> observers_;
  std::exception_ptr failure_;  ///< of an observer
  std::uint64_t ended_ = 0;
  std::uint64_t moved_ = 0,
                progress_ = 0;  ///< bits over networks; last cycle in which there were more
  bool running_ = false, moving_ = false;
};

}  // namespace addax::detailed
