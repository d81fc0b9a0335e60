// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/points.h"

#include <map>
#include <set>

#include "tests/sim/sweep/sweep_files.h"

using namespace addax;
using namespace addax::sweep;

namespace {

std::string value(const Point& point, const std::string& key) {
  for (const auto& [name, text] : point)
    if (name == key) return text;
  return "none";
}

double number(const Point& point, const std::string& key) { return std::stod(value(point, key)); }

/// A sweep over a and b, and more lines behind.
std::string of(const std::string& a, const std::string& b, const std::string& more = "") {
  return "addax: sweep/1\nname: p\nbase: {arch: x, trace: t}\naxes:\n  - {key: arch.a, values: " +
         a + "}\n  - {key: arch.b, values: " + b + "}\n" + more;
}

const ValueInFiles kNoFiles = [](const Point& /*point*/, const std::string& key) {
  return key == "arch.clock" ? std::optional<std::string>("2.5e8") : std::nullopt;
};
const QuantityOf kNone = [](const Point& /*point*/, Quantity /*quantity*/) -> double {
  throw std::logic_error("nothing is equal here");
};

Points points_of(const std::string& text, const QuantityOf& quantity = kNone) {
  Sweep sweep = sweep_of(text);
  return {sweep, kNoFiles, quantity};
}

std::string why(const std::string& text, const QuantityOf& quantity = kNone) {
  return refusal([&] { points_of(text, quantity); });
}

std::vector<std::string> pairs(const Points& points) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < points.size(); ++i)
    all.push_back(value(points.at(i), "arch.a") + " " + value(points.at(i), "arch.b"));
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Points are numbered with the last axis fastest, and have base, defaults and axes") {
  const Points points = points_of(of("[1, 2]", "[3, 4]"));
  CHECK(pairs(points) == Texts{"1 3", "1 4", "2 3", "2 4"});
  CHECK(points.at(2) == Point{{"arch", "x"},
                              {"trace", "t"},
                              {"tech", "physical-45nm"},
                              {"run.baseline", "none"},
                              {"arch.a", "2"},
                              {"arch.b", "3"}});
}

TEST_CASE("An axis takes the place of a key of base, and numbers follow what filters leave") {
  const std::string base = "base: {arch: {file: x, a: 7, c: 5}, trace: t}\n";
  std::string text = of("[1, 2]", "[3, 4]", "where: [arch.a + arch.b <> 5, arch.c = 5]\n");
  text.replace(text.find("base:"), text.find("axes:") - text.find("base:"), base);
  const Points points = points_of(text);
  CHECK(pairs(points) == Texts{"1 3", "2 4"});
  CHECK(value(points.at(1), "arch.c") == "5");
}

TEST_CASE("Linked keys change together") {
  const Points points = points_of(
      "addax: sweep/1\nname: p\nbase: {arch: x, trace: t}\naxes:\n  - linked:\n      - {key: "
      "arch.a, "
      "values: [1, 2]}\n      - {key: arch.b, values: [8, 9]}\n  - {key: run.mapping, values: "
      "[fast, "
      "exhaustive]}\n");
  CHECK(pairs(points) == Texts{"1 8", "1 8", "2 9", "2 9"});
  CHECK(value(points.at(1), "run.mapping") == "exhaustive");
}

TEST_CASE("A filter sees the values of files, and is refused for what there is not") {
  CHECK(points_of(of("[1, 2]", "[3]", "where: [arch.clock * arch.a > 3e8]\n")).size() == 1);
  const std::string none = why(of("[1]", "[3]", "where: [arch.clokc > 3]\n"));
  CHECK(none.find("s.yaml:7: where[0]: found 'arch.clokc > 3', at arch.a = 1, arch.b = 3: there is "
                  "no arch.clokc; allowed: ") != std::string::npos);
  CHECK(why(of("[1]", "[3]", "where:\n  - arch.a > 0\n  - arch.clokc > 3\n"))
            .find("s.yaml:9: where[1]: found 'arch.clokc > 3', at ") != std::string::npos);
  CHECK(why(of("[1]", "[3]", "where: [arch.a > 1]\n"))
            .find("s.yaml:7: where: no point passes; allowed: ") != std::string::npos);
  CHECK(why(of("[1]", "[x]", "where: [arch.b]\n")).find("neither true nor false: 'x'") !=
        std::string::npos);
}

TEST_CASE("A filter finds null, and null is a value of its own on an axis") {
  CHECK(pairs(points_of(of("[null, 1]", "[3]", "where: [arch.a is null]\n"))) == Texts{"null 3"});
  CHECK(pairs(points_of(of("[null, 1]", "[3]", "where: [arch.a >= 1]\n"))) == Texts{"1 3"});
  CHECK(pairs(points_of(of("[null, \"\"]", "[3]"))) == Texts{"null 3", " 3"});
}

TEST_CASE("Samples come before filters, repeat nothing, and are the same for a seed") {
  const std::string list = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
  for (const std::string method : {"random", "latin-hypercube"}) {
    const std::string sample = "sample: {method: " + method + ", points: 20, seed: 9}\n";
    const Points points = points_of(of(list, list, sample));
    const Texts all = pairs(points);
    CHECK(std::set<std::string>(all.begin(), all.end()).size() == all.size());
    CHECK(all.size() <= 20);
    CHECK(all.size() >= (method == "random" ? 20 : 10));
    CHECK(pairs(points_of(of(list, list, sample))) == all);
    Texts passing;
    for (const std::string& each : all)
      if (std::stoi(each) <= 5) passing.push_back(each);
    CHECK(pairs(points_of(of(list, list, sample + "where: [arch.a <= 5]\n"))) == passing);
  }
}

TEST_CASE("What comes twice in a Latin hypercube is one point") {
  const Points points =
      points_of(of("[1, 2]", "[1]", "sample: {method: latin-hypercube, points: 8}\n"));
  CHECK(points.size() == 2);
}

TEST_CASE("A sample of fewer points than were asked for says how many, before filters") {
  const auto shortfall = [](const std::string& sample) {
    return points_of(of("[1, 2]", "[3, 4]", "sample: {" + sample + "}\n")).shortfall();
  };
  CHECK(shortfall("method: random, points: 100") == "100 asked for, 4 of them different");
  CHECK(shortfall("method: random, points: 4").empty());
  CHECK(shortfall("method: full").empty());
  const Points cube =
      points_of(of("[1, 2]", "[3, 4]", "sample: {method: latin-hypercube, points: 10}\n"));
  CHECK(cube.shortfall() == "10 asked for, " + std::to_string(cube.size()) + " of them different");
  CHECK(points_of(of("[1, 2]", "[3, 4]", "where: [arch.a = 1]\n")).shortfall().empty());
}

TEST_CASE("A point is told from others by its keys on axes, and those that are free") {
  const std::string free =
      "equal: {quantity: area, reference: 8, free: {key: arch.b, values: [1, 2, 4]}}\n";
  const Points points = points_of(
      "addax: sweep/1\nname: p\nbase: {arch: {file: x, c: 9}, trace: t}\naxes: {key: arch.a, "
      "values: [2, 8]}\n" +
          free,
      [](const Point& point, Quantity /*quantity*/) {
        return number(point, "arch.a") * number(point, "arch.b");
      });
  CHECK(points.varied(0) == "arch.a = 2, arch.b = 4");
  CHECK(points.varied(1) == "arch.a = 8, arch.b = 1");
}

TEST_CASE("More designs than a million are not costed to make points equal") {
  const auto range = [](const char* key, int to) {
    return std::string("{key: ") + key + ", range: {from: 1, to: " + std::to_string(to) +
           ", step: 1}}";
  };
  std::uint64_t costed = 0;
  const QuantityOf area = [&costed](const Point& /*point*/, Quantity /*quantity*/) {
    ++costed;
    return 1.0;
  };
  const auto text = [&](int points, int values) {
    return "addax: sweep/1\nname: p\nbase: {arch: x, trace: t}\naxes: " + range("arch.a", points) +
           "\nequal:\n  quantity: area\n  free:\n    - " + range("arch.b", values) + "\n";
  };
  const std::string found = why(text(1001, 1000), area);
  INFO(found);
  CHECK(found.find("s.yaml:7: equal.free: found 1001 points with 1000 combinations each; allowed: "
                   "at most 1000000 designs to be costed") != std::string::npos);
  CHECK(costed == 0);
  CHECK(points_of(text(10, 100), area).size() == 10);
  CHECK(costed > 1000);
}

namespace {

// A quantity a * b, and of a file without b: a.
double product(const Point& point, Quantity quantity) {
  REQUIRE(quantity == Quantity::kArea);
  return number(point, "arch.a") *
         (value(point, "arch.b") == "none" ? 1.0 : number(point, "arch.b"));
}

}  // namespace

TEST_CASE("What is to be equal refuses a sweep with both values, the point, and what is allowed") {
  CHECK(points_of(of("[10]", "[10]", "equal: {quantity: area}\n"), product).size() == 1);
  CHECK(points_of(of("[100, 98, 102]", "[1]", "equal: {quantity: area}\n"), product).size() == 3);
  const std::string far = why(of("[100, 103]", "[1]", "equal: {quantity: area}\n"), product);
  CHECK(
      far.find(
          "s.yaml:7: equal: area: found 103 mm2 where arch.a = 103, arch.b = 1, +3.0 % of 100 mm2; "
          "allowed: at most 2 % off, or keys that are free") != std::string::npos);
  const std::string given =
      why(of("[100]", "[1]", "equal: {quantity: area, reference: 90, tolerance: 0.1}\n"), product);
  CHECK(given.find("found 100 mm2") != std::string::npos);
  CHECK(given.find("+11.1 % of 90 mm2; allowed: at most 10 % off") != std::string::npos);
}

TEST_CASE("What is free takes the value that brings a point nearest, the first of equals") {
  const std::string free =
      "equal: {quantity: area, reference: 100, tolerance: 0.2, free: {key: arch.c, "
      "values: [1, 2, 3, 4, 5]}}\n";
  std::map<std::string, std::string> chosen;
  const QuantityOf area = [](const Point& point, Quantity /*quantity*/) {
    return number(point, "arch.a") * number(point, "arch.c");
  };
  const Points points = points_of(of("[20, 25, 34, 40, 100]", "[1]", free), area);
  for (std::uint64_t i = 0; i < points.size(); ++i)
    chosen[value(points.at(i), "arch.a")] = value(points.at(i), "arch.c");
  // 40 x 2 = 80 and 40 x 3 = 120 are as far from 100.
  CHECK(chosen == std::map<std::string, std::string>{
                      {"20", "5"}, {"25", "4"}, {"34", "3"}, {"40", "2"}, {"100", "1"}});
  CHECK(why(of("[10]", "[1]", free), area)
            .find("found 50 mm2 where arch.a = 10, arch.b = 1, arch.c = 5, -50.0 % of 100 mm2; "
                  "allowed: at most 20 % off, or more values of what is free") !=
        std::string::npos);
}

TEST_CASE(
    "Without a reference the first point has it, with what is free as base has it or its files") {
  const std::string free = "equal: {quantity: area, free: {key: arch.b, values: [1, 2, 4]}}\n";
  std::string text =
      "addax: sweep/1\nname: p\nbase: {arch: x, trace: t}\naxes: {key: arch.a, values: [8, 4, "
      "2]}\n" +
      free;
  const Points as_files = points_of(text, product);  // 8: without b
  CHECK(pairs(as_files) == Texts{"8 1", "4 2", "2 4"});
  text.replace(text.find("arch: x"), 7, "arch: {file: x, b: 2}");
  text.replace(text.find("[8, 4, 2]"), 9, "[8, 4]");
  const Points as_base = points_of(text, product);  // 16
  CHECK(pairs(as_base) == Texts{"8 2", "4 4"});
}

TEST_CASE("A free key that files cannot have needs a reference") {
  const std::string text =
      "addax: sweep/1\nname: p\nbase: {trace: t}\naxes: {key: arch.a, values: [8]}\nequal: "
      "{quantity: "
      "area, free: {key: arch, values: [x, y]}}\n";
  const QuantityOf area = [](const Point& point, Quantity /*quantity*/) {
    return value(point, "arch") == "y" ? 4.0 : 8.0;
  };
  CHECK(why(text, area)
            .find("s.yaml:5: equal: found no reference; allowed: a number as reference, or arch in "
                  "base") != std::string::npos);
  std::string given = text;
  given.replace(given.find("quantity: "), 0, "reference: 4, ");
  CHECK(value(points_of(given, area).at(0), "arch") == "y");
}

TEST_CASE("A filter over what is free holds a point to the values that pass") {
  const std::string free =
      "equal: {quantity: area, reference: 16, tolerance: 1, free: {key: arch.b, values: [1, 2, 4, "
      "8]}}\n";
  const std::string text =
      "addax: sweep/1\nname: p\nbase: {arch: x, trace: t}\naxes: {key: arch.a, values: [2, 4, "
      "16]}\n" +
      free;
  CHECK(pairs(points_of(text, product)) == Texts{"2 8", "4 4", "16 1"});
  CHECK(pairs(points_of(text + "where: [arch.b <= 2 and arch.b <> 1]\n", product)) ==
        Texts{"2 2", "4 2", "16 2"});
  CHECK(pairs(points_of(text + "where: [arch.a + arch.b >= 10, arch.a < 16]\n", product)) ==
        Texts{"2 8", "4 8"});
}
