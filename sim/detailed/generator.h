// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <optional>

#include "models/arch/architecture.h"
#include "sim/detailed/products.h"
#include "sim/detailed/ring.h"
#include "sim/detailed/waves.h"

namespace addax::detailed {

/// The tables of a PE and what builds them, in the order of the waves: one copy is read while, if there
/// are two, another is built. Inputs leave the scratchpad when a build begins.
class Generator {
 public:
  Generator(const arch::Lut& lut, std::size_t place)
      : copies_(lut.copies), build_cycles_(lut.build_cycles().value()), place_(place) {}
  void start_layer(Waves& waves, const Products& products) {
    waves_ = &waves;
    products_ = &products;
  }
  /// Begins a build if its inputs have come and a copy is free.
  void step(std::uint64_t now, Ring& inputs, Units& units);
  /// The table of tile `number`, which is next to be read; null until it is built.
  const arith::Table* table(std::uint64_t number, std::uint64_t now) const {
    if (tables_.empty() || tables_.front().number != number || tables_.front().ready > now)
      return nullptr;
    return &tables_.front().table;
  }
  /// The table of tile `number` is not read again.
  void release(std::uint64_t number) {
    if (!tables_.empty() && tables_.front().number == number) tables_.pop_front();
  }
  std::uint64_t wave() const { return wave_; }
  std::uint64_t built() const { return built_; }
  std::uint64_t inputs_read() const { return inputs_read_; }
  /// A table's building: first cycle, and the one in which it may be read.
  struct Build {
    std::uint64_t pass = 0, begin = 0, end = 0;
  };
  /// Null: none has begun.
  const Build* latest_build() const { return built_ > 0 ? &build_ : nullptr; }

 private:
  struct Built {
    arith::Table table;
    std::uint64_t number, ready;
  };
  std::uint32_t copies_;
  std::uint64_t build_cycles_;
  std::size_t place_;
  Waves* waves_ = nullptr;
  const Products* products_ = nullptr;
  std::uint64_t wave_ = 0;               ///< the first whose table has not been begun
  std::optional<std::uint64_t> latest_;  ///< number of the tile built last
  std::deque<Built> tables_;
  std::uint64_t built_ = 0, inputs_read_ = 0;
  Build build_;
};

}  // namespace addax::detailed
