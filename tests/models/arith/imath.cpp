// SPDX-License-Identifier: Apache-2.0
#ifdef ADDAX_IMATH
#include <Imath/half.h>

#include "models/arith/float.h"
#include "tests/catch.h"
#include "tests/models/arith/random_bits.h"
#include "tests/seed.h"

using namespace addax::arith;
using addax::tests::RandomBits;

namespace {

Imath::half imath_half(std::uint32_t bits) {
  Imath::half a;
  a.setBits(static_cast<std::uint16_t>(bits));
  return a;
}

/// Imath keeps a NaN's sign and what fits of its fraction; we have one NaN.
bool same(Fp16 found, const Imath::half& expected) {
  return expected.isNan() ? found == kFp16NaN : found.bits == expected.bits();
}

}  // namespace

TEST_CASE("Imath widens and narrows as we do") {
  RandomBits random(addax::tests::printed(70));
  std::uint32_t wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float wide = imath_half(bits);
    const float ours = to_fp32({static_cast<std::uint16_t>(bits)});
    wrong += imath_half(bits).isNan() ? ours == ours : fp32_bits(ours) != fp32_bits(wide);
  }
  for (int i = 0; i < 4000000; ++i) {
    const float a = fp32_of_bits(random());
    wrong += !same(to_fp16(a), Imath::half(a));
  }
  CHECK(wrong == 0);
}

TEST_CASE("Imath adds and multiplies halves as we do") {
  RandomBits random(addax::tests::printed(71));
  std::uint32_t wrong = 0;
  for (int i = 0; i < 4000000; ++i) {
    const std::uint32_t bits = random();
    const Fp16 a{static_cast<std::uint16_t>(bits)}, b{static_cast<std::uint16_t>(bits >> 16U)};
    Imath::half sum = imath_half(a.bits), product = sum;
    sum += imath_half(b.bits);
    product *= imath_half(b.bits);
    wrong += !same(fp16_add(a, b), sum);
    wrong += !same(fp16_multiply(a, b), product);
  }
  CHECK(wrong == 0);
}
#endif
