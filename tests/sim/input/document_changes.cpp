// SPDX-License-Identifier: Apache-2.0
#include "sim/input/document.h"
#include "tests/catch.h"

using namespace addax::input;

namespace {

constexpr const char* kFile = R"(name: small
rows: 4
groups:
  - name: lut
    columns: 3
  - name: multiplier
    columns: 2
buffer: {banks: 64, width_bits: 64}
rows_by_name:
  fp16.multiply: {energy_pj: 1.1}
  fp16: {add: 7}
shared: &pad {words: 12}
other: *pad
nothing:
)";

Document file() { return Document::parse(kFile, "f.yaml"); }

std::string message(const std::vector<Change>& changes) {
  try {
    file().with(changes);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

std::string after(const std::vector<Change>& changes, const std::string& path) {
  return file().with(changes).scalar_at(path).value_or("none");
}

}  // namespace

TEST_CASE(
    "A value is found by keys, by the name or the index of an element, and by keys with dots") {
  CHECK(file().scalar_at("rows") == "4");
  CHECK(file().scalar_at("groups.lut.columns") == "3");
  CHECK(file().scalar_at("groups[1].columns") == "2");
  CHECK(file().scalar_at("rows_by_name.fp16.multiply.energy_pj") == "1.1");
  CHECK(file().scalar_at("rows_by_name.fp16.add") == "7");
  CHECK(file().scalar_at("other.words") == "12");
  for (const char* none : {"row", "groups", "groups.lut", "groups.dsp.columns", "groups[2].columns",
                           "rows.more", "rows[0]", "buffer[0]", "nothing", "nothing.more", "Rows"})
    CHECK(file().scalar_at(none) == std::nullopt);
}

TEST_CASE("A change reaches a list's element by its name and by its index, and a key with dots") {
  CHECK(after({{"groups.lut.columns", "9"}}, "groups[0].columns") == "9");
  CHECK(after({{"groups[1].columns", "9"}}, "groups.multiplier.columns") == "9");
  CHECK(after({{"groups[1].columns", "9"}}, "groups.lut.columns") == "3");
  CHECK(after({{"groups[1].name", "dsp"}}, "groups.dsp.columns") == "2");
  CHECK(after({{"rows_by_name.fp16.multiply.energy_pj", "5"}},
              "rows_by_name.fp16.multiply.energy_pj") == "5");
  CHECK(after({{"rows_by_name.fp16.add", "8"}}, "rows_by_name.fp16.add") == "8");
  const Document once = file().with({{"rows", "8"}});
  const Document twice = once.with({{"rows", "16"}});
  CHECK(once.root().at("rows").integer(1, 100) == 8);
  CHECK(twice.root().at("rows").integer(1, 100) == 16);
  CHECK(file().root().at("rows").integer(1, 100) == 4);
}

TEST_CASE("null takes away an entry, an element and what an earlier change added") {
  CHECK_FALSE(file().with({{"rows", "null"}}).root().find("rows"));
  CHECK_FALSE(file().with({{"buffer", "null"}}).root().find("buffer"));
  const auto groups = file().with({{"groups.lut", "null"}}).root().at("groups").list();
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].at("name").text() == "multiplier");
  CHECK(file().with({{"groups[1]", "null"}}).root().at("groups").list().size() == 1);
  CHECK(after({{"buffer", "null"}, {"buffer.banks", "32"}}, "buffer.banks") == "32");
  CHECK(after({{"buffer", "null"}, {"buffer.banks", "32"}}, "buffer.width_bits") == "none");
  for (const char* none : {"row", "buffer.depth", "more.of.it"})
    CHECK(message({{none, "null"}}) ==
          std::string("f.yaml: ") + none + ": is not there; allowed: null where there is a value");
}

TEST_CASE("Maps on the way are added where there are none") {
  CHECK(after({{"dram.refresh.interval_ns", "3900"}}, "dram.refresh.interval_ns") == "3900");
  CHECK(after({{"nothing.more", "1"}}, "nothing.more") == "1");
  CHECK(after({{"groups.lut.datapath.name", "x"}}, "groups[0].datapath.name") == "x");
}

TEST_CASE("What an alias shares is changed in one place") {
  const Document changed = file().with({{"other.words", "99"}});
  CHECK(changed.scalar_at("other.words") == "99");
  CHECK(changed.scalar_at("shared.words") == "12");
  CHECK(file().with({{"shared.words", "99"}}).scalar_at("other.words") == "12");
}

TEST_CASE("Changes are part of the bytes, so that hashes tell documents apart") {
  const Document unchanged = file().with({});
  CHECK(unchanged.bytes() == kFile);
  const std::string one = file().with({{"rows", "8"}}).bytes();
  CHECK(one == std::string(kFile) + "\n# rows = 8");
  CHECK(one != file().with({{"rows", "9"}}).bytes());
  CHECK(one != file().with({{"rows", "8"}, {"buffer.banks", "1"}}).bytes());
  CHECK(one != file().with({{"rows", "null"}}).bytes());
}

TEST_CASE("A message after a change names the file, the changes, and the place") {
  const Document changed = file().with({{"rows", "0"}, {"buffer.banks", "8"}});
  CHECK_THROWS_WITH(changed.root().at("rows").integer(1, 100),
                    Catch::Matchers::StartsWith("f.yaml (with rows = 0, buffer.banks = 8):2: rows: "
                                                "found '0'; allowed: an integer from 1 to 100"));
  // What was quoted is a number when it is changed to one, and a word stays a word.
  CHECK_THROWS_WITH(file().with({{"rows", "eight"}}).root().at("rows").integer(1, 100),
                    Catch::Matchers::Contains("found 'eight'"));
}

TEST_CASE("A path that leads nowhere is refused with what is there") {
  CHECK(message({{"groups.dsp.columns", "1"}}) ==
        "f.yaml: groups.dsp.columns: there is no dsp; allowed: [0] to [1], lut, multiplier");
  CHECK(message({{"groups[2].columns", "1"}}) ==
        "f.yaml: groups[2].columns: there is no element 2; allowed: [0] to [1], lut, multiplier");
  CHECK(message({{"rows.more", "1"}}) ==
        "f.yaml: rows.more: leads below a value; allowed: a path that ends there");
  CHECK(message({{"buffer[0].banks", "1"}}) ==
        "f.yaml: buffer[0].banks: has an index where there is no list; allowed: a key");
}

TEST_CASE("A path that is none is refused, whatever there is") {
  for (const char* path :
       {"", ".", "rows.", ".rows", "a..b", "groups[lut].columns", "groups[].columns", "groups[0",
        "groups[-1].columns", "groups[0]columns", "groups]0[", "[0]", "groups.[0]",
        "groups[4294967296000].columns", "groups[99999999999999999999999999].columns"}) {
    INFO(path);
    CHECK_FALSE(is_change_path(path));
    CHECK_THAT(message({{path, "1"}}), Catch::Matchers::Contains("is no path"));
  }
  for (const char* path : {"rows", "groups.lut.columns", "groups[0].units[2].count", "a[0][1]",
                           "rows.fp16.multiply", "a-b.c d"})
    CHECK(is_change_path(path));
}

TEST_CASE("A change that another undoes is refused") {
  const std::string undone = "does not last, as another change is of the same place; allowed: one";
  CHECK(message({{"groups.lut.columns", "8"}, {"groups[0].columns", "16"}}) ==
        "f.yaml: groups.lut.columns: 8 " + undone);
  CHECK(message({{"buffer.banks", "8"}, {"buffer", "null"}}) ==
        "f.yaml: buffer.banks: 8 " + undone);
  CHECK(message({{"rows", "null"}, {"rows", "8"}}) == "f.yaml: rows: null " + undone);
  CHECK(message({{"groups.lut.columns", "8"}, {"groups[0].columns", "8"}}) == "no error");
}
