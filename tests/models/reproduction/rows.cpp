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

Note note(std::uint32_t number, const std::string& text) {
  Note note;
  note.number = number;
  note.text = text;
  return note;
}

double energy(const published::Shape& shape, const published::Scheme& scheme) {
  return published::Accountant().model(shape, scheme).total.energy_mj();
}

}  // namespace

TEST_CASE("A value equals a print that is its digits, cut or rounded, and no other") {
  CHECK(equal_digits("29.26", 29.268) == Digits::kCut);
  CHECK(equal_digits("29.27", 29.268) == Digits::kRounded);
  CHECK(equal_digits("29.26", 29.263) == Digits::kEither);
  CHECK_FALSE(equal_digits("29.25", 29.268));
  CHECK_FALSE(equal_digits("29.28", 29.268));
  CHECK(equal_digits("18482.5", 18482.504) == Digits::kEither);  // one decimal printed, one decides
  CHECK_FALSE(equal_digits("18482.5", 18482.61));
  CHECK(equal_digits("26", 3495.0 / 137.0) == Digits::kRounded);  // 25.51
  CHECK(equal_digits("25", 3495.0 / 137.0) == Digits::kCut);
  CHECK(equal_digits("0.3", 0.1 + 0.2) == Digits::kEither);
  CHECK(equal_digits("0.3", 3.0 * 0.1) == Digits::kEither);
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

  source.notes.push_back(note(1, "a remark"));
  CHECK(only_row(source).agreement == Agreement::kUnknown);
  Note reason = note(2, "the reason");
  reason.tables = {"10"};
  reason.models = {"small"};
  reason.rows = {"fp16"};
  reason.explains_within_percent = 0.11;
  source.notes.push_back(reason);
  const Row row = only_row(source);
  CHECK(row.agreement == Agreement::kExplained);
  REQUIRE(row.remarks.size() == 2);
  CHECK(row.remarks[0].whole_table);
  CHECK_FALSE(row.remarks[0].explains);
  CHECK_FALSE(row.remarks[1].whole_table);
  CHECK(row.remarks[1].explains);
  source.notes.back().tables = {"13"};
  CHECK(only_row(source).agreement == Agreement::kUnknown);
}

TEST_CASE("An explanation ends at its bound, to either side") {
  const double ours = energy(small_shape(), {});
  Source source;
  source.shapes.emplace("small", small_shape());
  source.figures = {figure("10", "fp16", Measure::kModelEnergy, ours / 1.001, "99.99")};
  source.notes.push_back(note(2, "the reason"));
  for (const double factor : {1.001, 0.999}) {
    source.figures.front().value = ours / factor;
    source.notes.back().explains_within_percent = 0.101;
    CHECK(only_row(source).agreement == Agreement::kExplained);
    source.notes.back().explains_within_percent = 0.099;
    CHECK(only_row(source).agreement == Agreement::kUnknown);
    CHECK_FALSE(only_row(source).remarks.front().explains);
  }
}

TEST_CASE("A note on cut figures is on those that rounding does not give, and on no others") {
  cost::CostTable costs;
  costs.rows["int8.add"].figures["energy_pj"] = {0.268, 0.268, 0.268};
  Source source;
  source.notes.push_back(note(15, "cut"));
  source.notes.back().only_cut = true;
  const auto remarks = [&](double value, const std::string& printed) {
    source.figures = {figure("1", "int8.add", Measure::kUnitEnergy, value, printed)};
    return only_row(source, costs).remarks.size();
  };
  CHECK(remarks(0.26, "0.26") == 1);
  CHECK(remarks(0.27, "0.27") == 0);
  CHECK(remarks(0.268, "0.268") == 0);  // either way
  CHECK(remarks(0.29, "0.29") == 0);
}

TEST_CASE("A change of shape explains a figure only if the figure comes out under it") {
  published::Shape narrow = small_shape();
  narrow.kv_width = 16;
  const double theirs = energy(narrow, {});
  Source source;
  source.shapes.emplace("small", small_shape());
  source.figures = {figure("10", "fp16", Measure::kModelEnergy, theirs, std::to_string(theirs))};
  source.notes.push_back(note(11, "other keys"));
  source.notes.back().shape = ShapeChange{16};
  const Row row = only_row(source);
  CHECK(row.agreement == Agreement::kExplained);
  REQUIRE(row.alternatives.size() == 1);
  CHECK(row.alternatives.front().assumption == "kv_width = 16");
  CHECK(row.alternatives.front().value == Approx(theirs).epsilon(1e-12));

  source.notes.back().shape = ShapeChange{32};
  CHECK(only_row(source).agreement == Agreement::kUnknown);
  CHECK(only_row(source).alternatives.size() == 1);
}

TEST_CASE(
    "A unit without a row of its own in the cost table fails unless a note says it has none") {
  Source source;
  source.figures = {figure("1", "int8.shift", Measure::kUnitEnergy, 0.024, "0.024")};
  const Row row = only_row(source);
  CHECK_FALSE(row.value);
  CHECK_FALSE(row.deviation_percent);
  CHECK(row.agreement == Agreement::kUnknown);
  source.notes.push_back(note(19, "no source"));
  CHECK(only_row(source).agreement == Agreement::kUnknown);
  source.notes.back().nothing_of_ours = true;
  CHECK(only_row(source).agreement == Agreement::kNone);
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
