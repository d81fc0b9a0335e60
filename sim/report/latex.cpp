// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/report/latex_text.h"
#include "sim/report/report.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

struct Line {
  const char* title;
  std::string (*design)(const result::DesignResult&);
  double (*ratio)(const result::Ratios&);
};

const Line kLines[] = {
    {"Latency", [](const result::DesignResult& d) { return si(d.totals.latency.value(), "s"); },
     [](const result::Ratios& r) { return r.latency; }},
    {"Energy", [](const result::DesignResult& d) { return si(joules(d.totals.energy.value), "J"); },
     [](const result::Ratios& r) { return r.energy; }},
    {"Energy-delay product",
     [](const result::DesignResult& d) {
       return si(joules(d.totals.energy.value) * d.totals.latency.value(), "J\\,s");
     },
     [](const result::Ratios& r) { return r.edp; }},
    {"Area",
     [](const result::DesignResult& d) {
       return significant(square_millimetres(d.totals.area.value)) + " mm$^2$";
     },
     [](const result::Ratios& r) { return r.area; }},
    {"Array",
     [](const result::DesignResult& d) {
       return fmt::format("{} $\\times$ {}", d.rows, d.columns);
     },
     nullptr},
};

}  // namespace

std::string latex(const result::Report& report) {
  std::vector<std::pair<const char*, const result::Baseline*>> baselines;
  if (report.fp16) baselines.emplace_back("FP16", &*report.fp16);
  if (report.same_bits) baselines.emplace_back("Same bits", &*report.same_bits);

  std::string text =
      fmt::format("% Addax {} ({}), {} fidelity, cost table {}\n% trace sha256 {}\n",
                  report.provenance.version, report.provenance.commit, report.fidelity,
                  report.design.cost_table, report.provenance.trace_sha256);
  std::string columns = "lr";
  for (std::size_t i = 0; i < baselines.size(); ++i) columns += "rr";
  text += "\\begin{tabular}{" + columns + "}\n\\toprule\n";
  text += latex_escaped(report.design.trace) + " & " + latex_escaped(report.design.architecture);
  for (const auto& [title, baseline] : baselines)
    text += fmt::format(" & {} ({}) & Ratio", title, name(baseline->equalisation));
  text += " \\\\\n\\midrule\n";
  for (const Line& line : kLines) {
    text += fmt::format("{} & {}", line.title, line.design(report.design));
    for (const auto& [title, baseline] : baselines) {
      const result::Ratios ratios = result::ratios(report.design.totals, baseline->result.totals);
      text += fmt::format(" & {} & {}", line.design(baseline->result),
                          line.ratio == nullptr ? "" : significant(line.ratio(ratios)));
    }
    text += " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace addax::report
