// SPDX-License-Identifier: Apache-2.0
#include "models/published/method.h"

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"

namespace addax::published {
namespace {

constexpr double kClockHz = 250e6;

// pJ. The FP16 multiply and the FP32 add are Horowitz's (ISSCC 2014), not those that Table 1 of
// ShiftAddLLM prints; the shift is what its energy tables were computed with.
double operation_energy(Kind kind, std::uint32_t bits) {
  switch (kind) {
    case Kind::kFc:
    case Kind::kMult:
      return bits >= 32 ? 3.7 : 1.1;
    case Kind::kAdd:
      return bits >= 32 ? 0.9 : 0.4;
    case Kind::kShift:
      return 0.15;
    case Kind::kLut:
      return 0.37;
  }
  ADDAX_UNREACHABLE("kind");
}

// pJ for an access to 16 bits: those of the paper's model, as its printed energies have them
// (docs/physics/published.md). No run of ours is priced with them; configs/tech is.
constexpr double kDram = 200.0;
constexpr double kBuffer = 22.2;
constexpr double kNetwork = 7.4;
constexpr double kPsumNetwork = 3.7;
constexpr double kRegister = 3.7;
constexpr double kWeightRegister = 7.4;

}  // namespace

const char* name(Method method) {
  switch (method) {
    case Method::kFp16:
      return "fp16";
    case Method::kOptq:
      return "optq";
    case Method::kLutGemm:
      return "lutgemm";
    case Method::kShiftAdd:
      return "shiftadd";
  }
  ADDAX_UNREACHABLE("method");
}

std::optional<Method> parse_method(const std::string& text) {
  for (const Method method : {Method::kFp16, Method::kOptq, Method::kLutGemm, Method::kShiftAdd})
    if (text == name(method)) return method;
  return std::nullopt;
}

std::string name(const Scheme& scheme) {
  std::string method = name(scheme.method);
  if (scheme.method == Method::kFp16) return method;
  return method + (scheme.mixed ? "_mixed" : "_" + std::to_string(scheme.bits) + "bit");
}

std::uint32_t bits_of(const Scheme& scheme, const std::string& layer) {
  if (!scheme.mixed) return scheme.bits;
  return layer == "v" || layer == "o" ? 3 : 2;
}

const char* name(Kind kind) {
  switch (kind) {
    case Kind::kFc:
      return "fc";
    case Kind::kMult:
      return "mult";
    case Kind::kAdd:
      return "add";
    case Kind::kShift:
      return "shift";
    case Kind::kLut:
      return "lut";
  }
  ADDAX_UNREACHABLE("kind");
}

const char* name(Category category) {
  switch (category) {
    case Category::kFpMult:
      return "fp_mult";
    case Category::kFpAdd:
      return "fp_add";
    case Category::kFpShift:
      return "fp_shift";
    case Category::kLutBuild:
      return "lut_build";
    case Category::kLutLookup:
      return "lut_lookup";
  }
  ADDAX_UNREACHABLE("category");
}

UnitCosts unit_costs(Kind kind, std::uint32_t bits) {
  const double scale = (kind == Kind::kShift ? kShiftBits : bits) / 16.0;
  const bool off_chip = kind == Kind::kFc || kind == Kind::kShift;
  const double dram = off_chip ? kDram * scale : 0.0;
  const double buffer = off_chip ? kBuffer * scale : 0.0;
  const double network = off_chip ? kNetwork * scale : 0.0;
  UnitCosts costs;
  costs.inputs = {dram, buffer, network, kRegister * scale};
  costs.weights = {dram, 0.0, network, kWeightRegister * scale};
  costs.outputs = {dram, buffer, kPsumNetwork * scale, kRegister * scale};
  costs.operation = operation_energy(kind, bits);
  return costs;
}

Capacity capacity(std::uint32_t bits) {
  Capacity capacity;
  if (bits >= 16) return capacity;
  constexpr std::uint64_t kStorage = 2;
  capacity.psum_registers *= kStorage;
  capacity.input_registers_below *= kStorage;
  capacity.weight_registers_below *= kStorage;
  capacity.buffer_words_below *= kStorage;
  capacity.pes_below *= 4;
  return capacity;
}

double seconds_a_step(Kind kind) { return (kind == Kind::kShift ? 10.0 / 32.0 : 1.0) / kClockHz; }

std::vector<Operation> linear_operations(const Scheme& scheme, std::uint64_t inputs,
                                         std::uint64_t outputs) {
  if (scheme.method == Method::kFp16 || scheme.method == Method::kOptq) {
    const Problem product{1, inputs, outputs};
    return {{"multiply", Category::kFpMult, Kind::kFc, product, scheme.bits},
            {"sum", Category::kFpAdd, Kind::kAdd, product}};
  }
  if (inputs % kKeyBits != 0)
    throw quantity::Impossible(
        {"inputs", std::to_string(inputs), "a multiple of 8, the key's bits"});
  const std::uint64_t tables = inputs / kKeyBits;
  const Problem lookups{tables, outputs, scheme.bits};
  const bool shifts = scheme.method == Method::kShiftAdd;
  return {{"build.multiply", Category::kLutBuild, Kind::kFc, {tables, kKeyBits, 1}},
          {"build.sum", Category::kLutBuild, Kind::kAdd, {tables, kKeyBits, 1}},
          {"build.entries", Category::kLutBuild, Kind::kAdd, {tables, 1, 255}},
          {"lookup", Category::kLutLookup, Kind::kLut, lookups},
          {"scale", shifts ? Category::kFpShift : Category::kFpMult,
           shifts ? Kind::kShift : Kind::kFc, lookups},
          {"sum", Category::kFpAdd, Kind::kAdd, {1, tables, outputs}}};
}

}  // namespace addax::published
