// SPDX-License-Identifier: Apache-2.0
#include "sim/app/method_run.h"

#include <algorithm>
#include <map>

#include "models/quantity/check.h"
#include "models/workload/footprint.h"
#include "sim/app/commands.h"
#include "sim/app/design_point.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "sim/report/units.h"

namespace addax::app {
namespace {

using reproduction::Side;
using workload::Linear;
using workload::LinearRole;
using workload::Operation;
using workload::Trace;
using workload::WeightFormat;

constexpr const char* kShiftAddArchitecture = "eyeriss_shiftadd";
constexpr const char* kLutGemmArchitecture = "eyeriss_lutgemm";
// FP16 is a baseline of the design, whatever bits that has: those of the paper's main tables.
constexpr std::uint32_t kUsualBits = 3;
constexpr std::uint64_t kMostContext = std::uint64_t{1} << 31U;

Trace decode(const ModelToken& token, const std::string& weights) {
  input::TraceOptions options;
  options.model = token.model.name;
  options.phases = {"decode-" + std::to_string(token.context)};
  options.weights = weights;
  return input::make_trace(options);
}

std::string word(const char* kind, std::uint32_t bits) {
  return std::string(kind) + "-" + std::to_string(bits) + "bit";
}

Trace mixed(const published::Scheme& scheme, const ModelToken& token, const char* kind) {
  const auto format = [&](const Operation& operation, const Linear& linear) {
    if (linear.role != LinearRole::kAttention) return linear.weights;
    const std::uint32_t bits = published::bits_of(scheme, operation.name);
    return input::parse_weights(word(kind, bits), token.model.family);
  };
  Trace trace = workload::with_formats(decode(token, word(kind, scheme.bits)), format);
  trace.name += "-mixed";
  return trace;
}

double weights_gib(const workload::ModelShape& model, const Trace& trace) {
  std::map<std::string, WeightFormat> formats;  // by a layer's name within its block
  for (const workload::Block& block : trace.phases.front().blocks)
    for (const Operation& operation : block.operations)
      if (const auto* linear = std::get_if<Linear>(&operation.work)) {
        const auto [format, fresh] = formats.emplace(operation.name, linear->weights);
        ADDAX_CHECK(fresh || format->second == linear->weights, operation.name);
      }
  const auto format = [&](const std::string& layer, LinearRole) {
    return formats.at(layer.substr(layer.rfind('.') + 1));
  };
  return quantity::gibibytes(footprint(model, format).total());
}

MethodRun method_run(const workload::ModelShape& model, const report::Subject& subject,
                     const result::DesignResult& result) {
  MethodRun run;
  run.architecture = result.architecture;
  run.rows = result.rows;
  run.columns = result.columns;
  const workload::BlockWeights weights = workload::block_weights(subject.trace);
  run.weights = weights.formats;
  run.code_bits = weights.code_bits;
  run.stored_bits = weights.stored_bits;
  run.weights_gib = weights_gib(model, subject.trace);
  run.energy_j = report::joules(result.totals.energy.value);
  run.latency_s = result.totals.latency.value();
  run.area_mm2 = report::square_millimetres(result.totals.area.value);
  return run;
}

MethodRun side_of(const workload::ModelShape& model, const RunResult& run, Side side) {
  switch (side) {
    case Side::kDesign:
      return method_run(model, run.configuration.design, run.report.design);
    case Side::kFp16:
      return method_run(model, *run.configuration.fp16, run.report.fp16->result);
    case Side::kSameBits:
      return method_run(model, *run.configuration.same_bits, run.report.same_bits->result);
  }
  ADDAX_UNREACHABLE("side");
}

}  // namespace

std::vector<ModelToken> model_tokens(const CommandLine& line, const Words& models) {
  for (const std::string& model : line.all("model"))
    if (std::find(models.begin(), models.end(), model) == models.end())
      refuse("--model", "'" + model + "'", models);
  const auto context = line.integer("context", 1, kMostContext);
  const std::string phase = context ? "decode-" + std::to_string(*context) : "decode";
  const Words wanted = line.all("model");
  std::vector<ModelToken> tokens;
  for (const std::string& model : models) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), model) == wanted.end()) continue;
    ModelToken token{input::resolve_model(model), 0};
    token.context = input::parse_phase(phase, token.model).context;
    if (token.context > token.model.context_limit)
      throw input::ConfigError("--context: found '" + std::to_string(token.context) +
                               "'; allowed: 1 to " + std::to_string(token.model.context_limit) +
                               " with " + model);
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::vector<InputFile> files_read(const std::string& source_path, const Words& architectures) {
  std::vector<InputFile> files = {{"SOURCE", source_path}};
  for (const std::string& architecture : architectures) {
    RunRequest request;
    request.architecture = architecture;
    request.table = kDefaultTable;
    for (InputFile& file : input_files(request)) files.push_back(std::move(file));
  }
  return files;
}

Words method_architectures() { return {kShiftAddArchitecture, kLutGemmArchitecture}; }

Method method_of(const published::Scheme& scheme, const ModelToken& token) {
  const bool lutgemm = scheme.method == published::Method::kLutGemm;
  const char* kind = lutgemm ? "bcq" : "shiftadd";
  const std::uint32_t bits = scheme.method == published::Method::kFp16 ? kUsualBits : scheme.bits;
  const Side side = scheme.method == published::Method::kFp16   ? Side::kFp16
                    : scheme.method == published::Method::kOptq ? Side::kSameBits
                                                                : Side::kDesign;
  return {lutgemm ? kLutGemmArchitecture : kShiftAddArchitecture,
          scheme.mixed ? mixed(scheme, token, kind) : decode(token, word(kind, bits)), side};
}

Method method_of(const reproduction::ComparedDesign& design, const ModelToken& token) {
  return {design.architecture, decode(token, design.weights), design.side};
}

std::vector<MethodRun> simulate(const workload::ModelShape& model,
                                const std::vector<Method>& methods) {
  std::vector<MethodRun> runs(methods.size());
  std::vector<bool> done(methods.size(), false);
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (done[i]) continue;
    RunRequest request;
    request.architecture = methods[i].architecture;
    request.table = kDefaultTable;
    request.made = methods[i].trace;
    request.fp16 = request.same_bits = false;
    std::vector<std::size_t> sides;
    for (std::size_t k = i; k < methods.size(); ++k) {
      if (methods[k].architecture != request.architecture || !(methods[k].trace == *request.made))
        continue;
      sides.push_back(k);
      request.fp16 |= methods[k].side == Side::kFp16;
      request.same_bits |= methods[k].side == Side::kSameBits;
    }
    const RunResult run = app::run(request);
    for (const std::size_t k : sides) {
      runs[k] = side_of(model, run, methods[k].side);
      done[k] = true;
    }
  }
  return runs;
}

}  // namespace addax::app
