// SPDX-License-Identifier: Apache-2.0
#include "models/workload/format.h"

#include "models/quantity/diagnosis.h"
#include "tests/catch.h"

using namespace addax::workload;
using addax::quantity::CountOverflow;
using addax::quantity::Impossible;

// All examples: N = 5 outputs, K = 13 inputs (odd on purpose), N K = 65.
namespace {

constexpr std::uint64_t kN = 5, kK = 13;

void require_bits(const WeightFormat& format, std::uint64_t codes, std::uint64_t scales) {
  const StoredBits bits = stored_bits(format, kK, kN);
  CHECK(bits.codes.value() == codes);
  CHECK(bits.scales.value() == scales);
}

WeightFormat with_scales(FormatKind kind, std::uint32_t bits, const ScaleLayout& scales) {
  WeightFormat format = default_format(kind, bits);
  format.scales = scales;
  return format;
}

}  // namespace

TEST_CASE("FP16 weights take 16 bits each and no scales") {
  require_bits(default_format(FormatKind::kFp16, 0), 16 * 65, 0);
}

TEST_CASE("Integer weights store a scale and a zero point a group, groups rounded up") {
  // G = ceil(13 / 4) = 4: 5 x 4 = 20 scales of 16 bits and 20 zero points of 3.
  WeightFormat format = with_scales(FormatKind::kInt, 3, {ScaleSharing::kGroup, 4, 0, 0});
  require_bits(format, 3 * 65, 16 * 20 + 3 * 20);
  format.zero_points = false;
  require_bits(format, 3 * 65, 16 * 20);
  format.scales = {ScaleSharing::kRow, 0, 0, 0};
  require_bits(format, 3 * 65, 16 * 5);
}

TEST_CASE("W8A8 stores a scale an output; the tokens' scales are no weights") {
  require_bits(default_format(FormatKind::kW8a8, 0), 8 * 65, 16 * 5);
}

TEST_CASE("Binary-coded weights with FP16 scales store them for every plane") {
  // G = ceil(13 / 8) = 2.
  require_bits(with_scales(FormatKind::kBcq, 3, {ScaleSharing::kGroup, 8, 0, 0}), 3 * 65,
               16 * 3 * (5 * 2));
}

TEST_CASE("Power-of-two scales take a byte a term, in each of the scale layouts") {
  const auto scales = [](const ScaleLayout& layout) {
    return stored_bits(with_scales(FormatKind::kShiftAdd, 3, layout), kK, kN).scales.value();
  };
  const std::uint64_t a_scale = 8 * 3 * 3;  // k = 3 terms, q = 3 planes
  CHECK(scales({ScaleSharing::kTensor, 0, 0, 0}) == a_scale);
  CHECK(scales({ScaleSharing::kRow, 0, 0, 0}) == a_scale * 5);
  CHECK(scales({ScaleSharing::kGroup, 4, 0, 0}) == a_scale * 5 * 4);
  CHECK(scales({ScaleSharing::kColumn, 0, 0, 0}) == a_scale * 13);
  CHECK(scales({ScaleSharing::kBlock, 0, 8, 2}) == a_scale * 2 * 3);
  // An eighth of 5 outputs, rounded up, is 1 row.
  CHECK(scales({ScaleSharing::kBlock, 0, 8, 0}) == a_scale * 2 * 5);
  require_bits(default_format(FormatKind::kShiftAdd, 3), 3 * 65, a_scale * 10);
}

TEST_CASE("Ternary weights take two bits, or a byte for five of a row") {
  WeightFormat format = with_scales(FormatKind::kTernary, 0, {ScaleSharing::kGroup, 4, 0, 0});
  require_bits(format, 2 * 65, 16 * 20);
  format.packed_trits = true;
  format.gamma = true;
  require_bits(format, 8 * 5 * 3, 32 * 20);
  format = with_scales(FormatKind::kTernary, 0, {ScaleSharing::kTensor, 0, 0, 0});
  require_bits(format, 2 * 65, 16);
}

TEST_CASE("Binary weights are one plane") {
  require_bits(default_format(FormatKind::kBinary, 7, 2), 65, 8 * 3 * (2 * 3));
}

TEST_CASE("Shared-exponent weights store sign and mantissa, and an exponent a box of a row") {
  WeightFormat format = default_format(FormatKind::kMsfp, 0);
  require_bits(format, 4 * 65, 8 * 5);
  format.box = 4;
  require_bits(format, 4 * 65, 8 * 5 * 4);
}

TEST_CASE("Scale groups along a row and row blocks multiply to the scales of a plane") {
  const WeightFormat block = with_scales(FormatKind::kBcq, 2, {ScaleSharing::kBlock, 0, 8, 2});
  CHECK(scale_groups_a_row(block, kK) == 2);
  CHECK(scale_row_blocks(block, kN) == 3);
  CHECK(scales_a_plane(block, kK, kN) == 6);
  const WeightFormat column = with_scales(FormatKind::kBcq, 2, {ScaleSharing::kColumn, 0, 0, 0});
  CHECK(scale_groups_a_row(column, kK) == 13);
  CHECK(scale_row_blocks(column, kN) == 1);
}

TEST_CASE("Zero weights are rounded down and never exceed the matrix") {
  WeightFormat format = default_format(FormatKind::kTernary, 0);
  format.zero_fraction = 0.25;
  CHECK(zero_weights(format, kK, kN) == 16);  // 16.25
  format.zero_fraction = 1.0;
  CHECK(zero_weights(format, kK, kN) == 65);
  format.zero_fraction = 0.0;
  CHECK(zero_weights(format, kK, kN) == 0);
}

TEST_CASE("Bits beyond 64 bits of count are refused") {
  CHECK_THROWS_AS(stored_bits(default_format(FormatKind::kFp16, 0), std::uint64_t{1} << 31,
                              std::uint64_t{1} << 30),
                  CountOverflow);
}

TEST_CASE("Every default format passes its own check, and reads as one word with its layout") {
  for (int kind = 0; kind < 8; ++kind)
    CHECK_NOTHROW(check(default_format(static_cast<FormatKind>(kind), 4)));
  CHECK(describe(default_format(FormatKind::kFp16, 0)) == "fp16");
  CHECK(describe(default_format(FormatKind::kInt, 4)) == "int-4bit g128 zp");
  CHECK(describe(default_format(FormatKind::kShiftAdd, 3)) == "shiftadd-3bit block 8xN/8 k=3");
  CHECK(describe(default_format(FormatKind::kShiftAdd, 3, 16)) == "shiftadd-3bit block 8x16 k=3");
}

TEST_CASE("A parameter of another kind is refused by name") {
  const auto refused = [](WeightFormat format) -> std::string {
    try {
      check(format);
    } catch (const Impossible& error) {
      return error.diagnosis().path;
    }
    return "";
  };
  WeightFormat format = default_format(FormatKind::kFp16, 0);
  format.bits = 4;
  CHECK(refused(format) == "bits");
  CHECK(refused(default_format(FormatKind::kInt, 9)) == "bits");
  CHECK(refused(default_format(FormatKind::kInt, 0)) == "bits");
  format = default_format(FormatKind::kShiftAdd, 3);
  format.scale_terms = 0;
  CHECK(refused(format) == "scale_terms");
  format = default_format(FormatKind::kBcq, 3);
  format.scales.group = 0;
  CHECK(refused(format) == "scales.group");
  format = default_format(FormatKind::kInt, 4);
  format.scales = {ScaleSharing::kColumn, 0, 0, 0};
  CHECK(refused(format) == "scales.sharing");
  format = default_format(FormatKind::kTernary, 0);
  format.zero_fraction = 1.5;
  CHECK(refused(format) == "zero_fraction");
  format = default_format(FormatKind::kMsfp, 0);
  format.box = 0;
  CHECK(refused(format) == "box");
}
