// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace addax::nest {

/// One loop variable of the iteration space, from 0 to size - 1.
struct Dimension {
  std::string name;
  std::uint64_t size = 1;
};

/// stride x (the variable of a dimension).
struct Term {
  std::size_t dimension = 0;
  std::uint64_t stride = 1;
};

/// One index of a tensor: one term, a sum of two terms of which the second has stride 1, or
/// floor(variable / shared). Where `shared` > 1 there is one term of stride 1, and neighbours share
/// an element (a scale of a group of weights).
struct Index {
  std::vector<Term> terms;
  std::uint64_t shared = 1;
};

/// A dimension stands in one index of a tensor at most.
struct Tensor {
  std::string name;
  std::vector<Index> indices;
};

/// An einsum: every point of the iteration space is one multiply-accumulate into the output tensor.
/// A dimension that does not index the output is reduced. The output's indices are of one term.
struct Problem {
  std::vector<Dimension> dimensions;
  std::vector<Tensor> tensors;
  std::size_t output = 0;  ///< which tensor

  bool indexes(std::size_t tensor, std::size_t dimension) const;
  /// Elements of a tensor, halo included for sums of terms; those that a stride skips are none.
  std::uint64_t elements(std::size_t tensor) const;
  /// The same for a box of the iteration space that begins at the origin; one extent a dimension.
  std::uint64_t words(std::size_t tensor, const std::vector<std::uint64_t>& extents) const;
  std::uint64_t macs() const;  ///< product of all sizes; throws CountOverflow
};

/// Outputs[M,N] = sum over K of Inputs[M,K] x Weights[K,N]. Tensors in the order Inputs, Weights,
/// Outputs; dimensions in the order M, K, N.
Problem matrix_product(std::uint64_t m, std::uint64_t k, std::uint64_t n);

/// Heads that share keys or values: Outputs[B,G,H,M,N] = sum over K of Inputs[B,G,H,M,K] x
/// Weights[B,G,K,N]: B sequences, G groups of H query heads.
struct HeadProduct {
  std::uint64_t batch = 1, groups = 1, heads_a_group = 1, m = 1, k = 1, n = 1;
};
Problem batched_product(const HeadProduct& shape);

/// Outputs[N,G,M,E,F] = sum over C, R, S of Inputs[N,G,C,U E + R,U F + S] x Weights[G,M,C,R,S]:
/// N images, G groups, M filters and C channels a group, stride U.
struct Convolution {
  std::uint64_t n = 1, g = 1, m = 1, c = 1, e = 1, f = 1, r = 1, s = 1, u = 1;
};
Problem convolution(const Convolution& shape);

}  // namespace addax::nest
