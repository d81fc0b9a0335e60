// SPDX-License-Identifier: Apache-2.0
#include "models/nest/problem.h"

#include <algorithm>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::nest {
namespace {

using quantity::checked_add;
using quantity::checked_mul;

Index plain(std::size_t dimension) { return {{{dimension, 1}}, 1}; }

std::uint64_t index_words(const Index& index, const std::vector<std::uint64_t>& extents) {
  const std::uint64_t first = extents.at(index.terms[0].dimension);
  if (index.terms.size() == 1) return quantity::ceil_div(first, index.shared);
  const std::uint64_t second = extents.at(index.terms[1].dimension);
  return checked_add(checked_mul(first - 1, std::min(index.terms[0].stride, second)), second);
}

}  // namespace

bool Problem::indexes(std::size_t tensor, std::size_t dimension) const {
  for (const Index& index : tensors.at(tensor).indices)
    for (const Term& term : index.terms)
      if (term.dimension == dimension) return true;
  return false;
}

std::uint64_t Problem::elements(std::size_t tensor) const {
  std::vector<std::uint64_t> sizes;
  sizes.reserve(dimensions.size());
  for (const Dimension& dimension : dimensions) sizes.push_back(dimension.size);
  return words(tensor, sizes);
}

std::uint64_t Problem::words(std::size_t tensor, const std::vector<std::uint64_t>& extents) const {
  std::uint64_t words = 1;
  for (const Index& index : tensors.at(tensor).indices)
    words = checked_mul(words, index_words(index, extents));
  return words;
}

std::uint64_t Problem::macs() const {
  std::uint64_t macs = 1;
  for (const Dimension& dimension : dimensions) macs = checked_mul(macs, dimension.size);
  return macs;
}

Problem matrix_product(std::uint64_t m, std::uint64_t k, std::uint64_t n) {
  return {{{"M", m}, {"K", k}, {"N", n}},
          {{"Inputs", {plain(0), plain(1)}},
           {"Weights", {plain(1), plain(2)}},
           {"Outputs", {plain(0), plain(2)}}},
          2};
}

Problem batched_product(const HeadProduct& shape) {
  return {{{"B", shape.batch},
           {"G", shape.groups},
           {"H", shape.heads_a_group},
           {"M", shape.m},
           {"K", shape.k},
           {"N", shape.n}},
          {{"Inputs", {plain(0), plain(1), plain(2), plain(3), plain(4)}},
           {"Weights", {plain(0), plain(1), plain(4), plain(5)}},
           {"Outputs", {plain(0), plain(1), plain(2), plain(3), plain(5)}}},
          2};
}

Problem convolution(const Convolution& shape) {
  ADDAX_CHECK(shape.u > 0, "the stride of a convolution is positive");
  const auto slide = [&](std::size_t output, std::size_t filter) {
    return Index{{{output, shape.u}, {filter, 1}}, 1};
  };
  return {{{"N", shape.n},
           {"G", shape.g},
           {"M", shape.m},
           {"C", shape.c},
           {"E", shape.e},
           {"F", shape.f},
           {"R", shape.r},
           {"S", shape.s}},
          {{"Inputs", {plain(0), plain(1), plain(3), slide(4, 6), slide(5, 7)}},
           {"Weights", {plain(1), plain(2), plain(3), plain(6), plain(7)}},
           {"Outputs", {plain(0), plain(1), plain(2), plain(4), plain(5)}}},
          2};
}

}  // namespace addax::nest
