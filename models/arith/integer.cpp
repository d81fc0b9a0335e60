// SPDX-License-Identifier: Apache-2.0
#include "models/arith/integer.h"

#include <string>

#include "models/quantity/check.h"

namespace addax::arith {
namespace {

constexpr std::uint32_t kWordBits = 32;

std::uint32_t mask_of(std::uint32_t bits) {
  ADDAX_CHECK(bits >= 1 && bits <= 8, std::to_string(bits));
  return (1U << bits) - 1U;
}

}  // namespace

std::int16_t symmetric_code(std::uint32_t stored, std::uint32_t bits) {
  const int code = static_cast<int>(stored & mask_of(bits));
  const int sign = 1 << (bits - 1);
  return static_cast<std::int16_t>((code ^ sign) - sign);
}

std::uint32_t gptq_code(Span<std::uint32_t> words, std::uint32_t bits, std::size_t index) {
  const std::size_t first = index * bits;
  const std::size_t word = first / kWordBits, shift = first % kWordBits;
  ADDAX_CHECK((first + bits - 1) / kWordBits < words.size, std::to_string(index));
  std::uint64_t window = words[word];
  if (shift + bits > kWordBits) window |= std::uint64_t{words[word + 1]} << kWordBits;
  return static_cast<std::uint32_t>(window >> shift) & mask_of(bits);
}

std::uint32_t gptq_zero_point(std::uint32_t stored, std::uint32_t bits) {
  return (stored + 1) & mask_of(bits);
}

std::array<std::uint8_t, 8> awq_codes(std::uint32_t word) {
  constexpr std::array<std::uint8_t, 8> kOrder = {0, 2, 4, 6, 1, 3, 5, 7};
  std::array<std::uint8_t, 8> codes{};
  for (std::size_t nibble = 0; nibble < kOrder.size(); ++nibble)
    codes[kOrder[nibble]] = static_cast<std::uint8_t>((word >> (4 * nibble)) & 0xFU);
  return codes;
}

Fp16 centred(std::int16_t code, std::int16_t zero_point) {
  const int difference = code - zero_point;
  ADDAX_CHECK(difference >= -2048 && difference <= 2048, std::to_string(difference));
  return to_fp16(static_cast<float>(difference));
}

Fp16 dequantised(std::int16_t code, std::int16_t zero_point, Fp16 scale) {
  return fp16_multiply(centred(code, zero_point), scale);
}

}  // namespace addax::arith
