// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

// Two models and two formats, of which one sets the work.
constexpr const char* kModels = R"(addax: sweep/1
name: models
base:
  arch: eyeriss_shiftadd
  trace: {phase: decode}
  run: {fidelity: analytic}
axes:
  - {key: trace.model, values: [qwen3-0.6b, opt-125m]}
  - {key: trace.weights, values: [shiftadd-2bit, shiftadd-3bit]}
  - {key: arch.rows, values: [6, 12]}
)";

constexpr const char* kWords = R"(addax: sweep/1
name: words
base:
  arch: eyeriss_shiftadd
  run: {fidelity: analytic}
axes:
  - {key: trace, values: [opt-125m.decode-128.shiftadd-3bit, opt-125m.decode-128.shiftadd-2bit, opt-125m.decode-512.shiftadd-3bit]}
)";

Json parsed(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  REQUIRE_FALSE(json.is_discarded());
  return json;
}

bool undercuts(const Json& a, const Json& b) {
  bool no_larger = true, smaller = false;
  for (const char* column : {"energy_j", "latency_s"}) {
    no_larger = no_larger && a.at(column) <= b.at(column);
    smaller = smaller || a.at(column) < b.at(column);
  }
  return no_larger && smaller;
}

}  // namespace

TEST_CASE("Only points of the same work are compared, formats of weights are") {
  const Folder folder;
  const std::string out = folder.path("r");
  done({"sweep", folder.write("models.yaml", kModels), "--out", out, "--quiet"});
  const Json points = parsed(done({"sweep", "export", out, "--json", "-"}).out).at("points");
  std::map<std::string, std::vector<int>> expected;
  for (const Json& point : points)
    if (std::none_of(points.begin(), points.end(), [&](const Json& other) {
          return other.at("trace.model") == point.at("trace.model") && undercuts(other, point);
        }))
      expected[point.at("trace.model")].push_back(point.at("number"));
  const Json front = parsed(done({"pareto", out, "--json", "-"}).out);
  CHECK(front.at("work") == Json({"trace.model"}));
  CHECK(front.at("points") == 8);
  std::map<std::string, std::vector<int>> found;
  for (const Json& point : front.at("front"))
    found[point.at("trace.model")].push_back(point.at("number"));
  for (auto& [model, numbers] : found) std::sort(numbers.begin(), numbers.end());
  CHECK(found == expected);
  // In the order of the points.
  CHECK(front.at("front").front().at("trace.model") == "qwen3-0.6b");
  CHECK(front.at("front").back().at("trace.model") == "opt-125m");
  for (const Json& point : front.at("front")) CHECK(point.at("trace.weights") == "shiftadd-2bit");
  const std::string text = done({"pareto", out}).out;
  CHECK(contains(text, "trace.model = qwen3-0.6b: "));
  CHECK(contains(text, "of 4 points of models are on the front"));
  // One work needs no heading.
  const std::string one = done({"pareto", out, "--where", "trace.model = 'opt-125m'"}).out;
  CHECK(contains(one, " of 4 points of models are on the front"));
  CHECK_FALSE(contains(one, "trace.model = "));
}

TEST_CASE("Where no key tells works apart MACs do, and have a column") {
  const Folder folder;
  const std::string out = folder.path("r");
  done({"sweep", folder.write("words.yaml", kWords), "--out", out, "--quiet"});
  const Json front = parsed(done({"pareto", out, "--json", "-"}).out);
  CHECK(front.at("work") == Json({"macs"}));
  REQUIRE(front.at("front").size() == 2);
  CHECK(front.at("front")[0].at("number") == 1);
  CHECK(front.at("front")[1].at("number") == 2);
  CHECK(front.at("front")[0].at("macs") < front.at("front")[1].at("macs"));
  const std::string csv = done({"pareto", out, "--csv", "-"}).out;
  CHECK(csv.rfind("number,trace,macs,energy_j,latency_s\n1,", 0) == 0);
}

TEST_CASE("An objective that is the work is asked about across works") {
  const Folder folder;
  const std::string out = folder.path("r");
  done({"sweep", folder.write("words.yaml", kWords), "--out", out, "--quiet"});
  const Json front = parsed(
      done({"pareto", out, "--maximise", "macs", "--minimise", "energy_j", "--json", "-"}).out);
  CHECK(front.at("work").empty());
  CHECK(front.at("front").size() == 2);
  check_refused(run_addax({"pareto", out, "--where", ""}), {"--where", "found ''"});
}
