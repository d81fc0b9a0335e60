// SPDX-License-Identifier: Apache-2.0
#include "sim/report/published.h"

#include <fmt/format.h>

#include "models/result/result.h"
#include "sim/report/configuration.h"
#include "sim/report/csv_rows.h"
#include "sim/report/latex_text.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

using published::Account;
using published::Breakdown;
using published::Entry;
using published::Shape;

constexpr int kIndent = 1;

Json shape_json(const Shape& shape, bool frozen) {
  Json blocks = Json::array();
  for (const Shape::Blocks& each : shape.blocks)
    blocks.push_back({{"layers", each.layers},
                      {"ffn", each.ffn},
                      {"copies", each.copies},
                      {"experts", each.experts}});
  return {{"source", frozen ? "paper" : "config"},
          {"hidden", shape.hidden},
          {"query_width", shape.query_width},
          {"kv_width", shape.kv_width},
          {"vocabulary", shape.vocabulary},
          {"embedding_width", shape.embedding_width},
          {"gated_mlp", shape.gated_mlp},
          {"qkv_bias", shape.qkv_bias},
          {"output_bias", shape.output_bias},
          {"mlp_bias", shape.mlp_bias},
          {"blocks", blocks}};
}

Json accesses_json(const published::OperandAccesses& accesses, double times) {
  return {{"dram", accesses.dram * times},
          {"buffer", accesses.buffer * times},
          {"network", accesses.network * times},
          {"registers", accesses.registers * times}};
}

Json tiling_json(const published::Tiling& t) {
  return {{"n0", t.n0}, {"n3", t.n3}, {"m0", t.m0}, {"m1", t.m1}, {"m2", t.m2},
          {"m3", t.m3}, {"c0", t.c0}, {"c1", t.c1}, {"c2", t.c2}};
}

Json operation_json(const Entry& entry) {
  constexpr double kMillijoule = 1e9;  // pJ
  const published::Operation& operation = entry.operation;
  const auto times = static_cast<double>(entry.count);
  const published::Accesses accesses = published::accesses(operation.problem, entry.tiling);
  const published::LevelEnergy energy =
      published::energy(accesses, published::unit_costs(operation.kind, operation.bits));
  const auto millijoules = [&](double picojoules) { return picojoules * times / kMillijoule; };
  return {{"layer", entry.layer},
          {"operation", operation.name},
          {"category", name(operation.category)},
          {"kind", name(operation.kind)},
          {"bits", operation.bits},
          {"count", entry.count},
          {"problem",
           {{"batch", operation.problem.batch},
            {"inputs", operation.problem.inputs},
            {"outputs", operation.problem.outputs}}},
          {"tiling", tiling_json(entry.tiling)},
          {"energy_mj", entry.energy_mj},
          {"latency_s", entry.latency_s},
          {"energy_mj_by_level",
           {{"dram", millijoules(energy.dram)},
            {"buffer", millijoules(energy.buffer)},
            {"network", millijoules(energy.network)},
            {"registers", millijoules(energy.registers)},
            {"arithmetic", millijoules(energy.operations)}}},
          {"accesses",
           {{"inputs", accesses_json(accesses.inputs, times)},
            {"weights", accesses_json(accesses.weights, times)},
            {"outputs", accesses_json(accesses.outputs, times)}}},
          {"arithmetic", accesses.operations * times}};
}

Json account_json(const SchemeAccount& scheme, bool tilings) {
  const Breakdown& total = scheme.account.total;
  Json layers = Json::object();
  for (const Entry& entry : scheme.account.entries)
    layers[entry.layer] = layers.value(entry.layer, 0.0) + entry.energy_mj;
  Json object = {{"scheme", name(scheme.scheme)},
                 {"method", name(scheme.scheme.method)},
                 {"bits", scheme.scheme.bits},
                 {"mixed", scheme.scheme.mixed},
                 {"totals",
                  {{"energy_mj", total.energy_mj()},
                   {"energy_j", total.energy_mj() * 1e-3},
                   {"latency_s", total.latency_s}}},
                 {"breakdown",
                  {{"fp_mult_mj", total.fp_mult_mj},
                   {"fp_add_mj", total.fp_add_mj},
                   {"fp_shift_mj", total.fp_shift_mj},
                   {"lut_build_mj", total.lut_build_mj},
                   {"lut_lookup_mj", total.lut_lookup_mj}}},
                 {"energy_mj_by_layer", layers}};
  if (!tilings) return object;
  Json operations = Json::array();
  for (const Entry& entry : scheme.account.entries) operations.push_back(operation_json(entry));
  object["operations"] = operations;
  return object;
}

void csv_rows(CsvRows& csv, const char* design, const SchemeAccount& scheme) {
  for (const Entry& entry : scheme.account.entries) {
    const published::Operation& operation = entry.operation;
    const published::Problem& problem = operation.problem;
    const published::Tiling& t = entry.tiling;
    csv.row(design, name(scheme.scheme), entry.layer, operation.name, name(operation.category),
            name(operation.kind), operation.bits, entry.count, problem.batch, problem.inputs,
            problem.outputs, t.n0, t.n3, t.m0, t.m1, t.m2, t.m3, t.c0, t.c1, t.c2, entry.energy_mj,
            entry.latency_s);
  }
}

struct Line {
  const char* title;
  double (*value)(const Breakdown&);
};

const Line kLines[] = {{"Energy (mJ)", [](const Breakdown& b) { return b.energy_mj(); }},
                       {"Latency (s)", [](const Breakdown& b) { return b.latency_s; }},
                       {"FP multiplications (mJ)", [](const Breakdown& b) { return b.fp_mult_mj; }},
                       {"FP additions (mJ)", [](const Breakdown& b) { return b.fp_add_mj; }},
                       {"FP shifts (mJ)", [](const Breakdown& b) { return b.fp_shift_mj; }},
                       {"LUT building (mJ)", [](const Breakdown& b) { return b.lut_build_mj; }},
                       {"LUT lookups (mJ)", [](const Breakdown& b) { return b.lut_lookup_mj; }}};

}  // namespace

void published_json(std::ostream& stream, const PublishedReport& report) {
  Json document = {{"schema", "addax.published/1"},
                   {"provenance", {{"version", report.version}, {"commit", report.commit}}},
                   {"paper", report.paper},
                   {"model", report.shape.name},
                   {"shape", shape_json(report.shape, report.frozen)}};
  document.update(account_json(report.design, report.tilings));
  Json baselines = Json::object(), savings = Json::object();
  const Breakdown& ours = report.design.account.total;
  const auto add = [&](const char* key, const std::optional<SchemeAccount>& baseline) {
    if (!baseline) return;
    const Breakdown& theirs = baseline->account.total;
    baselines[key] = account_json(*baseline, report.tilings);
    savings[key] = {
        {"energy_percent", result::saving_percent(ours.energy_mj(), theirs.energy_mj())},
        {"latency_percent", result::saving_percent(ours.latency_s, theirs.latency_s)}};
  };
  add("fp16", report.fp16);
  add("same_bits", report.same_bits);
  document["baselines"] = baselines;
  document["savings"] = savings;
  stream << document.dump(kIndent) << "\n";
}

void published_csv(std::ostream& stream, const PublishedReport& report) {
  CsvRows csv(stream);
  csv.row("design", "scheme", "layer", "operation", "category", "kind", "bits", "count", "batch",
          "inputs", "outputs", "n0", "n3", "m0", "m1", "m2", "m3", "c0", "c1", "c2", "energy_mj",
          "latency_s");
  csv_rows(csv, "design", report.design);
  if (report.fp16) csv_rows(csv, "fp16", *report.fp16);
  if (report.same_bits) csv_rows(csv, "same_bits", *report.same_bits);
}

std::string published_latex(const PublishedReport& report) {
  std::vector<const SchemeAccount*> baselines;
  if (report.fp16) baselines.push_back(&*report.fp16);
  if (report.same_bits) baselines.push_back(&*report.same_bits);
  std::string text = fmt::format("% Addax {} ({}), published accounting, one token\n% {}\n",
                                 report.version, report.commit, report.paper);
  std::string columns = "lr";
  for (std::size_t i = 0; i < baselines.size(); ++i) columns += "rr";
  text += "\\begin{tabular}{" + columns + "}\n\\toprule\n" + latex_escaped(report.shape.name) +
          " & " + latex_escaped(name(report.design.scheme));
  for (const SchemeAccount* each : baselines)
    text += " & " + latex_escaped(name(each->scheme)) + " & Saving";
  text += " \\\\\n\\midrule\n";
  for (const Line& line : kLines) {
    const double ours = line.value(report.design.account.total);
    text += fmt::format("{} & {}", line.title, significant(ours));
    for (const SchemeAccount* each : baselines) {
      const double theirs = line.value(each->account.total);
      text += fmt::format(" & {} & {}", significant(theirs),
                          theirs > 0.0 ? latex_escaped(percent(1.0 - ours / theirs)) : "");
    }
    text += " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace addax::report
