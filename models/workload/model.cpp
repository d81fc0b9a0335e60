// SPDX-License-Identifier: Apache-2.0
#include "models/workload/model.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/quantity/check.h"
#include "models/quantity/diagnosis.h"
#include "models/workload/model_block.h"

namespace addax::workload {

using quantity::checked_mul;
using quantity::Impossible;

namespace {

/// Consecutive blocks whose layers have equal shapes and formats.
struct Run {
  std::uint64_t first = 0, count = 0;
  bool experts = false;
  LayerFormats formats;
  std::string name() const {
    const std::string start = "block." + std::to_string(first);
    return count == 1 ? start : start + "-" + std::to_string(first + count - 1);
  }
};

std::string range(std::uint64_t least, std::uint64_t most) {
  return least == most ? std::to_string(least)
                       : std::to_string(least) + " to " + std::to_string(most);
}

void require(const std::string& path, std::uint64_t value, std::uint64_t least, std::uint64_t most,
             const std::string& why) {
  if (value < least || value > most)
    throw Impossible({path, std::to_string(value), range(least, most) + why});
}

class TraceBuilder {
 public:
  TraceBuilder(const ModelShape& model, const TraceRequest& request)
      : model_(model), request_(request) {
    for (std::uint64_t layer = 0; layer < model.layers; ++layer) {
      const bool experts = has_experts(model, layer);
      const LayerFormats formats = formats_of_block(
          model, layer,
          [this](const std::string& name, LinearRole role) { return format(name, role); });
      if (runs_.empty() || runs_.back().experts != experts || !(runs_.back().formats == formats))
        runs_.push_back({layer, 0, experts, formats});
      ++runs_.back().count;
    }
  }

  void add_phases(Trace& trace, const PhaseRequest& phase) {
    if (phase.kind == PhaseKind::kPrefill) {
      trace.phases.push_back(
          make_phase(trace, unique(phase_name(phase)), phase.kind, phase.tokens, phase.tokens));
      return;
    }
    for (std::uint64_t step = 0; step < phase.tokens; ++step)
      trace.phases.push_back(make_phase(trace,
                                        unique("decode-" + std::to_string(phase.context + step)),
                                        phase.kind, 1, phase.context + step));
  }

 private:
  /// A phase asked for again is numbered: "decode-5", "decode-5#2".
  std::string unique(const std::string& name) {
    const std::uint64_t turn = ++phase_names_[name];
    return turn == 1 ? name : name + "#" + std::to_string(turn);
  }

  WeightFormat format(const std::string& name, LinearRole role) const {
    return request_.format ? request_.format(name, role) : WeightFormat{};
  }

  std::uint64_t distinct_experts(Trace& trace, std::uint64_t tokens) const {
    if (model_.experts == 0) return 0;
    const std::uint64_t most = std::min(model_.experts, checked_mul(tokens, model_.active_experts));
    if (request_.distinct_experts) {
      const std::string drawn = std::to_string(tokens) + (tokens == 1 ? " token" : " tokens") +
                                ", " + std::to_string(model_.active_experts) + " experts each";
      require("distinct_experts", *request_.distinct_experts, model_.active_experts, most,
              " (" + drawn + ")");
      return *request_.distinct_experts;
    }
    const std::uint64_t expected = expected_experts(model_.experts, model_.active_experts, tokens);
    const std::string note = std::to_string(tokens) + " tokens touch " + std::to_string(expected) +
                             " of " + std::to_string(model_.experts) +
                             " experts: the expectation under uniform routing, rounded up";
    if (std::find(trace.notes.begin(), trace.notes.end(), note) == trace.notes.end())
      trace.notes.push_back(note);
    return expected;
  }

  Phase make_phase(Trace& trace, std::string name, PhaseKind kind, std::uint64_t new_tokens,
                   std::uint64_t context) const {
    Phase phase = {std::move(name), kind, request_.batch, new_tokens, context, {}};
    PassShape pass = {request_.batch, new_tokens, context - new_tokens, 0};
    pass.distinct_experts = distinct_experts(trace, pass.tokens());
    phase.blocks.push_back({"embedding", 1, embedding(pass)});
    for (const Run& run : runs_) {
      const bool dense_among_experts = model_.experts != 0 && !run.experts;
      phase.blocks.push_back(
          {run.name(), run.count,
           block_operations(model_, pass, request_.widths, run.formats, run.experts,
                            dense_among_experts ? model_.dense_ffn : model_.ffn)});
    }
    phase.blocks.push_back({"end", 1, end(pass)});
    return phase;
  }

  Operation norm(const std::string& name, std::uint64_t rows) const {
    const bool layer = model_.norm == NormKind::kLayer;
    return {name,
            "norm",
            Elementwise{layer ? VectorFunction::kLayerNorm : VectorFunction::kRmsNorm, rows,
                        model_.hidden, 1, checked_mul(layer ? 2 : 1, model_.hidden)},
            {"x"},
            "x"};
  }

  std::vector<Operation> embedding(const PassShape& pass) const {
    const std::uint64_t tokens = pass.tokens();
    const bool projected = model_.embedding_width != model_.hidden;
    std::vector<Operation> list;
    list.push_back(
        {"embedding",
         "embedding",
         Transfer{TransferDirection::kFromDram, checked_mul(tokens, model_.embedding_width), 16},
         {},
         projected ? "e" : "x"});
    if (projected)
      list.push_back(
          {"project_in",
           "projection",
           Linear{tokens, model_.embedding_width, model_.hidden, 1, LinearRole::kProjection,
                  format("project_in", LinearRole::kProjection)},
           {"e"},
           "x"});
    if (model_.embedding_scale)
      list.push_back({"embedding_scale",
                      "scale",
                      Elementwise{VectorFunction::kScale, tokens, model_.hidden, 1, 0},
                      {"x"},
                      "x"});
    // All sequences of a batch stand at the same positions, so they share the rows.
    if (model_.learned_positions)
      list.push_back({"positions",
                      "embedding",
                      Elementwise{VectorFunction::kAdd, tokens, model_.hidden, 1,
                                  checked_mul(pass.new_tokens, model_.hidden)},
                      {"x"},
                      "x"});
    if (model_.embedding_norm) list.push_back(norm("embedding_norm", tokens));
    return list;
  }

  /// The head sees the last token of each sequence only.
  std::vector<Operation> end(const PassShape& pass) const {
    const bool projected = model_.embedding_width != model_.hidden;
    std::vector<Operation> list;
    if (model_.final_norm) list.push_back(norm("final_norm", pass.tokens()));
    if (projected)
      list.push_back(
          {"project_out",
           "projection",
           Linear{pass.batch, model_.hidden, model_.embedding_width, 1, LinearRole::kProjection,
                  format("project_out", LinearRole::kProjection)},
           {"x"},
           "e"});
    list.push_back({"head",
                    "head",
                    Linear{pass.batch, model_.embedding_width, model_.vocabulary, 1,
                           LinearRole::kHead, format("head", LinearRole::kHead)},
                    {projected ? "e" : "x"},
                    "logits"});
    list.push_back({"sample",
                    "select",
                    Elementwise{VectorFunction::kSelect, pass.batch, model_.vocabulary, 1, 0},
                    {"logits"},
                    "token"});
    return list;
  }

  const ModelShape& model_;
  const TraceRequest& request_;
  std::vector<Run> runs_;
  std::map<std::string, std::uint64_t> phase_names_;
};

void check_phase(const ModelShape& model, const PhaseRequest& phase) {
  const std::string why = " (the limit of " + model.name + ")";
  require("tokens", phase.tokens, 1, model.context_limit, why);
  if (phase.kind != PhaseKind::kDecode) return;
  require("context", phase.context, 1, model.context_limit - (phase.tokens - 1),
          phase.tokens == 1 ? why
                            : ", so that " + std::to_string(phase.tokens) + " tokens stay within " +
                                  std::to_string(model.context_limit) + why);
}

}  // namespace

std::string phase_name(const PhaseRequest& request) {
  if (request.kind == PhaseKind::kPrefill) return "prefill-" + std::to_string(request.tokens);
  if (request.tokens == 1) return "decode-" + std::to_string(request.context);
  return "generate-" + std::to_string(request.tokens);
}

WeightFormat format_for(LinearRole role, const WeightFormat& chosen) {
  return role == LinearRole::kAttention || role == LinearRole::kMlp ? chosen : WeightFormat{};
}

std::uint64_t shiftadd_block_rows(const std::string& family) {
  return family == "opt" || family == "bloom" ? 0 : 16;
}

std::uint64_t expected_experts(std::uint64_t experts, std::uint64_t active, std::uint64_t draws) {
  ADDAX_CHECK(active >= 1 && active <= experts && draws >= 1, std::to_string(active));
  const double all = static_cast<double>(experts);
  const double untouched =
      std::pow(1.0 - static_cast<double>(active) / all, static_cast<double>(draws));
  // Rounding errors of the power must not lift a whole number to the next.
  const auto expected = static_cast<std::uint64_t>(std::ceil(all * (1.0 - untouched) - 1e-9 * all));
  return std::max(expected, active);
}

Trace make_trace(const ModelShape& model, const TraceRequest& request) {
  if (request.phases.empty()) throw Impossible({"phases", "", "at least one phase"});
  require("batch", request.batch, 1, std::uint64_t{1} << 20, "");
  check(request.widths);
  for (const PhaseRequest& phase : request.phases) check_phase(model, phase);
  Trace trace;
  trace.model = model.name;
  trace.name = model.name;
  trace.widths = request.widths;
  TraceBuilder builder(model, request);
  for (const PhaseRequest& phase : request.phases) {
    trace.name += "." + phase_name(phase);
    builder.add_phases(trace, phase);
  }
  return trace;
}

}  // namespace addax::workload
