// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_point.h"

#include <algorithm>
#include <ctime>
#include <iterator>

#include "sim/app/layer_values.h"
#include "sim/app/sha256.h"
#include "sim/app/sweep_check.h"
#include "sim/app/sweep_row.h"
#include "sim/app/version.h"
#include "sim/engine/baseline.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/config_path.h"
#include "sim/input/cost_reader.h"
#include "sim/input/dataflow_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/trace_request.h"
#include "sim/input/trace_writer.h"

namespace addax::app {

using sweep::Point;

namespace {

const std::string* find(const Point& point, const std::string& key) {
  for (const auto& [name, text] : point)
    if (name == key) return &text;
  return nullptr;
}

std::uint64_t integer(const Point& point, const std::string& key, std::uint64_t most,
                      std::uint64_t otherwise) {
  const std::string* text = find(point, key);
  if (text == nullptr) return otherwise;
  return input::Document::parse(key + ": " + *text, "sweep").root().at(key).integer(1, most);
}

/// What begins with `prefix`, sorted: the order in which a sweep names its keys changes no point.
Point sorted(const Point& point, const std::string& prefix) {
  Point part;
  std::copy_if(point.begin(), point.end(), std::back_inserter(part),
               [&prefix](const auto& each) { return each.first.rfind(prefix, 0) == 0; });
  std::sort(part.begin(), part.end());
  return part;
}

/// Changes below a root.
std::vector<input::Change> changes(const Point& point, const std::string& root) {
  std::vector<input::Change> list;
  for (const auto& [key, text] : sorted(point, root + "."))
    list.push_back({key.substr(root.size() + 1), text});
  return list;
}

std::string listed(const Point& point, const std::string& prefix = "") {
  std::string text;
  for (const auto& [key, value] : sorted(point, prefix)) text += key + " = " + value + "\n";
  return text;
}

input::TraceOptions trace_options(const Point& point) {
  constexpr std::uint64_t kMany = std::uint64_t{1} << 31U;
  input::TraceOptions options;
  const std::string* model = find(point, "trace.model");
  const std::string* phase = find(point, "trace.phase");
  const std::string* context = find(point, "trace.context");
  const std::string* bits = find(point, "trace.bits");
  const std::string* granularity = find(point, "trace.granularity");
  options.model = *model;
  options.phases = {*phase + (context != nullptr ? "-" + *context : "")};
  options.weights = *find(point, "trace.weights");
  if (bits != nullptr) options.weights += "-" + *bits + "bit";
  if (granularity != nullptr) options.weights += "-" + *granularity;
  options.batch = integer(point, "trace.batch", kMany, 1);
  workload::Widths& widths = options.widths;
  const auto width = [&point](const char* key, std::uint32_t otherwise) {
    return static_cast<std::uint32_t>(integer(point, key, 64, otherwise));
  };
  widths.activation_bits = width("trace.activation_bits", widths.activation_bits);
  widths.kv_bits = width("trace.kv_bits", widths.kv_bits);
  widths.accumulator_bits = width("trace.accumulator_bits", widths.accumulator_bits);
  if (find(point, "trace.distinct_experts") != nullptr)
    options.distinct_experts = integer(point, "trace.distinct_experts", kMany, 1);
  return options;
}

RunRequest request_of(const Point& point) {
  RunRequest request;
  request.architecture = *find(point, "arch");
  request.table = *find(point, "tech");
  read_options(request, [&point](const std::string& option, const Words& words) {
    const std::string key = "run." + option;
    const std::string* text = find(point, key);
    if (text == nullptr) return words.front();
    for (const std::string& word : words)
      if (word == *text) return word;
    refuse(key, "'" + *text + "'", words);
  });
  if (const std::string* dataflow = find(point, "run.dataflow"))
    if (*dataflow != "null") request.dataflow = *dataflow;
  return request;
}

/// Whether it takes a megabyte or more: operations take some 900 bytes each.
bool is_long(const workload::Trace& trace) {
  constexpr std::size_t kManyOperations = 1000;
  std::size_t operations = 0;
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks) operations += block.operations.size();
  return operations > kManyOperations;
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

const input::Document& SweepPoints::file(const std::string& root, const std::string& name) {
  const auto found = documents_.find(root + " " + name);
  if (found != documents_.end()) return found->second;
  return documents_
      .emplace(root + " " + name, root == "arch" ? input::architecture_document(name)
                                                 : input::cost_table_document(name))
      .first->second;
}

input::Document SweepPoints::changed_file(const Point& point, const std::string& root) {
  return file(root, *find(point, root)).with(changes(point, root));
}

const SweepPoints::Table& SweepPoints::table(const Point& point) {
  const std::string words = listed(point, "tech");
  if (const Table* found = tables_.find(words)) return *found;
  Table read;
  std::string bytes;
  read.document = changed_file(point, "tech");
  read.table = input::read_complete_cost_table(read.document, *find(point, "tech"), &bytes);
  read.sha256 = sha256(bytes);
  return tables_.keep(words, std::move(read));
}

const SweepPoints::MadeTrace& SweepPoints::trace(const Point& point) {
  const std::string words = listed(point, "trace");
  if (const MadeTrace* found = traces_.find(words)) return *found;
  if (const MadeTrace* found = long_traces_.find(words)) return *found;
  MadeTrace made;
  std::string bytes;
  if (const std::string* name = find(point, "trace")) {
    made.trace = input::resolve_trace(*name, &bytes);
    made.name = *name;
    made.file = input::trace_path(*name);
  } else {
    made.trace = input::make_trace(trace_options(point));
    made.name = made.trace.name;
    bytes = input::write_trace(made.trace);
  }
  made.sha256 = sha256(bytes);
  return (is_long(made.trace) ? long_traces_ : traces_).keep(words, std::move(made));
}

DesignPoint SweepPoints::design(const Point& point) {
  DesignPoint design;
  design.sources.architecture = changed_file(point, "arch");
  design.subject.architecture = input::read_architecture(design.sources.architecture);
  design.origin.architecture_sha256 = sha256(design.sources.architecture.bytes());
  const Table& priced = table(point);
  design.sources.table = priced.document;
  design.table = priced.table;
  design.origin.cost_table_sha256 = priced.sha256;
  const MadeTrace& replayed = trace(point);
  design.subject.trace = replayed.trace;
  design.origin.trace_sha256 = replayed.sha256;
  design.sources.trace_name = replayed.name;
  design.sources.trace = replayed.file;
  return design;
}

sweep::Points SweepPoints::points(sweep::Sweep& sweep) {
  // What filters and quantities cannot be answered for is a mistake at a key of the sweep.
  const auto answered = [&](const Point& point, const auto& question) {
    try {
      return question();
    } catch (const input::ConfigError&) {
      blame_key(*this, sweep, point);
      throw;
    }
  };
  sweep::Points points(
      sweep,
      [&](const Point& point, const std::string& key) {
        return answered(point, [&] { return value_in_files(point, key); });
      },
      [&](const Point& point, sweep::Quantity asked) {
        return answered(point, [&] { return quantity(point, asked); });
      });
  check_keys(*this, sweep, points);
  return points;
}

std::optional<std::string> SweepPoints::fault(const Point& point, const std::string& root) try {
  if (root == "arch") {
    input::read_architecture(changed_file(point, root));
  } else if (root == "tech") {
    table(point);
  } else if (root == "trace") {
    trace(point);
  } else {
    const RunRequest request = request_of(point);
    if (!request.dataflow.empty()) input::resolve_dataflow(request.dataflow);
  }
  return std::nullopt;
} catch (const input::ConfigError& error) {
  return error.what();
}

std::optional<std::string> SweepPoints::value_in_files(const Point& point, const std::string& key) {
  const std::size_t dot = key.find('.');
  const std::string root = key.substr(0, dot);
  if (dot == std::string::npos || (root != "arch" && root != "tech")) return std::nullopt;
  return changed_file(point, root).scalar_at(key.substr(dot + 1));
}

double SweepPoints::quantity(const Point& point, sweep::Quantity quantity) {
  const DesignPoint design = this->design(point);
  const arch::Architecture& architecture = design.subject.architecture;
  switch (quantity) {
    case sweep::Quantity::kArea:
      return cost::area(design.table, architecture).total.value.value() * 1e-6;
    case sweep::Quantity::kThroughput:
      return engine::peak_macs_a_cycle(architecture, design.subject.trace);
    case sweep::Quantity::kBandwidth:
      return architecture.dram.peak_bandwidth.value();
    case sweep::Quantity::kPes:
      break;
  }
  return static_cast<double>(architecture.rows) * architecture.columns();
}

const std::string& SweepPoints::remembered(const std::string& what,
                                           const std::function<std::string()>& hash) {
  const auto found = hashes_.find(what);
  return found != hashes_.end() ? found->second : hashes_.emplace(what, hash()).first->second;
}

std::string SweepPoints::key(const Point& point) { return sha256(listed(point)); }

// What the inputs change is in them: files count as they are.
std::string SweepPoints::content(const Point& point) {
  std::string content = listed(point) + version() + sources_sha256();
  try {
    const std::string& arch = *find(point, "arch");
    content += remembered("arch " + arch, [&] { return sha256(file("arch", arch).bytes()); });
    content += remembered(listed(point, "tech"), [&] { return table(point).sha256; });
    if (const std::string* model = find(point, "trace.model"))
      content += remembered("model " + *model, [&] {
        return sha256(input::Document::read(input::model_path(*model)).bytes());
      });
    else
      content += remembered(listed(point, "trace"), [&] {
        const MadeTrace& replayed = trace(point);
        std::string hashes = replayed.sha256;
        for (const auto& [file, hash] : values_sha256(replayed.trace)) hashes += hash;
        return hashes;
      });
    if (const std::string* dataflow = find(point, "run.dataflow"); dataflow && *dataflow != "null")
      content += remembered("dataflow " + *dataflow, [&] {
        std::string bytes;
        input::resolve_dataflow(*dataflow, &bytes);
        return sha256(bytes);
      });
    if (const std::string* baseline = find(point, "run.baseline"); baseline && *baseline != "none")
      content += remembered("baselines", [] { return sha256(baseline_bytes()); });
  } catch (const input::ConfigError& error) {
    content += error.what();
  } catch (const input::FileChanged& error) {
    content += error.what();
  }
  return sha256(content);
}

sweep::Row SweepPoints::row(const Point& point) {
  const double begin = cpu_seconds();
  sweep::Row row;
  try {
    RunRequest request = request_of(point);
    request.options.findings = &findings_;
    row = row_of(run(request, design(point)));
  } catch (const input::ConfigError& error) {
    row.message = error.what();
  } catch (const input::FileChanged& error) {
    row.status = sweep::Status::kChanged;
    row.message = error.what();
  } catch (const std::bad_alloc&) {
    row.message = "found a point that does not fit into memory; allowed: a smaller one";
  } catch (const std::exception& error) {
    row.message = std::string("a defect of Addax, please report it: ") + error.what();
  }
  if (row.outputs.empty())
    row.outputs = {std::string(version()), std::string(commit()), std::string(sources_sha256())};
  row.seconds = cpu_seconds() - begin;
  return row;
}

}  // namespace addax::app
