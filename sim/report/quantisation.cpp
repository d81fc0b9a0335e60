// SPDX-License-Identifier: Apache-2.0
#include "sim/report/quantisation.h"

#include <fmt/format.h>

#include <sstream>

#include "sim/report/configuration.h"
#include "sim/report/csv_rows.h"
#include "sim/report/text_table.h"
#include "sim/report/units.h"

namespace addax::report {
namespace {

struct BitsAWeight {
  double codes = 0.0, scales = 0.0;
  double all() const { return codes + scales; }
};

BitsAWeight bits_a_weight(const Quantisation& found) {
  const double weights = static_cast<double>(found.outputs) * static_cast<double>(found.inputs);
  return {static_cast<double>(found.bits.codes.value()) / weights,
          static_cast<double>(found.bits.scales.value()) / weights};
}

bool is_ternary(const Quantisation& found) {
  return found.format.kind == workload::FormatKind::kTernary;
}

}  // namespace

std::string quantisation_text(const Quantisation& found) {
  const BitsAWeight bits = bits_a_weight(found);
  TextTable table(2);
  table.row({"matrix", found.matrix});
  if (!found.tensor.empty()) table.row({"tensor", found.tensor});
  table.row(
      {"outputs x inputs", fmt::format("{} x {} ({})", found.outputs, found.inputs, found.type)});
  if (found.rounded != 0)
    table.row({"rounded to FP16 before", grouped(found.rounded) + " weights"});
  table.row({"format", describe(found.format)});
  if (!found.algorithm.empty()) table.row({"algorithm", found.algorithm});
  table.row({"bits a weight", fmt::format("{} (codes {}, scales {})", significant(bits.all()),
                                          significant(bits.codes), significant(bits.scales))});
  table.row({"relative error",
             found.error.relative ? significant(*found.error.relative) : "none: all are zero"});
  table.row({"mean squared error", fmt::format("{:.4g}", found.error.mean_squared)});
  table.row({"largest error", fmt::format("{:.4g}", found.error.largest_absolute)});
  if (is_ternary(found)) table.row({"zero weights", percent(found.format.zero_fraction)});
  return table.str();
}

std::string quantisation_json(const Quantisation& found) {
  const BitsAWeight bits = bits_a_weight(found);
  Json document = {{"schema", "addax.quantisation/1"},
                   {"provenance",
                    {{"version", found.version},
                     {"commit", found.commit},
                     {"matrix", found.matrix},
                     {"matrix_sha256", found.matrix_sha256}}}};
  document["provenance"]["tensor"] = found.tensor.empty() ? Json() : Json(found.tensor);
  document["provenance"]["type"] = found.type;
  document["outputs"] = found.outputs;
  document["inputs"] = found.inputs;
  document["weights_rounded_to_fp16"] = found.rounded;
  document["format"] = describe(found.format);
  document["weight_format"] = configuration_json(found.format);
  document["algorithm"] = found.algorithm.empty() ? Json() : Json(found.algorithm);
  document["codes_bits"] = found.bits.codes.value();
  document["scales_bits"] = found.bits.scales.value();
  document["bits_a_weight"] = {{"codes", bits.codes}, {"scales", bits.scales}, {"all", bits.all()}};
  document["error"] = {
      {"relative_frobenius", found.error.relative ? Json(*found.error.relative) : Json()},
      {"mean_squared", found.error.mean_squared},
      {"largest_absolute", found.error.largest_absolute}};
  document["zero_fraction"] = is_ternary(found) ? Json(found.format.zero_fraction) : Json();
  return document.dump(1) + "\n";
}

std::string quantisation_csv(const Quantisation& found) {
  std::ostringstream text;
  CsvRows csv(text);
  csv.row("matrix", "tensor", "outputs", "inputs", "weights_rounded_to_fp16", "format", "algorithm",
          "codes_bits", "scales_bits", "bits_a_weight", "relative_frobenius_error",
          "mean_squared_error", "largest_absolute_error", "zero_fraction");
  const auto optional = [](bool known, double value) {
    return known ? fmt::format("{}", value) : std::string();
  };
  csv.row(found.matrix, found.tensor, found.outputs, found.inputs, found.rounded,
          describe(found.format), found.algorithm, found.bits.codes.value(),
          found.bits.scales.value(), bits_a_weight(found).all(),
          optional(found.error.relative.has_value(), found.error.relative.value_or(0.0)),
          found.error.mean_squared, found.error.largest_absolute,
          optional(is_ternary(found), found.format.zero_fraction));
  return text.str();
}

}  // namespace addax::report
