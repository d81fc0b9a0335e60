// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;

namespace {

constexpr const char* kSweep =
    "addax: sweep/1\nname: s\n"
    "base:\n  arch: eyeriss_shiftadd\n  trace: {model: opt-125m, phase: decode}\n"
    "axes:\n  - {key: trace.weights, values: [shiftadd-2bit, shiftadd-3bit]}\n"
    "  - {key: arch.rows, values: [4, 8, 12]}\n";

std::string shard(std::size_t part, std::size_t parts) {
  return std::to_string(part) + "/" + std::to_string(parts);
}

/// Runs one of several shards, and returns its file.
std::string ran(const Folder& folder, const std::string& sweep, std::size_t part,
                std::size_t parts) {
  const std::string out =
      folder.path(std::to_string(part) + "-of-" + std::to_string(parts) + ".sqlite");
  done({"sweep", sweep, "--quiet", "--jobs", "1", "--out", out, "--shard", shard(part, parts)});
  return out;
}

Words listed(const std::string& sweep, const Words& options) {
  std::istringstream text(done(joined({"sweep", sweep, "--list"}, options)).out);
  Words points;
  std::string line;
  std::getline(text, line);  // how many the sweep has
  while (std::getline(text, line)) points.push_back(line);
  return points;
}

std::string exported(const std::string& results, const std::string& format) {
  return done({"sweep", "export", results, "--" + format, "-"}).out;
}

}  // namespace

TEST_CASE("shards 1/n to n/n are together all points, once") {
  const Words all = listed("array-shape", {});
  CHECK(all.size() > 7);
  for (const std::size_t parts : {1, 2, 3, 7}) {
    Words together;
    for (std::size_t part = 1; part <= parts; ++part)
      together = joined(together, listed("array-shape", {"--shard", shard(part, parts)}));
    std::sort(together.begin(), together.end());
    CHECK(together == all);
  }
}

TEST_CASE("merged shards are exported as the bytes of one run") {
  const Folder folder;
  const std::string sweep = folder.write("s.yaml", kSweep);
  const std::string one = folder.path("one.sqlite");
  done({"sweep", sweep, "--quiet", "--jobs", "2", "--out", one});
  Words merge = {"sweep", "merge", folder.path("all.sqlite")};
  for (const std::size_t part : {3, 1, 2}) merge.push_back(ran(folder, sweep, part, 3));
  CHECK(done(merge).out == folder.path("all.sqlite") + ": 6 of 6 points\n");
  for (const char* format : {"csv", "json"})
    CHECK(exported(folder.path("all.sqlite"), format) == exported(one, format));
  CHECK(lines(exported(one, "csv")) == 7);
}

TEST_CASE("a merge that is refused leaves no file and takes no one's place") {
  const Folder folder;
  const std::string sweep = folder.write("s.yaml", kSweep);
  const std::string all = folder.path("all.sqlite");
  const std::string first = ran(folder, sweep, 1, 2);
  const auto refused = [&](const Words& files, const Words& parts) {
    const Words before = folder.names();
    check_refused(run_addax(joined({"sweep", "merge"}, files)), parts);
    CHECK(folder.names() == before);
  };
  refused({}, {"merge: found 0 files"});
  refused({all}, {"merge: found 1 files"});
  refused({first, ran(folder, sweep, 2, 2)}, {first, "is there already"});
  refused({all, first, first}, {first, "found twice"});
  refused({all, first, sweep}, {sweep, "results of addax sweep"});
  refused({all, first, folder.path("none")}, {"none", "results of addax sweep"});
  refused({folder.path("nowhere/all.sqlite"), first}, {"nowhere/all.sqlite"});
  const std::string longer =
      folder.write("longer.yaml", replaced(kSweep, "[4, 8, 12]", "[4, 8, 12, 16]"));
  refused({all, first, ran(folder, longer, 1, 4)}, {"1-of-4", "another sweep file"});
}

TEST_CASE("shards between which a configuration was changed are refused") {
  const Folder folder;
  const std::string source = std::string(ADDAX_SOURCE_DIR) + "/configs/arch/eyeriss_shiftadd.yaml";
  const std::string arch = folder.path("arch.yaml");
  std::filesystem::copy_file(source, arch);
  const std::string sweep =
      folder.write("s.yaml", replaced(kSweep, "arch: eyeriss_shiftadd", "arch: " + arch));
  const std::string first = ran(folder, sweep, 1, 2);
  folder.write("arch.yaml", folder.read("arch.yaml") + "# changed\n");
  const std::string second = ran(folder, sweep, 2, 2);
  check_refused(run_addax({"sweep", "merge", folder.path("all.sqlite"), first, second}),
                {second, "configurations, traces or tables"});
  // The one that is behind the times is done again, and then they are parts of one sweep.
  done({"sweep", sweep, "--quiet", "--resume", "--out", first, "--shard", "1/2"});
  CHECK(contains(done({"sweep", "merge", folder.path("all.sqlite"), first, second}).out,
                 "6 of 6 points"));
}

TEST_CASE("--resume begins where there is no file, so that a task may always be given it") {
  const Folder folder;
  const std::string sweep = folder.write("s.yaml", kSweep);
  const Words words = {"sweep", sweep, "--resume", "--jobs", "1", "--out", folder.path("r.sqlite")};
  CHECK(contains(done(words).out, ": 6 points done\n"));
  CHECK(contains(done(words).out, ": 0 points done, 6 were there\n"));
  CHECK(folder.names() == Words{"r.sqlite", "s.yaml"});
}
