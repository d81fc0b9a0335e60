// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/seeds.h"

#include <algorithm>
#include <array>

#include "models/quantity/quantity.h"

namespace addax::mapping {

using quantity::ceil_div;

namespace {

/// Writes a mapping down, from outside in.
class Nest {
 public:
  Nest(nest::Mapping empty, const ArrayExtents& all) : mapping_(std::move(empty)), left_(all) {}

  void temporal(LoweredLevel level, std::size_t dimension, std::uint64_t tile) {
    add(mapping_.levels[level].temporal, dimension, tile);
  }
  void y(std::size_t dimension, std::uint64_t instances) {
    add(mapping_.levels[kStreamLevel].y, dimension, ceil_div(left_.at(dimension), instances));
  }
  void x(std::size_t dimension, std::uint64_t instances) {
    add(mapping_.levels[kStreamLevel].x, dimension, ceil_div(left_.at(dimension), instances));
  }
  /// Outputs over the readers of a table.
  void readers(std::uint64_t number) {
    add(mapping_.levels[kPeLevel].x, kOutputs, ceil_div(left_.at(kOutputs), number));
  }
  nest::Mapping take() { return std::move(mapping_); }

 private:
  void add(std::vector<nest::Loop>& loops, std::size_t dimension, std::uint64_t tile) {
    tile = std::max<std::uint64_t>(tile, 1);
    if (tile >= left_.at(dimension)) return;
    loops.push_back({dimension, tile});
    left_.at(dimension) = tile;
  }

  nest::Mapping mapping_;
  ArrayExtents left_;
};

class Seeder {
 public:
  Seeder(const Lowering& lowering, const ArrayShape& shape)
      : shape_(shape), streams_(lowering.activation_streams), keeps_sums_(lowering.keeps_sums) {
    const search::Space& space = lowering.space;
    for (std::size_t d = 0; d < space.problem.dimensions.size(); ++d)
      all_.at(d) = space.problem.dimensions[d].size;
    for (const nest::Level& level : space.hierarchy.levels) {
      nest::LevelLoops loops;
      for (const nest::Storage& storage : level.tensors)
        loops.keep.push_back(storage.keep == nest::Keep::kMust);
      empty_.levels.push_back(std::move(loops));
    }
    const nest::Level& resident = space.hierarchy.levels[kResidentLevel];
    const nest::Level& half = space.hierarchy.levels[kStreamLevel];
    const nest::Level& pe = space.hierarchy.levels[kPeLevel];
    resident_bits_ = resident.capacity_bits.value_or(0);
    half_bits_ = static_cast<double>(half.capacity_bits.value_or(0));
    sum_bits_ = resident.tensors[kLoweredOutputs].word_bits;
    input_bits_ = half.tensors[kLoweredInputs].word_bits;
    weight_bits_ = half.tensors[kLoweredWeights].word_bits * static_cast<double>(all_[kPlanes]);
    if (half.tensors.size() > kLoweredScales)
      weight_bits_ += half.tensors[kLoweredScales].word_bits * static_cast<double>(lowering.unit) /
                      (static_cast<double>(lowering.kernel.tiles.outputs_a_scale()) *
                       static_cast<double>(lowering.kernel.tiles.inputs_a_scale()));
    build_waves_ =
        ceil_div(std::max<std::uint64_t>(pe.tensors[kLoweredInputs].preparation_steps, 1),
                 shape.table_a_plane ? 1 : all_[kPlanes]);
    for (const LoweredTensor tensor : {kLoweredInputs, kLoweredWeights, kLoweredOutputs}) {
      const nest::Storage& storage = pe.tensors[tensor];
      words_.at(tensor) =
          std::max<std::uint64_t>(storage.capacity_bits.value_or(0) / storage.word_bits, 1);
    }
  }

  std::vector<nest::Mapping> run() const {
    std::vector<nest::Mapping> made;
    for (std::uint64_t m = all_[kTokens];; m = ceil_div(m, 4)) {
      // Inputs that do not stream share the resident part with sums.
      const auto inputs = static_cast<std::uint64_t>(
          streams_ ? 0.0
                   : std::min(static_cast<double>(m) * static_cast<double>(all_[kUnits]) *
                                  static_cast<double>(input_bits_),
                              0.5 * static_cast<double>(resident_bits_)));
      for (const std::uint64_t part : {1, 4, 16}) {
        const std::uint64_t fitting = (resident_bits_ - inputs) / (m * sum_bits_ * part);
        const std::uint64_t n = std::min(all_[kOutputs], fitting);
        if (n == 0) continue;
        if (shape_.readers > 0)
          tables(made, m, n);
        else
          products(made, m, n);
      }
      if (m == 1) break;
      m = std::min(m, 4 * kMostTokens);  // the next block is no larger than kMostTokens
    }
    return made;
  }

 private:
  static constexpr std::uint64_t kMostTokens = 4096;

  /// Of the inputs of one step of the reduction, in a half.
  std::uint64_t streamed_bits(std::uint64_t tokens) const {
    return streams_ ? tokens * input_bits_ : 0;
  }
  /// Steps of the reduction whose weights, scales and inputs that stream fill a half.
  std::uint64_t filling(std::uint64_t m, std::uint64_t n) const {
    const double bits =
        static_cast<double>(n) * weight_bits_ + static_cast<double>(streamed_bits(m));
    return static_cast<std::uint64_t>(half_bits_ / bits);
  }

  static std::uint64_t whole(std::uint64_t of, std::uint64_t step) {
    return of < step ? of : of / step * step;
  }

  /// How the instances of an axis are shared out.
  struct Axis {
    std::uint64_t tokens = 1, outputs = 1, keys = 1;
  };

  /// The reduction, outputs or tokens over rows; of one token also outputs and some of the reduction.
  void products(std::vector<nest::Mapping>& made, std::uint64_t m, std::uint64_t n) const {
    const std::uint64_t k = std::min(all_[kUnits], filling(m, n));
    if (k == 0) return;
    std::vector<Axis> rows;
    if (all_[kUnits] > 1) rows.push_back({1, 1, shape_.rows});
    if (all_[kOutputs] > 1) rows.push_back({1, shape_.rows, 1});
    if (all_[kTokens] > 1) rows.push_back({shape_.rows, 1, 1});
    for (const std::uint64_t keys : {2, 4})
      if (all_[kTokens] == 1 && shape_.rows > keys) rows.push_back({1, shape_.rows / keys, keys});
    for (const bool outer : {false, true})
      for (const Axis& y : rows) {
        products(made, {m, n, k}, y, outer, words_);
        // What one token multiplies with, a PE uses once.
        if (all_[kTokens] == 1) products(made, {m, n, k}, y, outer, {1, 1, 1});
      }
  }

  /// Tiles of the buffer: tokens and outputs of the resident part, inputs of a half.
  struct Tile {
    std::uint64_t m = 1, n = 1, k = 1;
  };

  /// `words`: that a PE holds, by LoweredTensor.
  void products(std::vector<nest::Mapping>& made, const Tile& tile, const Axis& y, bool outer,
                const std::array<std::uint64_t, 3>& words) const {
    const auto [m, n, k] = tile;
    // What a PE holds: inputs first, then outputs.
    const std::uint64_t n_lanes = shape_.columns * y.outputs;
    const std::uint64_t k_tile = k == all_[kUnits] ? k : whole(k, y.keys);
    const std::uint64_t a_pe =
        std::min({ceil_div(k_tile, y.keys), words[kLoweredInputs], words[kLoweredWeights]});
    const std::uint64_t outputs =
        std::min({ceil_div(n, n_lanes), words[kLoweredWeights] / a_pe,
                  keeps_sums_ ? words[kLoweredOutputs] : ~std::uint64_t{0}});
    Nest nest(empty_, all_);
    nest.temporal(kDramLevel, kTokens, m);
    nest.temporal(kDramLevel, kOutputs, n == all_[kOutputs] ? n : whole(n, n_lanes));
    nest.temporal(outer ? kDramLevel : kResidentLevel, kUnits, whole(k_tile, a_pe * y.keys));
    nest.temporal(kStreamLevel, kUnits, a_pe * y.keys);
    nest.temporal(kStreamLevel, kOutputs, std::max<std::uint64_t>(outputs, 1) * n_lanes);
    nest.temporal(kStreamLevel, kTokens, y.tokens);
    nest.y(kTokens, y.tokens);
    nest.y(kOutputs, y.outputs);
    nest.y(kUnits, y.keys);
    nest.x(kOutputs, shape_.columns);
    nest.temporal(kPeLevel, kTokens, 1);
    nest.temporal(kPeLevel, kOutputs, 1);
    nest.temporal(kUnitLevel, kUnits, 1);
    made.push_back(nest.take());
  }

  /// Rows and columns for one plane, where each plane has tables of its own.
  struct Planes {
    std::uint64_t rows = 1, columns = 1;
    bool over_rows = false;  ///< else over columns
  };

  /// Planes over the axis that then uses more PEs.
  void tables(std::vector<nest::Mapping>& made, std::uint64_t m, std::uint64_t n) const {
    const std::uint64_t planes = shape_.table_a_plane ? all_[kPlanes] : 1;
    const Planes over_x = {shape_.rows, std::max<std::uint64_t>(shape_.columns / planes, 1), false};
    const Planes over_y = {shape_.rows / planes, shape_.columns, true};
    tables(made, m, n,
           over_y.rows * over_y.columns > over_x.rows * over_x.columns ? over_y : over_x);
  }

  /// Tokens over some of the rows, and over all columns, three or none; where there are fewer tokens, outputs;
  /// keys over the rest.
  void tables(std::vector<nest::Mapping>& made, std::uint64_t m, std::uint64_t n,
              const Planes& planes) const {
    const std::uint64_t columns = planes.columns;
    std::uint64_t last = 0;
    for (const std::uint64_t rows :
         {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{4}, planes.rows}) {
      if (rows > planes.rows || rows == last) continue;
      last = rows;
      const bool over_y = planes.over_rows;
      const std::uint64_t keys = planes.rows / rows;
      if (m >= rows) tables(made, m, n, {rows, 1, keys}, {1, 1, columns}, over_y);
      if (columns > 1 && m >= rows * columns)
        tables(made, m, n, {rows, 1, keys}, {columns, 1, 1}, over_y);
      if (columns > 3 && m >= 3 * rows)
        tables(made, m, n, {rows, 1, keys}, {3, 1, columns / 3}, over_y);
      if (m >= 2 * rows || rows == 2) continue;
      const Axis y = m >= rows ? Axis{rows, 1, keys} : Axis{1, rows, keys};
      if (m < rows) tables(made, m, n, y, {1, 1, columns}, over_y);
      if (columns > 3) tables(made, m, n, y, {1, 3, columns / 3}, over_y);
      if (columns > 1) tables(made, m, n, y, {1, columns, 1}, over_y);
    }
  }

  void tables(std::vector<nest::Mapping>& made, std::uint64_t m, std::uint64_t n, const Axis& y,
              const Axis& x, bool planes_over_rows) const {
    const std::uint64_t tokens = std::min(m, y.tokens * x.tokens);
    const std::uint64_t keys = y.keys * x.keys;
    const std::uint64_t outputs = shape_.readers * y.outputs * x.outputs;
    for (const Filling& filling : fillings(m, n, tokens, keys, outputs)) {
      Nest nest(empty_, all_);
      nest.temporal(kDramLevel, kTokens, m);
      nest.temporal(kDramLevel, kOutputs, n > filling.outputs ? whole(n, filling.outputs) : n);
      nest.temporal(kDramLevel, kUnits, filling.units);
      nest.temporal(kResidentLevel, kOutputs, filling.outputs);
      if (filling.weights_stay) nest.temporal(kResidentLevel, kTokens, tokens);
      nest.temporal(kStreamLevel, kUnits, keys);
      nest.temporal(kStreamLevel, kTokens, tokens);
      nest.y(kTokens, std::min(m, y.tokens));
      nest.y(kOutputs, y.outputs);
      nest.y(kUnits, y.keys);
      if (shape_.table_a_plane && planes_over_rows) nest.y(kPlanes, all_[kPlanes]);
      if (shape_.table_a_plane && !planes_over_rows) nest.x(kPlanes, all_[kPlanes]);
      nest.x(kTokens, x.tokens);
      nest.x(kOutputs, x.outputs);
      nest.x(kUnits, x.keys);
      nest.temporal(kPeLevel, kOutputs, shape_.readers);
      nest.readers(shape_.readers);
      if (!shape_.table_a_plane) nest.temporal(kUnitLevel, kPlanes, 1);
      made.push_back(nest.take());
    }
  }

  /// What a half holds of the weights.
  struct Filling {
    bool weights_stay = false;  ///< while tokens come and go; else the inputs of all stay
    std::uint64_t units = 0, outputs = 0;
  };

  /// All of the reduction, or few keys for each PE, and the outputs that fit; as many outputs as it
  /// takes to read a table while the next is built, where weights stay also one a reader, or all, and
  /// the keys that fit.
  std::vector<Filling> fillings(std::uint64_t m, std::uint64_t n, std::uint64_t tokens,
                                std::uint64_t keys, std::uint64_t lanes) const {
    std::vector<Filling> made;
    for (const bool stay : {false, true}) {
      if (stay && m <= tokens) continue;
      const auto inputs = static_cast<double>(streamed_bits(stay ? tokens : m));
      const auto with_units = [&](std::uint64_t units) {
        const double left = half_bits_ / static_cast<double>(units) - inputs;
        if (left < weight_bits_) return;
        made.push_back({stay, units, static_cast<std::uint64_t>(left / weight_bits_)});
      };
      const auto with_outputs = [&](std::uint64_t outputs) {
        const double each = inputs + static_cast<double>(outputs) * weight_bits_;
        const auto units = static_cast<std::uint64_t>(half_bits_ / each);
        if (outputs <= n && units > 0 && units < all_[kUnits])
          made.push_back({stay, whole(units, keys), outputs});
      };
      with_units(all_[kUnits]);
      if (stay) {
        with_outputs(lanes);
        with_outputs(n);
      } else {
        with_units(std::min(all_[kUnits], keys));
        with_units(std::min(all_[kUnits], 4 * keys));
      }
      if (build_waves_ > 1) with_outputs(build_waves_ * lanes);
    }
    return made;
  }

  ArrayShape shape_;
  bool streams_, keeps_sums_;
  nest::Mapping empty_;  // what the levels keep
  ArrayExtents all_{1, 1, 1, 1};
  std::array<std::uint64_t, 3> words_{};  // in a PE, by LoweredTensor
  std::uint64_t build_waves_ = 1;         // outputs a reader while a table is built
  std::uint64_t resident_bits_ = 0, sum_bits_ = 0, input_bits_ = 0;
  double half_bits_ = 0.0;
  double weight_bits_ = 0.0;  // of all planes, with scales
};

}  // namespace

std::function<std::vector<nest::Mapping>()> seeds(const Lowering& lowering,
                                                  const ArrayShape& shape) {
  return [seeder = Seeder(lowering, shape)] { return seeder.run(); };
}

}  // namespace addax::mapping
