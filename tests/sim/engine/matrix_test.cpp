// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/sim/engine/compulsory.h"

using namespace addax;

namespace {

struct Design {
  const char* architecture;
  const char* weights;
};

/// Formats and the architectures that were made for them.
constexpr Design kDesigns[] = {{"eyeriss_fp16", "fp16"},
                               {"eyeriss_shiftadd", "shiftadd-3bit"},
                               {"eyeriss_shiftadd_mu4", "shiftadd-3bit"},
                               {"eyeriss_int", "int-4bit"},
                               {"eyeriss_ternary", "ternary"},
                               {"eyeriss_lutgemm", "bcq-3bit"}};

workload::Trace trace_of(const std::string& model, const std::string& phase,
                         const std::string& weights, std::uint64_t batch) {
  input::TraceOptions options;
  options.model = model;
  options.phases = {phase};
  options.weights = weights;
  options.batch = batch;
  return input::make_trace(options);
}

/// Bits that the attention of a phase may read over DRAM when nothing is fetched twice: the cache,
/// and the queries, keys and values of the new tokens, which may have been spilt.
std::uint64_t attention_reads_at_most(const workload::Trace& trace) {
  std::uint64_t bits = 0;
  for (const workload::Block& block : trace.phases.at(0).blocks)
    for (const workload::Operation& op : block.operations) {
      const auto* scores = std::get_if<workload::Scores>(&op.work);
      if (scores == nullptr) continue;
      const workload::AttentionShape& shape = scores->shape;
      const std::uint64_t fresh =
          shape.batch * shape.new_tokens * shape.head_dim * (shape.heads + 2 * shape.kv_heads);
      bits +=
          block.repeat * (workload::cache_elements_read(shape) * trace.widths.kv_bits + fresh * 16);
    }
  return bits;
}

std::uint64_t attention_reads(const result::Activity& activity) {
  std::uint64_t bits = 0;
  for (const result::LayerActivity& layer : activity.layers)
    if (layer.kind == "attention") bits += layer.dram_read_bits;
  return bits;
}

/// Runs a trace; what it must read and write at least is read and written.
result::Activity check_run(const arch::Architecture& architecture, const workload::Trace& trace) {
  result::Activity activity;
  engine::Options options;
  options.fidelity = engine::Fidelity::kAnalytic;
  options.fast_budget = 500;  // any mapping does
  CHECK_NOTHROW(activity = engine::run(architecture, trace, options));
  if (!activity.layers.empty()) {
    CHECK(tests::bits_read(activity) >= tests::compulsory_reads(trace));
    CHECK(tests::bits_written(activity) >= tests::compulsory_writes(trace));
  }
  return activity;
}

}  // namespace

TEST_CASE("every shipped model decodes in batches of up to 64 on its format's architecture",
          "[slow]") {
  for (const Design& design : kDesigns) {
    const arch::Architecture architecture = input::read_architecture(design.architecture);
    for (const std::string& model : input::shipped_models())
      for (const std::uint64_t batch : {1, 2, 4, 8, 16, 64}) {
        INFO(design.architecture << " " << model << ", batch " << batch);
        check_run(architecture, trace_of(model, "decode", design.weights, batch));
      }
  }
}

TEST_CASE("every shipped model prefills 1 to 512 tokens on its format's architecture", "[slow]") {
  for (const Design& design : kDesigns) {
    const arch::Architecture architecture = input::read_architecture(design.architecture);
    for (const std::string& model : input::shipped_models())
      for (const char* phase :
           {"prefill-1", "prefill-2", "prefill-8", "prefill-64", "prefill-512"}) {
        INFO(design.architecture << " " << model << ", " << phase);
        check_run(architecture, trace_of(model, phase, design.weights, 1));
      }
  }
}

TEST_CASE("a decode token's attention at context 2048 fetches cached keys and values once") {
  for (const Design& design : kDesigns) {
    const arch::Architecture architecture = input::read_architecture(design.architecture);
    REQUIRE(architecture.buffer.bits() == 128 * 1024 * 8);
    for (const std::string& model : input::shipped_models()) {
      INFO(design.architecture << " " << model);
      const workload::Trace trace = trace_of(model, "decode-2048", design.weights, 1);
      const result::Activity activity = check_run(architecture, trace);
      CHECK(attention_reads(activity) > 0);
      CHECK(attention_reads(activity) <= attention_reads_at_most(trace));
    }
  }
}
