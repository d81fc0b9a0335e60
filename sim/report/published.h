// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "models/published/account.h"

namespace addax::report {

/// A model under one scheme, in a paper's accounting.
struct SchemeAccount {
  published::Scheme scheme;
  published::Account account;
};

/// All that one run with the published profile found, for one token of one sequence.
struct PublishedReport {
  std::string version, commit;
  std::string paper;   ///< whose accounting it is
  bool frozen = true;  ///< the shape is the paper's, not read from a config.json
  published::Shape shape;
  SchemeAccount design;
  /// The same shape in FP16, and with as many bits on multipliers; unset for those themselves.
  std::optional<SchemeAccount> fp16, same_bits;
  bool tilings = false;  ///< every operation with the tiling chosen for it is wanted
};

/// For people: totals and savings, energy by the paper's categories and by layer, the operations.
std::string published_text(const PublishedReport& report);

/// Schema "addax.published/1" (docs/formats/result.md).
void published_json(std::ostream& stream, const PublishedReport& report);

/// One row an operation of the design and of each baseline; no totals row.
void published_csv(std::ostream& stream, const PublishedReport& report);

/// A booktabs table of totals, categories and savings.
std::string published_latex(const PublishedReport& report);

}  // namespace addax::report
