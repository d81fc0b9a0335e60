// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/architecture.h"

namespace addax::mapping {

/// How the buffer's banks are given to a layer, and which of its tensors stay on chip.
struct BufferShare {
  std::uint32_t half_banks = 1;      ///< of each of the two streaming halves
  std::uint32_t resident_banks = 1;  ///< tensors of other layers included
};

/// Ways to share out the banks that are left beside tensors that stay: halves of 7/32 of the
/// buffer, of 3/8, of 7/16, of all that is left ...
std::vector<BufferShare> large_shares(const arch::GlobalBuffer& buffer,
                                      std::uint64_t resident_bits);
/// ... and of 3/16, an eighth, a sixteenth and one bank, which starve the array and serve only where nothing
/// else fits.
std::vector<BufferShare> small_shares(const arch::GlobalBuffer& buffer,
                                      std::uint64_t resident_bits);

/// Bits of the banks that stream when a layer leaves half the buffer to resident tensors: what
/// tensors that stay on chip between layers must leave free.
std::uint64_t resident_budget(const arch::GlobalBuffer& buffer);

}  // namespace addax::mapping
