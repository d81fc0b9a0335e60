// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/rows.h"

#include <algorithm>
#include <cmath>

#include "models/arch/architecture.h"
#include "models/cost/silicon.h"
#include "models/quantity/check.h"
#include "models/reproduction/memory_audit.h"
#include "models/result/result.h"

namespace addax::reproduction {
namespace {

using published::Breakdown;
using published::Scheme;

bool among(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Scheme scheme_of(const Figure& figure) {
  const auto scheme = parse_scheme(figure.subject);
  ADDAX_CHECK(scheme.has_value(), figure.subject);
  return *scheme;
}

std::size_t decimals(const std::string& printed) {
  const std::size_t point = printed.find('.');
  return point == std::string::npos ? 0 : printed.size() - point - 1;
}

// The figures of hardware units, from the cost table.
class Units {
 public:
  explicit Units(const cost::CostTable& table) : table_(table) {}

  std::optional<double> energy(const std::string& unit) const {
    if (unit == kQuery)
      return cost::read_energy(table_, half_table(), half_table().width_bits).figure.value;
    return row(unit, "energy_pj");
  }
  std::optional<double> area(const std::string& unit) const {
    if (unit == kQuery) return cost::cell_area(table_, half_table()).figure.value;
    return row(unit, "area_um2");
  }

 private:
  static constexpr const char* kQuery = "lut.query";

  static cost::Store half_table() {
    arch::Lut lut;
    lut.key_bits = published::kKeyBits;
    lut.half_table = true;
    lut.entry_bits = 16;
    lut.storage = arch::Storage::kSram;
    return cost::store_of(lut);
  }

  std::optional<double> row(const std::string& unit, const std::string& figure) const {
    for (const std::string& key : {unit, "reference." + unit}) {
      const auto row = table_.rows.find(key);
      if (row == table_.rows.end()) continue;
      const auto found = row->second.figures.find(figure);
      if (found != row->second.figures.end()) return found->second.value;
    }
    return std::nullopt;
  }

  const cost::CostTable& table_;
};

class Evaluator {
 public:
  explicit Evaluator(const Basis& basis) : basis_(basis), units_(basis.table) {}

  Row row(const Figure& figure) {
    Row row;
    row.figure = figure;
    row.unit = printed_units(figure.measure).back();
    fill(row);
    finish(row);
    return row;
  }

 private:
  using Unit = std::optional<double> (Units::*)(const std::string&) const;

  std::optional<double> ratio(const std::string& subject, Unit unit) const {
    const std::size_t between = subject.find(" / ");
    ADDAX_CHECK(between != std::string::npos, subject);
    const auto above = (units_.*unit)(subject.substr(0, between));
    const auto below = (units_.*unit)(subject.substr(between + 3));
    if (!above || !below) return std::nullopt;
    return *above / *below;
  }

  const published::Shape& shape(const Figure& figure) const {
    const auto found = basis_.source.shapes.find(figure.model);
    ADDAX_CHECK(found != basis_.source.shapes.end(), figure.model);
    return found->second;
  }

  const Breakdown& energy(const Figure& figure, const Scheme& scheme) {
    const auto key = std::make_pair(figure.model, published::name(scheme));
    const auto found = energies_.find(key);
    if (found != energies_.end()) return found->second;
    return energies_.emplace(key, accountant_.model(shape(figure), scheme).total).first->second;
  }

  void fill(Row& row) {
    const Figure& figure = row.figure;
    switch (figure.measure) {
      case Measure::kUnitEnergy:
        row.value = units_.energy(figure.subject);
        return;
      case Measure::kUnitArea:
        row.value = units_.area(figure.subject);
        return;
      case Measure::kUnitEnergyRatio:
      case Measure::kUnitAreaRatio:
        row.value =
            ratio(figure.subject,
                  figure.measure == Measure::kUnitAreaRatio ? &Units::area : &Units::energy);
        return;
      case Measure::kLayerEnergy: {
        const published::Shape& model = shape(figure);
        set(row,
            accountant_.linear(scheme_of(figure), model.hidden, model.blocks.front().ffn).total);
        return;
      }
      case Measure::kModelEnergy:
        set(row, energy(figure, scheme_of(figure)));
        return;
      case Measure::kWeightMemory:
        fill_memory(row);
        return;
      case Measure::kEnergySaving:
      case Measure::kTablesSaving:
        row.value = result::saving_percent(energy(figure, scheme_of(figure)).energy_mj(),
                                           energy(figure, Scheme{}).energy_mj());
        return;
      case Measure::kProductSaving: {
        const Breakdown& ours = energy(figure, scheme_of(figure));
        row.value = result::saving_percent(ours.fp_shift_mj + ours.fp_add_mj,
                                           energy(figure, Scheme{}).fp_mult_mj);
        return;
      }
      case Measure::kPerplexity:
        return;
    }
    ADDAX_UNREACHABLE("measure");
  }

  static void set(Row& row, const Breakdown& breakdown) {
    row.breakdown = breakdown;
    row.value = breakdown.energy_mj();
  }

  void fill_memory(Row& row) const {
    const auto model = basis_.models.find(row.figure.model);
    ADDAX_CHECK(model != basis_.models.end(), row.figure.model);
    const WeightMemory memory = weight_memory(model->second, scheme_of(row.figure));
    row.value = memory.without_scales_gib;
    if (memory.gib > memory.without_scales_gib) row.alternatives.push_back({"scales", memory.gib});
  }

  void finish(Row& row) {
    bool near = false;
    if (row.value) {
      row.deviation_percent = 100.0 * (*row.value - row.figure.value) / row.figure.value;
      row.digits = equal_digits(row.figure.printed, *row.value);
      near = row.digits || std::abs(*row.deviation_percent) <= row.figure.tolerance_percent;
    }
    bool explained = false;
    bool no_counterpart = row.figure.measure == Measure::kPerplexity;
    for (const Note& note : basis_.source.notes) {
      if (!applies(note, row.figure)) continue;
      if (note.only_cut && row.digits != Digits::kCut) continue;
      const bool explains = accounts_for(row, note) && !near;
      row.remarks.push_back({note.number, note.text, explains, of_whole_tables(note)});
      explained = explained || explains;
      no_counterpart = no_counterpart || note.nothing_of_ours;
    }
    if (!row.value)
      row.agreement = no_counterpart ? Agreement::kNone : Agreement::kUnknown;
    else if (near)
      row.agreement = row.digits ? Agreement::kDigits : Agreement::kTolerance;
    else
      row.agreement = explained ? Agreement::kExplained : Agreement::kUnknown;
  }

  // Whether the note has a reason for the row's deviation, as large as it is.
  bool accounts_for(Row& row, const Note& note) {
    if (note.shape) return comes_out(row, *note.shape);
    return note.explains_within_percent && row.deviation_percent &&
           std::abs(*row.deviation_percent) <= *note.explains_within_percent;
  }

  // Whether the change of shape gives the printed figure. What it gives becomes an alternative.
  bool comes_out(Row& row, const ShapeChange& change) {
    if (!change.kv_width) return false;
    published::Shape changed = shape(row.figure);
    changed.kv_width = *change.kv_width;
    const double value = accountant_.model(changed, scheme_of(row.figure)).total.energy_mj();
    row.alternatives.push_back({"kv_width = " + std::to_string(changed.kv_width), value});
    return equal_digits(row.figure.printed, value).has_value();
  }

  const Basis& basis_;
  Units units_;
  published::Accountant accountant_;
  std::map<std::pair<std::string, std::string>, Breakdown> energies_;
};

}  // namespace

const char* name(Agreement agreement) {
  switch (agreement) {
    case Agreement::kDigits:
      return "digits";
    case Agreement::kTolerance:
      return "tolerance";
    case Agreement::kExplained:
      return "explained";
    case Agreement::kUnknown:
      return "unexplained";
    case Agreement::kNone:
      return "none";
  }
  ADDAX_UNREACHABLE("agreement");
}

const char* name(Digits digits) {
  switch (digits) {
    case Digits::kEither:
      return "either";
    case Digits::kCut:
      return "cut";
    case Digits::kRounded:
      return "rounded";
  }
  ADDAX_UNREACHABLE("digits");
}

std::optional<Digits> equal_digits(const std::string& printed, double ours) {
  const double scale = std::pow(10.0, static_cast<double>(decimals(printed)));
  const double digits = std::round(std::stod(printed) * scale);
  // A value that stands exactly on a digit may have been computed a rounding error below it.
  const double rounding_error = 1e-12 * std::abs(ours) * scale;
  const double scaled = ours * scale + rounding_error;
  const bool cut = std::floor(scaled) == digits;
  const bool rounded = std::floor(scaled + 0.5) == digits;
  if (cut && rounded) return Digits::kEither;
  if (cut) return Digits::kCut;
  if (rounded) return Digits::kRounded;
  return std::nullopt;
}

std::vector<std::string> computed_tables(const Source& source) {
  std::vector<std::string> tables;
  for (const Figure& figure : source.figures)
    if (figure.measure != Measure::kPerplexity && !among(tables, figure.table))
      tables.push_back(figure.table);
  return tables;
}

std::vector<std::string> models_needed(const Source& source,
                                       const std::vector<std::string>& tables) {
  std::vector<std::string> models;
  for (const Figure& figure : source.figures)
    if (figure.measure == Measure::kWeightMemory && among(tables, figure.table) &&
        !among(models, figure.model))
      models.push_back(figure.model);
  return models;
}

std::vector<Row> evaluate(const Basis& basis, const std::vector<std::string>& tables) {
  Evaluator evaluator(basis);
  std::vector<Row> rows;
  for (const std::string& table : tables)
    for (const Figure& figure : basis.source.figures)
      if (figure.table == table) rows.push_back(evaluator.row(figure));
  return rows;
}

}  // namespace addax::reproduction
