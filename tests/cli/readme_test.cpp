// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iomanip>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax;

TEST_CASE("the README shows what its example prints") {
  const cli::Outcome outcome = cli::run_addax(
      {"run", "--arch", "eyeriss_shiftadd", "--trace", "opt-6.7b.decode.shiftadd-3bit"});
  REQUIRE(outcome.status == 0);
  std::ifstream readme(std::string(ADDAX_SOURCE_DIR) + "/README.md");
  REQUIRE(readme);
  int shown = 0;
  bool in_table = false;
  for (std::string line; std::getline(readme, line);) {
    if (cli::contains(line, "fp16 iso-area")) in_table = true;
    if (line == "```") in_table = false;
    if (!in_table) continue;
    ++shown;
    INFO(line);
    CHECK(cli::contains(outcome.out, line));
  }
  CHECK(shown >= 5);
}

TEST_CASE("the README says what equal throughput makes of its example") {
  const cli::Outcome outcome =
      cli::run_addax({"run", "--arch", "eyeriss_shiftadd", "--trace",
                      "opt-6.7b.decode.shiftadd-3bit", "--equal", "throughput", "--json", "-"});
  REQUIRE(outcome.status == 0);
  const nlohmann::json ratios = nlohmann::json::parse(outcome.out).at("ratios").at("same_bits");
  std::ifstream readme(std::string(ADDAX_SOURCE_DIR) + "/README.md");
  const std::string text{std::istreambuf_iterator<char>(readme), {}};
  std::ostringstream latency;
  latency << "the latency ratio is " << std::fixed << std::setprecision(2)
          << ratios.at("latency").get<double>();
  INFO(latency.str());
  CHECK(cli::contains(text, latency.str()));
  CHECK(ratios.at("energy").get<double>() == Approx(0.8821).epsilon(0.02));  // that of equal area
}
