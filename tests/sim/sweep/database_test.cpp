// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/database.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/seed.h"
#include "tests/sim/sweep/sweep_files.h"

using namespace addax::sweep;

TEST_CASE("Text is a number where it is a decimal one, and text otherwise") {
  CHECK(cell_of("12") == Cell(std::int64_t{12}));
  CHECK(cell_of("-3") == Cell(std::int64_t{-3}));
  CHECK(cell_of("9223372036854775807") == Cell(std::numeric_limits<std::int64_t>::max()));
  CHECK(cell_of("9223372036854775808") == Cell(9223372036854775808.0));
  CHECK(cell_of("1e6") == Cell(1e6));
  CHECK(cell_of("0.1") == Cell(0.1));
  for (const char* text :
       {"", " 1", "1 ", "0x10", "1,5", "fast", "inf", "nan", "1e999", "1.2.3", "+1"})
    CHECK(cell_of(text) == Cell(std::string(text)));
}

TEST_CASE("Numbers are written so that they read back the same") {
  std::mt19937_64 random(addax::tests::printed(17));
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t bits = random();
    double number = 0.0;
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) continue;
    const Cell read = cell_of(text_of(Cell(number)));
    const double again = std::holds_alternative<double>(read)
                             ? std::get<double>(read)
                             : static_cast<double>(std::get<std::int64_t>(read));
    REQUIRE(again == number);
    REQUIRE(nlohmann::json::parse(json_of(Cell(number)).dump()).get<double>() == number);
  }
  CHECK(text_of(Cell()).empty());
  CHECK(json_of(Cell()).is_null());
}

TEST_CASE("Fields of CSV are quoted where they have to be") {
  CHECK(csv_field(std::string("plain text")) == "plain text");
  CHECK(csv_field(std::string("a,b")) == "\"a,b\"");
  CHECK(csv_field(std::string("say \"x\"")) == "\"say \"\"x\"\"\"");
  CHECK(csv_field(std::string("two\nlines")) == "\"two\nlines\"");
  CHECK(csv_field(Cell(0.5)) == "0.5");
  CHECK(csv_field(Cell()).empty());
}

TEST_CASE("Cells come back from a table as they went in, whatever their names") {
  Database database(":memory:", Database::Mode::kCreate);
  const std::string name = "arch.\"odd\" [0].x';";
  database.run("create table t (" + quoted(name) + ", b)");
  const std::vector<Cell> cells = {std::int64_t{-5}, 0.1,           std::string("a'b\"c\0d", 7),
                                   Cell(),           std::string(), 5e-324};
  Statement insert = database.prepare("insert into t values (?, ?)");
  for (std::size_t i = 0; i < cells.size(); ++i)
    insert.bind({cells[i], static_cast<std::int64_t>(i)}).step();
  CHECK(database.last_id() == static_cast<std::int64_t>(cells.size()));
  Statement select = database.prepare("select " + quoted(name) + ", b from t order by b");
  CHECK(select.columns() == 2);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    REQUIRE(select.step());
    CHECK(select.cell(0) == cells[i]);
    CHECK(select.row() == std::vector<Cell>{cells[i], static_cast<std::int64_t>(i)});
  }
  CHECK_FALSE(select.step());
  REQUIRE(select.step());  // anew
}

TEST_CASE("What SQLite refuses is told, and a name that is no column is not taken for text") {
  const Folder folder;
  CHECK_THROWS_AS(Database(folder.path("none"), Database::Mode::kRead), DatabaseError);
  CHECK_THROWS_AS(Database(folder.path("no/none"), Database::Mode::kCreate), DatabaseError);
  Database database(":memory:", Database::Mode::kCreate);
  CHECK_THROWS_WITH(database.prepare("select \"x\""), Catch::Matchers::Contains("no such column"));
  CHECK_THROWS_AS(database.prepare("select 1; select 2"), DatabaseError);
  CHECK_THROWS_AS(database.prepare(""), DatabaseError);
  CHECK_THROWS_AS(database.run("creat table t (a)"), DatabaseError);
  database.run("create table t (a unique)");
  Statement insert = database.prepare("insert into t values (?)");
  insert.bind({std::int64_t{1}}).step();
  CHECK_THROWS_AS(insert.bind({std::int64_t{1}}).step(), DatabaseError);
  insert.bind({std::int64_t{2}}).step();  // goes on after a refusal
}
