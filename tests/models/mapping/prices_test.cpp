// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/prices.h"

#include <array>
#include <cmath>
#include <cstring>

#include "tests/catch.h"

using namespace addax;
using mapping::Prices;

TEST_CASE("Rounded prices are within a quarter of an octave, and round to themselves") {
  for (double price = 1e-3; price < 1e3; price *= 1.01) {
    Prices prices;
    prices.cycle = price;
    prices.psum.deliver_bit = 2.0 * price;
    prices.operation[3] = 3.0 * price;
    const Prices once = mapping::rounded(prices);
    const double quarter = std::exp2(0.25) * (1.0 + 1e-12);
    CHECK(once.cycle <= price * quarter);
    CHECK(once.cycle >= price / quarter);
    CHECK(once.psum.deliver_bit == 2.0 * once.cycle);
    CHECK(once.operation[3] <= 3.0 * price * quarter);
    CHECK(once.operation[3] >= 3.0 * price / quarter);
    CHECK(mapping::rounded(once).cycle == once.cycle);
    CHECK(once.buffer.read == 0.0);
    CHECK(once.dram_read_bit == 0.0);
  }
}

TEST_CASE("Every price is rounded, and every price is in the bytes") {
  // Each of the doubles that prices are made of, alone.
  using Doubles = std::array<double, sizeof(Prices) / sizeof(double)>;
  static_assert(sizeof(Doubles) == sizeof(Prices));
  const std::string plain = quantity::Bytes().add(Prices{}).text();
  CHECK(plain.size() == sizeof(Prices));
  for (std::size_t i = 0; i < Doubles().size(); ++i) {
    Doubles one{};
    one[i] = 3.0;
    Prices prices;
    std::memcpy(static_cast<void*>(&prices), one.data(), sizeof prices);
    CHECK(quantity::Bytes().add(prices).text() != plain);
    const Prices rounded = mapping::rounded(prices);
    std::memcpy(one.data(), &rounded, sizeof rounded);
    for (std::size_t j = 0; j < one.size(); ++j) CHECK(one[j] == (i == j ? std::exp2(1.5) : 0.0));
  }
}
