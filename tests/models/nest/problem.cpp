// SPDX-License-Identifier: Apache-2.0
#include "models/nest/problem.h"

#include "models/quantity/quantity.h"
#include "tests/catch.h"

using namespace addax::nest;

TEST_CASE("A matrix product has the elements of its three matrices") {
  const Problem problem = matrix_product(3, 5, 7);
  CHECK(problem.elements(0) == 15);
  CHECK(problem.elements(1) == 35);
  CHECK(problem.elements(2) == 21);
  CHECK(problem.macs() == 105);
  CHECK(problem.indexes(0, 1));
  CHECK_FALSE(problem.indexes(problem.output, 1));
}

TEST_CASE("Query heads of a group share keys") {
  const Problem problem = batched_product({2, 4, 8, 16, 64, 128});
  CHECK(problem.elements(0) == 2 * 4 * 8 * 16 * 64);
  CHECK(problem.elements(1) == 2 * 4 * 64 * 128);
  CHECK(problem.elements(2) == 2 * 4 * 8 * 16 * 128);
  CHECK(problem.macs() == 2ULL * 4 * 8 * 16 * 64 * 128);
}

TEST_CASE("A convolution needs a halo, and nothing that its stride skips") {
  // ResNet-50's first layer: 224 + 2 x 3 rows of padded input, of which 2 x 111 + 7 = 229 are used.
  Convolution shape;
  shape.m = 64;
  shape.c = 3;
  shape.e = shape.f = 112;
  shape.r = shape.s = 7;
  shape.u = 2;
  CHECK(convolution(shape).elements(0) == 3 * 229 * 229);
  CHECK(convolution(shape).elements(1) == 64 * 3 * 7 * 7);
  CHECK(convolution(shape).elements(2) == 64 * 112 * 112);
  // A filter of one point looks at every second pixel.
  shape.r = shape.s = 1;
  CHECK(convolution(shape).elements(0) == 3 * 112 * 112);
  // A depthwise one has groups of one channel and one filter.
  CHECK(convolution({1, 32, 1, 1, 10, 10, 3, 3, 1}).elements(0) == 32 * 12 * 12);
}

TEST_CASE("Weights that share a scale have one element of it") {
  Problem problem = matrix_product(1, 300, 4);
  problem.tensors.push_back({"Scales", {{{{1, 1}}, 128}, {{{2, 1}}, 1}}});
  CHECK(problem.elements(3) == 3 * 4);
  CHECK(problem.words(3, {1, 100, 2}) == 2);
}

TEST_CASE("Sizes whose product leaves 64 bits are refused") {
  const Problem problem = matrix_product(1ULL << 32, 1ULL << 31, 2);
  CHECK_THROWS_AS(problem.macs(), addax::quantity::CountOverflow);
  CHECK_NOTHROW(problem.elements(0));
}
