// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace addax::quantity {

/// task(0) to task(count - 1), in any order and at most `threads` at once. What a task throws is thrown
/// when all threads have ended.
template <class Task>
void each_in_parallel(std::size_t count, unsigned threads, const Task& task) {
  const std::size_t workers_needed = std::min<std::size_t>(std::max(1U, threads), count);
  if (workers_needed <= 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failures(workers_needed);
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < workers_needed; ++worker)
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

}  // namespace addax::quantity
