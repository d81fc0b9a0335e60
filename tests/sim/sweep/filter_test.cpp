// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/filter.h"

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

TEST_CASE("a filter names its keys and holds points to an expression over them") {
  Filter filter("arch.rows * arch.groups.lut.columns <= 256 && arch.rows >= 4");
  CHECK(filter.keys() == std::vector<std::string>{"arch.groups.lut.columns", "arch.rows"});
  CHECK(filter.passes(from({{"arch.rows", "16"}, {"arch.groups.lut.columns", "16"}})));
  CHECK_FALSE(filter.passes(from({{"arch.rows", "16"}, {"arch.groups.lut.columns", "17"}})));
  CHECK_FALSE(filter.passes(from({{"arch.rows", "2"}, {"arch.groups.lut.columns", "2"}})));
  Filter moved = std::move(filter);
  CHECK(moved.passes(from({{"arch.rows", "1.6e1"}, {"arch.groups.lut.columns", "1"}})));
}

TEST_CASE("what is no expression, no key or no number is refused") {
  CHECK_THROWS_AS(Filter("arch.rows <="), FilterError);
  CHECK_THROWS_AS(Filter(""), FilterError);
  CHECK_THROWS_AS(Filter("rows ** 2"), FilterError);
  Filter filter("arch.rows > 3");
  CHECK_THROWS_WITH(filter.passes(from({})), "there is no arch.rows");
  CHECK_THROWS_WITH(filter.passes(from({{"arch.rows", "few"}})),
                    "arch.rows is 'few', which is no number");
  Filter divided("1 / arch.rows");
  CHECK_THROWS_AS(divided.passes(from({{"arch.rows", "0"}})), FilterError);
}
