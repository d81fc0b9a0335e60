// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/timeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace addax::detailed {

namespace {

using Json = nlohmann::json;

constexpr const char* kNames[] = {"DRAM load",   "activations", "weights", "sums that return",
                                  "table build", "PEs",         "outputs", "DRAM store"};

}  // namespace

Timeline::Timeline(std::ostream& stream, quantity::Hertz clock)
    : stream_(stream), us_a_cycle_(1e6 / clock.value()) {
  stream_ << R"({"displayTimeUnit": "ns", "otherData": )"
          << Json{{"schema", "addax.timeline/1"}, {"clock_hz", clock.value()}}.dump()
          << ", \"traceEvents\": [";
}

void Timeline::event(const std::string& text) {
  stream_ << (any_ ? ",\n" : "\n") << text;
  any_ = true;
}

void Timeline::begin_layer(const std::string& name, quantity::Cycles at) {
  ++layers_;
  begin_ = at.value();
  passes_.clear();
  asked_ = ended_ = stored_ = 0;
  bits_.fill(0);
  products_.clear();
  tables_.clear();
  event(Json{{"ph", "M"}, {"name", "process_name"}, {"pid", layers_}, {"args", {{"name", name}}}}
            .dump());
}

void Timeline::mark(std::uint64_t pass, Part part, std::uint64_t begin, std::uint64_t end) {
  Span& span = passes_[pass][part];
  if (span.end == 0) span.begin = begin;
  span.end = std::max(span.end, end);
}

void Timeline::see_network(Part part, const Flow& flow, std::uint64_t cycle) {
  if (flow.bits() == bits_[part]) return;
  bits_[part] = flow.bits();
  for (const std::uint64_t pass : flow.passes()) mark(pass, part, cycle, cycle + 1);
}

void Timeline::see_pes(const View& view) {
  products_.resize(view.pes.size(), 0);
  tables_.resize(view.pes.size(), 0);
  for (std::size_t i = 0; i < view.pes.size(); ++i) {
    const Pe& pe = *view.pes[i];
    if (pe.tables_built() > tables_[i]) {
      tables_[i] = pe.tables_built();
      mark(pe.build()->pass, kBuild, pe.build()->begin, pe.build()->end);
    }
    const std::uint64_t products = pe.steps();
    if (products == products_[i]) continue;
    products_[i] = products;
    mark(pe.pass(), kPes, view.cycle, view.cycle + 1);
  }
}

void Timeline::see_dram(const View& view) {
  const Loader& loader = view.loader;
  for (; asked_ < loader.asked(); ++asked_) {
    const mapping::Pass& pass = loader.pass(asked_);
    if (pass.resident_load_bits + pass.stream_load_bits > 0)
      mark(asked_, kLoad, view.cycle, loader.ready(asked_));
  }
  for (; ended_ < loader.ended(); ++ended_) {
    if (loader.pass(ended_).store_bits > 0)
      mark(ended_, kStore, view.cycle, loader.write_ends()[stored_++]);
    write(ended_, passes_[ended_]);
    passes_.erase(ended_);
  }
}

void Timeline::see(const View& view) {
  see_network(kActivations, view.activations.flow(), view.cycle);
  see_network(kWeights, view.weights.flow(), view.cycle);
  see_network(kReturns, view.returns.flow(), view.cycle);
  see_network(kOutputs, view.collector.flow(), view.cycle);
  see_pes(view);
  see_dram(view);
}

void Timeline::write(std::uint64_t pass, const Spans& spans) {
  for (std::size_t part = 0; part < kParts; ++part) {
    const Span& span = spans[part];
    if (span.end == 0) continue;
    // Asynchronous events, since those of one part may overlap.
    Json common = {{"name", kNames[part]},
                   {"cat", kNames[part]},
                   {"id2", {{"local", std::to_string(pass)}}},
                   {"pid", layers_},
                   {"tid", 0}};
    const auto at = [&](std::uint64_t cycle) {
      return static_cast<double>(begin_ + cycle) * us_a_cycle_;
    };
    Json begin = common;
    begin.update(
        {{"ph", "b"},
         {"ts", at(span.begin)},
         {"args", {{"pass", pass}, {"begin_cycle", span.begin}, {"end_cycle", span.end}}}});
    Json end = std::move(common);
    end.update({{"ph", "e"}, {"ts", at(span.end)}});
    event(begin.dump());
    event(end.dump());
  }
}

void Timeline::finish() { stream_ << "\n]}\n"; }

}  // namespace addax::detailed
