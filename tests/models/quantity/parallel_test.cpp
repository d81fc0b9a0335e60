// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/parallel.h"

#include <atomic>
#include <stdexcept>

#include "tests/catch.h"

using addax::quantity::each_in_parallel;

TEST_CASE("Every task is done once, by any number of threads") {
  for (const unsigned threads : {0U, 1U, 3U, 50U}) {
    std::vector<int> done(20, 0);
    each_in_parallel(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    CHECK(done == std::vector<int>(20, 1));
    each_in_parallel(0, threads, [&](std::size_t i) { ++done[i]; });
    CHECK(done == std::vector<int>(20, 1));
  }
}

TEST_CASE("What a task throws comes out when all threads have ended") {
  for (const unsigned threads : {1U, 3U}) {
    std::atomic<int> begun = 0, ended = 0;
    CHECK_THROWS_AS(each_in_parallel(20, threads,
                                     [&](std::size_t i) {
                                       ++begun;
                                       if (i == 4) throw std::runtime_error("four");
                                       ++ended;
                                     }),
                    std::runtime_error);
    CHECK(begun == ended + 1);
  }
}
