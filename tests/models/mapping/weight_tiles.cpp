// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/weight_tiles.h"

#include <algorithm>
#include <random>
#include <vector>

#include "tests/catch.h"
#include "tests/seed.h"

using namespace addax::mapping;
using namespace addax::workload;

namespace {

constexpr std::uint32_t kSeed = 43;
constexpr int kCasesAFormat = 150;

class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(addax::tests::printed(seed)) {}
  std::uint64_t upto(std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(1, most)(random_);
  }
  bool coin() { return upto(2) == 1; }

  /// Ends of tiles that cover [0, size), of any lengths.
  std::vector<std::uint64_t> cuts(std::uint64_t size) {
    std::vector<std::uint64_t> ends;
    for (std::uint64_t at = 0; at < size;) ends.push_back(at = std::min(size, at + upto(40)));
    return ends;
  }

  WeightFormat format(FormatKind kind) {
    WeightFormat f = default_format(kind, static_cast<std::uint32_t>(upto(8)));
    if (kind == FormatKind::kInt) f.zero_points = coin();
    if (kind == FormatKind::kTernary) {
      f.packed_trits = coin();
      f.gamma = coin();
    }
    if (kind == FormatKind::kMsfp) f.box = upto(24);
    if (kind == FormatKind::kFp16 || kind == FormatKind::kW8a8 || kind == FormatKind::kMsfp)
      return f;
    const auto sharing = static_cast<ScaleSharing>(upto(is_binary_coded(f) ? 5 : 3) - 1);
    f.scales = {sharing, 0, 0, 0};
    if (sharing == ScaleSharing::kGroup) f.scales.group = upto(70);
    if (sharing == ScaleSharing::kBlock) {
      f.scales.block_columns = upto(20);
      f.scales.block_rows = coin() ? 0 : upto(30);
    }
    if (is_binary_coded(f) && kind != FormatKind::kBcq)
      f.scale_terms = static_cast<std::uint32_t>(upto(4));
    return f;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("the bits of any tiling add up to the stored bits, in every format") {
  Random random(kSeed);
  for (int kind = 0; kind <= static_cast<int>(FormatKind::kMsfp); ++kind)
    for (int i = 0; i < kCasesAFormat; ++i) {
      const WeightFormat format = random.format(static_cast<FormatKind>(kind));
      const std::uint64_t inputs = random.upto(150), outputs = random.upto(90);
      INFO("seed " << kSeed << " " << describe(format) << ", K " << inputs << ", N " << outputs);
      const WeightTiles tiles(format, inputs, outputs);
      const std::vector<std::uint64_t> k_ends = random.cuts(inputs), n_ends = random.cuts(outputs);
      std::uint64_t codes = 0, scales = 0, n = 0;
      for (const std::uint64_t n_end : n_ends) {
        std::uint64_t k = 0;
        for (const std::uint64_t k_end : k_ends) {
          codes += tiles.code_bits(k, k_end - k, n_end - n);
          const std::uint64_t of_tile = tiles.scale_bits(k, k_end - k, n, n_end - n);
          REQUIRE(of_tile <= tiles.most_scale_bits(k_end - k, n_end - n));
          scales += of_tile;
          k = k_end;
        }
        n = n_end;
      }
      const StoredBits stored = stored_bits(format, inputs, outputs);
      REQUIRE(codes == stored.codes.value());
      REQUIRE(scales == stored.scales.value());
    }
}

TEST_CASE("a scale belongs to the tile that holds its first weight") {
  // shiftadd, 3 planes, blocks of 8 inputs x 4 outputs, 3 terms: 72 bits a scale.
  const WeightFormat format = default_format(FormatKind::kShiftAdd, 3, 4);
  const WeightTiles tiles(format, 20, 10);
  CHECK(tiles.scale_bits(0, 8, 0, 4) == 72);
  CHECK(tiles.scale_bits(1, 7, 0, 4) == 0);         // the block began before
  CHECK(tiles.scale_bits(4, 5, 3, 2) == 72);        // input 8, output 4
  CHECK(tiles.scale_bits(0, 20, 0, 10) == 9 * 72);  // 3 x 3 blocks
  CHECK(tiles.scale_starts(5, 12) == 2);            // 8 and 16
  // Blocks that later tiles of outputs need again: one for each started 8 inputs.
  CHECK(tiles.held_scale_bits(9) == 2 * 72);
  // Scales of single rows are used up with their row.
  CHECK(WeightTiles(default_format(FormatKind::kInt, 4), 256, 10).held_scale_bits(256) == 0);
}

TEST_CASE("five packed trits take a byte with the first of them") {
  WeightFormat format = default_format(FormatKind::kTernary, 0);
  format.packed_trits = true;
  const WeightTiles tiles(format, 13, 2);
  CHECK(tiles.packed_inputs() == 5);
  CHECK(tiles.code_bits(0, 13, 2) == 2 * 3 * 8);
  CHECK(tiles.code_bits(0, 5, 1) == 8);
  CHECK(tiles.code_bits(5, 8, 1) == 16);
}

TEST_CASE("plain data have neither packing nor scales") {
  const WeightTiles tiles(8);
  CHECK(tiles.code_bits(3, 7, 2) == 8 * 14);
  CHECK(tiles.scale_bits(0, 7, 0, 2) == 0);
  CHECK(tiles.most_scale_bits(7, 2) == 0);
  CHECK(tiles.scale_starts(0, 7) == 0);
  CHECK(tiles.held_scale_bits(7) == 0);
  CHECK(tiles.code_bits_a_weight() == 8);
}
