// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/input/document.h"
#include "tests/catch.h"
#include "tests/cli/harness.h"

namespace addax::cli {

/// The JSON of a run of the command that must succeed without a word on standard error.
inline input::Value json_of(std::vector<std::string> words) {
  words.insert(words.end(), {"--json", "-"});
  const Outcome outcome = run_addax(words);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  REQUIRE(outcome.err.empty());
  return input::Document::parse(outcome.out, "json").root();
}

inline double number_at(const input::Value& map, const std::string& key) {
  return map.at(key).number(-1e300, 1e300);
}

/// The one element of a list of maps whose `key` is `word`.
inline input::Value with(const std::vector<input::Value>& rows, const std::string& key,
                         const std::string& word) {
  for (const input::Value& row : rows)
    if (row.at(key).text() == word) return row;
  FAIL("no row with " << key << " " << word);
  return rows.front();
}

/// That a row has the cost of a design or a baseline of `addax run`.
inline void check_cost(const input::Value& row, const input::Value& run) {
  const input::Value totals = run.at("totals");
  for (const char* key : {"energy_j", "latency_s", "area_mm2"})
    CHECK(number_at(row, key) == number_at(totals, key));
  CHECK(row.at("architecture").text() == run.at("architecture").text());
}

}  // namespace addax::cli
