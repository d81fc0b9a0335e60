// SPDX-License-Identifier: Apache-2.0
#include "tests/models/search/random_space.h"

#include <algorithm>

namespace addax::tests {
namespace {

class Drawing {
 public:
  explicit Drawing(std::mt19937& random) : random_(random) {}

  search::Space space(bool idles) {
    search::Space space;
    space.name = "drawn";
    space.problem = problem();
    levels_ = number(2, 4);
    for (std::size_t level = 0; level < levels_; ++level)
      space.hierarchy.levels.push_back(drawn_level(space.problem, level));
    space.costs = costs(space.problem);
    if (number(0, 2) == 0) space.rules = rules(space);
    if (idles && once_in(2)) idle(space);
    return space;
  }

 private:
  std::uint64_t number(std::uint64_t least, std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(least, most)(random_);
  }
  bool once_in(std::uint64_t n) { return number(1, n) == 1; }
  double energy() { return 0.25 * static_cast<double>(number(1, 40)); }

  nest::Problem problem() {
    switch (number(0, 4)) {
      case 0: {
        nest::Convolution shape;
        shape.m = number(1, 2);
        shape.c = number(1, 2);
        shape.e = number(1, 4);
        shape.r = number(1, 3);
        shape.u = number(1, 2);
        return nest::convolution(shape);
      }
      case 1: {
        nest::HeadProduct shape;
        shape.groups = number(1, 2);
        shape.heads_a_group = number(1, 3);
        shape.k = number(1, 4);
        shape.n = number(1, 3);
        return nest::batched_product(shape);
      }
      default:
        break;
    }
    nest::Problem product = nest::matrix_product(number(1, 4), number(1, 7), number(1, 6));
    // A scale that neighbours share; bit planes.
    if (once_in(4)) product.tensors.push_back({"Scales", {{{{1, 1}}, 2}, {{{2, 1}}, 1}}});
    return product;
  }

  nest::Level drawn_level(const nest::Problem& problem, std::size_t at) {
    nest::Level level;
    level.name = "L" + std::to_string(at);
    for (std::size_t tensor = 0; tensor < problem.tensors.size(); ++tensor) {
      nest::Storage stored;
      stored.word_bits = static_cast<std::uint32_t>(number(1, 3)) * 8;
      if (at == 0)
        stored.keep = once_in(6) ? nest::Keep::kMay : nest::Keep::kMust;
      else
        stored.keep = once_in(4)   ? nest::Keep::kNever
                      : once_in(3) ? nest::Keep::kMay
                                   : nest::Keep::kMust;
      if (at > 0 && once_in(3)) stored.capacity_bits = 8 * number(1, 24);
      level.tensors.push_back(stored);
    }
    if (at > 0 && once_in(2)) level.capacity_bits = 8 * number(3, 60);
    if (once_in(2)) level.fan_out_x = number(1, 3);
    if (once_in(2)) level.fan_out_y = number(1, 3);
    level.multicasts = !once_in(3);
    level.reduces_x = !once_in(2);
    level.reduces_y = !once_in(2);
    if (once_in(3)) level.read_words_a_cycle = 0.5 * static_cast<double>(number(1, 8));
    if (once_in(3)) level.write_words_a_cycle = 0.5 * static_cast<double>(number(1, 8));
    return level;
  }

  nest::Charge charge(const nest::Problem& problem, bool of_one) {
    const auto all = static_cast<std::uint64_t>(nest::Flow::kReductions);
    auto flow = static_cast<nest::Flow>(number(0, of_one ? all - 1 : all));
    if (of_one && flow == nest::Flow::kRowWords) flow = nest::Flow::kReductions;
    return {number(0, levels_ - 1), number(0, problem.tensors.size() - 1), flow, energy()};
  }

  nest::Costs costs(const nest::Problem& problem) {
    nest::Costs costs;
    costs.fixed_pj = energy();
    for (std::uint64_t i = number(3, 14); i > 0; --i)
      costs.energy_pj.push_back(charge(problem, false));
    if (once_in(2)) costs.a_cycle_pj = energy();
    costs.cycles_a_step = once_in(4) ? 0.0 : static_cast<double>(number(1, 2));
    for (std::uint64_t i = number(0, 2); i > 0; --i) {
      nest::Resource resource;
      resource.name = "drawn";
      resource.of_one_instance = once_in(2);
      resource.a_step = once_in(3) ? 1.0 : 0.0;
      for (std::uint64_t c = number(1, 3); c > 0; --c)
        resource.charges.push_back(charge(problem, resource.of_one_instance));
      costs.resources.push_back(resource);
    }
    return costs;
  }

  // A level that prepares words of an input, while it works.
  void prepare(search::Space& space) {
    constexpr std::size_t kInputs =
        2;  // of a matrix product, each of which one dimension passes by
    if (space.problem.dimensions.size() != 3 || levels_ < 2) return;
    const std::size_t level = number(1, levels_ - 1);
    const std::size_t tensor = number(0, kInputs - 1);
    nest::Storage& storage = space.hierarchy.levels[level].tensors[tensor];
    storage.capacity_bits = storage.word_bits;
    storage.preparation_steps = number(1, 6);
    nest::Resource turns{"turns", 0.0, {}, true};
    turns.charges.push_back({level, tensor, nest::Flow::kTurns, static_cast<double>(number(1, 2))});
    space.costs.resources.push_back(turns);
  }

  // Waits and imperfect overlap.
  void idle(search::Space& space) {
    prepare(space);
    for (nest::Resource& resource : space.costs.resources) resource.ahead = once_in(2);
    if (once_in(2)) space.costs.overlap_power = static_cast<double>(number(2, 10));
    const std::size_t tensor = number(0, space.problem.tensors.size() - 1);
    if (tensor != space.problem.output)
      space.costs.waits.push_back({number(0, levels_ - 1), tensor, energy()});
  }

  std::vector<std::size_t> some_dimensions(const nest::Problem& problem) {
    std::vector<std::size_t> all;
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d)
      if (!once_in(3)) all.push_back(d);
    std::shuffle(all.begin(), all.end(), random_);
    return all;
  }

  std::vector<search::LevelRule> rules(const search::Space& space) {
    std::vector<search::LevelRule> rules(levels_);
    for (search::LevelRule& rule : rules) {
      const std::uint64_t d = number(0, space.problem.dimensions.size() - 1);
      const std::uint64_t size = space.problem.dimensions[d].size;
      if (once_in(5)) rule.temporal = some_dimensions(space.problem);
      if (once_in(5)) rule.y = some_dimensions(space.problem);
      if (once_in(5)) rule.x = some_dimensions(space.problem);
      if (once_in(3)) rule.innermost = some_dimensions(space.problem);
      if (once_in(6)) rule.tiles[d] = (size + 1) / 2;
      if (once_in(6)) rule.multiples[d] = number(2, 3);
      if (once_in(8)) rule.y_bounds[d] = number(1, 2);
      if (once_in(8)) rule.x_bounds[d] = number(1, 2);
      if (once_in(6)) rule.keep[number(0, 2)] = once_in(2);
      if (once_in(5)) rule.stationary = {static_cast<std::size_t>(number(0, 2))};
    }
    return rules;
  }

  std::mt19937& random_;
  std::size_t levels_ = 2;
};

}  // namespace

search::Space random_space(std::mt19937& random, bool idles) {
  return Drawing(random).space(idles);
}

}  // namespace addax::tests
