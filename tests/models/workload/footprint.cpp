// SPDX-License-Identifier: Apache-2.0
#include "models/workload/footprint.h"

#include "tests/catch.h"

using namespace addax;
using namespace addax::workload;

namespace {

// Two blocks of width 32, two heads of 16, one of them for keys; ffn 64; 100 words.
ModelShape small() {
  ModelShape model;
  model.name = "small";
  model.family = "llama";
  model.layers = 2;
  model.hidden = 32;
  model.heads = 2;
  model.kv_heads = 1;
  model.head_dim = 16;
  model.ffn = 64;
  model.vocabulary = 100;
  model.embedding_width = 32;
  model.context_limit = 128;
  model.gated_mlp = true;
  model.rope = true;
  return model;
}

WeightFormat fp16(const std::string&, LinearRole) { return {}; }

constexpr std::uint64_t kBlockLinear = 32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 64;

}  // namespace

TEST_CASE("Every weight of a model is counted once") {
  const Footprint footprint = workload::footprint(small(), fp16);
  CHECK(footprint.linear.value() == 16 * 2 * kBlockLinear);
  CHECK(footprint.head.value() == 16 * 32 * 100);
  CHECK(footprint.embedding.value() == 16 * 32 * 100);
  CHECK(footprint.norms.value() == 16 * (2 * 2 + 1) * 32);
  CHECK(footprint.scales.value() == 0);
  CHECK(footprint.positions.value() == 0);
  CHECK(footprint.biases.value() == 0);
  CHECK(parameters(small()) == 2 * kBlockLinear + 2 * 3200 + 5 * 32);
}

TEST_CASE("A tied head is stored once, learned positions with two rows more, biases with all") {
  ModelShape model = small();
  model.tied_head = true;
  model.learned_positions = true;
  model.qkv_bias = model.output_bias = true;
  const Footprint footprint = workload::footprint(model, fp16);
  CHECK(footprint.head.value() == 0);
  CHECK(footprint.positions.value() == 16 * 130 * 32);
  CHECK(footprint.biases.value() == 16 * 2 * (32 + 16 + 16 + 32));
}

TEST_CASE("Experts are stored whether or not a token reaches them") {
  ModelShape model = small();
  model.family = "mixtral";
  model.experts = 5;
  model.active_experts = 2;
  const Footprint footprint = workload::footprint(model, fp16);
  CHECK(footprint.linear.value() == 16 * 2 * (kBlockLinear + 4 * 3 * 32 * 64));
  CHECK(footprint.router.value() == 16 * 2 * 32 * 5);
}

TEST_CASE("Layers take what their own formats store, with scales apart") {
  // Groups of 32 and zero points: 16 + 3 bits for each of N ceil(K / 32) groups.
  const auto format = [](const std::string&, LinearRole role) {
    WeightFormat groups_of_32 = default_format(FormatKind::kInt, 3);
    groups_of_32.scales.group = 32;
    return format_for(role, groups_of_32);
  };
  const Footprint footprint = workload::footprint(small(), format);
  CHECK(footprint.linear.value() == 3 * 2 * kBlockLinear);
  const std::uint64_t groups = 32 + 2 * 16 + 32 + 2 * 64 + 32 * 2;
  CHECK(footprint.scales.value() == 19 * 2 * groups);
  CHECK(footprint.head.value() == 16 * 32 * 100);
}

TEST_CASE("The cache holds keys and values of all tokens, or of a window") {
  CHECK(cache_bits(small(), 100, 16).value() == 2 * 2 * 16 * 100 * 16);
  ModelShape windowed = small();
  windowed.sliding_window = 40;
  CHECK(cache_bits(windowed, 100, 16).value() == 2 * 2 * 16 * 40 * 16);
  CHECK(cache_bits(windowed, 30, 8).value() == 2 * 2 * 16 * 30 * 8);
}

TEST_CASE("A footprint beyond 64 bits is refused") {
  ModelShape model = small();
  model.vocabulary = std::uint64_t{1} << 60U;
  CHECK_THROWS_AS(workload::footprint(model, fp16), quantity::CountOverflow);
}

TEST_CASE("Bits a weight are averages over the blocks' weights, and the head has no part in them") {
  TraceRequest request;
  request.phases = {{PhaseKind::kDecode, 1, 1}};
  request.format = [](const std::string& layer, LinearRole role) {
    const bool wide = layer.substr(layer.rfind('.') + 1) == "v";
    WeightFormat format = default_format(FormatKind::kInt, wide ? 3 : 2);
    format.scales.group = 32;
    return format_for(role, format);
  };
  const BlockWeights weights = block_weights(make_trace(small(), request));
  const double v = 16.0 * 32.0;
  const auto all = static_cast<double>(kBlockLinear);
  CHECK(weights.code_bits == Approx(2.0 + v / all));
  // A group of 32 weights has a scale of 16 bits and a zero point as wide as its codes.
  CHECK(weights.stored_bits == Approx(2.0 + v / all + (18.0 + v / all) / 32.0));
  CHECK(weights.formats == "int-2bit g32 zp + int-3bit g32 zp");
}
