// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/arith/float.h"
#include "models/arith/span.h"

namespace addax::arith {

/// q of a symmetric code of 1 to 8 bits: two's complement, -2^(bits-1) to 2^(bits-1) - 1.
std::int16_t symmetric_code(std::uint32_t stored, std::uint32_t bits);

/// Code `index` of GPTQ's packing: codes of 1 to 8 bits lie one after another from the lowest bit of
/// the first 32-bit word on, over the borders of words where `bits` does not divide 32. A matrix is
/// packed along its inputs, its zero points along its outputs (Frantar et al., OPTQ, ICLR 2023, and
/// the checkpoints of its published code).
std::uint32_t gptq_code(Span<std::uint32_t> words, std::uint32_t bits, std::size_t index);

/// The zero point of a stored one: these checkpoints store z - 1, modulo 2^bits, so that all ones
/// mean z = 0. (Readers that do not reduce again read 2^bits there.)
std::uint32_t gptq_zero_point(std::uint32_t stored, std::uint32_t bits);

/// The eight 4-bit codes of a word of AWQ's packing: nibble i, from the lowest on, holds code
/// 0 2 4 6 1 3 5 7 [i]. Codes and zero points are packed along the outputs; zero points are stored as
/// they are (Lin et al., AWQ, MLSys 2024, and the checkpoints of its published code).
std::array<std::uint8_t, 8> awq_codes(std::uint32_t word);

/// q - z, as FP16: a subtraction and a conversion, both exact. |q - z| <= 2048. Unsigned codes of
/// 8 bits with zero points need a ninth bit in the subtractor.
Fp16 centred(std::int16_t code, std::int16_t zero_point);

/// (q - z) s, rounded once: the element of a dequantised tile.
Fp16 dequantised(std::int16_t code, std::int16_t zero_point, Fp16 scale);

}  // namespace addax::arith
