// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <unordered_map>
#include <utility>

#include "sim/app/sweep_progress.h"
#include "sim/app/version.h"
#include "sim/sweep/pool.h"
#include "sim/sweep/shares.h"

extern "C" {
static volatile std::sig_atomic_t addax_sweep_signal = 0;
static timespec addax_sweep_stopped;
static void stop_sweep(int signal) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  if (addax_sweep_signal == 0) {
    addax_sweep_stopped = now;
    addax_sweep_signal = signal;
    return;
  }
  const double since = static_cast<double>(now.tv_sec - addax_sweep_stopped.tv_sec) +
                       1e-9 * static_cast<double>(now.tv_nsec - addax_sweep_stopped.tv_nsec);
  if (since < 0.5) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}
}

namespace addax::app {
namespace {

namespace fs = std::filesystem;

/// Two sweeps into one file would do the same points twice. The lock is the process's own: a worker that outlives
/// it by a moment does not hold it.
class Lock {
 public:
  explicit Lock(const std::string& results) : path_(results + ".lock") {
    do {
      if (file_ >= 0) ::close(file_);
      file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      if (file_ < 0)
        throw input::ConfigError(results + ": cannot be written: " + std::strerror(errno) +
                                 "; allowed: a file in a folder that can be written");
      struct flock whole {};
      whole.l_type = F_WRLCK;
      whole.l_whence = SEEK_SET;
      if (::fcntl(file_, F_SETLK, &whole) != 0) {
        ::close(file_);
        throw input::ConfigError(results + ": another sweep is writing it; allowed: one at a time");
      }
    } while (!is_in_its_place());  // one that ended meanwhile took its file away
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    ::unlink(path_.c_str());
    ::close(file_);
  }

 private:
  bool is_in_its_place() const {
    struct stat held {
    }, there{};
    return ::fstat(file_, &held) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           held.st_dev == there.st_dev && held.st_ino == there.st_ino;
  }

  std::string path_;
  int file_ = -1;
};

/// The first signal lets points end that are under way; one that comes half a second later or more ends the process.
/// What comes sooner is the same: timeout(1) signals a process and then its group.
void stop_at_signals() {
  struct sigaction action {};
  action.sa_handler = stop_sweep;
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) ::sigaddset(&action.sa_mask, signal);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
}

/// What the best point is the best in; where it varies, as where nothing is said.
std::string objective_of(const sweep::Sweep& sweep) {
  const std::vector<std::string> keys = sweep::axis_keys(sweep);
  if (std::find(keys.begin(), keys.end(), "run.objective") == keys.end())
    for (const auto& [key, value] : sweep.base)
      if (key == "run.objective") return value;
  return "edp";
}

}  // namespace

SweepRun::SweepRun(const std::string& name, Shard shard, bool quiet)
    : sweep_(sweep::read_sweep(name)),
      shard_(shard),
      points_(reader_.points(sweep_)),
      quiet_(quiet) {}

std::vector<InputFile> SweepRun::inputs() const {
  std::vector<InputFile> files = {{"FILE", sweep_.file}};
  const auto add = [&files](const std::string& key, const std::string& name) {
    std::error_code error;
    if (fs::is_regular_file(name, error)) files.push_back({key, name});
  };
  for (const auto& [key, name] : sweep_.base) add(key, name);
  for (const sweep::Axis& axis : sweep_.axes)
    for (const std::vector<std::string>& level : axis.levels)
      for (std::size_t key = 0; key < level.size(); ++key) add(axis.keys[key], level[key]);
  return files;
}

void SweepRun::list() const {
  input::OutputFiles files;
  files.add("-", [this](std::ostream& stream) {
    stream << fmt::format("{} points of {}{}\n", points_.size(), sweep_.name, shortfall());
    for (std::uint64_t number = 0; number < points_.size(); ++number)
      if (shard_.takes_all() || shard_.takes(SweepPoints::key(points_.at(number))))
        stream << fmt::format("{:>7}  {}\n", number, points_.varied(number));
  });
  files.commit();
}

int SweepRun::run(const std::string& path, bool resume, unsigned jobs) {
  const Lock lock(path);
  read_contents();
  // Workers come before what the parent opens and gathers, which is not theirs.
  sweep::Pool pool(
      static_cast<unsigned>(std::min<std::uint64_t>(jobs, points_.size())),
      [this](std::uint64_t number) { return reader_.row(points_.at(number)).bytes(); });
  stop_at_signals();
  sweep::Results results = resume ? sweep::Results::resume(path, sweep_, points_.size())
                                  : sweep::Results::create(path, sweep_, points_.size());
  const std::vector<bool> ended =
      results.take_over(points_.size(), [this](std::uint64_t number) { return place(number); });
  std::vector<std::uint64_t> left;
  for (std::uint64_t number = 0; number < points_.size(); ++number) {
    if (ended[number])
      ++kept_;
    else if (shard_.takes_all() || shard_.takes(SweepPoints::key(points_.at(number))))
      left.push_back(number);
  }
  left = in_turn(left);
  SweepProgress progress(left.size(), !quiet_, objective_of(sweep_));
  sweep::Shares shares(left.size(), pool.workers().size());
  const auto end = [&](std::uint64_t number, const sweep::Row& row) {
    progress.add(row);
    if (row.status != sweep::Status::kDone && progress.failed() == 1) {
      progress.clear();
      std::fputs(("addax: " + points_.varied(number) + ": " + row.message + "\n").c_str(), stderr);
    }
    results.add(place(number), row);
  };
  sweep::Pool::Events events;
  events.next = [&](std::size_t worker) -> std::optional<std::uint64_t> {
    if (addax_sweep_signal != 0) return std::nullopt;
    const std::optional<std::uint64_t> next = shares.next(worker);
    return next ? std::optional(left[*next]) : std::nullopt;
  };
  events.done = [&](std::uint64_t number, const std::string& bytes) {
    end(number, sweep::Row::from_bytes(bytes));
  };
  events.crashed = [&](std::uint64_t number, const std::string& why) {
    sweep::Row row;
    row.status = sweep::Status::kCrashed;
    row.message = why;
    row.outputs = {sweep::Cell(version()), sweep::Cell(commit()), sweep::Cell(sources_sha256())};
    end(number, row);
  };
  events.tick = [&] {
    if (addax_sweep_signal != 0) pool.stop();
    progress.show();
  };
  pool.run(events);
  any_done_ = results.done() > 0;
  results.close();
  progress.clear();
  done_ = progress.done() - progress.failed();
  failed_ = progress.failed();
  left_ = left.size() - progress.done();
  return addax_sweep_signal;
}

std::string SweepRun::summary(const std::string& path) const {
  std::string text = fmt::format("{}: {} points done{}", path, done_, shortfall());
  if (kept_ > 0) text += fmt::format(", {} were there", kept_);
  if (failed_ > 0) text += fmt::format(", {} failed (their messages: column 'message')", failed_);
  if (left_ > 0) text += fmt::format(", {} left: --resume goes on", left_);
  return text + "\n";
}

std::string SweepRun::shortfall() const {
  return points_.shortfall().empty() ? "" : " (" + points_.shortfall() + ")";
}

sweep::Place SweepRun::place(std::uint64_t number) const {
  sweep::Point point = points_.at(number);
  const Hash& content = contents_.at(number);
  return {number, SweepPoints::key(point), {content.begin(), content.end()}, std::move(point)};
}

// Points one after another that differ in column groups alone: layers on the other groups are the same.
std::vector<std::uint64_t> SweepRun::in_turn(const std::vector<std::uint64_t>& numbers) const {
  const std::string groups = "arch.groups";              // of its elements, by name or number
  std::unordered_map<std::size_t, std::uint64_t> first;  // by hash of all other keys
  std::vector<std::pair<std::uint64_t, std::uint64_t>> turns;
  for (const std::uint64_t number : numbers) {
    std::string others;
    for (const auto& [key, value] : points_.at(number))
      if (key.compare(0, groups.size(), groups) != 0) others += key + " = " + value + "\n";
    turns.emplace_back(first.emplace(std::hash<std::string>()(others), number).first->second,
                       number);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<std::uint64_t> ordered;
  for (const auto& [turn, number] : turns) ordered.push_back(number);
  return ordered;
}

// What workers read is what is read here.
void SweepRun::read_contents() {
  contents_.resize(points_.size());
  for (std::uint64_t number = 0; number < points_.size(); ++number) {
    const std::string content = reader_.content(points_.at(number));
    std::copy_n(content.begin(), contents_[number].size(), contents_[number].begin());
  }
  reader_.close();
}

}  // namespace addax::app
