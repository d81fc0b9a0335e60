// SPDX-License-Identifier: Apache-2.0
#include "sim/app/map_case.h"

#include "models/quantity/quantity.h"
#include "sim/input/case_reader.h"
#include "sim/report/counts.h"

namespace addax::app {
namespace {

constexpr int kMet = 0;
constexpr int kDiffers = 1;

struct Counted {
  nest::Case which;
  nest::Counts counts;
};

std::vector<Counted> count_cases(const std::string& path, nest::CountRules rules) {
  std::vector<Counted> counted;
  for (nest::Case& which : input::read_cases(path)) {
    try {
      nest::Counts counts = nest::count(which.problem, which.hierarchy, which.mapping, rules);
      counted.push_back({std::move(which), std::move(counts)});
    } catch (const quantity::CountOverflow&) {
      throw input::ConfigError(path + ": " + which.id +
                               ": found counts of more than 64 bits; allowed: a smaller problem, "
                               "or a higher bandwidth");
    }
  }
  return counted;
}

report::Json json(const Counted& counted) {
  return report::counts_json(counted.which.problem, counted.which.hierarchy, counted.counts);
}

std::string json_text(const std::vector<Counted>& cases) {
  if (cases.size() == 1) return json(cases.front()).dump(1) + "\n";
  report::Json all = report::Json::object();
  for (const Counted& each : cases) all[each.which.id] = json(each);
  return all.dump(1) + "\n";
}

}  // namespace

int map_case(const CommandLine& line) {
  const std::string path = line.required("case", "a file");
  const nest::CountRules rules = line.word("count-rules", {"addax", "timeloop"}) == "addax"
                                     ? nest::CountRules::kAddax
                                     : nest::CountRules::kTimeloop;
  Outputs outputs(line, {"json"}, {{"--case", path}});
  const std::vector<Counted> cases = count_cases(path, rules);
  int status = kMet;
  outputs.add("json", [&](std::ostream& stream) { stream << json_text(cases); });
  outputs.add_text([&] {
    std::string text;
    for (const Counted& each : cases) {
      text += (text.empty() ? "" : "\n") + report::case_text(each.which, each.counts);
      if (!nest::deviations(each.which, each.counts).empty()) status = kDiffers;
    }
    return text;
  });
  outputs.commit();
  return status;
}

}  // namespace addax::app
