// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "models/reproduction/rows.h"

namespace addax::report {

/// Where a reproduction is from.
struct ReproductionOrigin {
  std::string version, commit;
  std::string published_sha256;   ///< of the file of frozen figures
  std::string cost_table_sha256;  ///< empty where no cost table was read
};

/// Published figures beside ours.
struct Reproduction {
  const reproduction::Source& source;
  const std::vector<reproduction::Row>& rows;
  std::string cost_table;  ///< its name
  bool breakdown = false;  ///< categories of energy and latency beside energies
  ReproductionOrigin origin;
};

/// How many of the counted `rows` agree, in words: "99 of 104 cells to the printed digit (61 only when
/// cut, ...), 4 within ...".
std::string agreement_text(const std::vector<reproduction::Row>& rows);

/// All remarks of a row in one text, with what ours is under other assumptions.
std::string note_text(const reproduction::Row& row);

/// For people: a table of each published one, how many cells agree, and the findings.
std::string rows_text(const Reproduction& reproduction);
/// Schema "addax.reproduction/1" (docs/formats/published.md).
void rows_json(std::ostream& stream, const Reproduction& reproduction);
/// One row a figure.
void rows_csv(std::ostream& stream, const Reproduction& reproduction);
/// A booktabs tabular of each published table.
std::string rows_latex(const Reproduction& reproduction);

}  // namespace addax::report
