// SPDX-License-Identifier: Apache-2.0
#include "sim/input/document.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "models/quantity/diagnosis.h"
#include "tests/catch.h"

using namespace addax::input;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

std::string parse_error(const std::string& text) {
  return message([&] { Document::parse(text, "f.yaml"); });
}

Value root(const std::string& text) { return Document::parse(text, "f.yaml").root(); }

std::string integer_error(const std::string& value) {
  return message([&] { root("a: " + value + "\n").at("a").integer(1, 100); });
}
std::string number_error(const std::string& value) {
  return message([&] { root("a: " + value + "\n").at("a").number(0, 100); });
}

/// A folder of its own that is removed at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("addax-document-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path path() const { return path_; }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("Texts that are no document are refused with their line") {
  CHECK_THAT(parse_error(""), Contains("f.yaml:1: found an empty document"));
  CHECK_THAT(parse_error("# nothing\n"), Contains("empty document"));
  CHECK_THAT(parse_error("---\n"), Contains("empty document"));
  CHECK_THAT(parse_error("a: 1\nb: [1, 2\n"), Contains("not YAML"));
  CHECK_THAT(parse_error("a: 1\n b: 2\n"), Contains("f.yaml:2: not YAML"));
  CHECK_THAT(parse_error("a: \"unclosed\n"), Contains("not YAML"));
  CHECK_THAT(parse_error("b: 'it''s\n"), Contains("a quote that nothing closes"));
  CHECK(parse_error("a: \"x\\\"y\" # \"\nb: 'it''s'\n") == "no error");
  CHECK_THAT(parse_error("a: 1\n}\n"), Contains("f.yaml:"));
  CHECK_THAT(parse_error("a: 1\n---\nb: 2\n"), Contains("f.yaml:2: a second document"));
  CHECK_THAT(parse_error("{\"a\": 1} {\"b\": 2}"), Contains("f.yaml:1: "));
  CHECK_THAT(parse_error("a: *b\n"), Contains("not YAML"));
  CHECK_THAT(parse_error("a: !!int 3\n"), Contains("allowed: no tags"));
  CHECK_THAT(parse_error("? [1, 2]\n: 3\n"), Contains("a key that is no word"));
}

TEST_CASE("Binary junk, NUL bytes and broken UTF-8 are refused with their line") {
  CHECK_THAT(parse_error(std::string("a: 1\nb: \0 2\n", 12)),
             Contains("f.yaml:2: found a control"));
  CHECK_THAT(parse_error("\x7F"
                         "ELF\x02\x01"),
             Contains("f.yaml:1: found a control character"));
  CHECK_THAT(parse_error("a: \xFF\xFE\n"), Contains("not UTF-8"));
  CHECK_THAT(parse_error("a: \xC0\x80\n"), Contains("not UTF-8"));          // overlong
  CHECK_THAT(parse_error("a: \xED\xA0\x80\n"), Contains("not UTF-8"));      // a surrogate
  CHECK_THAT(parse_error("a: \xF4\x90\x80\x80\n"), Contains("not UTF-8"));  // above U+10FFFF
  CHECK_THAT(parse_error("a: caf\xC3"), Contains("not UTF-8"));             // cut short
  CHECK(parse_error("a: caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA6\x8C\n") == "no error");
}

TEST_CASE("A key given twice is refused at every level") {
  CHECK_THAT(parse_error("a: 1\nb: 2\na: 3\n"), Contains("f.yaml:3: a: found the key twice"));
  CHECK_THAT(parse_error("a:\n  - x: 1\n  - y: 1\n    y: 2\n"),
             Contains("f.yaml:4: a[1].y: found the key twice"));
  CHECK_THAT(parse_error("{\"a\": {\"b\": 1, \"b\": 2}}"), Contains("a.b: found the key twice"));
}

TEST_CASE("Nesting is allowed to 64 levels, and deep junk does not exhaust the stack") {
  CHECK(parse_error(std::string(64, '[') + std::string(64, ']')) == "no error");
  CHECK_THAT(parse_error(std::string(65, '[') + std::string(65, ']')), Contains("nested too deep"));
  CHECK_THAT(parse_error(std::string(1000000, '[')), Contains("nested too deep"));
  CHECK_THAT(parse_error(std::string(1000000, '{')), Contains("nested too deep"));
  std::string dashes, marks;
  for (int i = 0; i < 10000; ++i) {
    dashes += "- ";
    marks += "? ";
  }
  CHECK_THAT(parse_error(dashes), Contains("nested too deep"));
  CHECK_THAT(parse_error(marks), Contains("nested too deep"));
}

TEST_CASE("Aliases are followed, but neither in circles nor without bound") {
  CHECK(root("a: &x 3\nb: *x\n").at("b").integer(1, 9) == 3);
  CHECK_THAT(parse_error("a: &x [1, *x]\n"), Contains("no cycles"));
  std::string bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  CHECK_THAT(parse_error(bomb), Contains("too many values"));
}

TEST_CASE("Integers are decimal digits and nothing else") {
  CHECK(root("a: 100").at("a").integer(1, 100) == 100);
  CHECK(root("a: 18446744073709551615").at("a").integer(0, UINT64_MAX) == UINT64_MAX);
  CHECK(integer_error("100") == "no error");
  for (const char* bad : {"0",
                          "101",
                          "-1",
                          "+1",
                          "1.0",
                          "1e2",
                          "0x10",
                          "010",
                          "0o7",
                          "1_000",
                          "nan",
                          ".inf",
                          "18446744073709551616",
                          "250MHz",
                          "12 kB",
                          "'5'",
                          "\"5\"",
                          "true",
                          "~",
                          "",
                          "[1]",
                          "{b: 1}"}) {
    CAPTURE(bad);
    CHECK_THAT(integer_error(bad),
               Contains("f.yaml:1: a: found ") && Contains("allowed: an integer from 1 to 100"));
  }
}

TEST_CASE("Numbers are finite decimals and nothing else") {
  for (const char* good : {"0", "1.5", "1e2", "1E-3", "100", "0.25"}) {
    CAPTURE(good);
    CHECK(number_error(good) == "no error");
  }
  for (const char* bad : {"-1", "100.5", "nan", ".nan", "inf", "-.inf", "1e999", "0x1p3", "1.",
                          ".5", "1e", "1.5V", "'1'", "1,5", "~", "[1]"}) {
    CAPTURE(bad);
    CHECK_THAT(number_error(bad), Contains("allowed: a number from 0 to 100"));
  }
}

TEST_CASE("Words and keys that are nearly right are answered with what was meant") {
  const Value value = root("kind: shfitadd\nflag: yes\n");
  CHECK_THAT(message([&] {
               value.at("kind").word({"fp16", "shiftadd", "binary"});
             }),
             Contains("f.yaml:1: kind: found 'shfitadd'; allowed: fp16, shiftadd, binary; did you "
                      "mean 'shiftadd'?"));
  CHECK_THAT(message([&] {
               value.allow_only({"kind", "flags"});
             }),
             Contains("f.yaml:2: flag: found the unknown key 'flag'; allowed: flags, kind; did you "
                      "mean 'flags'?"));
  CHECK_THAT(message([&] { value.at("knid"); }),
             Contains("f.yaml:1: knid: missing") && Contains("'kind'"));
  CHECK_THAT(message([&] { value.at("flag").boolean(); }),
             Contains("f.yaml:2: flag: found 'yes'; allowed: true, false"));
  CHECK(nearest("wieghts", {"weights", "heights"}) == std::string("weights"));
  CHECK_FALSE(nearest("zzz", {"fp16", "int"}));
}

TEST_CASE("A wrong kind of value is named for what it is") {
  const Value value = root("a: 1\nb: [1]\nc: {d: 1}\ne:\n");
  CHECK_THAT(message([&] { value.at("a").list(); }), Contains("a: found '1'; allowed: a list"));
  CHECK_THAT(message([&] { value.at("b").entries(); }),
             Contains("b: found a list; allowed: a map"));
  CHECK_THAT(message([&] { value.at("c").text(); }), Contains("c: found a map; allowed: text"));
  CHECK_THAT(message([&] { value.at("e").text(); }), Contains("e: found nothing"));
  CHECK_THAT(message([&] { value.at("b").at("x"); }), Contains("b: found a list; allowed: a map"));
  CHECK(value.at("e").is_null());
}

TEST_CASE("A diagnosis is put at the deepest key that exists") {
  const Value value = root("groups:\n  - name: x\n  - units:\n      count: 0\n");
  CHECK_THAT(message([&] {
               value.fail({"groups[1].units.count", "0", "1 to 9"});
             }),
             Contains("f.yaml:4: groups[1].units.count: found '0'; allowed: 1 to 9"));
  CHECK_THAT(message([&] {
               value.fail({"groups[1].lut.copies", "0", "1 to 9"});
             }),
             Contains("f.yaml:3: groups[1].lut.copies: found '0'"));
  CHECK_THAT(message([&] {
               value.at("groups").fail({"[1].units", "0", "1"});
             }),
             Contains("groups[1].units: found '0'"));
}

TEST_CASE("Messages stay on one line whatever the value is") {
  const std::string text = message([&] { root("a: \"x\\ny\"\n").at("a").integer(1, 2); });
  CHECK(text.find('\n') == std::string::npos);
  const std::string text2 =
      message([&] { root("a: " + std::string(9999, 'x')).at("a").integer(1, 2); });
  CHECK(text2.size() < 300);
}

TEST_CASE("Files that cannot be a document are refused") {
  const Folder folder;
  CHECK_THAT(message([&] { Document::read((folder.path() / "none.yaml").string()); }),
             Contains("none.yaml: no such file"));
  CHECK_THAT(message([&] { Document::read(folder.path().string()); }), Contains("is a directory"));
  CHECK_THAT(message([&] { Document::read("/dev/null"); }), Contains("not a regular file"));
  const fs::path large = folder.path() / "large.yaml";
  std::ofstream(large) << "a: 1";
  fs::resize_file(large, (64ULL << 20) + 1);
  CHECK_THAT(message([&] { Document::read(large.string()); }),
             Contains("allowed: at most 67108864"));
}

TEST_CASE("JSON is read as it is, and keeps its bytes") {
  const std::string text = "{\"a\": [1, 2.5, \"x\\u00e9\", true, null],\n \"b\": {}}";
  const Document document = Document::parse(text, "f.json");
  CHECK(document.bytes() == text);
  const std::vector<Value> list = document.root().at("a").list();
  REQUIRE(list.size() == 5);
  CHECK(list[1].number(0, 9) == 2.5);
  CHECK(list[2].text() == "x\xC3\xA9");
  CHECK(list[3].boolean());
  CHECK(list[4].is_null());
  CHECK(document.root().at("b").entries().empty());
}

TEST_CASE("A written file appears whole, or not at all") {
  const Folder folder;
  const fs::path path = folder.path() / "out.json";
  write_file(path.string(), "one");
  write_file(path.string(), "two");
  std::ifstream file(path);
  std::string bytes;
  file >> bytes;
  CHECK(bytes == "two");
  CHECK(folder.files() == 1);
  CHECK_THAT(message([&] { write_file((folder.path() / "no" / "out").string(), "x"); }),
             Contains("cannot be written"));
  CHECK_THAT(message([&] { write_file(folder.path().string(), "x"); }), Contains("is a directory"));
  CHECK(folder.files() == 1);
  CHECK_NOTHROW(write_file("/dev/null", "x"));
}
