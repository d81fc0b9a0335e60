// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/published/account.h"

namespace addax::reproduction {

/// What a published figure measures; decides how ours is found.
enum class Measure {
  kUnitEnergy,       ///< pJ of one operation
  kUnitArea,         ///< um2 of one unit
  kUnitEnergyRatio,  ///< of two unit energies
  kUnitAreaRatio,    ///< of two unit areas
  kLayerEnergy,      ///< mJ a token of one linear layer
  kModelEnergy,      ///< mJ a token
  kWeightMemory,     ///< GiB
  kEnergySaving,     ///< per cent of the FP16 model's energy
  kProductSaving,    ///< per cent of the energy of the FP16 model's multiplications that shifts and
                     ///< adds save
  kPerplexity,       ///< on WikiText-2; not computed here
};

/// One cell of a published table.
struct Figure {
  std::string table;  ///< "1", "10", "13", "mlp", "memory", "savings", "8", "11"
  std::string model;  ///< empty where the figure is of no model
  std::string row;    ///< "optq_3bit", "fp16.multiply energy", ...
  Measure measure{};
  std::string printed;  ///< as printed: its digits decide what equals it
  double value = 0.0;
  std::string unit;                ///< as printed
  double tolerance_percent = 0.0;  ///< 0: the printed digits, truncated or rounded
};

/// A change of shape under which the authors' figure comes out.
struct ShapeChange {
  std::optional<std::uint64_t> kv_width;
};

/// A remark on some figures. Empty lists stand for all.
struct Note {
  std::uint32_t number = 0;  ///< of the finding, as documented
  std::vector<std::string> tables, models, rows;
  std::string text;
  bool explains = false;  ///< a deviation beyond the tolerance is known and explained
  std::optional<ShapeChange> shape;
};

/// What is frozen of one paper.
struct Source {
  std::string name;       ///< "shiftaddllm"
  std::string title;      ///< of the paper
  std::string reference;  ///< venue, arXiv number and version
  std::map<std::string, published::Shape> shapes;
  std::vector<Figure> figures;
  std::vector<Note> notes;
};

}  // namespace addax::reproduction
