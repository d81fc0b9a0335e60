// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost_table.h"

#include <algorithm>
#include <cmath>

#include "models/cost/estimate.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"

namespace addax::cost {

const char* name(Evidence evidence) {
  switch (evidence) {
    case Evidence::kMeasured:
      return "measured";
    case Evidence::kDerived:
      return "derived";
    case Evidence::kAssumed:
      break;
  }
  return "assumed";
}

const char* name(Purpose purpose) {
  switch (purpose) {
    case Purpose::kComplete:
      return "complete";
    case Purpose::kBase:
      return "base";
    case Purpose::kReference:
      break;
  }
  return "reference";
}

std::optional<Evidence> parse_evidence(const std::string& text) {
  for (const Evidence evidence : {Evidence::kMeasured, Evidence::kDerived, Evidence::kAssumed})
    if (text == name(evidence)) return evidence;
  return std::nullopt;
}

const std::vector<std::string>& figure_names() {
  static const std::vector<std::string> names = {"energy_pj",
                                                 "energy_mac",
                                                 "energy_pj_per_bit",
                                                 "energy_pj_per_bit_mm",
                                                 "read_energy_pj_per_bit",
                                                 "write_energy_pj_per_bit",
                                                 "clock_energy_pj_per_bit",
                                                 "gated_clock_energy_pj_per_bit",
                                                 "port_energy_pj_per_bit_word",
                                                 "port_area_um2_per_bit_word",
                                                 "area_um2",
                                                 "area_um2_per_bit",
                                                 "leakage_mw_per_um2",
                                                 "background_mw"};
  return names;
}

const std::vector<std::string>& sram_figure_names() {
  static const std::vector<std::string> names = {"read_pj", "write_pj", "leakage_mw", "area_um2"};
  return names;
}

namespace {

void append_new(std::vector<std::string>& list, const std::vector<std::string>& items) {
  for (const std::string& item : items)
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

/// Of a figure as it comes from a row or from the fit.
void mark_assumed(Estimate& estimate) {
  if (estimate.evidence != Evidence::kAssumed) return;
  estimate.assumed = estimate.figure.value;
  estimate.assumed_rows = estimate.rows;
}

/// Who misses what a table has not: nothing costs zero because a row is absent.
std::string needed_by(const CostTable& table) {
  return ", which this run needs of cost table '" + table.name + "'";
}

}  // namespace

Estimate& Estimate::operator+=(const Estimate& other) {
  figure.value += other.figure.value;
  figure.low += other.figure.low;
  figure.high += other.figure.high;
  assumed += other.assumed;
  evidence = std::max(evidence, other.evidence);
  append_new(rows, other.rows);
  append_new(sources, other.sources);
  append_new(assumed_rows, other.assumed_rows);
  return *this;
}

Estimate operator*(const Estimate& estimate, double factor) {
  Estimate scaled = estimate;
  scaled.figure = {estimate.figure.value * factor, estimate.figure.low * factor,
                   estimate.figure.high * factor};
  scaled.assumed = estimate.assumed * factor;
  return scaled;
}

Estimate product(const Estimate& a, const Estimate& b) {
  Estimate result = a;
  result.figure = {a.figure.value * b.figure.value, a.figure.low * b.figure.low,
                   a.figure.high * b.figure.high};
  // Firm is only what is firm on both sides.
  const double firm = (a.figure.value - a.assumed) * (b.figure.value - b.assumed);
  result.assumed = result.figure.value - firm;
  result.evidence = std::max(a.evidence, b.evidence);
  append_new(result.rows, b.rows);
  append_new(result.sources, b.sources);
  append_new(result.assumed_rows, b.assumed_rows);
  return result;
}

Estimate look_up(const CostTable& table, const std::string& key, const std::string& figure) {
  const auto row = table.rows.find(key);
  if (row == table.rows.end())
    throw quantity::Impossible(
        {"rows." + key, "", "a row '" + key + "' with its " + figure + needed_by(table)});
  const auto found = row->second.figures.find(figure);
  if (found == row->second.figures.end())
    throw quantity::Impossible(
        {"rows." + key + ".figures." + figure, "",
         "a figure '" + figure + "' in row '" + key + "'" + needed_by(table)});
  Estimate estimate;
  estimate.figure = found->second;
  estimate.evidence = row->second.evidence;
  estimate.rows = {key};
  estimate.sources = {row->second.source};
  mark_assumed(estimate);
  return estimate;
}

std::string joined(const std::vector<std::string>& items, const std::string& separator) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : separator) + item;
  return text;
}

bool within(const SramFit& fit, const Macro& macro) {
  return macro.bytes >= static_cast<double>(fit.least_bytes) &&
         macro.bytes <= static_cast<double>(fit.most_bytes) &&
         macro.width_bits >= fit.least_width_bits && macro.width_bits <= fit.most_width_bits;
}

Estimate sram_macro(const CostTable& table, const Macro& macro, const std::string& figure) {
  if (!table.sram)
    throw quantity::Impossible(
        {"sram", "", "a section 'sram' with the fit of " + figure + needed_by(table)});
  const SramFit& fit = *table.sram;
  const auto found = fit.coefficients.find(figure);
  ADDAX_CHECK(found != fit.coefficients.end() && found->second.size() == kSramCoefficients, figure);
  ADDAX_CHECK(macro.bytes > 0.0 && macro.width_bits > 0.0, figure);
  const std::vector<double>& c = found->second;
  const double b = std::log(macro.bytes);
  const double w = std::log(macro.width_bits);
  const double value =
      std::exp(c[0] + c[1] * b + c[2] * w + c[3] * b * b + c[4] * b * w + c[5] * w * w);
  Estimate estimate;
  estimate.figure = {value, value, value};
  estimate.evidence = within(fit, macro) ? fit.evidence : Evidence::kAssumed;
  estimate.rows = {"sram"};
  estimate.sources = {fit.source};
  mark_assumed(estimate);
  return estimate;
}

}  // namespace addax::cost
