// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/expression.h"

#include <map>

#include "tests/catch.h"

using namespace addax::sweep;

namespace {

auto from(const std::map<std::string, std::string>& point) {
  return [point](const std::string& key) -> std::optional<std::string> {
    const auto found = point.find(key);
    if (found == point.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace

TEST_CASE("an expression names its keys and holds points to an expression over them") {
  Expression filter("arch.rows * arch.groups.lut.columns <= 256 and arch.rows >= 4");
  CHECK(filter.keys() == std::vector<std::string>{"arch.groups.lut.columns", "arch.rows"});
  CHECK(filter.holds(from({{"arch.rows", "16"}, {"arch.groups.lut.columns", "16"}})));
  CHECK_FALSE(filter.holds(from({{"arch.rows", "16"}, {"arch.groups.lut.columns", "17"}})));
  CHECK_FALSE(filter.holds(from({{"arch.rows", "2"}, {"arch.groups.lut.columns", "2"}})));
  Expression moved = std::move(filter);
  CHECK(moved.holds(from({{"arch.rows", "1.6e1"}, {"arch.groups.lut.columns", "1"}})));
}

TEST_CASE("expressions compare words too, and names may hold an index") {
  Expression words("arch = 'a.b' or arch.groups[0].columns - 1 in (3, 4) and not arch.x > 1.5e-3");
  CHECK(words.keys() == std::vector<std::string>{"arch", "arch.groups[0].columns", "arch.x"});
  CHECK(words.holds(from({{"arch", "a.b"}, {"arch.groups[0].columns", "9"}, {"arch.x", "1"}})));
  CHECK(words.holds(from({{"arch", "c"}, {"arch.groups[0].columns", "4"}, {"arch.x", "0.001"}})));
  CHECK_FALSE(words.holds(from({{"arch", "c"}, {"arch.groups[0].columns", "4"}, {"arch.x", "2"}})));
}

TEST_CASE("null is nothing: it is found by name, and what compares it does not hold") {
  const auto none = from({{"run.dataflow", "null"}, {"arch.rows", "4"}});
  const auto some = from({{"run.dataflow", "lut-stationary"}, {"arch.rows", "4"}});
  Expression is("run.dataflow is null"), is_not("run.dataflow is not null");
  CHECK(is.holds(none));
  CHECK_FALSE(is.holds(some));
  CHECK_FALSE(is_not.holds(none));
  CHECK(is_not.holds(some));
  for (const char* text : {"run.dataflow = 'null'", "run.dataflow = 'lut-stationary'",
                           "run.dataflow <> 'lut-stationary'", "run.dataflow > 3"}) {
    INFO(text);
    CHECK_FALSE(Expression(text).holds(none));
  }
  CHECK(Expression("run.dataflow = 'x' or arch.rows = 4").holds(none));
  CHECK_THROWS_AS(Expression("1 / (arch.rows - 4)").holds(some), ExpressionError);
}

TEST_CASE("what is no expression, no key or neither true nor false is refused") {
  CHECK_THROWS_WITH(Expression("arch.a > 1 || arch.b > 2"), "found '||'; allowed: and, or");
  CHECK_THROWS_AS(Expression("1) ; select (2"), ExpressionError);
  CHECK_THROWS_AS(Expression("arch = 'x"), ExpressionError);
  CHECK_THROWS_AS(Expression("arch.rows <="), ExpressionError);
  CHECK_THROWS_AS(Expression(""), ExpressionError);
  CHECK_THROWS_AS(Expression("rows ** 2"), ExpressionError);
  Expression filter("arch.rows > 3");
  CHECK_THROWS_WITH(filter.holds(from({})), "there is no arch.rows");
  Expression divided("1 / arch.rows");
  CHECK_THROWS_AS(divided.holds(from({{"arch.rows", "0"}})), ExpressionError);
}
