// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/valid_files.h"

using namespace addax::cli;
using nlohmann::json;

TEST_CASE("Silicon of a table is shown part by part, of one PE and of all, with assumed rows") {
  const std::string text = done({"area", "--arch", "eyeriss_shiftadd_mu4"}).out;
  // 8 entries of 16 bits, twice: 256 flip-flops of 6 um2. 32 ports of 15 x 16 multiplexers of
  // 1.862 um2. 4 adders of 1360 um2. 12 PEs.
  for (const char* part : {"look-up tables", "1536 um2", "14300 um2", "5440 um2",
                           "array[0].lut.ports", "assumed rows"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
  CHECK_FALSE(contains(text, "notes"));
  CHECK_FALSE(contains(done({"area", "--arch", "eyeriss_fp16"}).out, "look-up tables"));
}

TEST_CASE("Silicon of an SRAM table below the fit has a note, in the text and in the JSON") {
  const Folder folder;
  const std::string path =
      folder.write("small.yaml", replaced(kArchitecture, "key_bits: 8", "key_bits: 4"));
  const std::string text = done({"area", "--arch", path}).out;
  CHECK(contains(text, "macros of 16 B x 16 b, outside the fit (256 to 1048576 B, 16 to 64 b)"));
  const json document = json::parse(done({"area", "--arch", path, "--json", "-"}).out);
  REQUIRE(document.at("notes").size() == 1);
  CHECK(contains(text, document.at("notes")[0].get<std::string>()));
  for (const json& part : document.at("area"))
    if (part.at("component") == "array[0].lut.table")
      CHECK(part.at("assumed_rows") == json::array({"sram"}));
  CHECK(json::parse(
            done({"area", "--arch", folder.write("large.yaml", kArchitecture), "--json", "-"}).out)
            .at("notes")
            .empty());
}

TEST_CASE("A run shows what its tables take and how long they are kept") {
  const Folder folder;
  const std::vector<std::string> words = {"run",
                                          "--arch",
                                          "eyeriss_shiftadd_mu4",
                                          "--trace",
                                          "opt-125m.decode.shiftadd-3bit",
                                          "--json",
                                          folder.path("a.json")};
  const std::string text = done(words).out;
  for (const char* part :
       {"energy of look-up tables", "building: adds", "building: writes", "reading", "holding",
        "builds a table", "outputs a build", "planes a build", "tiles a build"}) {
    INFO(part);
    CHECK(contains(text, part));
  }
  const json document = json::parse(folder.read("a.json"));
  const json& energy = document.at("tables").at("energy_j");
  double sum = 0.0;
  for (const char* key : {"build_adds", "build_writes", "read", "hold"})
    sum += energy.at(key).get<double>();
  CHECK(sum == Approx(document.at("energy_j").at("by_component").at("lut").get<double>()));
  std::size_t with_tables = 0;
  for (const json& layer : document.at("layers")) {
    CHECK(layer.contains("tables") == layer.at("arithmetic").contains("lut.queries"));
    if (!layer.contains("tables")) continue;
    ++with_tables;
    const json& tables = layer.at("tables");
    const double built = tables.at("built").get<double>();
    CHECK(tables.at("builds_a_table").get<double>() ==
          Approx(built / tables.at("distinct").get<double>()));
    CHECK(tables.at("outputs_a_build").get<double>() * tables.at("planes_a_build").get<double>() *
              built ==
          Approx(tables.at("queries").get<double>()));
  }
  CHECK(with_tables > 0);
  done({"check", folder.path("a.json")});
  CHECK_FALSE(contains(done({"run", "--arch", "eyeriss_fp16", "--trace", "micro-norm"}).out,
                       "look-up tables"));
}

TEST_CASE("A result whose tables are not counts, or whose assumed rows are no list, is refused") {
  const Folder folder;
  json run =
      json::parse(done({"run", "--arch", "eyeriss_shiftadd_mu4", "--trace",
                        "opt-125m.decode.shiftadd-3bit", "--baseline", "none", "--json", "-"})
                      .out);
  for (json& layer : run.at("layers"))
    if (layer.contains("tables")) layer["tables"]["built"] = -1;
  check_refused(run_addax({"check", folder.write("run.json", run.dump())}), {"built", "-1"});
  json area = json::parse(done({"area", "--arch", "eyeriss_shiftadd_mu4", "--json", "-"}).out);
  area["area"][0]["assumed_rows"] = "sram";
  check_refused(run_addax({"check", folder.write("area.json", area.dump())}), {"assumed_rows"});
}
