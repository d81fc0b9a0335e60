// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "sim/app/commands.h"
#include "sim/app/sweep_run.h"
#include "sim/sweep/pool.h"

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

/// A new file, or one of results: what else has that name is not written over.
void check_results_path(const std::string& what, const std::string& path) {
  if (path == "-")
    throw input::ConfigError(what +
                             ": found '-', standard output; allowed: a file (addax sweep export "
                             "prints results as text)");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw input::ConfigError(what + ": found '" + path + "', " +
                             (fs::is_directory(status) ? "a directory" : "no regular file") +
                             "; allowed: a file");
}

/// An option that has nothing to act on is a mistake.
void allow_only(const CommandLine& line, const Syntax& grammar, const std::string& action,
                const Words& allowed) {
  Words names;
  for (const std::string& name : allowed) names.push_back("--" + name);
  for (const auto& option : grammar.options.options()) {
    const std::string& name = option->long_name();
    if (name != "help" && line.has(name) &&
        std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      refuse("--" + name, "it with " + action + ", which has no use for it", names);
  }
}

void add_exports(Outputs& outputs, const std::string& path) {
  outputs.add("csv", [&](std::ostream& stream) { sweep::ResultsReader(path).csv(stream); });
  outputs.add("json", [&](std::ostream& stream) { sweep::ResultsReader(path).json(stream); });
}

int export_results(const CommandLine& line, const Syntax& grammar, const Words& words) {
  allow_only(line, grammar, "export", {"csv", "json"});
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

int merge_results(const CommandLine& line, const Syntax& grammar, const Words& words) {
  allow_only(line, grammar, "merge", {"quiet"});
  if (words.size() < 3)
    throw input::ConfigError("merge: found " + std::to_string(words.size() - 1) +
                             " files; allowed: the new one and one part or more");
  check_results_path("merge", words[1]);
  const sweep::Merged merged = sweep::merge(words[1], Words(words.begin() + 2, words.end()));
  if (!line.has("quiet"))
    input::write_file("-",
                      fmt::format("{}: {} of {} points\n", words[1], merged.points, merged.all));
  return 0;
}

int run_sweep(const CommandLine& line, const Syntax& grammar, const std::string& name) {
  if (line.has("list")) allow_only(line, grammar, "--list", {"list", "shard"});
  SweepRun run(name, shard_of(line), line.has("quiet"));
  if (line.has("list")) {
    run.list();
    return 0;
  }
  const std::string path =
      line.has("out") ? line.required("out", "a file") : run.name() + ".sqlite";
  check_results_path("--out", path);
  const auto jobs =
      static_cast<unsigned>(line.integer("jobs", 1, kMostJobs)
                                .value_or(std::max(1U, std::thread::hardware_concurrency())));
  std::vector<InputFile> inputs = run.inputs();
  inputs.push_back({"--out", path});
  Outputs outputs(line, {"csv", "json"}, inputs);
  int signal = 0;
  try {
    signal = run.run(path, line.has("resume"), jobs);
  } catch (const sweep::PoolError& error) {
    throw input::ConfigError(fmt::format(
        "--jobs: found {}: {}; allowed: as many as the system starts", jobs, error.what()));
  }
  if (signal == 0) add_exports(outputs, path);
  if (!line.has("quiet")) outputs.add_text([&] { return run.summary(path); });
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
  if (named.front() == "export") return export_results(line, grammar, named);
  if (named.front() == "merge") return merge_results(line, grammar, named);
  if (named.size() > 1)
    throw input::ConfigError("found more words than the command takes; allowed: one sweep");
  try {
    return run_sweep(line, grammar, named.front());
  } catch (const input::FileChanged& error) {
    throw input::ConfigError(error.what());
  }
}

}  // namespace addax::app
