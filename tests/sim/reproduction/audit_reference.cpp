// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/reproduction/audit_reference.h"

#include <algorithm>

#include "tests/sim/reproduction/audit_tilings.h"

namespace addax::tests::audit {
namespace {

using action::Component;
using action::Verb;
using arith::Arithmetic;
using A = Assumption;

constexpr double kPaperCycle = 1.0 / 250e6;
constexpr long kKey = 8;

double real(long number) { return static_cast<double>(number); }
long over(long number, long divisor) { return (number + divisor - 1) / divisor; }

// ---- prices

/// pJ: of a bit at each level, and of an operation.
struct Prices {
  double dram = 200.0 / 16, buffer = 22.2 / 16, network = 7.4 / 16, link = 3.7 / 16;
  double sums_in_buffer = 22.2 / 16;  ///< as often read as written
  double through_buffer = 0.0;        ///< weights: written and read
  double input = 3.7 / 16, weight = 7.4 / 16, sum = 3.7 / 16;
  double multiply = 1.1, add = 0.4, accumulate = 0.4, shift = 0.15, query = 0.37;
  double subtract = 0.0, convert = 0.0, exponent = 0.0;
};

struct Step {
  Subject subject;
  Assumption now;

  bool reached(Assumption step) const { return static_cast<int>(now) >= static_cast<int>(step); }
  const arch::ColumnGroup& group() const { return subject.architecture.groups[subject.group]; }
  double pj(Component component, Verb verb, std::uint32_t bits, std::uint32_t of_group = 0) const {
    return subject.list.of({component, verb, bits, of_group, {}}).energy.value();
  }
  double pj(Arithmetic arithmetic) const {
    return subject.list.of({Component::kArray, Verb::kCompute, 1, 0, arithmetic}).energy.value();
  }
  long pes() const { return long{subject.architecture.rows} * group().columns; }
  double cycle() const {
    return reached(A::kSilicon) ? 1.0 / subject.architecture.clock.value() : kPaperCycle;
  }
  long sum_bits() const { return reached(A::kAccumulators) ? 32 : 16; }
  void limit(Product& product) const {
    if (reached(A::kSilicon)) product.most_pes = pes();
  }

  Prices prices() const {
    Prices p;
    p.subtract = pj(Arithmetic::kInt8Add);
    p.convert = pj(Arithmetic::kFp16Convert);
    p.exponent = pj(Arithmetic::kExponentAdd);
    if (reached(A::kArithmeticCosts)) {
      p.multiply = pj(Arithmetic::kFp16Multiply);
      p.add = p.accumulate = pj(Arithmetic::kFp16Add);
      p.shift = subject.barrel_shift;
    }
    if (reached(A::kTables) && group().datapath.lut)
      p.query = pj(Component::kLut, Verb::kRead, group().datapath.lut->entry_bits, subject.group);
    if (reached(A::kAccumulators)) p.accumulate = pj(Arithmetic::kFp32Add);
    if (reached(A::kMemoryCosts)) technology(p);
    return p;
  }

  void technology(Prices& p) const {
    const std::uint32_t g = subject.group;
    const auto pad = [&](Component component, Verb verb, const arch::Scratchpad& scratchpad) {
      return pj(component, verb, scratchpad.width_bits, g) / scratchpad.width_bits;
    };
    const std::uint32_t word = subject.architecture.buffer.width_bits;
    const double read = pj(Component::kBuffer, Verb::kRead, word) / word;
    const double write = pj(Component::kBuffer, Verb::kWrite, word) / word;
    p.dram = pj(Component::kDram, Verb::kRead, 1);
    p.buffer = read;
    p.sums_in_buffer = (read + write) / 2;
    p.through_buffer = write + read;
    p.network = pj(Component::kWeightNetwork, Verb::kTransfer, 1) +
                pj(Component::kWeightNetwork, Verb::kDeliver, 1);
    p.link = pj(Component::kNeighbourLink, Verb::kTransfer, 1, g);
    p.input = pad(Component::kActivationScratchpad, Verb::kRead, group().activation_scratchpad);
    p.weight = pad(Component::kWeightScratchpad, Verb::kRead, group().weight_scratchpad) +
               pad(Component::kWeightScratchpad, Verb::kWrite, group().weight_scratchpad);
    p.sum = (pad(Component::kPsumScratchpad, Verb::kRead, group().psum_scratchpad) +
             pad(Component::kPsumScratchpad, Verb::kWrite, group().psum_scratchpad)) /
            2;
  }
};

// ---- the account

class Ledger {
 public:
  explicit Ledger(const Step& step) : step_(step), p_(step.prices()) {}

  const Prices& prices() const { return p_; }
  Sums sums;

  Levels inputs(long bits) const {
    return {p_.dram * real(bits), p_.buffer * real(bits), p_.network * real(bits),
            p_.input * real(bits)};
  }
  Levels weights(long bits, long register_bits) const {
    return {p_.dram * real(bits), 0.0, p_.network * real(bits), p_.weight * real(register_bits)};
  }
  Levels outputs(long bits, long sum_bits) const {
    return {p_.dram * real(bits), p_.sums_in_buffer * real(sum_bits), p_.link * real(sum_bits),
            p_.sum * real(sum_bits)};
  }
  /// The paper's Add, Mult and LUT, which run on chip.
  Product on_chip(long n, long c, long m, double operation) const {
    Product product{n, c, m, {}, {}, {}, operation};
    product.in.registers = p_.input * 16;
    product.weight.registers = p_.weight * 16;
    product.out.network = p_.link * 16;
    product.out.registers = p_.sum * 16;
    return product;
  }

  Tiled spend(Product product, double Sums::*operations, double seconds_a_step) {
    step_.limit(product);
    const Tiled t = best(product);
    sums.dram += t.energy.dram;
    sums.buffer += t.energy.buffer;
    sums.network += t.energy.network;
    sums.registers += t.energy.registers;
    sums.*operations += real(product.n * product.c * product.m) * product.operation;
    sums.dram_bits += t.energy.dram / p_.dram;
    sums.seconds += t.steps * seconds_a_step;
    const double weight_bits =
        real(product.n / t.n0 * product.c * product.m) * product.weight.dram / p_.dram;
    sums.buffer += weight_bits * p_.through_buffer;
    return t;
  }

  void scales(long bits) {
    sums.dram_bits += real(bits);
    sums.dram += real(bits) * p_.dram;
    sums.buffer += real(bits) * p_.through_buffer;
    sums.network += real(bits) * p_.network;
    sums.registers += real(bits) * p_.weight;
  }

 private:
  const Step& step_;
  Prices p_;
};

// y = W x on multipliers. FP16 has no groups.
Sums multiplied(const Step& step, long bits, long groups) {
  const long c = step.subject.inputs, m = step.subject.outputs;
  const bool integer = bits != 16;
  Ledger ledger(step);
  const Prices& p = ledger.prices();
  const long width = step.reached(A::kOperandWidths) ? 16 : bits;
  const long sum_bits = step.reached(A::kAccumulators) ? 32 : width;
  const bool scaled = integer && step.reached(A::kScales);
  Product product{1, c, m};
  product.in = ledger.inputs(width);
  product.weight = ledger.weights(bits, scaled ? 16 : bits);
  product.out = ledger.outputs(width, sum_bits);
  if (width < 16) {
    product.most_sums = 32;
    product.most_inputs = 23;
    product.most_weights = 1919;
    product.most_pes = 767;
    product.most_words = 131071;
  }
  double cycles = 1.0;
  product.operation = p.multiply;
  if (step.reached(A::kSums)) product.operation += p.accumulate;
  if (scaled) {
    // A group ends in a product with its scale and the add of a sum.
    cycles += real(groups) / real(c);
    product.operation = (p.multiply + p.accumulate) * cycles + p.subtract + p.convert;
    ledger.scales((16 + bits) * m * groups);
  }
  ledger.spend(product, &Sums::arithmetic, cycles * step.cycle());
  if (!step.reached(A::kSums))
    ledger.spend(ledger.on_chip(1, c, m, p.add), &Sums::arithmetic, step.cycle());
  return ledger.sums;
}

// The paper's building of tables, as long as it stands.
void build_as_published(Ledger& ledger, long keys) {
  Product fc{keys, kKey, 1, ledger.inputs(16), ledger.weights(16, 16), ledger.outputs(16, 16), 1.1};
  ledger.spend(fc, &Sums::tables, kPaperCycle);
  ledger.spend(ledger.on_chip(keys, kKey, 1, 0.4), &Sums::tables, kPaperCycle);
  ledger.spend(ledger.on_chip(keys, 1, 255, 0.4), &Sums::tables, kPaperCycle);
}

// A scaling of each lookup: the operands of a shift have 10 bits.
void scale_as_published(const Step& step, Ledger& ledger, long keys, long planes) {
  Product shift{keys, step.subject.outputs, planes};
  shift.in = ledger.inputs(10);
  if (step.reached(A::kKeys)) shift.in.dram = shift.in.buffer = shift.in.network = 0.0;
  shift.weight = ledger.weights(10, 10);
  shift.out = ledger.outputs(10, 10);
  shift.operation = ledger.prices().shift;
  ledger.spend(shift, &Sums::arithmetic, kPaperCycle / 3.2);
}

struct Coded {
  long planes, terms, keys;
};

// Exponent adders, FP16 adders, the adder of sums and the table's readers work side by side.
double cycles_a_lookup(const Step& step, const Coded& coded) {
  const arch::Datapath& path = step.group().datapath;
  double most = 1.0 / path.lut->readers;
  for (const arch::Unit& unit : path.units) {
    double work = 1.0;
    if (unit.executes == Arithmetic::kExponentAdd) work = real(coded.terms);
    if (unit.executes == Arithmetic::kFp16Add) work = real(coded.terms - 1);
    most = std::max(most, work * unit.initiation_interval / unit.count);
  }
  return most;
}

void scale(const Step& step, Ledger& ledger, const Coded& coded) {
  const long m = step.subject.outputs;
  const Prices& p = ledger.prices();
  const double lookups = real(coded.keys * m * coded.planes);
  ledger.sums.arithmetic +=
      lookups * (real(coded.terms) * p.exponent + real(coded.terms - 1) * p.add);
  ledger.scales(8 * coded.terms * coded.planes * coded.keys * over(m, over(m, 8)));
}

// Keys of all planes side by side, until tables are hardware.
void look_up_planes(const Step& step, Ledger& ledger, const Coded& coded) {
  const bool scaled = step.reached(A::kScales);
  const Prices& p = ledger.prices();
  Product product = ledger.on_chip(1, coded.keys * coded.planes, step.subject.outputs, p.query);
  product.out = ledger.outputs(16, 16);
  if (step.reached(A::kKeys)) {
    product.weight = ledger.weights(kKey, kKey);
    product.in.registers = 0.0;
  }
  const double cycles = scaled ? cycles_a_lookup(step, coded) : 1.0;
  ledger.spend(product, &Sums::tables, cycles * step.cycle());
  ledger.sums.arithmetic += real(product.c * product.m) * p.accumulate;
  if (scaled) scale(step, ledger, coded);
}

// A PE has the table of one key for all rows and planes.
void look_up_in_hardware(const Step& step, Ledger& ledger, const Coded& coded) {
  const arch::Lut& lut = *step.group().datapath.lut;
  const Prices& p = ledger.prices();
  const long m = step.subject.outputs;
  Product product{1, coded.keys, m};
  product.weight = ledger.weights(kKey * coded.planes, kKey * coded.planes);
  product.out = ledger.outputs(16, step.sum_bits());
  product.operation = real(coded.planes) * p.query;
  product.most_inputs = 1;
  const Tiled t = ledger.spend(product, &Sums::tables,
                               real(coded.planes) * cycles_a_lookup(step, coded) * step.cycle());
  ledger.sums.arithmetic += real(coded.keys * coded.planes * m) * p.accumulate;
  scale(step, ledger, coded);

  // Each of the PEs side by side along the outputs builds its own from the inputs that it is sent.
  const double bits = real(16 * step.subject.inputs);
  ledger.sums.dram_bits += bits;
  ledger.sums.dram += bits * p.dram;
  ledger.sums.buffer += bits * p.buffer;
  ledger.sums.network += bits * real(t.m1) * p.network;
  ledger.sums.registers += bits * real(t.m1) * p.input;
  // docs/physics/lut.md: a half table of 8-bit keys has 128 entries and takes 152 adds in 3 levels.
  const std::uint32_t g = step.subject.group;
  const double write = step.pj(Component::kLut, Verb::kWrite, 16, g);
  ledger.sums.tables +=
      real(coded.keys * t.m1) * (128 * write + 152 * step.pj(Arithmetic::kFp16Add));
  const long build = std::max(over(152, lut.generator_adders), over(128, lut.write_ports)) + 3;
  ledger.sums.seconds += real(coded.keys / t.c1 * build) * step.cycle();
  const double held = 128.0 * 16 * lut.copies * real(step.pes());
  ledger.sums.tables +=
      held * step.pj(Component::kLut, Verb::kHold, 1, g) * (ledger.sums.seconds / step.cycle());
}

}  // namespace

Sums fp16(const Subject& subject, Assumption after) { return multiplied({subject, after}, 16, 0); }

Sums integers(const Subject& subject, long bits, long share, Assumption after) {
  return multiplied({subject, after}, bits, over(subject.inputs, share));
}

Sums lookups(const Subject& subject, long planes, long terms, Assumption after) {
  const Step step{subject, after};
  const Coded coded{planes, terms, subject.inputs / kKey};
  Ledger ledger(step);
  const Prices& p = ledger.prices();
  if (step.reached(A::kTables)) {
    look_up_in_hardware(step, ledger, coded);
    return ledger.sums;
  }
  build_as_published(ledger, coded.keys);
  if (!step.reached(A::kScales)) scale_as_published(step, ledger, coded.keys, planes);
  if (step.reached(A::kSums)) {
    look_up_planes(step, ledger, coded);
  } else {
    ledger.spend(ledger.on_chip(coded.keys, subject.outputs, planes, p.query), &Sums::tables,
                 kPaperCycle);
    ledger.spend(ledger.on_chip(1, coded.keys, subject.outputs, p.add), &Sums::arithmetic,
                 kPaperCycle);
  }
  return ledger.sums;
}

Sums elementwise(const Subject& subject, bool product, Assumption after) {
  const Step step{subject, after};
  Ledger ledger(step);
  const double operation = product ? ledger.prices().multiply : ledger.prices().add;
  const Product each = ledger.on_chip(1, subject.inputs, 1, operation);
  const Tiled t = best(each);
  ledger.sums.network = t.energy.network;
  ledger.sums.registers = t.energy.registers;
  ledger.sums.arithmetic = real(subject.inputs) * operation;
  ledger.sums.seconds = t.steps * kPaperCycle;
  return ledger.sums;
}

}  // namespace addax::tests::audit
