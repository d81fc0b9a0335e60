// SPDX-License-Identifier: Apache-2.0
// Where results go, before they are there.
#include <csignal>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;

TEST_CASE("A place that cannot be written is refused before anything is computed") {
  const Folder folder;
  const std::string missing = folder.path("no/out");
  // What comes after would complain of it.
  const std::string broken =
      folder.write("broken", "addax: cost_table/1\nname: no rows\nrows: {}\n");
  const auto refused = [&](const Words& words, const std::string& option) {
    for (const std::string& path : {missing, folder.path(".")}) {
      INFO(words[0] << " " << option << " " << path);
      check_refused(run_addax(joined(words, {option, path})), {"addax: " + path + ": "});
      CHECK(folder.names() == Words{"broken"});
    }
  };
  const Words run = {"run", "--arch", broken, "--trace", "opt-6.7b.decode.fp16"};
  for (const char* option : {"--json", "--csv", "--latex"}) {
    refused(run, option);
    refused({"map", "--arch", broken, "--layer", "1x64x96"}, option);
    refused({"reproduce", "shiftaddllm", "--audit", "--tech", broken}, option);
  }
  for (const char* option : {"--vcd", "--timeline", "--values"})
    refused(joined(run, {"--fidelity", "detailed"}), option);
  for (const char* option : {"--json", "--csv"}) {
    refused({"area", "--arch", broken}, option);
    refused({"quantize", broken, "--weights", "int-4bit"}, option);
  }
  refused({"quantize", broken, "--weights", "int-4bit"}, "--out");
  refused({"map", "--case", broken}, "--json");
  refused({"trace", "make", "--model", "opt-125m", "--weights", "int-4bit", "--allocation", broken},
          "-o");
  const Outcome closed =
      run_addax({"area", "--arch", broken, "--json", "-"}, {"", /*out_closed=*/true});
  check_refused(closed, {"standard output: cannot be written"});
}

TEST_CASE("A run that a signal ends leaves no files, and says which signal it was") {
  const Folder folder;
  const Words run = {"run",
                     "--arch",
                     "eyeriss_fp16",
                     "--trace",
                     "opt-6.7b.decode.fp16",
                     "--fidelity",
                     "detailed",
                     "--vcd",
                     folder.path("a.vcd"),
                     "--timeline",
                     folder.path("a.trace.json"),
                     "--json",
                     folder.path("a.json")};
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    const Outcome ended = run_interrupted(run, folder, signal);
    CHECK(ended.status == 128 + signal);
    CHECK(ended.out.empty());
    CHECK(ended.err.empty());
    CHECK(folder.names().empty());
  }
}

TEST_CASE("A reader that goes away leaves no results behind") {
  const Folder folder;
  Streams unread;
  unread.out_unread = true;
  const Outcome ended =
      run_addax({"area", "--arch", "eyeriss_fp16", "--json", folder.path("a.json")}, unread);
  CHECK(ended.status == 128 + SIGPIPE);
  CHECK(folder.names().empty());
}
