// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/input/model_reader.h"
#include "tests/catch.h"

using namespace addax::input;
using namespace addax::workload;

namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) out.push_back(cell);
  return out;
}

std::vector<Row> read_csv(const std::string& name) {
  std::ifstream file(std::string(ADDAX_SOURCE_DIR) + "/tests/data/" + name);
  REQUIRE(file);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = cells(line);
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> values = cells(line);
    REQUIRE(values.size() == header.size());
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = values[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

std::uint64_t number(const Row& row, const std::string& key) { return std::stoull(row.at(key)); }

ModelShape shipped(const std::string& name) {
  return read_model(
      Document::read(std::string(ADDAX_SOURCE_DIR) + "/configs/models/" + name + ".json"), name);
}

Trace trace_of(const ModelShape& model, const PhaseRequest& phase, std::uint64_t batch = 1) {
  TraceRequest request;
  request.phases = {phase};
  request.batch = batch;
  return make_trace(model, request);
}

PhaseRequest phase_of(const Row& row) {
  if (row.at("phase") == "prefill512") return {PhaseKind::kPrefill, 512, 512};
  return {PhaseKind::kDecode, 1, number(row, "past") + 1};
}

}  // namespace

TEST_CASE("All 90 published operation counts of 30 models are matched to the unit") {
  const std::vector<Row> rows = read_csv("operation_counts.csv");
  REQUIRE(rows.size() == 90);
  for (const Row& row : rows) {
    CAPTURE(row.at("model"), row.at("phase"));
    const Trace trace = trace_of(shipped(row.at("model")), phase_of(row));
    REQUIRE(trace.phases.size() == 1);
    const PhaseSummary s = summarise(trace.phases[0]);
    CHECK(s.linear_attention_macs == number(row, "linear_attn_mac"));
    CHECK(s.linear_mlp_macs == number(row, "linear_mlp_mac"));
    CHECK(s.score_macs == number(row, "score_mac"));
    CHECK(s.context_macs == number(row, "context_mac"));
    CHECK(s.softmax_elements == number(row, "softmax_elems"));
    CHECK(s.softmax_rows == number(row, "softmax_rows"));
    CHECK(s.rope_multiplies == number(row, "rope_mul"));
    CHECK(s.rope_adds == number(row, "rope_add"));
    CHECK(s.kv_written == number(row, "kv_write_elems"));
    CHECK(s.kv_read == number(row, "kv_read_elems_from_past"));
    CHECK(s.norm_elements == number(row, "norm_elems"));
    CHECK(s.residual_adds == number(row, "residual_add"));
    CHECK(s.activation_elements == number(row, "act_elems"));
    CHECK(s.gate_multiplies == number(row, "gate_mul"));
    CHECK(s.bias_adds == number(row, "bias_add"));
    CHECK(s.head_macs == number(row, "lm_head_mac"));
    CHECK(s.projection_macs == number(row, "proj_in_out_mac"));
  }
}

TEST_CASE("The shapes of all shipped models are the published ones") {
  const std::vector<Row> rows = read_csv("model_shapes.csv");
  REQUIRE(rows.size() == 30);
  for (const Row& row : rows) {
    CAPTURE(row.at("model"));
    const ModelShape model = shipped(row.at("model"));
    CHECK(model.family == row.at("model_type"));
    CHECK(model.layers == number(row, "layers"));
    CHECK(model.hidden == number(row, "hidden"));
    CHECK(model.heads == number(row, "heads"));
    CHECK(model.kv_heads == number(row, "kv_heads"));
    CHECK(model.head_dim == number(row, "head_dim"));
    CHECK(model.experts == number(row, "experts"));
    CHECK(model.active_experts == number(row, "topk"));
    CHECK(model.ffn == number(row, "expert_ffn"));
    CHECK(model.vocabulary == number(row, "vocab"));
    CHECK(model.embedding_width == number(row, "embed_dim"));
    CHECK(model.tied_head == (row.at("tied") == "True"));
    CHECK(model.pre_norm == (row.at("pre_norm") == "True"));
    const Trace trace = trace_of(model, {PhaseKind::kDecode, 1, 2048});
    const PhaseSummary s = summarise(trace.phases[0]);
    CHECK(macs(trace) == number(row, "decode_linear_macs_per_token") +
                             number(row, "decode_attn_macs_per_token_ctx2048") +
                             number(row, "lm_head_and_proj_macs"));
    CHECK(s.kv_written == number(row, "kv_elems_per_token"));
  }
}

TEST_CASE("Every linear layer of a block has its published shape") {
  const std::map<std::string, std::string> ours = {
      {"exp_gate", "gate"}, {"exp_up", "up"}, {"exp_down", "down"}};
  for (const Row& row : read_csv("layer_shapes.csv")) {
    CAPTURE(row.at("model"), row.at("linear"));
    const ModelShape model = shipped(row.at("model"));
    std::string name = row.at("linear");
    if (ours.count(name) != 0) name = ours.at(name);
    if (model.family == "bloom" && name == "up") name = "fc1";
    if (model.family == "bloom" && name == "down") name = "fc2";
    const Trace trace = trace_of(model, {PhaseKind::kDecode, 1, 1});
    const Block& block = trace.phases[0].blocks[1];
    CHECK(block.repeat == number(row, "layers"));
    std::size_t found = 0;
    for (const Operation& operation : block.operations) {
      if (operation.name != name) continue;
      ++found;
      const auto& linear = std::get<Linear>(operation.work);
      CHECK(linear.inputs == number(row, "in_features"));
      CHECK(linear.outputs == number(row, "out_features"));
      CHECK(linear.copies == number(row, "active_copies_per_token"));
    }
    CHECK(found == 1);
  }
}

TEST_CASE("Every operation reads what was written before it, in every shipped model") {
  for (const std::string& name : shipped_models()) {
    CAPTURE(name);
    const Trace trace = trace_of(shipped(name), {PhaseKind::kDecode, 1, 9});
    std::map<std::string, std::uint64_t> written;
    for (const Block& block : trace.phases[0].blocks)
      for (const Operation& operation : block.operations) {
        CAPTURE(block.name, operation.name);
        const auto& kinds = operation_kinds();
        CHECK(std::find(kinds.begin(), kinds.end(), operation.kind) != kinds.end());
        for (std::size_t i = 0; i < operation.reads.size(); ++i) {
          REQUIRE(written.count(operation.reads[i]) == 1);
          CHECK(elements_read(operation.work, i) >= 1);
        }
        if (!operation.writes.empty()) written[operation.writes] = elements_written(operation.work);
      }
  }
}

TEST_CASE("A batch of tokens spreads over the expected experts without losing a pair") {
  const ModelShape model = shipped("mixtral-8x7b-v0.1");
  const Trace trace = trace_of(model, {PhaseKind::kDecode, 1, 2048}, 3);
  // 8 (1 - 0.75^3) = 4.625: 5 experts for 6 pairs, one of which serves two tokens.
  std::uint64_t pairs = 0, copies = 0;
  for (const Operation& operation : trace.phases[0].blocks[1].operations)
    if (operation.name.rfind("down", 0) == 0) {
      const auto& linear = std::get<Linear>(operation.work);
      pairs += linear.tokens * linear.copies;
      copies += linear.copies;
    }
  CHECK(pairs == 6);
  CHECK(copies == 5);
  REQUIRE(trace.notes.size() == 1);
}

TEST_CASE("Decode steps of a generation grow the context by one") {
  const Trace trace = trace_of(shipped("opt-125m"), {PhaseKind::kDecode, 3, 7});
  REQUIRE(trace.phases.size() == 3);
  CHECK(trace.phases[0].context == 7);
  CHECK(trace.phases[2].context == 9);
  CHECK(trace.phases[2].name == "decode-9");
  CHECK(summarise(trace.phases[2]).softmax_elements == 12 * 12 * 9);
}

TEST_CASE("A configuration with a sliding window attends no more keys than the window") {
  const Trace trace = trace_of(shipped("mistral-7b-v0.1"), {PhaseKind::kDecode, 1, 8192});
  const PhaseSummary s = summarise(trace.phases[0]);
  CHECK(s.softmax_elements == 32ULL * 32 * 4096);
  CHECK(s.kv_read == 2ULL * 8 * 128 * 4095 * 32);
}
