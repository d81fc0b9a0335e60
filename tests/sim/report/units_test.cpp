// SPDX-License-Identifier: Apache-2.0
#include "sim/report/units.h"

#include "sim/report/text_table.h"
#include "tests/catch.h"

using namespace addax;

TEST_CASE("Values for people have four significant digits and an SI prefix") {
  CHECK(report::si(0.0123, "s") == "12.30 ms");
  CHECK(report::si(1.0, "J") == "1.000 J");
  CHECK(report::si(1e-15, "J") == "1.000 fJ");
  CHECK(report::si(34359738368.0, "B") == "34.36 GB");
  CHECK(report::si(0.0, "J") == "0 J");
  CHECK(report::si(1e-21, "J") == "1.000e-21 J");
}

TEST_CASE("A value just below a prefix is rounded into it") {
  CHECK(report::si(999.9, "s") == "999.9 s");
  CHECK(report::si(999.96, "s") == "1.000 ks");
}

TEST_CASE("Ratios are written without an exponent") {
  CHECK(report::significant(0.25314) == "0.2531");
  CHECK(report::significant(12.5) == "12.50");
  CHECK(report::significant(1234.4) == "1234");
  CHECK(report::significant(0.0) == "0");
}

TEST_CASE("Thousands of a count stand apart") {
  CHECK(report::grouped(0) == "0");
  CHECK(report::grouped(999) == "999");
  CHECK(report::grouped(1000) == "1 000");
  CHECK(report::grouped(18446744073709551615U) == "18 446 744 073 709 551 615");
}

TEST_CASE("A share that is not zero never reads as zero") {
  CHECK(report::percent(0.0) == "0.0 %");
  CHECK(report::percent(0.0001) == "<0.1 %");
  CHECK(report::percent(0.125) == "12.5 %");
}

TEST_CASE("Energies are joules in results") {
  CHECK(report::joules(quantity::Picojoules(2.0)) == 2e-12);
}

TEST_CASE("Columns of a text table are aligned and lines end without spaces") {
  report::TextTable table;
  table.row({"name", "value"});
  table.rule();
  table.row({"a", "1"});
  table.row({"longer", ""});
  CHECK(table.str() ==
        "name    value\n"
        "-------------\n"
        "a           1\n"
        "longer\n");
}
