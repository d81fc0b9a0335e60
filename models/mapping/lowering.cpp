// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/lowering.h"

#include <algorithm>
#include <numeric>

#include "models/mapping/lowering_costs.h"
#include "models/mapping/seeds.h"
#include "models/quantity/diagnosis.h"
#include "models/quantity/quantity.h"

namespace addax::mapping {

using nest::Keep;
using quantity::ceil_div;
using quantity::checked_mul;
using workload::FormatKind;
using workload::ScalePlacement;

namespace {

/// Inputs that stay together in every tile: a key, a box, five packed trits.
std::uint64_t unit_of(const Kernel& kernel) {
  if (kernel.how.key_bits > 0) return kernel.how.key_bits;
  const std::uint64_t box = kernel.format.kind == FormatKind::kMsfp ? kernel.format.box : 1;
  return std::lcm(box, kernel.tiles.packed_inputs());
}

/// A format as the array may compute it, and the product that it then is.
struct Way {
  Kernel kernel;
  Product product;
};

/// Blocks of rows with scales of their own are products of their own where scales go to the inputs before
/// the table is built: each takes tables of its own.
std::optional<Way> blocks_before_tables(const Kernel& kernel, const Product& product) {
  const workload::ScaleLayout& scales = kernel.format.scales;
  const std::uint64_t rows = kernel.tiles.outputs_a_scale();
  if (kernel.how.key_bits == 0 || scales.sharing != workload::ScaleSharing::kBlock ||
      product.outputs % rows != 0)
    return std::nullopt;
  Way way{kernel, product};
  way.product.outputs = rows;
  way.product.copies = checked_mul(product.copies, product.outputs / rows);
  way.kernel.format.scales.block_rows = rows;
  way.kernel.tiles = WeightTiles(way.kernel.format, product.inputs, rows);
  way.kernel.how.scale_placement = ScalePlacement::kBeforeTable;
  return way;
}

std::vector<Way> ways_of(const Kernel& kernel, const Product& product) {
  std::vector<Way> ways = {{kernel, product}};
  if (kernel.format.kind == FormatKind::kInt) {
    ways.push_back(ways[0]);
    ways[0].kernel.how.integer_mode = workload::IntegerMode::kAfterGroup;
    ways[1].kernel.how.integer_mode = workload::IntegerMode::kDequantisedTiles;
  }
  if (const auto before = blocks_before_tables(kernel, product)) ways.push_back(*before);
  return ways;
}

class Lowerer {
 public:
  Lowerer(const LayerContext& context, const Product& product, const Kernel& kernel)
      : context_(context),
        group_(context.architecture.groups.at(context.group)),
        product_(product),
        kernel_(kernel),
        shape_(array_shape(context.architecture, context.group, kernel)),
        unit_(unit_of(kernel)) {}

  /// Without limits of the buffer where there is no share: the pass lies there already.
  Lowering lower(const std::optional<BufferShare>& share, bool streams, bool keeps_sums,
                 Spills spills, bool whole_blocks) {
    Lowering made;
    whole_blocks_ = made.whole_blocks = whole_blocks;
    made.kernel = kernel_;
    made.product = product_;
    made.share = share.value_or(BufferShare{});
    made.activation_streams = streams;
    made.keeps_sums = keeps_sums;
    made.unit = unit_;
    made.space.problem = problem();
    made.space.hierarchy = hierarchy(share, streams, keeps_sums);
    made.space.rules = rules(!share.has_value(), spills);
    made.space.name = name(made, share.has_value());
    made.space.costs = lowered_costs(
        {context_, product_, made, shape_, spills == Spills::kAllowed, share.has_value()});
    if (share) made.space.seeds = seeds(made, shape_);
    return made;
  }

  bool has_table() const { return shape_.readers > 0; }
  /// Whether the scales that later tiles need again, of all of K, are worth a way without them.
  bool holds_scales() const {
    return kernel_.tiles.held_scale_bits(product_.inputs) >=
           context_.architecture.buffer.bank_bits();
  }

 private:
  nest::Problem problem() const {
    nest::Problem p =
        array_problem(shape_, {product_.tokens, product_.outputs, ceil_div(product_.inputs, unit_),
                               has_table() ? kernel_.format.planes : 1});
    if (has_scales()) {
      nest::Tensor scales{"Scales", {}};
      scales.indices.push_back({{{kOutputs, 1}}, kernel_.tiles.outputs_a_scale()});
      scales.indices.push_back(
          {{{kUnits, 1}}, std::max<std::uint64_t>(kernel_.tiles.inputs_a_scale() / unit_, 1)});
      if (whole_blocks_) {
        p.tensors.push_back(scales);
        scales.name = "Held scales";
        scales.indices.erase(scales.indices.begin());
      }
      p.tensors.push_back(std::move(scales));
    }
    return p;
  }

  bool has_scales() const { return kernel_.tiles.inputs_a_scale() > 0; }

  nest::Level level(const char* name, Keep x, Keep w, Keep s, Keep scales) const {
    nest::Level made;
    made.name = name;
    made.tensors = {{x, 16, {}}, {w, 16, {}}, {s, kernel_.widths.accumulator_bits, {}}};
    if (has_scales()) {
      const auto bits = static_cast<std::uint32_t>(kernel_.tiles.scale_bits(0, unit_, 0, 1));
      made.tensors.push_back({scales, bits, {}});
      if (whole_blocks_) made.tensors.push_back({Keep::kNever, bits, {}});
    }
    return made;
  }

  nest::Hierarchy hierarchy(const std::optional<BufferShare>& share, bool streams,
                            bool keeps_sums) const {
    const auto unit = static_cast<std::uint32_t>(unit_);
    nest::Level dram = level("DRAM", Keep::kMust, Keep::kMust, Keep::kMust, Keep::kMust);
    nest::Level resident = level("buffer, resident", streams ? Keep::kNever : Keep::kMust,
                                 Keep::kNever, Keep::kMust, Keep::kNever);
    nest::Level stream = level("buffer, streaming", streams ? Keep::kMust : Keep::kNever,
                               Keep::kMust, Keep::kNever, Keep::kMust);
    if (whole_blocks_)
      dram.tensors[kHeldScales].keep = resident.tensors[kHeldScales].keep = Keep::kMust;
    for (nest::Level* memory : {&dram, &resident, &stream}) {
      memory->tensors[kLoweredInputs].word_bits =
          context_.placement.input_on_chip ? 0 : unit * kStoredActivationBits;
      memory->tensors[kLoweredWeights].word_bits = code_bits();
    }
    if (share) {
      resident.capacity_bits = room(*share);
      stream.capacity_bits = streaming(*share);
    }
    stream.fan_out_y = shape_.rows;
    stream.fan_out_x = shape_.columns;
    stream.reduces_x = false;
    return {{dram, resident, stream, pe(keeps_sums), unit_level()}};
  }

  nest::Level pe(bool keeps_sums) const {
    const auto unit = static_cast<std::uint32_t>(unit_);
    nest::Level made =
        level(has_table() ? "table" : "PE", Keep::kMust, has_table() ? Keep::kNever : Keep::kMust,
              keeps_sums ? Keep::kMust : Keep::kNever, Keep::kNever);
    nest::Storage& x = made.tensors[kLoweredInputs];
    x.word_bits = unit * kernel_.widths.activation_bits;
    if (has_table() && group_.datapath.lut->copies > 1)
      x.preparation_steps = group_.datapath.lut->build_cycles().value();
    x.capacity_bits =
        has_table() ? x.word_bits
                    : std::max<std::uint64_t>(group_.activation_scratchpad.bits(), x.word_bits);
    nest::Storage& w = made.tensors[kLoweredWeights];
    w.word_bits = static_cast<std::uint32_t>(
        unit * (kernel_.format.kind == FormatKind::kInt ? 16 : kernel_.tiles.code_bits_a_weight()));
    // Weights that serve many tokens are loaded into one half of the scratchpad while the other
    // works.
    w.capacity_bits = std::max<std::uint64_t>(
        group_.weight_scratchpad.bits() / (product_.tokens > 1 ? 2 : 1), w.word_bits);
    made.tensors[kLoweredOutputs].capacity_bits = group_.psum_scratchpad.bits();
    made.fan_out_x = std::max<std::uint64_t>(shape_.readers, 1);
    return made;
  }

  nest::Level unit_level() const {
    nest::Level made = level("unit", Keep::kNever, Keep::kNever, Keep::kMust, Keep::kNever);
    made.tensors[kLoweredOutputs].capacity_bits = kernel_.widths.accumulator_bits;
    return made;
  }

  /// Bits of a word of weights: of one output and one unit; of one plane, where planes are loops.
  std::uint32_t code_bits() const {
    return static_cast<std::uint32_t>(kernel_.tiles.code_bits(0, unit_, 1) /
                                      (has_table() ? kernel_.format.planes : 1));
  }

  std::uint64_t room(const BufferShare& share) const {
    const std::uint64_t all = share.resident_banks * context_.architecture.buffer.bank_bits();
    const std::uint64_t taken =
        context_.placement.resident_bits +
        (whole_blocks_ ? 0 : kernel_.tiles.held_scale_bits(product_.inputs));
    return all - std::min(all, taken);
  }

  // A layer in a few large passes would leave DRAM or the array waiting.
  std::uint64_t streaming(const BufferShare& share) const {
    constexpr std::uint64_t kLeastPasses = 16;  // of a layer, unless they get ...
    constexpr std::uint64_t kSmallestPart = 8;  // ... smaller than this part of a half
    const std::uint64_t half = share.half_banks * context_.architecture.buffer.bank_bits();
    const std::uint64_t weights =
        checked_mul(product_.copies, kernel_.tiles.code_bits(0, product_.inputs, product_.outputs));
    return std::min(half, std::max(ceil_div(weights, kLeastPasses), half / kSmallestPart));
  }

  /// Which loops a level may have. A pass holds all planes; sums go round in the unit over its inputs
  /// (or planes) before they leave it.
  std::vector<search::LevelRule> rules(bool pass_only, Spills spills) const {
    using Dimensions = std::vector<std::size_t>;
    std::vector<search::LevelRule> rules(kUnitLevel + 1);
    const Dimensions none;
    const Dimensions passes = pass_only ? none : Dimensions{kTokens, kOutputs, kUnits};
    rules[kDramLevel].temporal = rules[kResidentLevel].temporal = passes;
    search::LevelRule& array = rules[kStreamLevel];
    if (has_table()) {
      array.temporal = Dimensions{kTokens, kUnits};
      array.y = array.x = Dimensions{kTokens, kOutputs, kUnits};
      if (shape_.table_a_plane)
        for (auto* loops : {&array.temporal, &array.y, &array.x}) (*loops)->push_back(kPlanes);
      rules[kPeLevel].temporal = rules[kPeLevel].x = Dimensions{kOutputs};
      rules[kUnitLevel].temporal = shape_.table_a_plane ? none : Dimensions{kPlanes};
    } else {
      array.temporal = array.y = Dimensions{kTokens, kOutputs, kUnits};
      array.x = Dimensions{kTokens, kOutputs};
      rules[kPeLevel].temporal = Dimensions{kTokens, kOutputs};
      rules[kPeLevel].x = none;
      rules[kUnitLevel].temporal = Dimensions{kUnits};
    }
    if (whole_blocks_) rules[kResidentLevel].multiples[kOutputs] = kernel_.tiles.outputs_a_scale();
    // What lies on chip as a whole does not spill.
    if (context_.placement.output_on_chip || spills == Spills::kNever)
      rules[kResidentLevel].stationary.push_back(kLoweredOutputs);
    return rules;
  }

  std::string name(const Lowering& made, bool shared) const {
    std::string text;
    if (shared)
      text = std::to_string(made.share.resident_banks) + " banks resident, 2 x " +
             std::to_string(made.share.half_banks) + " streaming, ";
    text += made.activation_streams ? "activations stream" : "activations resident";
    if (!has_table()) text += made.keeps_sums ? ", sums stay" : ", sums travel";
    if (kernel_.format.kind == FormatKind::kInt)
      text += kernel_.how.integer_mode == workload::IntegerMode::kDequantisedTiles
                  ? ", dequantised tiles"
                  : ", scaled after the group";
    if (has_table())
      text += shape_.table_a_plane ? ", scaled before the tables" : ", scaled after the query";
    if (whole_blocks_) text += ", whole blocks of rows";
    return text;
  }

  const LayerContext& context_;
  const arch::ColumnGroup& group_;
  Product product_;
  Kernel kernel_;
  ArrayShape shape_;
  std::uint64_t unit_;
  bool whole_blocks_ = false;
};

void check_passes(const ProductPlan& plan) {
  std::uint64_t passes = 1;
  for (const std::uint64_t trips : trip_counts(plan.problem, plan.nest))
    passes = checked_mul(passes, trips);
  if (passes > kMostPasses)
    throw quantity::Impossible({"size", std::to_string(passes) + " passes",
                                "at most " + std::to_string(kMostPasses) + " passes in a layer"});
}

}  // namespace

std::vector<Lowering> lower(const LayerContext& context, const Product& product,
                            const Kernel& kernel, const std::vector<BufferShare>& shares,
                            Spills spills) {
  std::vector<Lowering> made;
  std::size_t kind = 0;
  for (const Way& way : ways_of(kernel, product)) {
    Lowerer lowerer(context, way.product, way.kernel);
    for (const BufferShare& share : shares)
      for (const bool streams : {false, true}) {
        if (streams && context.placement.input_on_chip) continue;
        for (const bool keeps : {true, false})
          for (const bool whole : {true, false})
            if ((!keeps || !lowerer.has_table()) && (!whole || lowerer.holds_scales())) {
              made.push_back(lowerer.lower(share, streams, keeps, spills, whole));
              made.back().space.kind = kind;
            }
      }
    ++kind;
  }
  return made;
}

Lowering lower_pass(const LayerContext& context, const Product& pass, const Kernel& kernel,
                    bool keeps_sums) {
  return Lowerer(context, pass, kernel)
      .lower(std::nullopt, false, keeps_sums, Spills::kAllowed, false);
}

ArrayMapping array_mapping(const Lowering& lowering, const nest::Mapping& mapping) {
  const nest::LevelLoops& array = mapping.levels.at(kStreamLevel);
  // The array's own nest counts inputs, or keys where there is a table.
  const std::uint64_t unit = lowering.kernel.how.key_bits > 0 ? 1 : lowering.unit;
  const auto in_inputs = [unit](std::vector<nest::Loop> loops) {
    for (nest::Loop& loop : loops)
      if (loop.dimension == kUnits) loop.tile *= unit;
    return loops;
  };
  return {in_inputs(array.temporal), in_inputs(array.y), in_inputs(array.x), lowering.keeps_sums};
}

ProductPlan realise(const LayerContext& context, const Lowering& lowering,
                    const nest::Mapping& mapping) {
  const Product& product = lowering.product;
  constexpr std::size_t kBatchLoop = 0;
  constexpr std::array<std::size_t, 3> kDimension = {1, 2,
                                                     3};  // of matrix_product, by ArrayDimension
  const Problem problem =
      matrix_product(product.copies, product.tokens, product.outputs, product.inputs);
  LoopNest nest;
  nest.loops = {{kBatchLoop, 1}};
  std::array<std::size_t, 2> ends{};
  for (const LoweredLevel level : {kDramLevel, kResidentLevel}) {
    for (const nest::Loop& loop : mapping.levels.at(level).temporal) {
      const std::size_t dimension = kDimension.at(loop.dimension);
      std::uint64_t tile = loop.tile;
      if (loop.dimension == kUnits) tile = std::min(tile * lowering.unit, product.inputs);
      nest.loops.push_back({dimension, tile});
    }
    ends[level] = nest.loops.size();
  }
  const std::size_t all = nest.loops.size();
  const std::size_t x = lowering.activation_streams ? all : ends[kDramLevel];
  nest.hold = {x, all, ends[kDramLevel]};
  ProductPlan plan{problem,
                   nest,
                   Dataflow(context.architecture, context.group, lowering.kernel,
                            array_mapping(lowering, mapping)),
                   context.group,
                   lowering.share,
                   context.placement,
                   lowering.activation_streams};
  check_passes(plan);
  return plan;
}

}  // namespace addax::mapping
