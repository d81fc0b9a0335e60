// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/rows.h"

#include "tests/catch.h"

using namespace addax;
using namespace addax::reproduction;

namespace {

published::Shape small_shape() {
  published::Shape shape;
  shape.name = "small";
  shape.hidden = shape.query_width = shape.kv_width = shape.embedding_width = 64;
  shape.vocabulary = 100;
  shape.gated_mlp = true;
  shape.blocks.push_back({2, 128, 1, 0});
  return shape;
}

Figure figure(const std::string& table, const std::string& subject, Measure measure, double value,
              const std::string& printed) {
  Figure figure;
  figure.table = table;
  figure.model = is_of_unit(measure) ? "" : "small";
  figure.row = figure.subject = subject;
  figure.measure = measure;
  figure.value = value;
  figure.printed = printed;
  return figure;
}

Row only_row(const Source& source, const cost::CostTable& costs = {}) {
  const std::map<std::string, workload::ModelShape> models;
  const std::vector<Row> rows = evaluate({source, costs, models}, computed_tables(source));
  REQUIRE(rows.size() == 1);
  return rows.front();
}

double energy(const published::Shape& shape, const published::Scheme& scheme) {
  return published::Accountant().model(shape, scheme).total.energy_mj();
}

}  // namespace

TEST_CASE("A value equals a print that is its digits, truncated or rounded, and no other") {
  CHECK(equals_print("29.26", 29.268));  // truncated
  CHECK(equals_print("29.27", 29.268));  // rounded
  CHECK_FALSE(equals_print("29.25", 29.268));
  CHECK_FALSE(equals_print("29.28", 29.268));
  CHECK(equals_print("18482.5", 18482.504));  // one decimal printed, one decides
  CHECK_FALSE(equals_print("18482.5", 18482.61));
  CHECK(equals_print("26", 3495.0 / 137.0));  // 25.51
  CHECK(equals_print("25", 3495.0 / 137.0));
  CHECK(equals_print("0.3", 0.1 + 0.2));
  CHECK(equals_print("0.3", 3.0 * 0.1));
}

TEST_CASE("The name of every scheme is read as that scheme") {
  using published::Method;
  const std::vector<published::Scheme> schemes = {{Method::kFp16, 16, false},
                                                  {Method::kOptq, 3, false},
                                                  {Method::kLutGemm, 2, false},
                                                  {Method::kShiftAdd, 4, false},
                                                  {Method::kShiftAdd, 2, true}};
  for (const published::Scheme& scheme : schemes) {
    const auto parsed = parse_scheme(published::name(scheme));
    REQUIRE(parsed);
    CHECK(parsed->method == scheme.method);
    CHECK(parsed->bits == scheme.bits);
    CHECK(parsed->mixed == scheme.mixed);
  }
  for (const char* wrong : {"", "fp16_3bit", "optq", "optq_0bit", "optq_9bit", "shiftadd_3bits"})
    CHECK_FALSE(parse_scheme(wrong));
}

TEST_CASE("The word of every measure is read as that measure") {
  for (int i = 0; i <= static_cast<int>(Measure::kPerplexity); ++i) {
    const auto measure = static_cast<Measure>(i);
    CHECK(parse_measure(name(measure)) == measure);
  }
  CHECK_FALSE(parse_measure("energy"));
}

TEST_CASE("A deviation is within its tolerance, explained by a note, or unexplained") {
  const double ours = energy(small_shape(), {});
  Source source;
  source.shapes.emplace("small", small_shape());
  Figure wrong = figure("10", "fp16", Measure::kModelEnergy, ours * 1.001, "99.99");
  wrong.value = ours / 1.001;  // ours is 0.1 % above
  source.figures = {wrong};
  CHECK(only_row(source).agreement == Agreement::kUnknown);
  CHECK(*only_row(source).deviation_percent == Approx(0.1));

  source.figures.front().tolerance_percent = 0.11;
  CHECK(only_row(source).agreement == Agreement::kTolerance);
  source.figures.front().tolerance_percent = 0.09;
  CHECK(only_row(source).agreement == Agreement::kUnknown);

  source.notes.push_back({1, {}, {}, {}, "a remark", false, {}});
  CHECK(only_row(source).agreement == Agreement::kUnknown);
  source.notes.push_back({2, {"10"}, {"small"}, {"fp16"}, "the reason", true, {}});
  CHECK(only_row(source).agreement == Agreement::kExplained);
  CHECK(only_row(source).remarks.size() == 2);
  source.notes.back().tables = {"13"};
  CHECK(only_row(source).agreement == Agreement::kUnknown);
}

TEST_CASE("A change of shape explains a figure only if the figure comes out under it") {
  published::Shape narrow = small_shape();
  narrow.kv_width = 16;
  const double theirs = energy(narrow, {});
  Source source;
  source.shapes.emplace("small", small_shape());
  source.figures = {figure("10", "fp16", Measure::kModelEnergy, theirs, std::to_string(theirs))};
  source.notes.push_back({11, {}, {}, {}, "other keys", true, ShapeChange{16}});
  const Row row = only_row(source);
  CHECK(row.agreement == Agreement::kExplained);
  REQUIRE(row.alternatives.size() == 1);
  CHECK(row.alternatives.front().assumption == "kv_width = 16");
  CHECK(row.alternatives.front().value == Approx(theirs).epsilon(1e-12));

  source.notes.back().shape = ShapeChange{32};
  CHECK(only_row(source).agreement == Agreement::kUnknown);
}

TEST_CASE("A unit without a row of its own in the cost table has nothing to compare") {
  Source source;
  source.figures = {figure("1", "int8.shift", Measure::kUnitEnergy, 0.024, "0.024")};
  const Row row = only_row(source);
  CHECK_FALSE(row.value);
  CHECK_FALSE(row.deviation_percent);
  CHECK(row.agreement == Agreement::kNone);
}

TEST_CASE("Units are priced by their row, or by the one kept for reference") {
  cost::CostTable costs;
  costs.rows["int8.add"].figures["energy_pj"] = {0.5, 0.5, 0.5};
  costs.rows["reference.int32.multiply"].figures["energy_pj"] = {2.0, 2.0, 2.0};
  Source source;
  source.figures = {figure("1", "int8.add", Measure::kUnitEnergy, 0.5, "0.5")};
  CHECK(*only_row(source, costs).value == 0.5);
  source.figures = {figure("1", "int32.multiply / int8.add", Measure::kUnitEnergyRatio, 4.0, "4")};
  CHECK(*only_row(source, costs).value == 4.0);
  source.figures = {figure("1", "int8.add / int8.shift", Measure::kUnitEnergyRatio, 4.0, "4")};
  CHECK_FALSE(only_row(source, costs).value);
}

TEST_CASE("Savings that the printed energies give stand behind those that are printed") {
  Source source;
  source.shapes.emplace("small", small_shape());
  source.figures = {figure("10", "fp16", Measure::kModelEnergy, 8.0, "8.00"),
                    figure("10", "shiftadd_3bit", Measure::kModelEnergy, 1.0, "1.00"),
                    figure("savings", "shiftadd_3bit", Measure::kEnergySaving, 80.0, "80.0")};
  const std::map<std::string, workload::ModelShape> models;
  const std::vector<Row> rows = evaluate({source, {}, models}, {"savings"});
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].figure.row == "shiftadd_3bit tables");
  CHECK(rows[1].figure.value == 87.5);  // 1 - 1 / 8
  CHECK(rows[1].figure.printed == "87.5");
  CHECK(*rows[1].value == *rows[0].value);
}
