// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace addax::quantity {

/// task(0) to task(count - 1), in any order and at most `threads` at once; fewer where the system gives no
/// more. After a task has thrown no other is begun; what it threw is thrown when all threads have ended.
template <class Task>
void each_in_parallel(std::size_t count, unsigned threads, const Task& task) {
  const std::size_t workers_needed = std::min<std::size_t>(std::max(1U, threads), count);
  if (workers_needed <= 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failures(workers_needed);
  const auto work = [&](std::size_t worker) {
    try {
      for (std::size_t i = next++; i < count; i = next++) task(i);
    } catch (...) {
      failures[worker] = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> workers;
  workers.reserve(workers_needed);
  try {
    while (workers.size() + 1 < workers_needed) workers.emplace_back(work, workers.size() + 1);
  } catch (const std::system_error&) {  // those that there are do it
  }
  work(0);
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace addax::quantity
