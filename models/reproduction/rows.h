// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/cost/cost_table.h"
#include "models/reproduction/figures.h"
#include "models/workload/model.h"

namespace addax::reproduction {

/// What a finding says of one figure.
struct Remark {
  std::uint32_t number = 0;
  std::string text;
  bool explains = false;     ///< why the figure deviates by more than its tolerance
  bool whole_table = false;  ///< of the whole table, not of some figures in it
};

/// Our value under another assumption, which a note is about.
struct Alternative {
  std::string assumption;  ///< "kv_width = 1024", "scales"
  double value = 0.0;      ///< in the row's unit
};

/// How ours agrees with a figure.
enum class Agreement {
  kDigits,     ///< equals the print: its digits are ours, truncated or rounded
  kTolerance,  ///< within the stated tolerance
  kExplained,  ///< beyond it, and a note explains why
  kUnknown,    ///< beyond it without an explanation
  kNone,       ///< there is nothing of ours to compare
};
const char* name(
    Agreement agreement);  ///< "digits", "tolerance", "explained", "unexplained", "none"

/// How the digits of a print follow from ours.
enum class Digits {
  kEither,   ///< whether ours is cut or rounded
  kCut,      ///< only when it is cut
  kRounded,  ///< only when it is rounded
};
const char* name(Digits digits);  ///< "either", "cut", "rounded"

/// How `ours` gives the digits of `printed`, as many decimals of it; nothing where it does not.
std::optional<Digits> equal_digits(const std::string& printed, double ours);

/// A published figure beside ours.
struct Row {
  Figure figure;
  std::optional<double> value;  ///< ours
  std::string unit;             ///< of ours: the last of printed_units()
  std::optional<double> deviation_percent;
  std::optional<Digits> digits;  ///< there with Agreement::kDigits
  Agreement agreement = Agreement::kNone;
  std::vector<Remark> remarks;
  std::vector<Alternative> alternatives;
  std::optional<published::Breakdown> breakdown;  ///< of energies of layers and models
};

/// What the rows are computed from.
struct Basis {
  const Source& source;
  const cost::CostTable& table;  ///< unit energies and areas, independent of the paper
  /// Models as they are, by name: those of weight_memory figures.
  const std::map<std::string, workload::ModelShape>& models;
};

/// Models that Basis::models must hold for `tables`, each once.
std::vector<std::string> models_needed(const Source& source,
                                       const std::vector<std::string>& tables);

/// Tables with figures that can be computed, in the order of the source.
std::vector<std::string> computed_tables(const Source& source);

/// Rows of `tables`, in the order of the source.
/// - unit energies and areas: the row of that name in the cost table, or reference.NAME; a table
///   query is a read of a half table of 8-bit keys with FP16 entries in SRAM. Nothing where the
///   table has no such row;
/// - energies of layers and models: models/published with the source's shapes;
/// - memory: weight_memory without scales, of the models as they are;
/// - energy and tables' saving: 1 - E / E_fp16; product saving:
///   1 - (shifts + adds) / (multiplications of fp16).
/// Throws quantity::Impossible as Accountant::model.
std::vector<Row> evaluate(const Basis& basis, const std::vector<std::string>& tables);

}  // namespace addax::reproduction
