// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace addax::published {

/// A matrix product as the published model sees every operation: O[batch x outputs] =
/// I[batch x inputs] W[inputs x outputs]; a matrix-vector product has a batch of 1.
struct Problem {
  std::uint64_t batch = 1;    ///< N
  std::uint64_t inputs = 1;   ///< C
  std::uint64_t outputs = 1;  ///< M
};

/// N = N0 N3, M = M0 M1 M2 M3, C = C0 C1 C2: level 0 is a PE's registers, 1 the PEs side by side, 2
/// the buffer, 3 DRAM. Every factor divides exactly.
struct Tiling {
  std::uint64_t n0 = 1, n3 = 1;
  std::uint64_t m0 = 1, m1 = 1, m2 = 1, m3 = 1;
  std::uint64_t c0 = 1, c1 = 1, c2 = 1;
};

/// What the array can hold, in elements. A tiling is valid when
/// - m0 <= psum_registers,
/// - c0 < input_registers_below, m0 c0 < weight_registers_below, m1 c1 < pes_below,
/// - n0 c1 c0 + n0 m2 m1 m0 < buffer_words_below.
struct Capacity {
  std::uint64_t psum_registers = 16;
  std::uint64_t input_registers_below = 12;
  std::uint64_t weight_registers_below = 960;
  std::uint64_t pes_below = 192;  ///< 16 x 12
  std::uint64_t buffer_words_below = 65536;
};

/// Energy of one access to an element at each level, pJ. Weights do not pass the buffer.
struct OperandCosts {
  double dram = 0.0, buffer = 0.0, network = 0.0, registers = 0.0;
};
struct UnitCosts {
  OperandCosts inputs, weights, outputs;
  double operation = 0.0;  ///< pJ, one of the N M C operations
};

/// Accesses to elements of one operand at each level.
struct OperandAccesses {
  double dram = 0.0, buffer = 0.0, network = 0.0, registers = 0.0;
};
struct Accesses {
  OperandAccesses inputs, weights, outputs;
  double operations = 0.0;
};
/// With I = N C, W = C M, O = N M:
/// | level     | inputs        | weights | outputs                |
/// | DRAM      | M3 I          | N3 W    | O                      |
/// | buffer    | M3 M2 I       | -       | max(2 (C2-1), 1) O     |
/// | network   | M3 M2 M1 I    | N3 W    | max(C2 (C1-1), 1) O    |
/// | registers | M3 M2 M1 M0 I | N3 N0 W | max(2 C2 C1 (C0-1), 1) O |
/// After DNN-Chip Predictor (Zhao et al., ICASSP 2020) as ShiftAddLLM uses it.
Accesses accesses(const Problem& problem, const Tiling& tiling);

/// Energy by level, pJ.
struct LevelEnergy {
  double dram = 0.0, buffer = 0.0, network = 0.0, registers = 0.0, operations = 0.0;
  double total() const { return dram + buffer + network + registers + operations; }
};
LevelEnergy energy(const Accesses& accesses, const UnitCosts& costs);

/// Steps of the array, one operation a PE in each: N3 N0 M3 M2 M0 C2 C0.
double steps(const Problem& problem, const Tiling& tiling);

struct Choice {
  Tiling tiling;
  double energy_pj = 0.0;
  double steps = 0.0;
};

/// The tiling that minimises (E - E_min) / E_max + (L - L_min) / L_max, the extremes taken over all
/// valid tilings; E is the energy, L the steps. Of tilings that tie, the first by m0, m1, c0 and c1
/// with the largest n0, then m2, is taken. All costs must be at least 0.
///
/// E falls with m0, m2 and n0 where the other factors but m3 and n3 stay, and L depends on m1 and c1
/// alone: for the maximum m0 = m2 = n0 = 1 is enough, for the minimum the largest m2 for each n0,
/// and one tiling for each m1 and c1.
Choice choose(const Problem& problem, const UnitCosts& costs, const Capacity& capacity);

}  // namespace addax::published
