// SPDX-License-Identifier: Apache-2.0
#include "sim/app/layer_values.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "models/quantity/check.h"
#include "models/values/count.h"
#include "models/values/defaults.h"
#include "sim/app/sha256.h"
#include "sim/input/values_reader.h"

namespace addax::app {
namespace {

using workload::Linear;

/// By phase, block and name.
std::map<std::tuple<std::string, std::string, std::string>, const Linear*> linear_layers(
    const workload::Trace& trace) {
  std::map<std::tuple<std::string, std::string, std::string>, const Linear*> layers;
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks)
      for (const workload::Operation& operation : block.operations) {
        const auto* linear = std::get_if<Linear>(&operation.work);
        if (linear != nullptr) layers[{phase.name, block.name, operation.name}] = linear;
      }
  return layers;
}

values::Execution execution_of(const result::LayerActivity& layer, const report::Subject& subject) {
  const auto& groups = subject.architecture.groups;
  const auto group = std::find_if(groups.begin(), groups.end(), [&](const arch::ColumnGroup& each) {
    return each.name == layer.group;
  });
  ADDAX_CHECK(layer.realisation && group != groups.end(), layer.name);
  values::Execution execution;
  execution.how = *layer.realisation;
  execution.half_table = group->datapath.lut && group->datapath.lut->half_table;
  execution.sum =
      subject.trace.widths.accumulator_bits == 16 ? arith::SumKind::kFp16 : arith::SumKind::kFp32;
  return execution;
}

bool same(const values::Execution& a, const values::Execution& b) {
  return a.how.key_bits == b.how.key_bits && a.how.scale_placement == b.how.scale_placement &&
         a.half_table == b.half_table;
}

/// Counts layers of equal values once: steps of a generation have the same.
class Counter {
 public:
  explicit Counter(const workload::Widths& widths) : widths_(widths) {}

  const workload::ValueCounts& of(const Linear& linear, const values::Execution& execution) {
    for (const Known& each : known_)
      if (*each.linear == linear && same(each.execution, execution)) return each.counts;
    known_.push_back(
        {&linear, execution, values::count(input::read_layer_values(linear, widths_), execution)});
    return known_.back().counts;
  }

 private:
  struct Known {
    const Linear* linear;
    values::Execution execution;
    workload::ValueCounts counts;
  };
  const workload::Widths& widths_;
  std::vector<Known> known_;
};

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

void add_note(std::vector<std::string>& notes, std::string note,
              const std::vector<std::string>& words) {
  if (words.empty()) return;
  for (const std::string& word : words) note += (&word == &words.front() ? " " : ", ") + word;
  notes.push_back(std::move(note));
}

/// What rests on values and what on declared shares of zeros.
void note_values(const workload::Trace& trace, std::vector<std::string>& notes) {
  std::vector<std::string> declared, counted, repeated;
  for (const workload::Phase& phase : trace.phases)
    for (const workload::Block& block : phase.blocks)
      for (const workload::Operation& operation : block.operations) {
        const auto* linear = std::get_if<workload::Linear>(&operation.work);
        if (linear == nullptr) continue;
        if (linear->values && block.repeat > 1) add_once(repeated, block.name);
        if (linear->weights.kind != workload::FormatKind::kTernary) continue;
        if (linear->counted_zeros)
          add_once(counted, operation.name);
        else
          add_once(declared, workload::describe(linear->weights));
      }
  add_note(notes, "zero weights declared, not counted from values:", declared);
  add_note(notes, "zero weights counted from values:", counted);
  add_note(notes, "values of one block taken for all its repetitions:", repeated);
}

}  // namespace

void count_values(result::Activity& activity, const report::Subject& subject) {
  const auto layers = linear_layers(subject.trace);
  Counter counter(subject.trace.widths);
  for (result::LayerActivity& layer : activity.layers) {
    const auto found = layers.find({layer.phase, layer.block, layer.name});
    if (found == layers.end()) continue;
    const Linear& linear = *found->second;
    const values::Execution execution = execution_of(layer, subject);
    if (linear.values) layer.counted.emplace().add(counter.of(linear, execution), layer.repeat);
    workload::ValueCounts assumed = values::defaults(linear, subject.trace.widths, execution);
    if (layer.counted) assumed.leave_out(*layer.counted);
    if (!assumed.empty()) layer.assumed.emplace().add(assumed, layer.repeat);
  }
  note_values(subject.trace, activity.notes);
}

std::vector<InputFile> value_inputs(const workload::Trace& trace) {
  std::vector<InputFile> inputs;
  for (const auto& [name, path] : input::value_files(trace)) inputs.push_back({"--trace", path});
  return inputs;
}

std::map<std::string, std::string> values_sha256(const workload::Trace& trace) {
  std::map<std::string, std::string> hashes;
  for (const auto& [name, path] : input::value_files(trace)) hashes[name] = sha256_of_file(path);
  return hashes;
}

}  // namespace addax::app
