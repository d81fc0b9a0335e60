// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/shares.h"

#include <set>

#include "tests/catch.h"

using addax::sweep::Shares;

TEST_CASE("Shares give each number once, whoever asks") {
  for (const std::uint64_t numbers : {0, 1, 2, 3, 10, 1000})
    for (const std::size_t workers : {1, 2, 3, 7}) {
      Shares shares(numbers, workers);
      std::set<std::uint64_t> given;
      std::size_t worker = 0;
      for (;;) {
        worker = (worker * 5 + 3) % workers;
        const auto number = shares.next(worker);
        if (!number) break;
        REQUIRE(*number < numbers);
        REQUIRE(given.insert(*number).second);
      }
      CHECK(given.size() == numbers);
      for (std::size_t each = 0; each < workers; ++each) CHECK_FALSE(shares.next(each));
    }
}

TEST_CASE("Neighbours go to one worker, and who has done his share takes half of the largest") {
  Shares shares(100, 2);
  CHECK(shares.next(0) == 0);
  CHECK(shares.next(1) == 50);
  CHECK(shares.next(0) == 1);
  for (std::uint64_t number = 51; number < 100; ++number) CHECK(shares.next(1) == number);
  CHECK(shares.next(1) == 26);  // of 2 to 49
  CHECK(shares.next(0) == 2);
}
