// SPDX-License-Identifier: Apache-2.0
#include "sim/report/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using Json = nlohmann::ordered_json;
using reproduction::Agreement;
using reproduction::Digits;
using reproduction::Row;
using Rows = std::vector<Row>;

constexpr int kAgreementCount = 5;
constexpr int kDigitsCount = 3;
// A print of few digits equals ours from so far away that it must be said.
constexpr double kFarPercent = 1.0;

int decimals(const std::string& printed) {
  const std::size_t point = printed.find('.');
  return point == std::string::npos ? 0 : static_cast<int>(printed.size() - point - 1);
}

// Rows of one table after the other; the order of the tables is that of their first rows.
std::vector<std::pair<std::string, Rows>> by_table(const Rows& rows) {
  std::vector<std::pair<std::string, Rows>> tables;
  for (const Row& row : rows) {
    if (tables.empty() || tables.back().first != row.figure.table)
      tables.emplace_back(row.figure.table, Rows());
    tables.back().second.push_back(row);
  }
  return tables;
}

template <class Is>
std::size_t count_if(const Rows& rows, const Is& is) {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), is));
}

// Of the cells that the paper prints and defines.
std::size_t count(const Rows& rows, Agreement agreement) {
  return count_if(rows,
                  [&](const Row& row) { return row.figure.counted && row.agreement == agreement; });
}

std::size_t count(const Rows& rows, Digits digits) {
  return count_if(rows, [&](const Row& row) { return row.figure.counted && row.digits == digits; });
}

std::size_t counted(const Rows& rows) {
  return count_if(rows, [](const Row& row) { return row.figure.counted; });
}

bool far(const Row& row) { return row.digits && std::abs(*row.deviation_percent) > kFarPercent; }

// A digit more than the print has, so that truncation shows.
std::string ours(const Row& row) {
  return row.value ? fmt::format("{:.{}f}", *row.value, decimals(row.figure.printed) + 1) : "-";
}

std::string deviation(const Row& row) {
  return row.deviation_percent ? fmt::format("{:+.3f}", *row.deviation_percent) : "";
}

std::string agreement(const Row& row) {
  std::string text = name(row.agreement);
  if (row.digits && row.digits != Digits::kEither) text += fmt::format(" ({})", name(*row.digits));
  return row.figure.counted ? text : text + ", not counted";
}

// Of the remarks on some figures of a table.
std::string numbers(const Row& row) {
  std::set<std::uint32_t> all;
  for (const reproduction::Remark& remark : row.remarks)
    if (!remark.whole_table) all.insert(remark.number);
  return fmt::format("{}", fmt::join(all, ","));
}

using Texts = std::map<std::uint32_t, std::vector<std::string>>;

// Each remark once, by number.
Texts remarks(const Rows& rows, bool whole_table) {
  Texts texts;
  for (const Row& row : rows)
    for (const reproduction::Remark& remark : row.remarks) {
      if (remark.whole_table != whole_table) continue;
      std::vector<std::string>& known = texts[remark.number];
      if (std::find(known.begin(), known.end(), remark.text) == known.end())
        known.push_back(remark.text);
    }
  return texts;
}

std::string lines(const Texts& texts) {
  std::string text;
  for (const auto& [number, list] : texts)
    for (const std::string& each : list) text += fmt::format("{:>4}  {}\n", number, each);
  return text;
}

std::string heading(const std::string& table) {
  const bool number = !table.empty() && table.find_first_not_of("0123456789") == std::string::npos;
  return number ? "Table " + table : table;
}

Rows with_breakdown(const Rows& rows) {
  Rows chosen;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(chosen),
               [](const Row& row) { return row.breakdown.has_value(); });
  return chosen;
}

using Part = std::pair<const char*, double published::Breakdown::*>;
const std::vector<Part>& parts() {
  using published::Breakdown;
  static const std::vector<Part> all = {
      {"fp_mult", &Breakdown::fp_mult_mj},       {"fp_add", &Breakdown::fp_add_mj},
      {"fp_shift", &Breakdown::fp_shift_mj},     {"lut_build", &Breakdown::lut_build_mj},
      {"lut_lookup", &Breakdown::lut_lookup_mj}, {"latency_s", &Breakdown::latency_s}};
  return all;
}

std::string breakdown_table(const Rows& rows) {
  const Rows chosen = with_breakdown(rows);
  if (chosen.empty()) return "";
  TextTable table(2);
  std::vector<std::string> titles = {"model", "row"};
  for (const Part& part : parts())
    titles.push_back(std::string(part.first) + (part == parts().back() ? "" : " mJ"));
  table.row(std::move(titles));
  table.rule();
  for (const Row& row : chosen) {
    std::vector<std::string> cells = {row.figure.model, row.figure.row};
    for (const Part& part : parts()) cells.push_back(significant((*row.breakdown).*part.second));
    table.row(std::move(cells));
  }
  return "\n" + table.str();
}

std::string findings(const Rows& rows) {
  const Texts texts = remarks(rows, false);
  return texts.empty() ? "" : "\nnotes on the cells that have their numbers\n" + lines(texts);
}

std::string far_cells(const Rows& rows) {
  std::string text;
  for (const Row& row : rows)
    if (far(row))
      text += fmt::format("{}{}{}: {} to the printed digit, yet {} % away: {:.{}f} {}\n",
                          row.figure.model, row.figure.model.empty() ? "" : " ", row.figure.row,
                          row.figure.printed, deviation(row), *row.value,
                          decimals(row.figure.printed) + 2, row.unit);
  return text;
}

std::string alternatives_text(const Row& row) {
  std::string text;
  for (const reproduction::Alternative& other : row.alternatives)
    text += fmt::format("{}Ours with {}: {:.{}f} {}.", text.empty() ? "" : " ", other.assumption,
                        other.value, std::max(2, decimals(row.figure.printed)), row.unit);
  return text;
}

std::string other_assumptions(const Rows& rows) {
  std::string text;
  for (const Row& row : rows)
    if (!row.alternatives.empty())
      text += fmt::format("{} {}: {}\n", row.figure.model, row.figure.row, alternatives_text(row));
  return text;
}

Json optional_json(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json row_json(const Row& row, bool breakdown) {
  Json object = {{"table", row.figure.table},
                 {"model", row.figure.model},
                 {"row", row.figure.row},
                 {"published", row.figure.value},
                 {"published_text", row.figure.printed},
                 {"published_unit", row.figure.unit},
                 {"value", optional_json(row.value)},
                 {"unit", row.unit},
                 {"deviation_percent", optional_json(row.deviation_percent)},
                 {"tolerance_percent", row.figure.tolerance_percent},
                 {"agreement", name(row.agreement)},
                 {"digits", row.digits ? Json(name(*row.digits)) : Json()},
                 {"counted", row.figure.counted}};
  object["within_tolerance"] = row.value ? Json(row.agreement == Agreement::kDigits ||
                                                row.agreement == Agreement::kTolerance)
                                         : Json();
  object["note"] = note_text(row);
  object["notes"] = Json::array();
  for (const reproduction::Remark& remark : row.remarks)
    object["notes"].push_back({{"number", remark.number},
                               {"text", remark.text},
                               {"explains", remark.explains},
                               {"whole_table", remark.whole_table}});
  object["alternatives"] = Json::array();
  for (const reproduction::Alternative& other : row.alternatives)
    object["alternatives"].push_back({{"assumption", other.assumption}, {"value", other.value}});
  if (breakdown && row.breakdown)
    for (const Part& part : parts()) object[part.first] = (*row.breakdown).*part.second;
  return object;
}

Json counts_json(const Rows& rows) {
  Json object = {{"cells", counted(rows)}};
  for (int i = 0; i < kAgreementCount; ++i) {
    const auto agreement = static_cast<Agreement>(i);
    object[name(agreement)] = count(rows, agreement);
  }
  for (int i = 0; i < kDigitsCount; ++i) {
    const auto digits = static_cast<Digits>(i);
    object[fmt::format("digits_{}", name(digits))] = count(rows, digits);
  }
  object["digits_beyond_1_percent"] =
      count_if(rows, [](const Row& row) { return row.figure.counted && far(row); });
  object["not_counted"] = rows.size() - counted(rows);
  return object;
}

std::string number_text(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string latex_unit(const std::string& unit) {
  return unit == "um2" ? "$\\mu$m$^2$" : latex_escaped(unit);
}

std::string latex_line(const std::string& text) {
  return "\\multicolumn{6}{l}{" + text + "} \\\\\n";
}

std::string latex_tabular(const std::string& table, const Rows& rows) {
  std::string text = "\\begin{tabular}{llrrrl}\n\\toprule\n";
  text += latex_line(latex_escaped(heading(table)));
  std::vector<std::uint32_t> whole;
  for (const auto& each : remarks(rows, true)) whole.push_back(each.first);
  if (!whole.empty()) text += latex_line(fmt::format("Notes: {}", fmt::join(whole, ", ")));
  text += "Model & Row & Published & Ours & Deviation (\\%) & Notes \\\\\n\\midrule\n";
  for (const Row& row : rows) {
    const bool there = row.value.has_value();
    text +=
        fmt::format("{} & {}{} & {} {} & {} {} & {} & {} \\\\\n", latex_escaped(row.figure.model),
                    latex_escaped(row.figure.row), row.figure.counted ? "" : "$^*$",
                    row.figure.printed, latex_unit(row.figure.unit), there ? ours(row) : "--",
                    there ? latex_unit(row.unit) : "", deviation(row), numbers(row));
  }
  text += "\\bottomrule\n";
  if (counted(rows) < rows.size()) text += latex_line("$^*$ not counted as a cell to reproduce");
  return text + "\\end{tabular}\n";
}

}  // namespace

std::string agreement_text(const Rows& rows) {
  const std::size_t digits = count(rows, Agreement::kDigits);
  std::string text = fmt::format("{} of {} cells to the printed digit", digits, counted(rows));
  if (digits > 0)
    text += fmt::format(" ({} only when cut, {} only when rounded, {} either way)",
                        count(rows, Digits::kCut), count(rows, Digits::kRounded),
                        count(rows, Digits::kEither));
  const auto more = [&](std::size_t cells, const char* words) {
    if (cells > 0) text += fmt::format(", {} {}", cells, words);
  };
  more(count(rows, Agreement::kTolerance), "within the stated tolerance");
  more(count(rows, Agreement::kExplained), "explained by a note");
  more(count(rows, Agreement::kUnknown), "unexplained");
  more(count(rows, Agreement::kNone), "with nothing of ours to compare");
  more(rows.size() - counted(rows), "more not counted");
  return text;
}

std::string note_text(const Row& row) {
  std::string text;
  for (const reproduction::Remark& remark : row.remarks)
    text += fmt::format("{}[{}] {}", text.empty() ? "" : " ", remark.number, remark.text);
  const std::string alternatives = alternatives_text(row);
  if (!alternatives.empty()) text += (text.empty() ? "" : " ") + alternatives;
  return text;
}

std::string rows_text(const Reproduction& reproduction) {
  std::string text = fmt::format("Addax {} ({})\n{}\n{}\n", reproduction.origin.version,
                                 reproduction.origin.commit, reproduction.source.title,
                                 reproduction.source.reference);
  Rows energies;
  for (const auto& [name, rows] : by_table(reproduction.rows)) {
    TextTable table(2);
    table.row({"model", "row", "published", "", "ours", "", "deviation %", "agreement", "notes"});
    table.rule();
    for (const Row& row : rows) {
      table.row({row.figure.model, row.figure.row, row.figure.printed, row.figure.unit, ours(row),
                 row.value ? row.unit : "", deviation(row), agreement(row), numbers(row)});
      if (row.figure.measure == reproduction::Measure::kModelEnergy) energies.push_back(row);
    }
    text += fmt::format("\n{}\n{}{}{}\n", heading(name), lines(remarks(rows, true)), table.str(),
                        agreement_text(rows));
    text += far_cells(rows) + other_assumptions(rows);
    if (reproduction.breakdown) text += breakdown_table(rows);
  }
  if (!energies.empty()) text += "\nenergy of models: " + agreement_text(energies) + "\n";
  return text + findings(reproduction.rows);
}

void rows_json(std::ostream& stream, const Reproduction& reproduction) {
  const ReproductionOrigin& origin = reproduction.origin;
  Json object = {{"schema", "addax.reproduction/1"},
                 {"provenance",
                  {{"version", origin.version},
                   {"commit", origin.commit},
                   {"published_sha256", origin.published_sha256},
                   {"cost_table_sha256", origin.cost_table_sha256}}},
                 {"source", reproduction.source.name},
                 {"title", reproduction.source.title},
                 {"reference", reproduction.source.reference},
                 {"cost_table", reproduction.cost_table},
                 {"summary", Json::object()},
                 {"rows", Json::array()}};
  for (const auto& [table, rows] : by_table(reproduction.rows))
    object["summary"][table] = counts_json(rows);
  for (const Row& row : reproduction.rows)
    object["rows"].push_back(row_json(row, reproduction.breakdown));
  stream << object.dump(1) << '\n';
}

void rows_csv(std::ostream& stream, const Reproduction& reproduction) {
  stream << "table,model,row,published,published_unit,value,unit,deviation_percent,"
            "tolerance_percent,agreement,digits,counted,note";
  if (reproduction.breakdown)
    for (const Part& part : parts()) stream << "," << part.first;
  stream << "\n";
  CsvRows csv(stream);
  for (const Row& row : reproduction.rows) {
    const reproduction::Figure& figure = row.figure;
    const auto cells = [&](const auto&... more) {
      csv.row(figure.table, figure.model, figure.row, figure.printed, figure.unit,
              number_text(row.value), row.unit, number_text(row.deviation_percent),
              figure.tolerance_percent, name(row.agreement), row.digits ? name(*row.digits) : "",
              figure.counted, note_text(row), more...);
    };
    if (!reproduction.breakdown) {
      cells();
      continue;
    }
    std::vector<std::string> more;
    for (const Part& part : parts())
      more.push_back(row.breakdown ? number_text((*row.breakdown).*part.second) : "");
    cells(more.at(0), more.at(1), more.at(2), more.at(3), more.at(4), more.at(5));
  }
}

std::string rows_latex(const Reproduction& reproduction) {
  std::string text = fmt::format("% Addax {} ({}), figures of {}\n", reproduction.origin.version,
                                 reproduction.origin.commit, reproduction.source.name);
  for (const auto& [table, rows] : by_table(reproduction.rows))
    text += "\n" + latex_tabular(table, rows);
  return text;
}

}  // namespace addax::report
