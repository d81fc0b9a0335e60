// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/report/published.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using published::Account;
using published::Breakdown;
using published::Entry;
using published::Shape;

// The tables of papers have two decimals: with them a reader finds the printed cell.
std::string cell(double value) {
  return value >= 100.0 ? fmt::format("{:.2f}", value) : significant(value);
}

std::vector<const SchemeAccount*> columns_of(const PublishedReport& report) {
  std::vector<const SchemeAccount*> columns = {&report.design};
  if (report.fp16) columns.push_back(&*report.fp16);
  if (report.same_bits) columns.push_back(&*report.same_bits);
  return columns;
}

std::string blocks_text(const Shape& shape) {
  std::string text;
  for (const Shape::Blocks& each : shape.blocks) {
    text += fmt::format("{}{} blocks with {}MLPs of {}", text.empty() ? "" : ", ", each.layers,
                        shape.gated_mlp ? "gated " : "", each.ffn);
    if (each.experts > 0) text += fmt::format(" ({} of {} experts)", each.copies, each.experts);
  }
  return text;
}

std::string header(const PublishedReport& report) {
  const Shape& shape = report.shape;
  TextTable table(2);
  table.row({"profile", "published: the accounting of " + report.paper});
  table.row({"model", shape.name + (report.frozen ? ", in the paper's shape" : ", as it is")});
  table.row({"shape", blocks_text(shape)});
  table.row(
      {"widths", fmt::format("hidden {}, queries {}, keys and values {} each, vocabulary {}",
                             shape.hidden, shape.query_width, shape.kv_width, shape.vocabulary)});
  table.row({"scheme", name(report.design.scheme)});
  table.row({"token", "one, batch 1, without attention products, softmax, norms and KV cache"});
  return fmt::format("Addax {} ({})\n", report.version, report.commit) + table.str();
}

std::string totals(const PublishedReport& report) {
  TextTable table;
  std::vector<std::string> titles = {""};
  const std::vector<const SchemeAccount*> columns = columns_of(report);
  for (const SchemeAccount* column : columns) {
    titles.push_back(name(column->scheme));
    if (column != columns.front()) titles.emplace_back("saving");
  }
  table.row(titles);
  table.rule();
  const auto row = [&](const std::string& title, auto value) {
    std::vector<std::string> cells = {title};
    const double ours = value(columns.front()->account.total);
    for (const SchemeAccount* column : columns) {
      const double theirs = value(column->account.total);
      cells.push_back(cell(theirs));
      if (column != columns.front()) cells.push_back(percent(1.0 - ours / theirs));
    }
    table.row(cells);
  };
  row("energy (mJ)", [](const Breakdown& total) { return total.energy_mj(); });
  row("latency (s)", [](const Breakdown& total) { return total.latency_s; });
  return table.str() + "The paper prints these energies as J and these latencies as ms.\n";
}

using Parts = std::vector<std::pair<std::string, double>>;

Parts by_category(const Account& account) {
  const Breakdown& total = account.total;
  return {{"fp mult", total.fp_mult_mj},
          {"fp add", total.fp_add_mj},
          {"fp shift", total.fp_shift_mj},
          {"lut build", total.lut_build_mj},
          {"lut lookup", total.lut_lookup_mj}};
}

Parts by_layer(const Account& account) {
  Parts parts;
  for (const Entry& entry : account.entries) {
    auto found = std::find_if(parts.begin(), parts.end(),
                              [&](const auto& part) { return part.first == entry.layer; });
    if (found == parts.end()) found = parts.insert(parts.end(), {entry.layer, 0.0});
    found->second += entry.energy_mj;
  }
  return parts;
}

// The accounts of one shape have the same parts in the same order.
std::string energies(const PublishedReport& report, const std::string& title,
                     Parts (*parts_of)(const Account&)) {
  const std::vector<const SchemeAccount*> columns = columns_of(report);
  std::vector<Parts> parts;
  std::vector<std::string> titles = {title};
  for (const SchemeAccount* column : columns) {
    parts.push_back(parts_of(column->account));
    titles.push_back(name(column->scheme));
    titles.emplace_back("share");
  }
  TextTable table;
  table.row(titles);
  table.rule();
  for (std::size_t i = 0; i < parts.front().size(); ++i) {
    std::vector<std::string> cells = {parts.front()[i].first};
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const double energy = parts[j][i].second;
      cells.push_back(cell(energy));
      cells.push_back(percent(energy / columns[j]->account.total.energy_mj()));
    }
    table.row(cells);
  }
  return table.str();
}

std::string operations(const SchemeAccount& scheme) {
  TextTable table(3);
  table.row({"layer", "operation", "kind", "bits", "times", "N", "C", "M", "N0", "N3", "M0", "M1",
             "M2", "M3", "C0", "C1", "C2", "energy (mJ)", "latency (s)"});
  table.rule();
  for (const Entry& entry : scheme.account.entries) {
    const published::Operation& operation = entry.operation;
    const published::Problem& problem = operation.problem;
    const published::Tiling& t = entry.tiling;
    std::vector<std::string> cells = {entry.layer, operation.name, name(operation.kind),
                                      std::to_string(operation.bits)};
    for (const std::uint64_t number : {entry.count, problem.batch, problem.inputs, problem.outputs,
                                       t.n0, t.n3, t.m0, t.m1, t.m2, t.m3, t.c0, t.c1, t.c2})
      cells.push_back(std::to_string(number));
    cells.push_back(cell(entry.energy_mj));
    cells.push_back(cell(entry.latency_s));
    table.row(std::move(cells));
  }
  return "operations of " + name(scheme.scheme) +
         ": N vectors of M outputs from C inputs, N = N0 N3, M = M0 M1 M2 M3, C = C0 C1 C2\n" +
         table.str();
}

}  // namespace

std::string published_text(const PublishedReport& report) {
  std::string text = header(report) + "\n" + totals(report) + "\n" +
                     energies(report, "energy by category (mJ)", by_category) + "\n" +
                     energies(report, "energy by layer (mJ)", by_layer);
  if (!report.tilings) return text;
  for (const SchemeAccount* column : columns_of(report)) text += "\n" + operations(*column);
  return text;
}

}  // namespace addax::report
