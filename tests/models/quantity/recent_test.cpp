// SPDX-License-Identifier: Apache-2.0
#include "models/quantity/recent.h"

#include <string>

#include "models/quantity/bytes.h"
#include "tests/catch.h"

using namespace addax::quantity;

TEST_CASE("What was kept or used lately is there, and never more than the most") {
  Recent<int, std::string> recent(8);
  CHECK(recent.find(0) == nullptr);
  for (int i = 0; i < 100; ++i) {
    CHECK(recent.keep(i, std::to_string(i)) == std::to_string(i));
    REQUIRE(recent.find(0));  // used all the time
    CHECK(*recent.find(0) == "0");
    for (int last = std::max(0, i - 2); last <= i; ++last) {
      REQUIRE(recent.find(last));
      CHECK(*recent.find(last) == std::to_string(last));
    }
    CHECK(recent.size() <= 8);
  }
  CHECK(recent.find(50) == nullptr);
}

TEST_CASE("What is kept again takes the place of what was there") {
  Recent<int, int> recent(4);
  recent.keep(1, 10);
  recent.keep(2, 20);
  recent.keep(3, 30);
  recent.keep(1, 11);
  CHECK(*recent.find(1) == 11);
  for (int i = 10; i < 12; ++i) recent.keep(i, i);
  CHECK((recent.find(1) == nullptr || *recent.find(1) == 11));
}

TEST_CASE("Equal bytes are equal values: neither lengths nor absence run together") {
  const auto text = [](const auto&... values) { return Bytes().add(values...).text(); };
  CHECK(text(1, std::string("a")) == text(1, std::string("a")));
  CHECK(text(std::string("a"), std::string("bc")) != text(std::string("ab"), std::string("c")));
  CHECK(text(std::vector<int>{1}, std::vector<int>{2, 3}) !=
        text(std::vector<int>{1, 2}, std::vector<int>{3}));
  CHECK(text(std::optional<int>()) != text(std::optional<int>(0)));
  CHECK(text(std::map<int, int>{{1, 2}}) != text(std::map<int, int>{{2, 1}}));
  CHECK(text(Cycles(3)) != text(Cycles(4)));
}
