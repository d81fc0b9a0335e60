// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/pool.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "tests/catch.h"

using namespace addax::sweep;

namespace {

/// Runs points 0 to `points` - 1; what came of each.
struct Collected {
  std::map<std::uint64_t, std::string> done, crashed;
  std::uint64_t ticks = 0;
  std::function<void()> at_tick = [] {};
  std::set<std::uint64_t> twice;  ///< reported more than once

  void run(Pool& pool, std::uint64_t points) {
    std::uint64_t next = 0;
    const auto note = [this](std::map<std::uint64_t, std::string>& into, std::uint64_t point,
                             const std::string& text) {
      if (done.count(point) + crashed.count(point) > 0) twice.insert(point);
      into[point] = text;
    };
    Pool::Events events;
    events.next = [&](std::size_t) -> std::optional<std::uint64_t> {
      if (next == points) return std::nullopt;
      return next++;
    };
    events.done = [&](std::uint64_t point, const std::string& bytes) { note(done, point, bytes); };
    events.crashed = [&](std::uint64_t point, const std::string& why) {
      note(crashed, point, why);
    };
    events.tick = [this] {
      ++ticks;
      at_tick();
    };
    pool.run(events);
  }
};

std::string squared(std::uint64_t point) { return std::to_string(point * point); }

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

}  // namespace

TEST_CASE("Each point is done once, with more points than workers, and with fewer") {
  for (const unsigned jobs : {1U, 2U, 5U})
    for (const std::uint64_t points : {0, 1, 3, 1000}) {
      Collected collected;
      {
        Pool pool(jobs, squared);
        CHECK(pool.workers().size() == jobs);
        collected.run(pool, points);
      }
      CHECK(collected.crashed.empty());
      CHECK(collected.twice.empty());
      REQUIRE(collected.done.size() == points);
      for (const auto& [point, bytes] : collected.done) REQUIRE(bytes == squared(point));
      CHECK_FALSE(has_children());
    }
}

TEST_CASE("A pool runs again, and points are shared among its workers") {
  Pool pool(2, [](std::uint64_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return std::to_string(::getpid());
  });
  for (int round = 0; round < 2; ++round) {
    Collected collected;
    collected.run(pool, 40);
    std::set<std::string> workers;
    for (const auto& [point, process] : collected.done) workers.insert(process);
    CHECK(collected.done.size() == 40);
    CHECK(workers.size() == 2);
    CHECK(workers.count(std::to_string(::getpid())) == 0);
  }
}

TEST_CASE("Each worker has one of a few long points, and none waits behind another") {
  constexpr unsigned kJobs = 3;
  Pool pool(kJobs, [](std::uint64_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    return std::to_string(::getpid());
  });
  for (int round = 0; round < 2; ++round) {
    Collected collected;
    collected.run(pool, kJobs);
    std::set<std::string> workers;
    for (const auto& [point, process] : collected.done) workers.insert(process);
    CHECK(workers.size() == kJobs);
  }
}

TEST_CASE("Results may be empty, hold any byte, and be of several MB") {
  const auto bytes_of = [](std::uint64_t point) {
    if (point == 0) return std::string();
    std::string bytes(point * 1'000'003, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + point);
    return bytes;
  };
  Pool pool(3, bytes_of);
  Collected collected;
  collected.run(pool, 7);
  REQUIRE(collected.done.size() == 7);
  for (const auto& [point, bytes] : collected.done) CHECK((bytes == bytes_of(point)));
}

TEST_CASE("A worker that crashes is replaced, its point reported, and no other point is lost") {
  const auto work = [](std::uint64_t point) {
    if (point % 10 == 3) ::raise(SIGKILL);
    if (point % 10 == 6) ::_exit(7);
    if (point % 10 == 8) {
      ::signal(SIGABRT, SIG_DFL);  // the test's own handler would report a failure
      std::abort();
    }
    return squared(point);
  };
  for (const unsigned jobs : {1U, 2U, 5U}) {
    Collected collected;
    {
      Pool pool(jobs, work);
      collected.run(pool, 50);
    }
    CHECK(collected.twice.empty());
    CHECK(collected.crashed.size() == 15);
    REQUIRE(collected.done.size() == 35);
    for (const auto& [point, why] : collected.crashed) {
      INFO(point << ": " << why);
      CHECK((point % 10 == 3 || point % 10 == 6 || point % 10 == 8));
      if (point % 10 == 3) CHECK(why == "its process was ended by a signal (Killed)");
      if (point % 10 == 6) CHECK(why == "its process ended with status 7");
      if (point % 10 == 8) CHECK(why == "its process was ended by a signal (Aborted)");
    }
    for (const auto& [point, bytes] : collected.done) CHECK(bytes == squared(point));
    CHECK_FALSE(has_children());
  }
}

TEST_CASE("A pool in which all points crash comes to its end") {
  Pool pool(2, [](std::uint64_t) -> std::string { ::_exit(1); });
  Collected collected;
  collected.run(pool, 12);
  CHECK(collected.crashed.size() == 12);
  CHECK(collected.done.empty());
}

TEST_CASE("A worker that is killed from outside while it works or waits costs one point at most") {
  Pool pool(2, [](std::uint64_t point) {
    std::this_thread::sleep_for(std::chrono::milliseconds(point == 5 ? 300 : 1));
    return squared(point);
  });
  // Waiting workers: both are dead before there is a point.
  for (const pid_t process : pool.workers()) ::kill(process, SIGKILL);
  Collected collected;
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    for (const pid_t process : pool.workers()) ::kill(process, SIGKILL);
  });
  collected.run(pool, 30);
  killer.join();
  CHECK(collected.twice.empty());
  CHECK(collected.crashed.size() + collected.done.size() == 30);
  CHECK(collected.crashed.size() >= 1);
  CHECK(collected.crashed.size() <= 4);
}

TEST_CASE("Signals to the group of processes are the parent's business, and ticks are often") {
  Pool pool(2, [](std::uint64_t point) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::raise(signal);
    std::this_thread::sleep_for(std::chrono::milliseconds(point == 0 ? 1100 : 1));
    return squared(point);
  });
  Collected collected;
  collected.run(pool, 3);
  CHECK(collected.done.size() == 3);
  CHECK(collected.ticks >= 5);
}

TEST_CASE("A pool that is stopped ends with the point that each worker has begun") {
  Collected collected;
  {
    // After a short point a worker is given two: 2 and 3, or 4 and 5.
    Pool pool(2, [](std::uint64_t point) {
      if (point > 1) std::this_thread::sleep_for(std::chrono::milliseconds(600));
      return squared(point);
    });
    const auto begin = std::chrono::steady_clock::now();
    collected.at_tick = [&pool, begin] {
      if (std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(150)) pool.stop();
    };
    collected.run(pool, 10);
    CHECK(collected.done ==
          std::map<std::uint64_t, std::string>{{0, "0"}, {1, "1"}, {2, "4"}, {4, "16"}});
    CHECK(collected.crashed.empty());
  }
  CHECK_FALSE(has_children());
}

TEST_CASE("A worker that is killed while its pool stops leaves its points, and no other starts") {
  Collected collected;
  Pool pool(1, [](std::uint64_t point) {
    std::this_thread::sleep_for(std::chrono::seconds(10));
    return squared(point);
  });
  collected.at_tick = [&pool] {
    pool.stop();
    for (const pid_t process : pool.workers())
      if (process > 0) ::kill(process, SIGKILL);
  };
  collected.run(pool, 3);
  CHECK(collected.done.empty());
  CHECK(collected.crashed.empty());
  CHECK_FALSE(has_children());
}

TEST_CASE("A pool that the system refuses leaves no worker behind") {
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  rlimit few = files;
  few.rlim_cur = 16;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  CHECK_THROWS_AS(Pool(100, squared), PoolError);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  CHECK_FALSE(has_children());
}
