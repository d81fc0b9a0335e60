// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "models/quantise/quantised.h"

namespace addax::report {

/// What `addax quantize` found, and what from.
struct Quantisation {
  std::string version, commit;
  std::string matrix, matrix_sha256;  ///< path of the file, and the hash of its bytes
  std::string tensor;                 ///< empty for a file of one matrix
  std::string type;                   ///< of the numbers in the file
  std::string algorithm;              ///< empty where the format leaves no choice
  std::uint64_t outputs = 0, inputs = 0;
  std::uint64_t rounded = 0;  ///< weights that rounding to FP16 changed before
  workload::WeightFormat format;
  workload::StoredBits bits;
  quantise::QuantisationError error;
};

std::string quantisation_text(const Quantisation& found);
/// Schema "addax.quantisation/1" (docs/formats/quantised.md).
std::string quantisation_json(const Quantisation& found);
/// One row.
std::string quantisation_csv(const Quantisation& found);

}  // namespace addax::report
