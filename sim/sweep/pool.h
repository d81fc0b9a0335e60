// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace addax::sweep {

/// The system refuses what workers need.
class PoolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Processes that work on numbered points. SystemC's kernel is not thread-safe, so that points run side by
/// side in processes only; they are forked when the pool is made, and live until it goes.
class Pool {
 public:
  /// What a worker does with a point; what it returns comes back to the process that made the pool. Must not
  /// throw.
  using Work = std::function<std::string(std::uint64_t point)>;
  /// Forks `jobs` workers. Throws PoolError.
  Pool(unsigned jobs, Work work);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();  ///< ends the workers

  struct Events {
    /// The next point for a worker, which is one of 0 to jobs - 1; none: there are no more.
    std::function<std::optional<std::uint64_t>(std::size_t worker)> next;
    std::function<void(std::uint64_t point, const std::string& bytes)> done;
    /// A worker ended while it had the point; another takes its place.
    std::function<void(std::uint64_t point, const std::string& why)> crashed;
    std::function<void()> tick;  ///< at least five times a second
  };
  /// Until all points have ended. Throws PoolError.
  void run(const Events& events);
  /// While it runs: each worker ends with the point that it has begun, and no other is begun. A point of which
  /// nothing is heard any more is left.
  void stop();
  std::vector<pid_t> workers() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Worker {
    pid_t process = -1;
    int socket = -1;
    std::deque<std::uint64_t> points;  ///< given to it, the one that it works on first
    Clock::time_point begin;           ///< when it began with that
    std::size_t most_points = 1;       ///< that it may have
    std::string received;
  };
  void end();
  void start(Worker& worker);
  void give(Worker& worker, const Events& events);
  bool receive(Worker& worker, const Events& events);
  void replace(Worker& worker, const Events& events);
  std::optional<std::uint64_t> next_point(const Worker& worker, const Events& events);

  Work work_;
  std::vector<Worker> workers_;
  bool stopping_ = false;
  std::deque<std::uint64_t> again_;  ///< given to a worker that ended before it began with them
};

}  // namespace addax::sweep
