// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "models/quantise/quantised.h"

namespace addax::input {

/// A tensor of a quantised file, before it has a place in it.
struct TensorPlan {
  std::string name, type;
  std::vector<std::uint64_t> shape;
};
/// The tensors of a quantised matrix in their order, as docs/formats/quantised.md has them.
std::vector<TensorPlan> tensor_plans(const workload::WeightFormat& format, std::uint64_t outputs,
                                     std::uint64_t inputs);

inline constexpr const char* kQuantisedSchema = "addax.quantised/1";

/// Writes codes and scales as a safetensors file, in the bits that are stored in DRAM.
void write_quantised(std::ostream& stream, const quantise::QuantisedMatrix& matrix);
/// Reads what write_quantised wrote. Throws ConfigError.
quantise::QuantisedMatrix read_quantised(const std::string& path);

/// Numbers of `bits` bits (1 to 8) one behind the other, from the least bit of the first byte on; the
/// last byte is filled with zeros.
std::vector<std::uint8_t> pack_bits(const std::vector<std::uint8_t>& values, std::uint32_t bits);
/// The first `count` numbers of `bits` bits in `bytes`.
std::vector<std::uint8_t> unpack_bits(const std::vector<std::uint8_t>& bytes, std::uint32_t bits,
                                      std::uint64_t count);

}  // namespace addax::input
