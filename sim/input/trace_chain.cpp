// SPDX-License-Identifier: Apache-2.0
#include "sim/input/trace_chain.h"

#include <algorithm>

#include "models/quantity/quantity.h"

namespace addax::input {

using quantity::checked_add;
using workload::Elementwise;
using workload::Linear;
using workload::Operation;
using workload::Transfer;
using workload::TransferDirection;
using workload::VectorFunction;

namespace {

/// How many tensors an operation reads, at least and at most.
struct ReadCount {
  std::size_t least, most;

  ReadCount operator()(const Linear&) const { return {1, 1}; }
  ReadCount operator()(const workload::Scores&) const { return {2, 2}; }
  ReadCount operator()(const workload::Softmax&) const { return {1, 1}; }
  ReadCount operator()(const workload::Context&) const { return {2, 2}; }
  ReadCount operator()(const Elementwise& work) const {
    switch (work.function) {
      case VectorFunction::kCombine:
        return {2, 2};
      case VectorFunction::kAdd:
      case VectorFunction::kMultiply:
        return {1, 2};  // with one, the other comes from parameters
      default:
        return {1, 1};
    }
  }
  ReadCount operator()(const Transfer& work) const {
    return work.direction == TransferDirection::kToDram ? ReadCount{1, 1} : ReadCount{0, 0};
  }
};

std::string tensors(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " tensor" : " tensors");
}

void check_read_count(const Value& place, const Operation& operation) {
  const std::size_t found = operation.reads.size();
  const ReadCount count = std::visit(ReadCount{0, 0}, operation.work);
  if (found >= count.least && found <= count.most) return;
  std::string what = work_name(operation.work);
  if (const auto* work = std::get_if<Elementwise>(&operation.work)) what = name(work->function);
  if (const auto* work = std::get_if<Transfer>(&operation.work))
    what += std::string(" ") + name(work->direction);
  place.fail(
      quantity::Diagnosis{"reads", tensors(found),
                          (count.least < count.most ? std::to_string(count.least) + " or " : "") +
                              tensors(count.most) + " for " + what});
}

/// Work whose output may take the place of a part of what it reads.
bool keeps_shape(const Operation& operation) {
  return std::holds_alternative<Elementwise>(operation.work) &&
         elements_written(operation.work) == elements_read(operation.work, 0);
}

}  // namespace

void TensorChain::follow(const Value& place, const Operation& operation) {
  check_read_count(place, operation);
  for (std::size_t i = 0; i < operation.reads.size(); ++i) read(place, operation, i);
  if (operation.writes.empty()) return;
  if (elements_written(operation.work) == 0)
    place.at("writes").fail("nothing: a transfer to_dram leaves no tensor behind");
  write(operation);
}

void TensorChain::read(const Value& place, const Operation& operation, std::size_t index) {
  const Value tensor = place.at("reads").list()[index];
  const auto found = written_.find(operation.reads[index]);
  if (found == written_.end()) return read_input(tensor, operation);
  Tensor& known = found->second;
  known.read = true;
  const std::string behind =
      ", and " + known.writer + " leaves " + std::to_string(known.elements) + " in it";
  std::uint64_t needed = elements_read(operation.work, index);
  if (const auto* linear = std::get_if<Linear>(&operation.work)) {
    if (known.elements % linear->inputs != 0)
      tensor.fail("a tensor of rows of the linear's " + std::to_string(linear->inputs) + " inputs" +
                  behind);
    // Experts share tokens: each of the copies may read the same rows.
    if (linear->copies > 1) needed = linear->inputs;
  }
  if (needed > known.elements)
    tensor.fail("a tensor of " + std::to_string(needed) + " elements or more" + behind);
}

void TensorChain::read_input(const Value& tensor, const Operation& operation) {
  const auto* linear = std::get_if<Linear>(&operation.work);
  if (linear == nullptr) return;
  const auto first = inputs_.insert({tensor.text(), {linear->inputs, operation.name}}).first;
  const Input& input = first->second;
  if (input.row_elements != linear->inputs)
    tensor.fail("an input of the phase whose rows have the linear's " +
                std::to_string(linear->inputs) + " inputs, and " + input.reader +
                " reads rows of " + std::to_string(input.row_elements));
}

void TensorChain::write(const Operation& operation) {
  const std::string& name = operation.writes;
  const std::uint64_t elements = elements_written(operation.work);
  const auto found = written_.find(name);
  const bool in_place =
      std::find(operation.reads.begin(), operation.reads.end(), name) != operation.reads.end();
  if (found != written_.end() && in_place && keeps_shape(operation)) {
    found->second.elements = std::max(found->second.elements, elements);
  } else if (found != written_.end() && !found->second.read) {
    found->second.elements = checked_add(found->second.elements, elements);
    found->second.writer = operation.name;
  } else {
    written_[name] = {elements, false, operation.name};
  }
}

}  // namespace addax::input
