// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/detailed/reference.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/sim/detailed/rules.h"

namespace addax::tests {
namespace {

using mapping::ArrayExtents;
using mapping::Role;

// A wave: where its tile begins and ends, for tokens, outputs and inputs.
struct Step {
  ArrayExtents begin{}, end{};
  ArrayExtents whole{};  // extents of a wave that is not cut short
  std::uint64_t pass = 0;
  std::pair<std::uint64_t, std::uint64_t> pass_units;
  bool keeps = false;  // the array holds one tile of sums in this pass
};

void enumerate(const std::vector<nest::Loop>& loops, std::size_t at, const Step& outer,
               std::vector<Step>& steps) {
  if (at == loops.size()) {
    steps.push_back(outer);
    return;
  }
  const nest::Loop& loop = loops[at];
  for (std::uint64_t from = outer.begin[loop.dimension]; from < outer.end[loop.dimension];
       from += loop.tile) {
    Step inner = outer;
    inner.begin[loop.dimension] = from;
    inner.end[loop.dimension] = std::min(outer.end[loop.dimension], from + loop.tile);
    enumerate(loops, at + 1, inner, steps);
  }
}

std::vector<Step> steps_of(const mapping::ProductPlan& plan, std::uint64_t unit_inputs,
                           std::uint64_t copy) {
  std::vector<Step> steps;
  ArrayExtents whole{};
  std::uint64_t pass = 0;
  mapping::NestWalk walk(plan.problem, plan.nest);
  for (; walk.next(); ++pass) {
    Step one;
    const ArrayExtents extents = plan.dataflow.array_extents(walk.position().extents);
    if (pass == 0) whole = mapping::joint_tile(plan.dataflow.mapping(), extents);
    if (walk.offset(Role::kBatch) != copy) continue;
    one.pass = pass;
    one.begin = {walk.offset(Role::kToken), walk.offset(Role::kOutput),
                 walk.offset(Role::kReduction) / unit_inputs, 0};
    for (std::size_t d = 0; d < one.begin.size(); ++d) one.end[d] = one.begin[d] + extents[d];
    one.pass_units = {one.begin[mapping::kUnits], one.end[mapping::kUnits]};
    one.keeps = plan.dataflow.keeps_sums(walk.position().extents);
    one.whole = whole;
    enumerate(plan.dataflow.mapping().waves, 0, one, steps);
  }
  return steps;
}

// Which of the places that loops spread over has a point, and the tile that it holds.
std::uint64_t place_of(const std::vector<nest::Loop>& loops, const ArrayExtents& point,
                       ArrayExtents& begin, ArrayExtents& whole) {
  std::uint64_t place = 0;
  for (const nest::Loop& loop : loops) {
    const std::size_t d = loop.dimension;
    if (loop.tile >= whole[d]) continue;
    const std::uint64_t i = (point[d] - begin[d]) / loop.tile;
    place = place * ((whole[d] + loop.tile - 1) / loop.tile) + i;
    begin[d] += i * loop.tile;
    whole[d] = loop.tile;
  }
  return place;
}

// Who works on an output in a wave: (column, row) and its units and planes, from column to column.
struct Part {
  std::uint64_t column = 0, row = 0;
  std::vector<std::uint64_t> units;
  std::set<std::uint64_t> planes;
};

bool has(const Step& step, std::uint64_t m, std::uint64_t n) {
  return step.begin[0] <= m && m < step.end[0] && step.begin[1] <= n && n < step.end[1];
}

// What the PEs of a wave have of an output. `alone`: none has another output, or token.
std::vector<Part> parts_of(const mapping::ProductPlan& plan, const Step& step, std::uint64_t m,
                           std::uint64_t n, std::uint64_t readers, bool& alone) {
  std::map<std::array<std::uint64_t, 3>, Part> parts;
  for (std::uint64_t q = step.begin[3]; q < step.end[3]; ++q)
    for (std::uint64_t k = step.begin[2]; k < step.end[2]; ++k) {
      const ArrayExtents point = {m, n, k, q};
      ArrayExtents begin = step.begin;
      ArrayExtents whole = step.whole;
      const std::uint64_t row = place_of(plan.dataflow.mapping().y, point, begin, whole);
      const std::uint64_t column = place_of(plan.dataflow.mapping().x, point, begin, whole);
      // Of the first PE, which has the most.
      alone = std::min(step.end[0] - step.begin[0], whole[0]) == 1 &&
              std::min(step.end[1] - step.begin[1], whole[1]) <= readers;
      Part& part = parts[{begin[3], column, row}];
      part.column = column;
      part.row = row;
      part.planes.insert(q);
      if (part.units.empty() || part.units.back() != k)
        if (q == *part.planes.begin()) part.units.push_back(k);
    }
  // Neighbouring units in one column, then in the next; for each plane that has PEs of its own.
  std::vector<Part> ordered;
  std::uint64_t plane = 0, next = step.begin[2];
  for (auto& [key, part] : parts) {
    if (key[0] != plane) next = step.begin[2];
    plane = key[0];
    for (std::uint64_t& unit : part.units) unit = next++;
    ordered.push_back(part);
  }
  return ordered;
}

class Reference {
 public:
  Reference(const mapping::ProductPlan& plan, const values::LayerValues& operands,
            std::uint64_t copy)
      : plan_(plan),
        rules_(plan, operands, copy),
        steps_(steps_of(plan, rules_.unit_inputs(), copy)),
        table_(plan.dataflow.has_table()),
        all_units_((operands.weights[copy].inputs + rules_.unit_inputs() - 1) /
                   rules_.unit_inputs()) {}

  float output(std::uint64_t m, std::uint64_t n, std::uint64_t readers) const {
    // A stay is one wave, or several over which PEs keep sums: (column, row) -> parts of it in order.
    struct Stay {
      std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<Piece>> pes;
      bool in_pes = false;
    };
    std::vector<Stay> stays;
    bool before = false, keeps = false;
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      const Step& step = steps_[s];
      const bool here = has(step, m, n);
      if (here) {
        bool alone = false;
        std::vector<Part> parts = parts_of(plan_, step, m, n, readers, alone);
        if (!(before && keeps)) stays.emplace_back();
        keeps = plan_.dataflow.mapping().keeps_sums || alone;
        Stay& stay = stays.back();
        const bool again =
            s > 0 && before && steps_[s - 1].pass == step.pass && has(steps_[s - 1], m, n);
        // Tables whose keys are all of the reduction have nothing to wait for.
        const bool all_keys = table_ && step.end[2] - step.begin[2] >= all_units_;
        stay.in_pes = stay.in_pes || (step.keeps && !all_keys) ||
                      (plan_.dataflow.mapping().keeps_sums && !table_) || (again && keeps);
        for (const Part& part : parts) stay.pes[{part.column, part.row}].push_back({part, s, s});
      }
      before = here;
    }
    State state = rules_.zero();
    for (Stay& stay : stays) {
      if (stay.in_pes && rules_.cuts()) spread(stay.pes);
      add_stay(stay.pes, stay.in_pes, m, n, state);
    }
    return rules_.output(state, n);
  }

 private:
  struct Piece {
    Part part;
    std::size_t step = 0, last = 0;  // waves
  };
  using Pes = std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<Piece>>;

  // Where sums stay in several waves of a pass, PEs take stretches of neighbouring units of it.
  void spread(Pes& pes) const {
    std::map<std::uint64_t, std::set<std::size_t>> waves;
    for (const auto& [place, pieces] : pes)
      for (const Piece& piece : pieces) waves[steps_[piece.step].pass].insert(piece.step);
    for (const auto& [pass, steps] : waves) {
      if (steps.size() < 2) continue;
      std::vector<std::pair<std::uint64_t, std::uint64_t>> sharing;
      for (const auto& [place, pieces] : pes)
        for (const Piece& piece : pieces)
          if (piece.step == *steps.begin()) sharing.push_back(place);
      const auto [from, to] = steps_[*steps.begin()].pass_units;
      const std::uint64_t each = (to - from + sharing.size() - 1) / sharing.size();
      std::size_t most = 0;
      for (const auto& place : sharing)
        for (const Piece& piece : pes[place])
          if (piece.step == *steps.begin()) most = std::max(most, piece.part.units.size());
      const auto a_wave = static_cast<long>(most);
      for (std::size_t i = 0; i < sharing.size(); ++i) {
        std::vector<Piece>& pieces = pes[sharing[i]];
        Part all = pieces.front().part;
        all.units.clear();
        for (std::uint64_t k = from + i * each; k < std::min(to, from + (i + 1) * each); ++k)
          all.units.push_back(k);
        std::vector<Piece> kept;
        bool placed = false;
        for (const Piece& piece : pieces) {
          if (steps_[piece.step].pass != pass) {
            kept.push_back(piece);
          } else if (!placed && !all.units.empty()) {
            kept.push_back(
                {all, piece.step,
                 *std::next(steps.begin(),
                            (static_cast<long>(all.units.size()) + a_wave - 1) / a_wave - 1)});
            placed = true;
          }
        }
        pieces = kept;
      }
    }
  }

  // Down each column; `stay`: PEs end all their segments by themselves.
  void add_stay(const Pes& pes, bool stay, std::uint64_t m, std::uint64_t n, State& state) const {
    std::map<std::uint64_t, std::size_t> last;  // of a column
    for (const auto& [place, pieces] : pes)
      for (const Piece& piece : pieces) last[place.first] = std::max(last[place.first], piece.last);
    std::set<std::pair<std::size_t, std::uint64_t>> columns;
    for (const auto& [column, wave] : last) columns.insert({wave, column});
    for (const auto& [wave, column] : columns) add_column(pes, column, stay, m, n, state);
  }

  void add_column(const Pes& pes, std::uint64_t column, bool stay, std::uint64_t m, std::uint64_t n,
                  State& state) const {
    bool open = false;
    std::uint64_t last_unit = 0;
    for (auto pe = pes.begin(); pe != pes.end(); ++pe) {
      if (pe->first.first != column) continue;
      std::vector<std::pair<std::uint64_t, std::uint64_t>> units;  // and passes
      std::vector<const std::set<std::uint64_t>*> planes;
      for (const Piece& piece : pe->second)
        for (const std::uint64_t unit : piece.part.units) {
          units.emplace_back(unit, steps_[piece.step].pass);
          planes.push_back(&piece.part.planes);
        }
      if (units.empty()) continue;
      State own = rules_.zero();
      bool in_head = open && units.front().first == last_unit + 1 &&
                     !rules_.begins_segment(units.front().first);
      for (std::size_t i = 0; i < units.size(); ++i) {
        const std::uint64_t unit = units[i].first;
        rules_.accumulate(own, m, n, unit, *planes[i]);
        last_unit = unit;
        if (!rules_.segmented()) continue;
        bool ends = rules_.begins_segment(unit + 1);
        if (i + 1 < units.size()) {
          ends = ends || units[i + 1].second != units[i].second || units[i + 1].first != unit + 1;
        } else if (!ends) {
          const auto below = std::next(pe);
          const bool goes_on = !stay && below != pes.end() &&
                               below->first.first == pe->first.first &&
                               below->second.front().part.units.front() == unit + 1;
          ends = !goes_on;
        }
        open = !ends;
        if (!ends) continue;
        if (in_head) {
          rules_.add_open(state, own);
          rules_.close(state, m, n, unit);
          own = rules_.zero();
          in_head = false;
        } else {
          rules_.close(own, m, n, unit);
        }
      }
      if (!rules_.segmented() || in_head) {
        rules_.add_open(state, own);
      } else {
        rules_.add_total(state, own);
        if (open) rules_.take_open(state, own);
      }
    }
  }

  const mapping::ProductPlan& plan_;
  Rules rules_;
  std::vector<Step> steps_;
  bool table_;
  std::uint64_t all_units_;
};

}  // namespace

std::vector<float> in_order_of(const mapping::ProductPlan& plan,
                               const values::LayerValues& operands, std::uint64_t readers) {
  std::vector<float> y;
  for (std::uint64_t copy = 0; copy < operands.weights.size(); ++copy) {
    const Reference reference(plan, operands, copy);
    for (std::uint64_t m = 0; m < operands.tokens; ++m)
      for (std::uint64_t n = 0; n < operands.weights[copy].outputs; ++n)
        y.push_back(reference.output(m, n, readers));
  }
  return y;
}

}  // namespace addax::tests
