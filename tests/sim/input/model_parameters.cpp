// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "models/workload/footprint.h"
#include "sim/input/model_reader.h"
#include "tests/catch.h"

using namespace addax;

TEST_CASE("Every shipped model has as many parameters as its published checkpoint") {
  // Column params of tests/data/model_shapes.csv; tests/data/README.md says where it is from.
  std::ifstream file(std::string(ADDAX_SOURCE_DIR) + "/tests/data/model_shapes.csv");
  REQUIRE(file);
  std::string line;
  std::getline(file, line);
  REQUIRE(line.find(",params,") != std::string::npos);
  constexpr int kParams = 15;
  int models = 0;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    INFO(cells.at(0));
    CHECK(workload::parameters(input::resolve_model(cells.at(0))) ==
          std::stoull(cells.at(kParams)));
    ++models;
  }
  CHECK(models == 30);
}
