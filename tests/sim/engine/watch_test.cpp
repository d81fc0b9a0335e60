// SPDX-License-Identifier: Apache-2.0
// What a detailed run writes, read back by readers of its own and compared with what it reports.
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"

using namespace addax;
using action::Component;
using action::Verb;

namespace {

/// A value change dump: for each signal the times at which it changed, and to what. Reading it asserts
/// that a change is written as IEEE 1364 has it for the signal's width, and is one.
struct Dump {
  std::string timescale;
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> changes;
  std::uint64_t end = 0;

  /// Sum over time of the value that a signal has.
  std::uint64_t sum(const std::string& signal) const {
    std::uint64_t all = 0, value = 0, since = 0;
    for (const auto& [time, next] : changes.at(signal)) {
      all += value * (time - since);
      value = next;
      since = time;
    }
    return all + value * (end - since);
  }
};

Dump read_dump(const std::string& text) {
  Dump dump;
  std::istringstream stream(text);
  std::map<std::string, std::string> names;
  std::set<std::string> single;  // codes of signals of one bit
  std::vector<std::string> scopes;
  for (std::string word; stream >> word && word != "$enddefinitions";) {
    std::vector<std::string> words;
    for (std::string each; stream >> each && each != "$end";) words.push_back(each);
    if (word == "$timescale") dump.timescale = words.at(0) + words.at(1);
    if (word == "$upscope") scopes.pop_back();
    if (word == "$scope") scopes.push_back(words.at(1));
    if (word != "$var") continue;
    REQUIRE(words.size() == 4);
    if (words[1] == "1") single.insert(words[2]);
    std::string name;
    for (const std::string& scope : scopes) name += scope + ".";
    REQUIRE(names.emplace(words[2], name + words[3]).second);
  }
  CHECK(scopes.empty());
  std::string word;
  stream >> word;
  CHECK(word == "$end");
  while (stream >> word) {
    if (word.front() == '#') {
      const std::uint64_t time = std::stoull(word.substr(1));
      REQUIRE((dump.end == 0 || time > dump.end));
      dump.end = time;
      continue;
    }
    INFO("change " << word);
    std::string code = word.substr(1);
    const bool vector = word.front() == 'b';
    REQUIRE((vector || word.front() == '0' || word.front() == '1'));
    if (vector) stream >> code;
    REQUIRE(vector == (single.count(code) == 0));
    const std::uint64_t value = vector                ? std::stoull(word.substr(1), nullptr, 2)
                                : word.front() == '1' ? 1
                                                      : 0;
    auto& changes = dump.changes[names.at(code)];
    REQUIRE((changes.empty() || changes.rbegin()->second != value));
    REQUIRE(changes.emplace(dump.end, value).second);
  }
  REQUIRE(dump.changes.size() == names.size());
  return dump;
}

struct Watched {
  result::Activity activity;
  std::string signals, timeline;
};

Watched watch(const arch::Architecture& architecture, const workload::Trace& trace,
              const std::vector<std::string>& patterns) {
  std::ostringstream signals, timeline;
  engine::Options options;
  options.fidelity = engine::Fidelity::kDetailed;
  options.watch = {"q", &signals, patterns, &timeline, nullptr};
  Watched watched;
  watched.activity = engine::run(architecture, trace, options);
  watched.signals = signals.str();
  watched.timeline = timeline.str();
  return watched;
}

/// One layer q of 512 x 256 weights.
workload::Trace product(const workload::WeightFormat& format) {
  workload::Block block;
  block.name = "block";
  block.operations = {{"q",
                       "linear",
                       workload::Linear{1, 512, 256, 1, workload::LinearRole::kAttention, format},
                       {"x"},
                       "y"}};
  workload::Phase phase;
  phase.name = "decode";
  phase.new_tokens = 1;
  phase.blocks = {block};
  workload::Trace trace;
  trace.phases = {phase};
  return trace;
}

const result::LayerActivity& layer(const result::Activity& activity, const std::string& name) {
  for (const result::LayerActivity& each : activity.layers)
    if (each.name == name) return each;
  throw std::runtime_error("no layer " + name);
}

// A decode token of a small model: more than one pass a layer, results that are added to.
constexpr const char* kTrace = "opt-125m.decode-8.fp16";

}  // namespace

TEST_CASE("waveforms hold as many busy cycles as products, and the bits of every network") {
  const arch::Architecture architecture = input::read_architecture("eyeriss_fp16");
  const Watched watched = watch(architecture, input::resolve_trace(kTrace), {"*"});
  const Dump dump = read_dump(watched.signals);
  const result::LayerActivity& q = layer(watched.activity, "q");
  // 250 MHz: 4 ns a cycle.
  CHECK(dump.timescale == "1ns");
  CHECK(dump.end % 4 == 0);
  // The cycle in which the last result is there is the last.
  CHECK(dump.end / 4 <= q.cycles.value() / q.repeat + 1);
  CHECK(dump.changes.size() == 168 * 6 + 4 + 2 + 3);
  std::uint64_t busy = 0;
  for (const auto& [name, changes] : dump.changes)
    if (name.rfind("pe[", 0) == 0 && name.find(".busy") != std::string::npos) {
      busy += dump.sum(name) / 4;
    }
  CHECK(busy * q.repeat == q.arithmetic[arith::Arithmetic::kFp16Multiply]);
  CHECK(dump.sum("network.weight.bits") / 4 * q.repeat ==
        q.actions.total(Component::kWeightNetwork, Verb::kTransfer));
  CHECK(dump.sum("network.activation.bits") / 4 * q.repeat ==
        q.actions.total(Component::kActivationNetwork, Verb::kTransfer));
  CHECK(dump.sum("network.output.bits") / 4 * q.repeat ==
        q.actions.total(Component::kOutputNetwork, Verb::kTransfer));
  for (const char* signal : {"dram.passes_asked", "dram.passes_loaded", "dram.passes_ended"})
    CHECK(dump.changes.at(signal).rbegin()->second * q.repeat == q.passes);
  for (const char* signal : {"pe[0][0].activations", "pe[11][13].weights", "pe[11][0].sums"})
    CHECK(dump.changes.at(signal).rbegin()->second == 0);
  CHECK(dump.changes.at("pe[0][0].wave").rbegin()->second > 1);
  // Nothing but the run decides on the bytes.
  CHECK(watch(architecture, input::resolve_trace(kTrace), {"*"}).signals == watched.signals);
}

TEST_CASE("a PE is busy or not, however many operations it begins in a cycle") {
  struct Kind {
    const char* architecture;
    workload::FormatKind format;
    std::uint64_t at_once;  ///< queries or adds that a PE begins in a cycle
  };
  for (const Kind& kind : {Kind{"eyeriss_shiftadd_mu4", workload::FormatKind::kShiftAdd, 32},
                           {"eyeriss_ternary", workload::FormatKind::kTernary, 3}}) {
    INFO(kind.architecture);
    const arch::Architecture architecture = input::read_architecture(kind.architecture);
    const Watched watched =
        watch(architecture, product(workload::default_format(kind.format, 3)), {"pe[*].busy"});
    const Dump dump = read_dump(watched.signals);
    CHECK(dump.changes.size() == std::size_t{architecture.rows} * architecture.groups[0].columns);
    std::uint64_t busy = 0;
    for (const auto& [signal, changes] : dump.changes) {
      CHECK(changes.begin()->second == 0);
      CHECK(changes.rbegin()->second == 0);
      busy += dump.sum(signal) / 4;
    }
    const auto& arithmetic = layer(watched.activity, "q").arithmetic;
    const std::uint64_t operations = arithmetic.lut_queries > 0
                                         ? arithmetic.lut_queries
                                         : arithmetic[arith::Arithmetic::kFp32Add];
    CHECK(busy < operations);
    CHECK(operations <= kind.at_once * busy);
  }
}

TEST_CASE("waveforms have the times of the clock, and the signals that were asked for") {
  arch::Architecture architecture = input::read_architecture("eyeriss_fp16");
  struct Clock {
    double hertz;
    const char* timescale;
    double period;
  };
  for (const Clock& clock : {Clock{1e9, "1ns", 1}, {8e8, "1ps", 1250}, {3e8, "1fs", 1e15 / 3e8}}) {
    architecture.clock = quantity::Hertz(clock.hertz);
    const Dump dump = read_dump(watch(architecture, input::resolve_trace("micro-attention"),
                                      {"buffer.*", "pe[1][*].wave", "*ended"})
                                    .signals);
    CHECK(dump.timescale == clock.timescale);
    CHECK(dump.changes.size() == 2 + 14 + 1);
    const double cycles = static_cast<double>(dump.end) / clock.period;
    CHECK(std::abs(cycles - std::round(cycles)) < 1e-6);
  }
}

TEST_CASE(
    "a timeline has all passes of all layers that are clocked, within their time in the run") {
  const Watched watched =
      watch(input::read_architecture("eyeriss_fp16"), input::resolve_trace(kTrace), {"dram.*"});
  const nlohmann::json file = nlohmann::json::parse(watched.timeline);
  CHECK(file.at("otherData").at("clock_hz") == 250e6);
  // Layers of one shape are run once, as the first of them.
  std::map<std::string, std::uint64_t> begins;
  std::uint64_t at = 0;
  for (const result::LayerActivity& each : watched.activity.layers) {
    if (each.fidelity == "detailed")
      begins.emplace(each.phase + ", " + each.block + ", " + each.name, at);
    at += each.cycles.value();
  }
  std::map<std::uint64_t, const result::LayerActivity*> layers;
  std::map<std::uint64_t, std::uint64_t> begin_of;
  std::map<std::uint64_t, std::map<std::string, std::map<std::string, nlohmann::json>>> open,
      closed;
  for (const nlohmann::json& event : file.at("traceEvents")) {
    const std::uint64_t process = event.at("pid");
    if (event.at("ph") == "M") {
      const std::string name = event.at("args").at("name");
      REQUIRE(begins.count(name) == 1);
      begin_of[process] = begins.at(name);
      layers[process] = &layer(watched.activity, name.substr(name.rfind(' ') + 1));
      continue;
    }
    const std::string part = event.at("name"), pass = event.at("id2").at("local");
    if (event.at("ph") == "b") {
      REQUIRE(open[process][part].emplace(pass, event).second);
      continue;
    }
    REQUIRE(event.at("ph") == "e");
    const nlohmann::json& begin = open.at(process).at(part).at(pass);
    const std::uint64_t first = begin.at("args").at("begin_cycle"),
                        end = begin.at("args").at("end_cycle");
    const result::LayerActivity& of = *layers.at(process);
    REQUIRE(first < end);
    REQUIRE(end <= of.cycles.value() / of.repeat);
    const auto us = [&](std::uint64_t cycle) {
      return static_cast<double>(begin_of.at(process) + cycle) * 0.004;
    };
    REQUIRE(begin.at("ts").get<double>() == Approx(us(first)));
    REQUIRE(event.at("ts").get<double>() == Approx(us(end)));
    REQUIRE(closed[process][part].emplace(pass, begin).second);
  }
  CHECK(open == closed);
  std::set<std::string> names;
  for (const auto& [process, of] : layers) names.insert(of->name);
  for (const char* name : {"q", "fc1", "fc2", "head"}) CHECK(names.count(name) == 1);
  for (const auto& [process, of] : layers) {
    INFO(of->name);
    const auto& parts = closed.at(process);
    for (const char* part : {"PEs", "weights", "DRAM load"})
      CHECK(parts.at(part).size() * of->repeat == of->passes);
    for (const auto& [pass, pes] : parts.at("PEs")) {
      const nlohmann::json& weights = parts.at("weights").at(pass).at("args");
      const nlohmann::json& load = parts.at("DRAM load").at(pass).at("args");
      CHECK(load.at("end_cycle") <= weights.at("begin_cycle"));
      CHECK(weights.at("begin_cycle") < pes.at("args").at("begin_cycle"));
      CHECK(weights.at("end_cycle") <= pes.at("args").at("end_cycle"));
    }
  }
}

TEST_CASE("waveforms and timelines show each table being built, before it is read") {
  const arch::Architecture architecture = input::read_architecture("eyeriss_shiftadd");
  const Watched watched =
      watch(architecture, product(workload::default_format(workload::FormatKind::kShiftAdd, 3)),
            {"pe[*].building", "pe[*].busy", "pe[*].scaling"});
  const result::LayerActivity& q = layer(watched.activity, "q");
  const Dump dump = read_dump(watched.signals);
  const std::uint64_t building = architecture.groups[0].datapath.lut->build_cycles().value();
  std::uint64_t built = 0, scaled = 0;
  for (const auto& [name, changes] : dump.changes) {
    if (name.find(".building") != std::string::npos) built += dump.sum(name) / 4;
    if (name.find(".scaling") != std::string::npos) scaled += dump.sum(name) / 4;
  }
  CHECK(built == (q.arithmetic.lut_tables + q.repeated.lut_tables) * building);
  CHECK(scaled > 0);
  const auto first = [&](const std::string& name) {
    const auto& changes = dump.changes.at(name);
    return std::next(changes.begin())->first / 4;  // it begins at 0
  };
  // A PE reads its table no earlier than it is complete.
  CHECK(first("pe[0][0].busy") >= first("pe[0][0].building") + building);
  std::map<std::string, nlohmann::json> first_pass;
  const nlohmann::json file = nlohmann::json::parse(watched.timeline);
  for (const nlohmann::json& event : file.at("traceEvents"))
    if (event.at("ph") == "b" && event.at("args").at("pass") == 0)
      first_pass[event.at("name")] = event.at("args");
  const nlohmann::json& build = first_pass.at("table build");
  CHECK(build.at("begin_cycle") > first_pass.at("activations").at("begin_cycle"));
  CHECK(build.at("begin_cycle").get<std::uint64_t>() + building <=
        first_pass.at("PEs").at("begin_cycle"));
  CHECK(build.at("end_cycle") < first_pass.at("PEs").at("end_cycle"));
}
