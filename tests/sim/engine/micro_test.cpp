// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"

// Every number here stands in the comment on top of the trace, with its derivation.

using namespace addax;
using arith::Arithmetic;

namespace {

result::Activity replay(const std::string& architecture, const std::string& trace,
                        engine::Fidelity fidelity) {
  engine::Options options;
  options.fidelity = fidelity;
  return engine::run(input::read_architecture(architecture), input::resolve_trace(trace), options);
}

const result::LayerActivity& layer(const result::Activity& activity, const std::string& name) {
  for (const result::LayerActivity& each : activity.layers)
    if (each.name == name) return each;
  throw std::runtime_error("no layer " + name);
}

constexpr engine::Fidelity kFidelities[] = {engine::Fidelity::kCycle, engine::Fidelity::kAnalytic};

}  // namespace

TEST_CASE("micro-linear does what its comment says") {
  for (const engine::Fidelity fidelity : kFidelities) {
    const result::Activity activity = replay("eyeriss_lutgemm", "micro-linear", fidelity);
    REQUIRE(activity.layers.size() == 2);
    const result::LayerActivity& coded = layer(activity, "coded");
    CHECK(coded.macs == 64);
    CHECK(coded.arithmetic.lut_queries == 16);
    CHECK(coded.arithmetic.lut_tables == 2);
    CHECK(coded.arithmetic[Arithmetic::kFp32Add] == 16);
    CHECK(coded.arithmetic[Arithmetic::kFp16Multiply] == 16);
    CHECK(coded.dram_read_bits == 128 + 256 + 16 * 16);
    const result::LayerActivity& plain = layer(activity, "plain");
    CHECK(plain.macs == 64);
    CHECK(plain.arithmetic[Arithmetic::kFp16Multiply] == 64);
    CHECK(plain.arithmetic[Arithmetic::kFp32Add] == 64);
    CHECK(plain.dram_read_bits == 1024 + 16 * 16);
  }
}

TEST_CASE("micro-attention does what its comment says") {
  for (const char* architecture : {"eyeriss_fp16", "eyeriss_shiftadd"})
    for (const engine::Fidelity fidelity : kFidelities) {
      const result::Activity activity = replay(architecture, "micro-attention", fidelity);
      REQUIRE(activity.layers.size() == 6);
      std::uint64_t projections = 0, weight_bits = 0, inputs_bits = 0;
      for (const char* name : {"q", "k", "v"}) {
        projections += layer(activity, name).macs;
        weight_bits += layer(activity, name).dram_read_bits;
        inputs_bits += 4 * 16;
      }
      CHECK(projections == 64);
      CHECK(weight_bits - inputs_bits == 1024);
      const result::LayerActivity& attention = layer(activity, "attention");
      CHECK(attention.kind == "attention");
      CHECK(attention.macs == 48 + 48);
      CHECK(attention.dram_read_bits == 640);
      CHECK(attention.arithmetic[Arithmetic::kFp32Compare] == 12);
      CHECK(attention.arithmetic[Arithmetic::kFp32Exp] == 12);
      CHECK(attention.arithmetic[Arithmetic::kFp32Multiply] == 12);
      CHECK(attention.arithmetic[Arithmetic::kFp32Reciprocal] == 2);
      CHECK(attention.arithmetic[Arithmetic::kFp32Add] == 96 + 22);
      std::uint64_t written = 0;
      for (const char* name : {"k_write", "v_write"}) {
        const result::LayerActivity& write = layer(activity, name);
        CHECK(write.cycles.value() > 0);
        CHECK(write.dram_read_bits == 0);
        written += write.dram_write_bits;
      }
      CHECK(written == 128);
    }
}

TEST_CASE("micro-norm does what its comment says") {
  for (const engine::Fidelity fidelity : kFidelities) {
    const result::Activity activity = replay("eyeriss_fp16", "micro-norm", fidelity);
    REQUIRE(activity.layers.size() == 3);
    const auto& norm = layer(activity, "norm").arithmetic;
    CHECK(norm[Arithmetic::kFp32Multiply] == 50);
    CHECK(norm[Arithmetic::kFp32Add] == 16);
    CHECK(norm[Arithmetic::kFp32Rsqrt] == 2);
    const auto& activation = layer(activity, "activation").arithmetic;
    for (const Arithmetic each : {Arithmetic::kFp32Exp, Arithmetic::kFp32Add,
                                  Arithmetic::kFp32Reciprocal, Arithmetic::kFp32Multiply})
      CHECK(activation[each] == 16);
    CHECK(layer(activity, "residual").arithmetic[Arithmetic::kFp32Add] == 16);
    std::uint64_t read = 0;
    for (const result::LayerActivity& each : activity.layers) read += each.dram_read_bits;
    CHECK(read == 512 + 128);
  }
}
