// SPDX-License-Identifier: Apache-2.0
#include <fstream>
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
