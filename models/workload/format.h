// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/quantity/quantity.h"

namespace addax::workload {

/// How the weights of a linear layer are stored. One word each, the same in YAML, JSON and on the
/// command line: fp16, w8a8, int, bcq, shiftadd, ternary, binary, msfp.
enum class FormatKind { kFp16, kW8a8, kInt, kBcq, kShiftAdd, kTernary, kBinary, kMsfp };
const char* name(FormatKind kind);
std::optional<FormatKind> parse_format_kind(const std::string& text);

/// Which weights share a scale.
enum class ScaleSharing {
  kTensor,  ///< one for the whole matrix (BitNet)
  kRow,     ///< one an output
  kGroup,   ///< one for `group` consecutive inputs of an output
  kColumn,  ///< one an input (ShiftAddLLM Acc.)
  kBlock,   ///< one for `block_columns` inputs x `block_rows` outputs (ShiftAddLLM Lat.)
};
const char* name(ScaleSharing sharing);
std::optional<ScaleSharing> parse_scale_sharing(const std::string& text);

struct ScaleLayout {
  ScaleSharing sharing = ScaleSharing::kRow;
  std::uint64_t group = 0;          ///< inputs, for kGroup
  std::uint64_t block_columns = 0;  ///< inputs, for kBlock
  std::uint64_t block_rows = 0;  ///< outputs, for kBlock; 0: an eighth of the outputs, rounded up
};
bool operator==(const ScaleLayout& a, const ScaleLayout& b);

/// A weight format with all its parameters; those that a kind does not use keep their defaults.
struct WeightFormat {
  FormatKind kind = FormatKind::kFp16;
  std::uint32_t bits = 0;    ///< int: bits a weight
  std::uint32_t planes = 0;  ///< bcq, shiftadd: q; binary: 1
  ScaleLayout scales;
  std::uint32_t scale_terms = 0;    ///< power-of-two terms a scale (k); 0: FP16 scales (bcq)
  bool zero_points = false;         ///< int
  bool packed_trits = false;        ///< ternary: five trits a byte instead of two bits each
  bool gamma = false;               ///< ternary: an offset beside the scale
  double zero_fraction = 0.0;       ///< ternary: share of zero weights, in [0, 1]
  std::uint32_t mantissa_bits = 0;  ///< msfp: m, without the sign
  std::uint32_t exponent_bits = 0;  ///< msfp: e, shared by a box
  std::uint64_t box = 0;            ///< msfp: inputs in a box
};
bool operator==(const WeightFormat& a, const WeightFormat& b);
inline bool operator!=(const WeightFormat& a, const WeightFormat& b) { return !(a == b); }

/// A kind with the parameters that its authors use; `bits` (int, bcq, shiftadd: 1 to 8) is ignored
/// by the other kinds. The scales of shiftadd and binary are shared by blocks of 8 inputs and
/// `block_rows` outputs (0: an eighth of them). Sources: docs/physics/formats.md.
WeightFormat default_format(FormatKind kind, std::uint32_t bits, std::uint64_t block_rows = 0);

/// Throws Impossible if a parameter is missing, out of range or not one of this kind's; the path is
/// that of the key in a trace's `weights`.
void check(const WeightFormat& format);

bool is_binary_coded(const WeightFormat& format);  ///< bcq, shiftadd, binary

/// "fp16", "int-4bit g128 zp", "shiftadd-3bit block 8xN/8 k=3", ...: for people.
std::string describe(const WeightFormat& format);

/// Scale values of one plane of a matrix of `outputs` x `inputs` (N x K), divisions rounded up:
/// tensor 1, row N, group N ceil(K/g), column K, block ceil(K/c) ceil(N/r).
std::uint64_t scales_a_plane(const WeightFormat& format, std::uint64_t inputs,
                             std::uint64_t outputs);
/// Scale groups along a row (S): tensor and row 1, group ceil(K/g), column K, block ceil(K/c).
std::uint64_t scale_groups_a_row(const WeightFormat& format, std::uint64_t inputs);
/// Blocks of rows within which a scale does not change (R): column 1, block ceil(N/r), tensor 1;
/// row and group N.
std::uint64_t scale_row_blocks(const WeightFormat& format, std::uint64_t outputs);

/// Zero weights of a ternary matrix: floor(zero_fraction N K).
std::uint64_t zero_weights(const WeightFormat& format, std::uint64_t inputs, std::uint64_t outputs);

/// Bits of one weight's code: 16, 8, b, q (all planes), 2 (ternary, unpacked) or 1 + m.
std::uint32_t code_bits_a_weight(const WeightFormat& format);

/// Bits in DRAM of one N x K matrix, split into what streams as codes and what as scales (scales,
/// zero points, shared exponents). Formulae: docs/physics/formats.md. Throws CountOverflow.
struct StoredBits {
  quantity::Bits codes;
  quantity::Bits scales;
};
StoredBits stored_bits(const WeightFormat& format, std::uint64_t inputs, std::uint64_t outputs);

}  // namespace addax::workload
