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
  kTablesSaving,     ///< the same, of a figure that follows from printed energies
  kProductSaving,    ///< per cent of the energy of the FP16 model's multiplications that shifts and
                     ///< adds save
  kPerplexity,       ///< on WikiText-2; not computed here
};
const char* name(Measure measure);  ///< "unit_energy", ..., "perplexity"
std::optional<Measure> parse_measure(const std::string& text);
bool is_of_unit(Measure measure);  ///< of hardware units; all others are of a model and a scheme
/// Units that such a figure can have in print. Ours is compared with the number alone, and is in the
/// last of them.
const std::vector<std::string>& printed_units(Measure measure);

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
  /// False: nobody printed it, or the paper does not define it, so that it is no cell to reproduce.
  bool counted = true;
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
  /// A deviation beyond the tolerance, but of at most so much either way, has this reason.
  std::optional<double> explains_within_percent;
  /// A deviation beyond the tolerance has this reason where the print comes out under this shape.
  std::optional<ShapeChange> shape;
  bool nothing_of_ours = false;  ///< ours has no counterpart, which is not a failure
  bool only_cut = false;         ///< only on figures that are ours cut, and not ours rounded
};
/// Whether the note's lists have the figure.
bool applies(const Note& note, const Figure& figure);
/// A remark on all of its tables, not on some of their models or rows.
bool of_whole_tables(const Note& note);

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
