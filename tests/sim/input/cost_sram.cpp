// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>

#include "sim/input/cost_reader.h"
#include "tests/catch.h"

namespace {

using namespace addax;

struct Point {
  double bytes, width_bits;
  std::map<std::string, double> figures;
};

/// The 45 nm, low-operating-power points of the shipped CACTI 7 results.
std::vector<Point> points() {
  std::ifstream file(std::string(ADDAX_SOURCE_DIR) + "/configs/tech/cacti7_sram.csv");
  REQUIRE(file);
  std::vector<Point> all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("45,itrs-lop,", 0) != 0) continue;
    std::istringstream fields(line.substr(12));
    std::vector<double> v;
    for (std::string field; std::getline(fields, field, ',');) v.push_back(std::stod(field));
    REQUIRE(v.size() == 7);
    all.push_back(
        {v[0],
         v[1],
         {{"read_pj", v[2]}, {"write_pj", v[3]}, {"leakage_mw", v[4]}, {"area_um2", v[6] * 1e6}}});
  }
  return all;
}

double fitted(const std::vector<double>& c, const Point& p) {
  const double b = std::log(p.bytes), w = std::log(p.width_bits);
  return std::exp(c[0] + c[1] * b + c[2] * w + c[3] * b * b + c[4] * b * w + c[5] * w * w);
}

}  // namespace

TEST_CASE("the SRAM fit lies within its stated error on every CACTI point") {
  // Per cent, mean and greatest, as docs/physics/sram.md states them.
  const std::map<std::string, std::pair<double, double>> stated = {{"read_pj", {11.6, 37.1}},
                                                                   {"write_pj", {7.1, 20.7}},
                                                                   {"leakage_mw", {4.4, 13.9}},
                                                                   {"area_um2", {6.8, 23.7}}};
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  REQUIRE(table.sram);
  const std::vector<Point> all = points();
  REQUIRE(all.size() == 39);
  for (const auto& [figure, bound] : stated) {
    INFO(figure);
    double sum = 0.0;
    for (const Point& point : all) {
      const double error = 100.0 * std::abs(fitted(table.sram->coefficients.at(figure), point) /
                                                point.figures.at(figure) -
                                            1.0);
      CHECK(error <= bound.second + 0.05);
      sum += error;
      CHECK(point.bytes >= static_cast<double>(table.sram->least_bytes));
      CHECK(point.bytes <= static_cast<double>(table.sram->most_bytes));
    }
    CHECK(sum / static_cast<double>(all.size()) == Approx(bound.first).margin(0.05));
  }
}

TEST_CASE("the shipped SRAM coefficients are the least-squares fit of the shipped CACTI points") {
  // At the least squares of ln(figure) the residuals are orthogonal to every term of the form.
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const std::vector<Point> all = points();
  for (const auto& [figure, coefficients] : table.sram->coefficients) {
    INFO(figure);
    std::array<double, cost::kSramCoefficients> sums{};
    for (const Point& point : all) {
      const double b = std::log(point.bytes), w = std::log(point.width_bits);
      const double residual = std::log(fitted(coefficients, point) / point.figures.at(figure));
      const std::array<double, cost::kSramCoefficients> terms = {1, b, w, b * b, b * w, w * w};
      for (std::size_t i = 0; i < terms.size(); ++i) sums[i] += residual * terms[i];
    }
    // Nine printed digits leave about 1e-8 a coefficient, times up to 39 points and terms of 200.
    for (const double sum : sums) CHECK(std::abs(sum) < 1e-3);
  }
}

TEST_CASE("below the fitted range SRAM figures go on falling with size") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  for (const auto& [figure, coefficients] : table.sram->coefficients)
    for (double bytes = 8; bytes < 256; bytes *= 2) {
      INFO(figure << " at " << bytes << " bytes");
      CHECK(fitted(coefficients, {bytes, 16, {}}) < fitted(coefficients, {bytes * 2, 16, {}}));
    }
}
