// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/figures.h"

#include <algorithm>
#include <array>

namespace addax::reproduction {
namespace {

constexpr std::array<const char*, 10> kMeasures = {
    "unit_energy",  "unit_area",     "unit_energy_ratio", "unit_area_ratio", "layer_energy",
    "model_energy", "weight_memory", "energy_saving",     "product_saving",  "perplexity"};

bool listed(const std::vector<std::string>& list, const std::string& word) {
  return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

const char* name(Measure measure) { return kMeasures.at(static_cast<std::size_t>(measure)); }

std::optional<Measure> parse_measure(const std::string& text) {
  for (std::size_t i = 0; i < kMeasures.size(); ++i)
    if (text == kMeasures.at(i)) return static_cast<Measure>(i);
  return std::nullopt;
}

bool is_of_unit(Measure measure) {
  return measure == Measure::kUnitEnergy || measure == Measure::kUnitArea ||
         measure == Measure::kUnitEnergyRatio || measure == Measure::kUnitAreaRatio;
}

std::optional<published::Scheme> parse_scheme(const std::string& text) {
  published::Scheme scheme;
  if (text == published::name(scheme)) return scheme;
  for (const published::Method method :
       {published::Method::kOptq, published::Method::kLutGemm, published::Method::kShiftAdd}) {
    scheme = {method, 2, true};
    if (text == published::name(scheme)) return scheme;
    scheme.mixed = false;
    for (scheme.bits = 1; scheme.bits <= 8; ++scheme.bits)
      if (text == published::name(scheme)) return scheme;
  }
  return std::nullopt;
}

bool applies(const Note& note, const Figure& figure) {
  return listed(note.tables, figure.table) && listed(note.models, figure.model) &&
         listed(note.rows, figure.row);
}

}  // namespace addax::reproduction
