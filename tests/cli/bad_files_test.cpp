// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/valid_files.h"
#include "tests/seed.h"

using namespace addax::cli;

namespace {

std::string nested_lists(std::size_t depth) {
  return "addax: " + std::string(depth, '[') + std::string(depth, ']') + "\n";
}

// Each line doubles what an alias stands for: 2^40 values in a kilobyte.
std::string doubling_aliases() {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i <= 40; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  return text;
}

}  // namespace

TEST_CASE("A file that is no document is refused by every command, naming the file") {
  struct Junk {
    const char* what;
    std::string bytes;
  };
  std::string random;
  for (unsigned i = 0, state = addax::tests::printed(12345); i < 4096;
       ++i, state = state * 1664525U + 1013904223U)
    random += static_cast<char>(state >> 24U);
  const std::vector<Junk> all = {
      {"an empty file", ""},
      {"only a comment", "# nothing\n"},
      {"only blanks", " \n\n "},
      {"binary junk", random},
      {"zeros", std::string(100, '\0')},
      {"an executable's first bytes", std::string("\x7f"
                                                  "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
                                                  16)},
      {"text in UTF-16", std::string("\xff\xfe"
                                     "a\0d\0d\0a\0x\0:\0",
                                     14)},
      {"bytes that are not UTF-8", "addax: \xc3\x28\n"},
      {"a word", "architecture\n"},
      {"a list", "- addax: architecture/1\n"},
      {"JSON that stops", "{\"addax\": \"architecture/1\", "},
      {"lists in lists in lists", nested_lists(100000)},
      {"aliases that double", doubling_aliases()},
      {"a key of a megabyte", std::string(1U << 20U, 'k') + ": 1\n"},
      {"a terminal's control sequences", "addax: \x1b[2J\n"},
  };
  for (const Junk& junk : all) {
    INFO(junk.what);
    const Folder folder;
    const std::string path = folder.write("junk.yaml", junk.bytes);
    const std::string out = folder.path("out");
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"check", path},
             {"check", path, "--as", "bits"},
             {"area", "--arch", path, "--json", out},
             {"area", "--arch", "eyeriss_fp16", "--tech", path, "--json", out},
             {"run", "--arch", "eyeriss_fp16", "--trace", path, "--json", out},
             {"trace", "make", "--model", path, "-o", out}}) {
      INFO(words[0]);
      check_refused(run_addax(words), {path});
    }
    CHECK(folder.names() == std::vector<std::string>{"junk.yaml"});
  }
}

TEST_CASE("A file that is not there, or is a folder, is named") {
  const Folder folder;
  for (const std::string& path : {folder.path("gone.yaml"), folder.path(".")}) {
    check_refused(run_addax({"check", path}), {path});
    check_refused(run_addax({"area", "--arch", path}), {path});
    check_refused(run_addax({"run", "--arch", "eyeriss_fp16", "--trace", path}), {path});
    check_refused(run_addax({"trace", "make", "--model", path, "-o", folder.path("out")}), {path});
  }
  check_refused(run_addax({"check", "/dev/zero"}), {"/dev/zero"});
  CHECK(folder.names().empty());
}

TEST_CASE("Cost tables that extend each other in a circle are refused") {
  const Folder folder;
  const std::string table = replaced(kCostTable, "extends: physical-45nm", "extends: ./b.yaml");
  folder.write("b.yaml", replaced(kCostTable, "extends: physical-45nm", "extends: ./a.yaml"));
  const std::string path = folder.write("a.yaml", table);
  check_refused(run_addax({"check", path}), {"b.yaml:3: extends", "a.yaml"});
}

TEST_CASE("An action without a row of its own is an error that names the row and the table") {
  const Folder folder;
  const std::string table =
      folder.write("alone.yaml", replaced(kCostTable, "extends: physical-45nm\n", ""));
  check_refused(
      run_addax({"area", "--arch", "eyeriss_fp16", "--tech", table}),
      {table + ":1: sram: found nothing; allowed: a section 'sram'", "cost table 'mine'"});
  const std::string trace = folder.write("trace.yaml", kTrace);
  check_refused(
      run_addax({"run", "--arch", "eyeriss_shiftadd", "--trace", trace, "--tech", table, "--json",
                 folder.path("out.json")}),
      {table + ":1: sram: found nothing; allowed: a section 'sram'", "cost table 'mine'"});
  CHECK_FALSE(folder.has("out.json"));
}

TEST_CASE("DRAM that the cost table has no row of is the architecture's fault, at its line") {
  const Folder folder;
  const std::string architecture =
      folder.write("arch.yaml", replaced(kArchitecture, "type: lpddr4", "type: ddr9"));
  check_refused(run_addax({"run", "--arch", architecture, "--trace", "micro-linear"}),
                {architecture + ":", "dram.type: found 'ddr9'; allowed: ddr3, gddr5, hbm2"});
}

TEST_CASE("A table that is a base or a reference prices no run and says what does") {
  for (const Words& words : {Words{"horowitz-2014", "'base'", "'extends: horowitz-2014'"},
                             Words{"eyeriss-normalised", "'reference'", "physical-45nm"}}) {
    const Words named = {"purpose: found", words[1], words[2]};
    check_refused(run_addax({"area", "--arch", "eyeriss_fp16", "--tech", words[0]}), named);
    check_refused(
        run_addax({"run", "--arch", "eyeriss_fp16", "--trace", "micro-linear", "--tech", words[0]}),
        named);
    CHECK(
        run_addax({"check", std::string(ADDAX_SOURCE_DIR) + "/configs/tech/" + words[0] + ".yaml"})
            .status == 0);
  }
  CHECK(run_addax({"run", "--arch", "eyeriss_fp16", "--trace", "micro-linear", "--tech",
                   "shiftaddllm-table1"})
            .status == 0);
}

TEST_CASE("Cycles that leave 64 bits for want of bandwidth are the architecture's fault") {
  const Folder folder;
  std::string text = replaced(kArchitecture, "clock_hz: 2.5e8", "clock_hz: 1e11");
  text = replaced(text, "2.048e11", "1e6");
  const std::string architecture = folder.write("arch.yaml", text);
  for (const char* fidelity : {"cycle", "analytic"})
    check_refused(run_addax({"run", "--arch", architecture, "--trace", "opt-66b.decode.fp16",
                             "--fidelity", fidelity, "--baseline", "none"}),
                  {architecture + ":", "dram.peak_bandwidth_bits_per_s", "'1000000'", "cycles"});
}

TEST_CASE("A folder of configurations that is not there is named with its variable") {
  ::setenv("ADDAX_HOME", "/nonexistent", 1);
  const Outcome outcome = run_addax({"area", "--arch", "eyeriss_fp16"});
  ::unsetenv("ADDAX_HOME");
  check_refused(outcome, {"ADDAX_HOME: found '/nonexistent'", "configs"});
}

TEST_CASE("A format that no datapath runs is refused, naming the trace's line") {
  const Folder folder;
  const std::string architecture = folder.write("arch.yaml", kArchitecture);
  for (const char* format :
       {"{kind: w8a8}", "{kind: msfp, mantissa_bits: 3, exponent_bits: 8, box: 16}"}) {
    INFO(format);
    const std::string trace = folder.write("trace.yaml", replaced(kTrace, "{kind: fp16}", format));
    check_refused(run_addax({"run", "--arch", architecture, "--trace", trace, "--json",
                             folder.path("out.json")}),
                  {trace + ":"});
    CHECK_FALSE(folder.has("out.json"));
  }
}

TEST_CASE("An architecture too small for a layer is refused, naming the file and the key") {
  struct Small {
    const char* from;
    const char* to;
  };
  const Folder folder;
  const std::string trace = folder.write(
      "trace.yaml",
      replaced(kTrace, "inputs: 64, outputs: 128", "inputs: 1048576, outputs: 1048576"));
  for (const Small& small : {Small{"{banks: 64, bank_bytes: 2048, width_bits: 64}",
                                   "{banks: 3, bank_bytes: 8, width_bits: 64}"},
                             Small{"words: 25, width_bits: 32", "words: 0, width_bits: 32"}}) {
    INFO(small.to);
    const std::string architecture =
        folder.write("arch.yaml", replaced(kArchitecture, small.from, small.to));
    for (const char* fidelity : {"cycle", "analytic"})
      check_refused(run_addax({"run", "--arch", architecture, "--trace", trace, "--fidelity",
                               fidelity, "--json", folder.path("out.json")}),
                    {folder.path("")});
    CHECK_FALSE(folder.has("out.json"));
  }
}

TEST_CASE("Counts that leave 64 bits only when all is summed are the trace's fault") {
  const Folder folder;
  // Each operation fits; their actions, with each bit counted, do not.
  std::string text = replaced(kTrace, "repeat: 2", "repeat: 1048576");
  text = replaced(text, "tokens: 1, inputs: 64, outputs: 128",
                  "tokens: 1048576, inputs: 1048576, outputs: 1048576");
  const std::string trace = folder.write("trace.yaml", text);
  check_refused(run_addax({"run", "--arch", "eyeriss_shiftadd", "--trace", trace}), {trace + ":"});
}

TEST_CASE("A result that cannot be written is an error and leaves nothing") {
  const Folder folder;
  for (const std::string& path :
       {folder.path("no/out.json"), folder.path("."), std::string("/dev/full")}) {
    const Outcome outcome = run_addax({"area", "--arch", "eyeriss_fp16", "--json", path});
    INFO(outcome.err);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK(lines(outcome.err) == 1);
    CHECK(outcome.err.rfind("addax: " + path + ": ", 0) == 0);
  }
  CHECK(folder.names().empty());
}

TEST_CASE("Results that are written together appear together or not at all") {
  const Folder folder;
  for (const std::string& broken : {std::string("/dev/full"), folder.path("no/out.csv")}) {
    const Outcome outcome = run_addax(
        {"area", "--arch", "eyeriss_fp16", "--json", folder.path("one.json"), "--csv", broken});
    check_refused(outcome, {broken});
    CHECK(folder.names().empty());
  }
  const Outcome full = run_addax(
      {"area", "--arch", "eyeriss_fp16", "--json", folder.path("one.json")}, {"/dev/full", false});
  CHECK(full.status == 2);
  CHECK(folder.names().empty());
}

TEST_CASE("A result never takes the place of another result or of what the run reads") {
  const Folder folder;
  const std::string trace = folder.write("same.yaml", kTrace);
  const std::string arch = folder.write("arch.yaml", kArchitecture);
  const std::string table = folder.write("table.yaml", kCostTable);
  const std::string mine = folder.write(
      "mine.yaml", "addax: cost_table/1\nname: mine\nextends: ./table.yaml\nrows: {}\n");
  REQUIRE(::symlink(trace.c_str(), folder.path("link").c_str()) == 0);
  const auto run = [&](const Words& more) {
    return run_addax(joined({"run", "--arch", arch, "--trace", trace, "--tech", mine}, more));
  };
  check_refused(run({"--json", folder.path("q"), "--csv", folder.path("./q")}),
                {"--csv", "--json"});
  check_refused(run({"--json", trace}), {"--json", "--trace reads"});
  check_refused(run({"--csv", folder.path("link")}), {"--csv", "--trace reads"});
  check_refused(run({"--latex", arch}), {"--latex", "--arch reads"});
  check_refused(run({"--json", table}), {"--json", "--tech reads"});
  check_refused(run_addax({"area", "--arch", arch, "--json", arch}), {"--json", "--arch reads"});
  const std::string model = folder.write("config.json", kModel);
  check_refused(run_addax({"trace", "make", "--model", model, "-o", model}), {"--model reads"});
  CHECK(folder.read("same.yaml") == kTrace);
  CHECK(folder.read("arch.yaml") == kArchitecture);
  CHECK(folder.read("table.yaml") == kCostTable);
  CHECK(folder.read("config.json") == kModel);
  CHECK_FALSE(folder.has("q"));
}

TEST_CASE("Standard output that is full or closed is an error, not silence") {
  const Outcome full = run_addax({"area", "--arch", "eyeriss_fp16"}, {"/dev/full", false});
  CHECK(full.status == 2);
  CHECK(contains(full.err, "standard output"));
  const Outcome closed = run_addax({"area", "--arch", "eyeriss_fp16"}, {"", true});
  CHECK(closed.status == 2);
  CHECK(contains(closed.err, "standard output"));
}
