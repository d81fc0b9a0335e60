// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/figures.h"

#include <algorithm>
#include <array>

#include "models/quantity/check.h"

namespace addax::reproduction {
namespace {

constexpr std::array<const char*, 11> kMeasures = {
    "unit_energy",   "unit_area",      "unit_energy_ratio", "unit_area_ratio",
    "layer_energy",  "model_energy",   "weight_memory",     "energy_saving",
    "tables_saving", "product_saving", "perplexity"};

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

const std::vector<std::string>& printed_units(Measure measure) {
  static const std::vector<std::string> energy_of_unit = {"pJ"}, area = {"um2"}, ratio = {"x"},
                                        energy = {"J", "mJ"}, memory = {"GB", "GiB"},
                                        saving = {"%"}, perplexity = {"perplexity"};
  switch (measure) {
    case Measure::kUnitEnergy:
      return energy_of_unit;
    case Measure::kUnitArea:
      return area;
    case Measure::kUnitEnergyRatio:
    case Measure::kUnitAreaRatio:
      return ratio;
    case Measure::kLayerEnergy:
    case Measure::kModelEnergy:
      return energy;
    case Measure::kWeightMemory:
      return memory;
    case Measure::kEnergySaving:
    case Measure::kTablesSaving:
    case Measure::kProductSaving:
      return saving;
    case Measure::kPerplexity:
      return perplexity;
  }
  ADDAX_UNREACHABLE("measure");
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

bool of_whole_tables(const Note& note) { return note.models.empty() && note.rows.empty(); }

}  // namespace addax::reproduction
