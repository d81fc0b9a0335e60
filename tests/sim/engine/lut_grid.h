// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/arch/architecture.h"
#include "sim/input/architecture_reader.h"

namespace addax::tests {

/// Tables of 2, 4 and 8 weights, half and full, in every storage, read by 1 to 64 accumulators, once
/// and twice.
inline std::vector<arch::Lut> lut_grid() {
  std::vector<arch::Lut> grid;
  for (const std::uint32_t key_bits : {2, 4, 8})
    for (const bool half : {true, false})
      for (const arch::Storage storage :
           {arch::Storage::kFlipFlop, arch::Storage::kLatch, arch::Storage::kSram})
        for (const bool gated : {true, false})
          for (const std::uint32_t readers : {1, 2, 4, 8, 16, 32, 64})
            for (const std::uint32_t copies : {1, 2}) {
              arch::Lut lut;
              lut.key_bits = key_bits;
              lut.half_table = half;
              lut.storage = storage;
              lut.clock_gated = gated;
              lut.readers = readers;
              lut.copies = copies;
              grid.push_back(lut);
            }
  return grid;
}

/// eyeriss_lutgemm with another table.
inline arch::Architecture with_lut(const arch::Lut& lut) {
  static const arch::Architecture shipped = input::read_architecture("eyeriss_lutgemm");
  arch::Architecture a = shipped;
  a.groups[0].datapath.lut = lut;
  return a;
}

}  // namespace addax::tests
