// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/memory_audit.h"

#include "models/quantity/diagnosis.h"
#include "tests/catch.h"

using namespace addax;
using published::Method;
using published::Scheme;
using reproduction::weight_memory;

namespace {

// Two blocks with grouped heads and a gated MLP; sides are multiples of 128 where groups need it.
workload::ModelShape small() {
  workload::ModelShape model;
  model.name = "small";
  model.family = "llama";
  model.layers = 2;
  model.hidden = 128;
  model.heads = 8;
  model.kv_heads = 2;
  model.head_dim = 16;
  model.ffn = 256;
  model.vocabulary = 100;
  model.embedding_width = 128;
  model.context_limit = 64;
  model.gated_mlp = true;
  return model;
}

double bits(double gib) { return gib * quantity::kBitsAGibibyte; }

// Of both blocks: q and o are 128 x 128, k and v 128 x 32, gate and up 128 x 256, down 256 x 128.
constexpr double kQ = 128.0 * 128.0;
constexpr double kV = 128.0 * 32.0;
constexpr double kWeights = 2.0 * (2.0 * kQ + 2.0 * kV + 3.0 * 128.0 * 256.0);

}  // namespace

TEST_CASE("Mixed weights take a bit more in the value and output projections, and only there") {
  const double two = weight_memory(small(), {Method::kShiftAdd, 2}).without_scales_gib;
  const double mixed = weight_memory(small(), {Method::kShiftAdd, 2, true}).without_scales_gib;
  CHECK(bits(mixed - two) == Approx(2.0 * (kV + kQ)));
}

TEST_CASE("A scheme's codes take its bits in the blocks, and the rest stays FP16") {
  const double fp16 = weight_memory(small(), {}).without_scales_gib;
  for (const Method method : {Method::kOptq, Method::kLutGemm, Method::kShiftAdd}) {
    INFO(published::name(method));
    const double three = weight_memory(small(), {method, 3}).without_scales_gib;
    CHECK(bits(fp16 - three) == Approx(13.0 * kWeights));
  }
}

TEST_CASE("Scales are those of each method's format") {
  const auto scales = [](Method method) {
    const reproduction::WeightMemory memory = weight_memory(small(), {method, 3});
    return bits(memory.gib - memory.without_scales_gib);
  };
  // Groups of 128: one for 128 weights. OPTQ: 16 bits and a zero point of 3; LUT-GEMM: 16 bits a
  // plane.
  CHECK(scales(Method::kOptq) == Approx(kWeights / 128.0 * 19.0));
  CHECK(scales(Method::kLutGemm) == Approx(kWeights / 128.0 * 48.0));
  // Blocks of 8 x 16 with three terms of 8 bits a plane.
  CHECK(scales(Method::kShiftAdd) == Approx(kWeights / 128.0 * 72.0));
}

TEST_CASE("The KV cache is the last step of the memory audit, FP16 keys and values of a sequence") {
  const reproduction::MemoryAudit audit = reproduction::audit_memory({}, small(), 48);
  const auto& last = audit.steps.back().designs;
  const auto& before = audit.steps[audit.steps.size() - 2].designs;
  for (const std::string& design : reproduction::memory_designs())
    CHECK(bits(*last.at(design) - *before.at(design)) == Approx(2.0 * 2.0 * 32.0 * 48.0 * 16.0));
  CHECK_THROWS_AS(reproduction::audit_memory({}, small(), 65), quantity::Impossible);
}
