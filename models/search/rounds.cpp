// SPDX-License-Identifier: Apache-2.0
#include "models/search/rounds.h"

namespace addax::search {

Rounds::Rounds(const std::vector<Space>& spaces, const Options& options)
    : spaces_(spaces), options_(options) {
  for (std::size_t space = 0; space < spaces.size(); ++space)
    for (const KeepChoice& keep : keep_choices(spaces[space])) add(space, keep);
}

void Rounds::add(std::size_t number, const KeepChoice& keep) {
  const Space& space = spaces_[number];
  const std::size_t levels = space.hierarchy.levels.size();
  std::vector<Skeleton> skeletons = {{keep, std::vector<std::vector<std::size_t>>(levels)}};
  for (std::size_t level = 0; level < levels; ++level) {
    if (!keep.ordered(level)) continue;
    const std::vector<std::vector<std::size_t>> choices = orders(space, level);
    std::vector<Skeleton> longer;
    for (const Skeleton& skeleton : skeletons)
      for (const std::vector<std::size_t>& order : choices) {
        longer.push_back(skeleton);
        longer.back().orders[level] = order;
      }
    skeletons = std::move(longer);
  }
  for (Skeleton& skeleton : skeletons) {
    if (!stationary(space, skeleton)) continue;
    roots_.push_back({number, std::move(skeleton), {}});
  }
}

void Rounds::each(std::size_t count, const std::function<void(std::size_t)>& task) const {
  const std::size_t threads = std::min<std::size_t>(std::max(1u, options_.threads), count);
  if (threads == 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failures(threads);
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < threads; ++worker)
    workers.emplace_back([&, worker] {
      try {
        for (std::size_t i = next++; i < count; i = next++) task(i);
      } catch (...) {
        failures[worker] = std::current_exception();
      }
    });
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

Refusal refusal(const std::vector<Space>&) { return {}; }

}  // namespace addax::search
