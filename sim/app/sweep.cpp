// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <thread>

#include "sim/app/commands.h"
#include "sim/app/sweep_point.h"
#include "sim/app/sweep_progress.h"
#include "sim/app/version.h"
#include "sim/sweep/pool.h"

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

constexpr std::uint64_t kMostJobs = 1024;

Syntax syntax() {
  namespace po = boost::program_options;
  const auto word = [](const char* name) { return po::value<Words>()->value_name(name); };
  Syntax syntax;
  syntax.usage =
      "addax sweep FILE [options]\n"
      "       addax sweep export RESULTS --csv FILE|- --json FILE|-\n"
      "       addax sweep merge RESULTS PART PART...";
  syntax.summary =
      "Runs the points of a sweep (docs/formats/sweep.md: a file, or the name of a shipped one) "
      "in\n"
      "parallel. Each is committed to a file of results (SQLite, docs/formats/results.md) when it "
      "ends;\n"
      "what is interrupted goes on with --resume. 'export' writes results as text, 'merge' joins "
      "those of\n"
      "shards.";
  syntax.example =
      "addax sweep array-shape\n"
      "  addax sweep my.yaml --out my.sqlite -j 8 --resume\n"
      "  addax pareto array-shape.sqlite";
  syntax.positional = "words";
  syntax.positionals = -1;
  syntax.options.add_options()("help,h", "this text")(
      "out", word("FILE"), "file of results (default NAME.sqlite, of the sweep's name)")(
      "jobs,j", word("N"), "worker processes (default one a core)")(
      "resume",
      "go on with the file of results where it is there: what has ended, of files as they are now, "
      "is kept")("shard", word("i/n"),
                 "only the i-th of n parts of the points, 1/n to n/n, fixed by their inputs")(
      "list", "print the points, and run none")("csv", word("FILE|-"),
                                                "write the points as CSV, when all have ended")(
      "json", word("FILE|-"), "write points, layers and components as JSON, when all have ended")(
      "quiet", "no text for people");
  return syntax;
}

struct Shard {
  std::uint64_t part = 1, parts = 1;
  /// `key`: hash of a point's inputs, hexadecimal.
  bool takes(const std::string& key) const {
    if (parts == 1) return true;
    std::uint64_t hash = 0;
    std::from_chars(key.data(), key.data() + 15, hash, 16);
    return hash % parts == part - 1;
  }
};

Shard shard_of(const CommandLine& line) {
  Shard shard;
  const std::optional<std::string> text = line.find("shard");
  if (!text) return shard;
  const std::size_t slash = text->find('/');
  const char* end = text->data() + text->size();
  const auto fail = [&text] {
    throw input::ConfigError("--shard: found '" + *text +
                             "'; allowed: i/n, as 1/4, with i from 1 to n and n to 100000");
  };
  if (slash == std::string::npos) fail();
  const auto first = std::from_chars(text->data(), text->data() + slash, shard.part);
  const auto second = std::from_chars(text->data() + slash + 1, end, shard.parts);
  if (first.ptr != text->data() + slash || second.ptr != end || first.ec != std::errc() ||
      second.ec != std::errc() || shard.part < 1 || shard.part > shard.parts ||
      shard.parts > 100'000)
    fail();
  return shard;
}

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

std::string varied(const sweep::Sweep& sweep, const sweep::Point& point) {
  const std::vector<std::string> keys = sweep::axis_keys(sweep);
  std::string text;
  for (const auto& [key, value] : point)
    if (std::find(keys.begin(), keys.end(), key) != keys.end())
      text += (text.empty() ? "" : ", ") + key + " = " + value;
  return text;
}

/// A sweep that runs: what workers do, and what becomes of it.
class Run {
 public:
  Run(const CommandLine& line, const std::string& name)
      : sweep_(sweep::read_sweep(name)),
        shard_(shard_of(line)),
        points_(reader_.points(sweep_)),
        quiet_(line.has("quiet")) {}

  std::string out(const CommandLine& line) const {
    return line.has("out") ? line.required("out", "a file") : sweep_.name + ".sqlite";
  }
  /// Files that the sweep and its points read, as far as there are such.
  std::vector<InputFile> inputs() const {
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

  void list() {
    std::string text = fmt::format("{} points of {}\n", points_.size(), sweep_.name);
    for (std::uint64_t number = 0; number < points_.size(); ++number) {
      const sweep::Point point = points_.at(number);
      if (shard_.takes(SweepPoints::key(point)))
        text += fmt::format("{:>7}  {}\n", number, varied(sweep_, point));
    }
    input::write_file("-", text);
  }

  void run(const std::string& path, bool resume, unsigned jobs) {
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
      else if (shard_.takes(SweepPoints::key(points_.at(number))))
        left.push_back(number);
    }
    SweepProgress progress(left.size(), !quiet_);
    std::size_t next = 0;
    const auto end = [&](std::uint64_t number, const sweep::Row& row) {
      progress.add(row);
      if (row.status != sweep::Status::kDone && progress.failed() == 1) {
        progress.clear();
        std::fputs(
            ("addax: " + varied(sweep_, points_.at(number)) + ": " + row.message + "\n").c_str(),
            stderr);
      }
      results.add(place(number), row);
    };
    sweep::Pool::Events events;
    events.next = [&]() -> std::optional<std::uint64_t> {
      if (addax_sweep_signal != 0 || next == left.size()) return std::nullopt;
      return left[next++];
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
    events.tick = [&progress] { progress.show(); };
    pool.run(events);
    any_done_ = results.done() > 0;
    results.close();
    progress.clear();
    done_ = progress.done() - progress.failed();
    failed_ = progress.failed();
    left_ = left.size() - progress.done();
  }

  std::string summary(const std::string& path) const {
    std::string text = fmt::format("{}: {} points done", path, done_);
    if (kept_ > 0) text += fmt::format(", {} were there", kept_);
    if (failed_ > 0) text += fmt::format(", {} failed (their messages: column 'message')", failed_);
    if (left_ > 0) text += fmt::format(", {} left: --resume goes on", left_);
    return text + "\n";
  }
  bool quiet() const { return quiet_; }
  /// None of the points that ended, now or before, gave a result.
  bool all_failed() const { return failed_ + kept_ > 0 && !any_done_; }

 private:
  using Hash = std::array<char, 64>;  // SHA-256, hexadecimal

  sweep::Place place(std::uint64_t number) const {
    sweep::Point point = points_.at(number);
    const Hash& content = contents_.at(number);
    return {number, SweepPoints::key(point), {content.begin(), content.end()}, std::move(point)};
  }

  // What workers read is what is read here.
  void read_contents() {
    contents_.resize(points_.size());
    for (std::uint64_t number = 0; number < points_.size(); ++number) {
      const std::string content = reader_.content(points_.at(number));
      std::copy_n(content.begin(), contents_[number].size(), contents_[number].begin());
    }
    reader_.close();
  }

  sweep::Sweep sweep_;
  Shard shard_;
  SweepPoints reader_;
  sweep::Points points_;
  std::vector<Hash> contents_;
  bool quiet_, any_done_ = false;
  std::uint64_t kept_ = 0, done_ = 0, failed_ = 0, left_ = 0;
};

void add_exports(Outputs& outputs, const std::string& path) {
  outputs.add("csv", [&](std::ostream& stream) { sweep::ResultsReader(path).csv(stream); });
  outputs.add("json", [&](std::ostream& stream) { sweep::ResultsReader(path).json(stream); });
}

int export_results(const CommandLine& line, const Words& words) {
  if (words.size() != 2)
    throw input::ConfigError("export: found " + std::to_string(words.size() - 1) +
                             " files; allowed: one, of results");
  if (!line.has("csv") && !line.has("json"))
    throw input::ConfigError(
        "export: found neither --csv nor --json; allowed: one of them, or both");
  const sweep::ResultsReader check(words[1]);
  Outputs outputs(line, {"csv", "json"}, {{"RESULTS", words[1]}});
  add_exports(outputs, words[1]);
  outputs.commit();
  return 0;
}

int merge_results(const CommandLine& line, const Words& words) {
  if (words.size() < 3)
    throw input::ConfigError("merge: found " + std::to_string(words.size() - 1) +
                             " files; allowed: the new one and one part or more");
  const sweep::Merged merged = sweep::merge(words[1], Words(words.begin() + 2, words.end()));
  if (!line.has("quiet"))
    input::write_file("-",
                      fmt::format("{}: {} of {} points\n", words[1], merged.points, merged.all));
  return 0;
}

int run_sweep(const CommandLine& line, const std::string& name) {
  Run run(line, name);
  if (line.has("list")) {
    run.list();
    return 0;
  }
  const std::string path = run.out(line);
  const auto jobs =
      static_cast<unsigned>(line.integer("jobs", 1, kMostJobs)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  std::vector<InputFile> inputs = run.inputs();
  inputs.push_back({"--out", path});
  Outputs outputs(line, {"csv", "json"}, inputs);
  try {
    run.run(path, line.has("resume"), jobs);
  } catch (const sweep::PoolError& error) {
    throw input::ConfigError(fmt::format(
        "--jobs: found {}: {}; allowed: as many as the system starts", jobs, error.what()));
  }
  const int signal = addax_sweep_signal;
  if (signal == 0) add_exports(outputs, path);
  if (!run.quiet()) outputs.add_text([&] { return run.summary(path); });
  outputs.commit();
  if (signal != 0) return 128 + signal;
  return run.all_failed() ? 2 : 0;
}

}  // namespace

int sweep_command(const Words& words) {
  const Syntax grammar = syntax();
  const CommandLine line(grammar, words);
  if (line.help()) {
    input::write_file("-", help_text(grammar));
    return 0;
  }
  const Words named = line.all("words");
  if (named.empty() || named.front().empty())
    throw input::ConfigError(
        "FILE: found nothing; allowed: a sweep's file, or the name of a shipped one");
  if (named.front() == "export") return export_results(line, named);
  if (named.front() == "merge") return merge_results(line, named);
  if (named.size() > 1)
    throw input::ConfigError("found more words than the command takes; allowed: one sweep");
  try {
    return run_sweep(line, named.front());
  } catch (const input::FileChanged& error) {
    throw input::ConfigError(error.what());
  }
}

}  // namespace addax::app
