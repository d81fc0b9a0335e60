// SPDX-License-Identifier: Apache-2.0
#include "sim/input/cost_reader.h"

#include <fstream>

#include "sim/input/document.h"
#include "tests/catch.h"
#include "tests/folder.h"

namespace {

using namespace addax;

using tests::Folder;

std::string with_rows(const std::string& rows, const std::string& head = "") {
  return "addax: cost_table/1\nname: mine\n" + head + "rows:\n" + rows;
}

const char* const kAdd =
    "  int8.add: {figures: {energy_pj: 0.03}, node_nm: 45, voltage_v: 0.9, width_bits: 8, "
    "evidence: measured, source: \"a book, page 3\"}\n";

/// The message of the refusal of a table, or "" where it is read.
std::string refusal(const std::string& text) {
  const Folder folder;
  const std::string path = folder.write("table.yaml", text);
  try {
    input::read_cost_table(path);
  } catch (const input::ConfigError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  const bool found = text.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("every shipped cost table is read, and each of its rows says where it is from") {
  for (const std::string name :
       {"physical-45nm", "horowitz-2014", "shiftaddllm-table1", "eyeriss-normalised"}) {
    const cost::CostTable table = input::read_cost_table(name);
    INFO(name);
    CHECK(table.name == name);
    CHECK(!table.rows.empty());
    for (const auto& [key, row] : table.rows) {
      CHECK(row.key == key);
      CHECK(row.source.size() > 10);
      CHECK(row.node_nm > 0);
      CHECK(!row.table.empty());
    }
  }
}

TEST_CASE("the default table prices an FP32 sum at 0.9 pJ and an FP16 product at 1.1 pJ") {
  // Horowitz, ISSCC 2014, Fig. 1.1.9.
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  CHECK(table.rows.at("fp32.add").figures.at("energy_pj").value == 0.9);
  CHECK(table.rows.at("fp16.multiply").figures.at("energy_pj").value == 1.1);
  CHECK(table.rows.at("fp32.add").table == "horowitz-2014");
  CHECK(table.lineage == std::vector<std::string>{"horowitz-2014"});
  CHECK(table.purpose == cost::Purpose::kComplete);
}

TEST_CASE("the table of the paper is kept as printed, with its two swapped constants") {
  const cost::CostTable table = input::read_cost_table("shiftaddllm-table1");
  CHECK(table.rows.at("fp16.multiply").figures.at("energy_pj").value == 0.9);
  CHECK(table.rows.at("fp32.add").figures.at("energy_pj").value == 1.1);
  // What it does not print is the default table's.
  CHECK(table.rows.at("wire").table == "physical-45nm");
  CHECK(table.sram.has_value());
}

TEST_CASE("the normalised table has no joules") {
  const cost::CostTable table = input::read_cost_table("eyeriss-normalised");
  CHECK(table.purpose == cost::Purpose::kReference);
  for (const auto& row : table.rows) CHECK(row.second.figures.count("energy_pj") == 0);
}

TEST_CASE("a half table of 8-bit keys takes 18 pJ a cycle clocked and 0.6 pJ gated") {
  // 128 FP16 entries: 2048 bits in flip-flops.
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  const auto& figures = table.rows.at("flip_flop").figures;
  CHECK(2048 * figures.at("clock_energy_pj_per_bit").value == Approx(18.0).epsilon(0.01));
  CHECK(2048 * figures.at("gated_clock_energy_pj_per_bit").value == Approx(0.6).epsilon(0.01));
}

TEST_CASE("a later table overrides rows and keeps the others, in a file beside it") {
  const Folder folder;
  folder.write("base.yaml", with_rows(kAdd));
  const std::string path = folder.write(
      "mine.yaml", with_rows("  int8.add: {figures: {energy_pj: {value: 2, low: 1, high: 3}}, "
                             "node_nm: 45, voltage_v: 0.9, width_bits: 8, evidence: assumed, "
                             "source: \"a guess\"}\n",
                             "extends: ./base.yaml\n"));
  std::string bytes;
  const cost::CostTable table = input::read_cost_table(path, &bytes);
  const cost::Row& row = table.rows.at("int8.add");
  CHECK(row.figures.at("energy_pj").value == 2.0);
  CHECK(row.figures.at("energy_pj").low == 1.0);
  CHECK(row.figures.at("energy_pj").high == 3.0);
  CHECK(row.evidence == cost::Evidence::kAssumed);
  contains(bytes, "a guess");
  contains(bytes, "a book, page 3");
}

TEST_CASE("a table by short name may be extended from anywhere") {
  const Folder folder;
  const std::string path = folder.write("mine.yaml", with_rows(kAdd, "extends: physical-45nm\n"));
  const cost::CostTable table = input::read_cost_table(path);
  CHECK(table.rows.at("fp32.add").figures.at("energy_pj").value == 0.9);
  CHECK(table.sram.has_value());
  CHECK(table.lineage == std::vector<std::string>{"physical-45nm", "horowitz-2014"});
}

TEST_CASE(
    "a table prices runs unless it says that it is a base or a reference, which others do not "
    "inherit") {
  const Folder folder;
  const std::string base = folder.write("base.yaml", with_rows(kAdd, "purpose: base\n"));
  const std::string mine = folder.write("mine.yaml", with_rows(kAdd, "extends: ./base.yaml\n"));
  CHECK(input::read_cost_table(base).purpose == cost::Purpose::kBase);
  CHECK(input::read_complete_cost_table(mine).purpose == cost::Purpose::kComplete);
  CHECK(input::cost_table_files(mine).size() == 2);
  try {
    input::read_complete_cost_table(base);
    FAIL("a base priced a run");
  } catch (const input::ConfigError& error) {
    contains(error.what(), "base.yaml:3: purpose: found 'base'");
    contains(error.what(), "'extends: mine'");
  }
}

TEST_CASE("tables that extend each other in a circle are refused") {
  const Folder folder;
  folder.write("a.yaml", with_rows(kAdd, "extends: ./b.yaml\n"));
  folder.write("b.yaml", with_rows(kAdd, "extends: ./c.yaml\n"));
  const std::string c = folder.write("c.yaml", with_rows(kAdd, "extends: ./a.yaml\n"));
  try {
    input::read_cost_table(c);
    FAIL("read a circle");
  } catch (const input::ConfigError& error) {
    contains(error.what(), "extends");
    contains(error.what(), "does not extend this one");
  }
  CHECK(contains(refusal(with_rows(kAdd, "extends: ./table.yaml\n")), "extends"));
}

TEST_CASE("a broken cost table is refused with file, line and key") {
  CHECK(refusal(with_rows(kAdd)).empty());
  contains(refusal(with_rows(replaced(kAdd, ", source: \"a book, page 3\"", ""))),
           "table.yaml:4: rows.int8.add.source: missing");
  contains(refusal(with_rows(replaced(kAdd, "a book, page 3", " "))), "rows.int8.add.source");
  contains(refusal(with_rows(replaced(kAdd, "measured", "guessed"))), "measured, derived, assumed");
  contains(refusal(with_rows(replaced(kAdd, "0.03", "-0.03"))), "energy_pj");
  contains(refusal(with_rows(replaced(kAdd, "0.03", ".nan"))), "energy_pj");
  contains(refusal(with_rows(replaced(kAdd, "0.03", "1e400"))), "energy_pj");
  contains(refusal(with_rows(replaced(kAdd, "0.03", "0.03 pJ"))), "energy_pj");
  contains(refusal(with_rows(replaced(kAdd, "0.03", "{value: 2, low: 3, high: 4}"))), "low");
  contains(refusal(with_rows(replaced(kAdd, "0.03", "{value: 5, low: 3, high: 4}"))), "value");
  contains(refusal(with_rows(replaced(kAdd, "0.03", "{value: 5, low: 3}"))), "high");
  contains(refusal(with_rows(replaced(kAdd, "{energy_pj: 0.03}", "{}"))), "at least one figure");
  contains(refusal(with_rows(replaced(kAdd, "energy_pj", "energy_nj"))),
           "did you mean 'energy_pj'?");
  contains(refusal(with_rows(replaced(kAdd, "int8.add", "int8.ad"))), "did you mean 'int8.add'?");
  contains(refusal(with_rows(replaced(kAdd, "node_nm: 45", "node_nm: 0"))), "node_nm");
  contains(refusal(with_rows(kAdd, "extends: physical-45mn\n")),
           "table.yaml:3: extends: found 'physical-45mn'");
  contains(refusal(with_rows(kAdd, "extends: ./none.yaml\n")), "table.yaml:3: extends");
  contains(refusal(with_rows(kAdd, "purpose: basis\n")), "complete, base, reference");
  contains(refusal(with_rows(kAdd, "row: 3\n")), "did you mean 'rows'?");
  contains(refusal("addax: cost_table/2\nname: mine\nrows: {}\n"), "cost_table/1");
  contains(refusal(with_rows(kAdd) + "sram: {coefficients: {read_pj: [1, 2]}}\n"), "sram");
}

TEST_CASE("an unknown short name is answered with the nearest") {
  try {
    input::read_cost_table("physical-45");
    FAIL("read a table that is not there");
  } catch (const input::ConfigError& error) {
    contains(error.what(), "did you mean 'physical-45nm'?");
  }
}
