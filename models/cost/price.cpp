// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/cost/cost.h"
#include "models/cost/silicon.h"
#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"

namespace addax::cost {
namespace {

using action::Action;
using action::Component;
using action::Verb;
using quantity::Millimetres;

constexpr double kUm2InMm2 = 1e6;
constexpr double kMilliwattSecondsInPicojoules = 1e9;

Millimetres side_of(double area_um2) { return Millimetres(std::sqrt(area_um2 / kUm2InMm2)); }

/// Where wires run: lengths follow from the area.
struct Floorplan {
  Millimetres array_width, array_height, buffer_side;
};

/// The array is a grid of square cells of the mean PE's area; the buffer is a square.
Floorplan floorplan(const CostTable& table, const arch::Architecture& a) {
  const Millimetres buffer_side = side_of(buffer_area(table, a.buffer).figure.value);
  double array_um2 = 0.0;
  for (const arch::ColumnGroup& group : a.groups) {
    double pe_um2 = 0.0;
    for (const auto& each : pe_parts(table, group)) pe_um2 += each.second.figure.value;
    array_um2 += pe_um2 * a.rows * group.columns;
  }
  const Millimetres pitch = side_of(array_um2 / static_cast<double>(a.pes()));
  return {pitch * a.columns(), pitch * a.rows, buffer_side};
}

/// Prices of one action kind; a member function a component.
class Pricer {
 public:
  Pricer(const CostTable& table, const arch::Architecture& architecture, const Floorplan& plan)
      : table_(table), architecture_(architecture), plan_(plan) {}

  Estimate price(const Action& action) const {
    if (action.verb == Verb::kCompute)
      return look_up(table_, arith::name(*action.arithmetic), "energy_pj");
    switch (action.component) {
      case Component::kDram:
        return dram(action);
      case Component::kBuffer:
        return buffer(action);
      case Component::kActivationNetwork:
      case Component::kWeightNetwork:
      case Component::kPsumNetwork:
      case Component::kOutputNetwork:
        return network(action);
      case Component::kNeighbourLink:
        ADDAX_CHECK(action.verb == Verb::kTransfer, name(action));
        return wire(plan_.array_height * (1.0 / architecture_.rows));
      case Component::kActivationScratchpad:
        return scratchpad(action, group(action).activation_scratchpad);
      case Component::kWeightScratchpad:
        return scratchpad(action, group(action).weight_scratchpad);
      case Component::kPsumScratchpad:
        return scratchpad(action, group(action).psum_scratchpad);
      case Component::kLut:
        return lut(action);
      case Component::kArray:
        return array(action);
      case Component::kVectorUnit:
        break;
    }
    return vector_unit(action);
  }

 private:
  const arch::ColumnGroup& group(const Action& action) const {
    ADDAX_CHECK(action.group < architecture_.groups.size(), name(action));
    return architecture_.groups[action.group];
  }

  Estimate wire(Millimetres length) const {
    return look_up(table_, "wire", "energy_pj_per_bit_mm") * length.value();
  }

  Estimate energy_a_cycle(const Estimate& milliwatts) const {
    return milliwatts * (kMilliwattSecondsInPicojoules / architecture_.clock.value());
  }

  Estimate logic_leakage(const Estimate& area) const {
    return product(area, look_up(table_, "logic", "leakage_mw_per_um2"));
  }

  Estimate dram(const Action& action) const {
    const std::string row = "dram." + architecture_.dram.type;
    if (table_.rows.count(row) == 0) refuse_dram();
    if (action.verb == Verb::kPowered)
      return energy_a_cycle(look_up(table_, row + ".background", "background_mw"));
    ADDAX_CHECK(action.verb == Verb::kRead || action.verb == Verb::kWrite, name(action));
    return look_up(table_, row, "energy_pj_per_bit") * action.width_bits;
  }

  /// The table may well be complete, and the architecture ask for what it has not.
  [[noreturn]] void refuse_dram() const {
    const std::string prefix = "dram.";
    const std::string suffix = ".background";
    std::string types;
    for (const auto& each : table_.rows) {
      const std::string& key = each.first;
      const std::string type = key.substr(std::min(prefix.size(), key.size()));
      if (key.rfind(prefix, 0) != 0 || key.find(suffix) != std::string::npos) continue;
      types += (types.empty() ? "" : ", ") + type;
    }
    throw quantity::Impossible({"dram.type", architecture_.dram.type,
                                (types.empty() ? "a row dram." + architecture_.dram.type
                                               : types + ", the rows dram.TYPE") +
                                    " in cost table '" + table_.name + "'"});
  }

  Estimate buffer(const Action& action) const {
    const Store bank = bank_of(architecture_.buffer);
    if (action.verb == Verb::kPowered)
      return energy_a_cycle(leakage(table_, bank) * architecture_.buffer.banks +
                            logic_leakage(look_up(table_, "chip.control", "area_um2")));
    const Estimate to_bank = wire(plan_.buffer_side * 0.5) * action.width_bits;
    if (action.verb == Verb::kRead) return read_energy(table_, bank, action.width_bits) + to_bank;
    ADDAX_CHECK(action.verb == Verb::kWrite, name(action));
    return write_energy(table_, bank, action.width_bits) + to_bank;
  }

  Estimate network(const Action& action) const {
    if (action.verb == Verb::kTransfer) return wire(plan_.array_height) * action.width_bits;
    ADDAX_CHECK(action.verb == Verb::kDeliver, name(action));
    return wire(plan_.array_width) * action.width_bits;
  }

  Estimate scratchpad(const Action& action, const arch::Scratchpad& scratchpad) const {
    // A scratchpad that is not there neither leaks nor can be accessed.
    if (scratchpad.bits() == 0 && action.verb == Verb::kPowered) return {};
    ADDAX_CHECK(scratchpad.bits() > 0, name(action));
    const Store store = store_of(scratchpad);
    if (action.verb == Verb::kPowered) return energy_a_cycle(leakage(table_, store));
    if (action.verb == Verb::kRead) return read_energy(table_, store, action.width_bits);
    ADDAX_CHECK(action.verb == Verb::kWrite, name(action));
    return write_energy(table_, store, action.width_bits);
  }

  Estimate lut(const Action& action) const {
    const auto& lut = group(action).datapath.lut;
    ADDAX_CHECK(lut.has_value(), name(action));
    const Store store = store_of(*lut);
    switch (action.verb) {
      case Verb::kRead:
        return read_energy(table_, store, action.width_bits);
      case Verb::kWrite:
        return write_energy(table_, store, action.width_bits);
      case Verb::kPowered: {
        const Estimate cells = lut->storage == arch::Storage::kSram
                                   ? leakage(table_, store)
                                   : logic_leakage(cell_area(table_, store));
        return energy_a_cycle(cells + logic_leakage(lut_logic_area(table_, *lut)));
      }
      default:
        break;
    }
    ADDAX_CHECK(action.verb == Verb::kHold, name(action));
    // SRAM keeps its content without a clock.
    if (lut->storage == arch::Storage::kSram) return read_energy(table_, store, 1) * 0.0;
    return look_up(table_, arch::name(lut->storage),
                   lut->clock_gated ? "gated_clock_energy_pj_per_bit" : "clock_energy_pj_per_bit") *
           action.width_bits;
  }

  Estimate array(const Action& action) const {
    const arch::ColumnGroup& columns = group(action);
    if (action.verb == Verb::kPowered)
      return energy_a_cycle(logic_leakage(pe_logic_area(table_, columns)));
    ADDAX_CHECK(action.verb == Verb::kClocked, name(action));
    return look_up(table_, "pe.control", "energy_pj") +
           look_up(table_, "flip_flop", "clock_energy_pj_per_bit") *
               static_cast<double>(pipeline_bits(columns.datapath));
  }

  Estimate vector_unit(const Action& action) const {
    if (action.verb == Verb::kPowered)
      return energy_a_cycle(logic_leakage(vector_unit_area(table_, architecture_.vector_unit)));
    ADDAX_CHECK(action.verb == Verb::kClocked, name(action));
    return look_up(table_, "vector_lane", "energy_pj") * architecture_.vector_unit.lanes;
  }

  const CostTable& table_;
  const arch::Architecture& architecture_;
  const Floorplan& plan_;
};

}  // namespace

PriceList::PriceList(const CostTable& table, const arch::Architecture& architecture)
    : table_(table), architecture_(architecture) {
  const Floorplan plan = floorplan(table_, architecture_);
  array_width_ = plan.array_width;
  array_height_ = plan.array_height;
  buffer_side_ = plan.buffer_side;
}

const Price& PriceList::of(const Action& action) const {
  const auto found = known_.find(action);
  if (found != known_.end()) return found->second;
  return known_.emplace(action, find(action)).first->second;
}

Price PriceList::find(const Action& action) const {
  const Floorplan plan{array_width_, array_height_, buffer_side_};
  const Estimate estimate = Pricer(table_, architecture_, plan).price(action);
  using quantity::Picojoules;
  return {Picojoules(estimate.figure.value),
          Picojoules(estimate.figure.low),
          Picojoules(estimate.figure.high),
          Picojoules(estimate.assumed),
          estimate.evidence,
          joined(estimate.rows, " + "),
          joined(estimate.sources, "; ")};
}

}  // namespace addax::cost
