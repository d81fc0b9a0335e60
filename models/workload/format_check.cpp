// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "models/quantity/diagnosis.h"
#include "models/workload/format.h"

namespace addax::workload {
namespace {

using quantity::Impossible;

/// The parameters that a kind takes, and the scale sharings.
struct Parameters {
  bool bits = false, planes = false, zero_points = false, trits = false, box = false;
  std::uint32_t least_terms = 0, most_terms = 0;
  std::vector<ScaleSharing> sharings;
};

Parameters parameters_of(FormatKind kind) {
  using S = ScaleSharing;
  const std::vector<S> any = {S::kTensor, S::kRow, S::kGroup, S::kColumn, S::kBlock};
  Parameters p;
  switch (kind) {
    case FormatKind::kFp16:
    case FormatKind::kW8a8:
      p.sharings = {S::kRow};
      break;
    case FormatKind::kInt:
      p.bits = p.zero_points = true;
      p.sharings = {S::kTensor, S::kRow, S::kGroup};
      break;
    case FormatKind::kBcq:
      p.planes = true;
      p.sharings = any;
      break;
    case FormatKind::kShiftAdd:
      p.planes = true;
      p.least_terms = 1;
      p.most_terms = 8;
      p.sharings = any;
      break;
    case FormatKind::kBinary:
      p.planes = true;
      p.most_terms = 8;
      p.sharings = any;
      break;
    case FormatKind::kTernary:
      p.trits = true;
      p.sharings = {S::kTensor, S::kRow, S::kGroup};
      break;
    case FormatKind::kMsfp:
      p.box = true;
      p.sharings = {S::kRow};
      break;
  }
  return p;
}

void require_range(const std::string& path, std::uint64_t value, std::uint64_t least,
                   std::uint64_t most) {
  if (value >= least && value <= most) return;
  throw Impossible({path, std::to_string(value),
                    least == most ? std::to_string(least)
                                  : std::to_string(least) + " to " + std::to_string(most)});
}

void check_scales(const ScaleLayout& scales, const std::vector<ScaleSharing>& sharings) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31;
  if (std::find(sharings.begin(), sharings.end(), scales.sharing) == sharings.end()) {
    std::string words;
    for (const ScaleSharing sharing : sharings)
      words += (words.empty() ? "" : ", ") + std::string(name(sharing));
    throw Impossible({"scales.sharing", name(scales.sharing), words});
  }
  const bool group = scales.sharing == ScaleSharing::kGroup;
  const bool block = scales.sharing == ScaleSharing::kBlock;
  require_range("scales.group", scales.group, group ? 1 : 0, group ? kMost : 0);
  require_range("scales.block_columns", scales.block_columns, block ? 1 : 0, block ? kMost : 0);
  require_range("scales.block_rows", scales.block_rows, 0, block ? kMost : 0);
}

}  // namespace

void check(const WeightFormat& format) {
  const Parameters p = parameters_of(format.kind);
  require_range("bits", format.bits, p.bits ? 1 : 0, p.bits ? 8 : 0);
  const std::uint32_t most_planes = format.kind == FormatKind::kBinary ? 1 : 8;
  require_range("planes", format.planes, p.planes ? 1 : 0, p.planes ? most_planes : 0);
  require_range("scale_terms", format.scale_terms, p.least_terms, p.most_terms);
  require_range("zero_points", format.zero_points ? 1 : 0, 0, p.zero_points ? 1 : 0);
  require_range("packed_trits", format.packed_trits ? 1 : 0, 0, p.trits ? 1 : 0);
  require_range("gamma", format.gamma ? 1 : 0, 0, p.trits ? 1 : 0);
  // Written so that NaN fails.
  if (!(format.zero_fraction >= 0.0 && format.zero_fraction <= (p.trits ? 1.0 : 0.0)))
    throw Impossible(
        {"zero_fraction", std::to_string(format.zero_fraction), "0 to 1, for ternary"});
  require_range("mantissa_bits", format.mantissa_bits, p.box ? 1 : 0, p.box ? 7 : 0);
  require_range("exponent_bits", format.exponent_bits, p.box ? 1 : 0, p.box ? 8 : 0);
  require_range("box", format.box, p.box ? 1 : 0, p.box ? std::uint64_t{1} << 31 : 0);
  check_scales(format.scales, p.sharings);
}

}  // namespace addax::workload
