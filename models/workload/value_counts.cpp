// SPDX-License-Identifier: Apache-2.0
#include "models/workload/value_counts.h"

#include "models/quantity/quantity.h"

namespace addax::workload {
namespace {

template <class Part>
void add_members(std::optional<Part>& sum, const std::optional<Part>& other, std::uint64_t times,
                 std::initializer_list<std::uint64_t Part::*> members) {
  if (!other) return;
  if (!sum) sum.emplace();
  for (const auto member : members)
    *sum.*member =
        quantity::checked_add(*sum.*member, quantity::checked_mul(*other.*member, times));
}

}  // namespace

void ValueCounts::add(const ValueCounts& other, std::uint64_t times) {
  add_members(weights, other.weights, times, {&ZeroCounts::zeros, &ZeroCounts::all});
  add_members(activations, other.activations, times, {&ZeroCounts::zeros, &ZeroCounts::all});
  add_members(keys, other.keys, times,
              {&KeyCounts::queries, &KeyCounts::repeated, &KeyCounts::entries, &KeyCounts::unused});
  add_members(terms, other.terms, times,
              {&TermCounts::additions, &TermCounts::rounded, &TermCounts::flushed});
}

void ValueCounts::leave_out(const ValueCounts& other) {
  if (other.weights) weights.reset();
  if (other.activations) activations.reset();
  if (other.keys) keys.reset();
  if (other.terms) terms.reset();
}

}  // namespace addax::workload
