// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace addax::reproduction {

/// Which of the designs of one run: the one that the trace is for, or one of the arrays of FP16
/// multipliers of equal area beside it.
enum class Side { kDesign, kFp16, kSameBits };
const char* name(Side side);  ///< "design", "fp16", "same_bits"

/// A way to hold a model's weights and to compute with them.
struct ComparedDesign {
  std::string name;          ///< "ternary_packed"
  std::string title;         ///< for people
  std::string architecture;  ///< shipped name
  std::string weights;       ///< a weight format in a word, as in the short name of a trace
  Side side = Side::kDesign;
};

/// What is compared for one paper of which no energies are published.
struct Comparison {
  std::string name;
  std::string title;      ///< of the paper
  std::string reference;  ///< authors, venue or arXiv number, year
  std::vector<std::string> models;
  std::vector<ComparedDesign> designs;
  std::vector<std::string> references;  ///< names of designs that all are held against
  std::vector<std::string> notes;
};

}  // namespace addax::reproduction
