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
  kLayerEnergy,      ///< mJ a token of one linear layer: the first of the MLP, hidden -> ffn
  kModelEnergy,      ///< mJ a token
  kWeightMemory,     ///< GiB
  kEnergySaving,     ///< per cent of the FP16 model's energy
  kProductSaving,    ///< per cent of the energy of the FP16 model's multiplications that shifts and
                     ///< adds save
  kPerplexity,       ///< on WikiText-2; not computed here
};
const char* name(Measure measure);  ///< "unit_energy", ..., "perplexity"
std::optional<Measure> parse_measure(const std::string& text);
bool is_of_unit(Measure measure);  ///< of hardware units; all others are of a model and a scheme

/// "fp16", "optq_3bit", "shiftadd_mixed": the inverse of published::name. Bits are 1 to 8.
std::optional<published::Scheme> parse_scheme(const std::string& text);

/// One cell of a published table.
struct Figure {
  std::string table;    ///< "1", "10", "13", "mlp", "memory", "savings", "8", "11"
  std::string model;    ///< empty where the figure is of no model
  std::string row;      ///< the subject and what is printed of it: "optq_3bit", "lut.query energy"
  std::string subject;  ///< a scheme, a hardware unit, or two of them with " / " between
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
bool applies(const Note& note, const Figure& figure);

/// What is frozen of one paper.
struct Source {
  std::string name;       ///< "shiftaddllm"
  std::string title;      ///< of the paper
  std::string reference;  ///< venue, arXiv number and version
  std::map<std::string, published::Shape> shapes;
  std::vector<Figure> figures;  ///< in the paper's order: by table, row and model
  std::vector<Note> notes;
};

}  // namespace addax::reproduction
