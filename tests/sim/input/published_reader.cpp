// SPDX-License-Identifier: Apache-2.0
#include "sim/input/published_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "sim/input/document.h"
#include "tests/catch.h"

using namespace addax::input;
using namespace addax::reproduction;

namespace {

const std::string kValid = R"(addax: published/1
name: mine
title: A paper
reference: Somewhere 2024
shapes:
  small: {hidden: 64, ffn: 128, layers: 2, vocabulary: 100, kv_width: 32, gated_mlp: true, biases: false}
  large: {hidden: 128, ffn: 256, layers: 3, vocabulary: 100, kv_width: 128, gated_mlp: false, biases: true}
tables:
  - table: "2"
    measure: model_energy
    unit: J
    models: [small, large]
    rows:
      fp16: [8.50, 20]
      optq_3bit: [2.1, 4.0]
  - table: "1"
    measure: unit_energy
    unit: pJ
    label: energy
    rows: {fp16.multiply: 1.1}
notes:
  - number: 7
    tables: ["2"]
    models: [large]
    rows: [optq_3bit]
    tolerance_percent: 0.5
    shape: {kv_width: 64}
    text: Why it differs.
)";

// A file of these bytes, removed at the end.
class File {
 public:
  explicit File(const std::string& bytes) {
    path_ = "/tmp/addax_published_XXXXXX";
    const int file = ::mkstemp(path_.data());
    REQUIRE(file >= 0);
    ::close(file);
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Source read(const std::string& text) { return read_published(File(text).path()); }

std::string changed(const std::string& from, const std::string& to) {
  const std::size_t at = kValid.find(from);
  INFO("replacing: " << from);
  REQUIRE(at != std::string::npos);
  REQUIRE(kValid.find(from, at + 1) == std::string::npos);
  return kValid.substr(0, at) + to + kValid.substr(at + from.size());
}

}  // namespace

TEST_CASE("Figures are read in order, with the digits as they are printed") {
  const Source source = read(kValid);
  CHECK(source.name == "mine");
  REQUIRE(source.figures.size() == 5);
  CHECK(source.figures[0].row == "fp16");
  CHECK(source.figures[0].model == "small");
  CHECK(source.figures[0].printed == "8.50");
  CHECK(source.figures[0].value == 8.5);
  CHECK(source.figures[0].unit == "J");
  CHECK(source.figures[1].model == "large");
  CHECK(source.figures[1].printed == "20");
  CHECK(source.figures[4].row == "fp16.multiply energy");
  CHECK(source.figures[4].subject == "fp16.multiply");
  CHECK(source.figures[4].model.empty());
}

TEST_CASE("A shape is read with all that the published model needs") {
  const Source source = read(kValid);
  const auto& small = source.shapes.at("small");
  CHECK(small.hidden == 64);
  CHECK(small.query_width == 64);
  CHECK(small.embedding_width == 64);
  CHECK(small.kv_width == 32);
  CHECK(small.gated_mlp);
  CHECK_FALSE(small.qkv_bias);
  REQUIRE(small.blocks.size() == 1);
  CHECK(small.blocks[0].layers == 2);
  CHECK(small.blocks[0].ffn == 128);
  CHECK(source.shapes.at("large").mlp_bias);
}

TEST_CASE("A note's tolerance holds for its own figures and no others") {
  const Source source = read(kValid);
  CHECK(source.figures[3].tolerance_percent == 0.5);
  CHECK(source.figures[2].tolerance_percent == 0.0);
  CHECK(source.figures[1].tolerance_percent == 0.0);
  REQUIRE(source.notes.size() == 1);
  CHECK(source.notes[0].shape->kv_width == 64);
  CHECK_FALSE(source.notes[0].explains_within_percent);
  CHECK_FALSE(source.notes[0].only_cut);
}

TEST_CASE("A note has a bound or a shape, and may be on cut figures only") {
  const std::string shape = "    shape: {kv_width: 64}\n";
  const Source source =
      read(changed(shape, "    explains_within_percent: 1.5\n    only_cut: true\n"));
  CHECK(*source.notes.at(0).explains_within_percent == 1.5);
  CHECK(source.notes.at(0).only_cut);
  CHECK_FALSE(source.notes.at(0).shape);
}

TEST_CASE("Figures are counted unless their table says that they are not") {
  for (const Figure& figure : read(kValid).figures) CHECK(figure.counted);
  const Source source = read(changed("    unit: J\n", "    unit: J\n    counted: false\n"));
  CHECK_FALSE(source.figures[0].counted);
  CHECK_FALSE(source.figures[3].counted);
  CHECK(source.figures[4].counted);
}

TEST_CASE("Every measure names the units that it can have in print, and ours is the last") {
  for (int i = 0; i <= static_cast<int>(Measure::kPerplexity); ++i) {
    INFO(name(static_cast<Measure>(i)));
    CHECK_FALSE(printed_units(static_cast<Measure>(i)).empty());
  }
  CHECK(printed_units(Measure::kWeightMemory) == std::vector<std::string>{"GB", "GiB"});
  CHECK(printed_units(Measure::kModelEnergy).back() == "mJ");
}

TEST_CASE("A fault in a file of published figures is named with its line") {
  struct Fault {
    const char* what;
    std::string text;
    std::vector<std::string> named;
  };
  const std::vector<Fault> faults = {
      {"another kind of file", changed("published/1", "trace/1"), {":1:", "published/1"}},
      {"an unknown key", changed("title:", "titel:"), {":3:", "'titel'", "did you mean 'title'?"}},
      {"no title", changed("title: A paper\n", ""), {"title"}},
      {"an unknown key of a shape", changed("kv_width: 32", "kv: 32"), {":6:", "kv_width"}},
      {"a shape without a size", changed("ffn: 128, ", ""), {":6:", "ffn"}},
      {"a size of nothing", changed("layers: 2", "layers: 0"), {":6:", "'0'"}},
      {"a width that is no whole number of keys",
       changed("hidden: 64", "hidden: 60"),
       {":6:", "8"}},
      {"an unknown measure", changed("model_energy", "energy"), {":10:", "model_energy"}},
      {"an unknown model", changed("[small, large]", "[small, lage]"), {":12:", "'large'?"}},
      {"a model twice", changed("[small, large]", "[small, small]"), {":12:", "once"}},
      {"a number too few", changed("[8.50, 20]", "[8.50]"), {":14:", "1 numbers", "2, one"}},
      {"a number too many", changed("[8.50, 20]", "[8.50, 20, 3]"), {":14:", "3 numbers"}},
      {"a word for a number", changed("8.50", "none"), {":14:", "'none'"}},
      {"a number in quotes", changed("8.50", "\"8.50\""), {":14:", "quotes"}},
      {"a number with an exponent", changed("8.50", "8.5e0"), {":14:", "exponent"}},
      {"a figure of nothing", changed("8.50", "0.0"), {":14:", "above 0"}},
      {"an infinite number", changed("8.50", "1e999"), {":14:"}},
      {"an unknown row", changed("optq_3bit: [2.1", "optq3: [2.1"), {":15:", "'optq3'", "Nbit"}},
      {"a row twice",
       changed("optq_3bit: [2.1, 4.0]",
               "optq_3bit: [2.1, 4.0]\n  - {table: \"2\", measure: perplexity, unit: perplexity, "
               "models: "
               "[small], rows: {fp16: [3]}}"),
       {":16:", "one number for a table, model and row"}},
      {"models of a hardware unit",
       changed("    label: energy\n", "    label: energy\n    models: [small]\n"),
       {":20:", "hardware"}},
      {"a ratio of one unit",
       changed("unit_energy\n    unit: pJ", "unit_energy_ratio\n    unit: x"),
       {"two units"}},
      {"a unit that is two", changed("fp16.multiply: 1.1", "a / b: 1.1"), {":20:", "one unit"}},
      {"a note on an unknown table", changed("tables: [\"2\"]", "tables: [\"3\"]"), {":23:"}},
      {"a note on an unknown row", changed("rows: [optq_3bit]", "rows: [optq_4bit]"), {":25:"}},
      {"a note on nothing", changed("tables: [\"2\"]", "tables: [\"1\"]"), {"meet in a figure"}},
      {"a note on an empty list", changed("[large]\n", "[]\n"), {":24:", "empty"}},
      {"a note without a text", changed("    text: Why it differs.\n", ""), {"text"}},
      {"a tolerance below nothing", changed("percent: 0.5", "percent: -0.5"), {":26:", "0 to 100"}},
      {"an unknown change of shape", changed("{kv_width: 64}", "{ffn: 64}"), {":27:", "kv_width"}},
      {"a unit of another measure", changed("unit: J", "unit: kg"), {":11:", "'kg'", "J, mJ"}},
      {"a unit of energy for memory",
       changed("measure: model_energy\n    unit: J", "measure: weight_memory\n    unit: J"),
       {":11:", "'J'", "GB, GiB"}},
      {"no word for counted",
       changed("    label: energy\n", "    label: energy\n    counted: maybe\n"),
       {":20:", "'maybe'"}},
      {"an explanation without a bound",
       changed("    shape: {kv_width: 64}\n", "    explains: true\n"),
       {":27:", "'explains'"}},
      {"an explanation of anything",
       changed("    shape: {kv_width: 64}\n", "    explains_within_percent: 101\n"),
       {":27:", "'101'", "0 to 100"}},
      {"a bound beside a shape",
       changed("    shape: {kv_width: 64}\n",
               "    shape: {kv_width: 64}\n    explains_within_percent: 1\n"),
       {":27:", "not both"}},
      {"a shape for a hardware unit",
       changed("tables: [\"2\"]\n    models: [large]\n    rows: [optq_3bit]", "tables: [\"1\"]"),
       {"energies of models"}},
  };
  for (const Fault& fault : faults) {
    INFO(fault.what);
    const File file(fault.text);
    try {
      read_published(file.path());
      FAIL_CHECK("not refused");
    } catch (const ConfigError& error) {
      const std::string text = error.what();
      INFO(text);
      CHECK(text.find(file.path()) == 0);
      CHECK(text.find("allowed") != std::string::npos);
      CHECK(text.find('\n') == std::string::npos);
      for (const std::string& part : fault.named) {
        INFO("expected: " << part);
        CHECK(text.find(part) != std::string::npos);
      }
    }
  }
}

TEST_CASE("An unknown source is answered with the shipped ones") {
  CHECK_THROWS_WITH(read_published("shiftadlm"),
                    Catch::Matchers::Contains("did you mean 'shiftaddllm'?"));
}

TEST_CASE("The shipped figures of ShiftAddLLM hold every table that is reproduced") {
  const Source source = read_published("shiftaddllm");
  CHECK(source.shapes.size() == 13);
  const auto cells = [&](const std::string& table) {
    return std::count_if(source.figures.begin(), source.figures.end(),
                         [&](const Figure& figure) { return figure.table == table; });
  };
  CHECK(cells("1") == 26);   // 12 energies, 12 areas, 2 ratios
  CHECK(cells("10") == 64);  // 8 models x 8 rows
  CHECK(cells("13") == 40);  // 5 models x 8 rows
  CHECK(cells("mlp") == 2);
  CHECK(cells("memory") == 6);
  CHECK(cells("savings") == 8);
  CHECK(cells("8") == 64);
  CHECK(cells("11") == 35);  // 5 models x 7 rows
}

TEST_CASE("A stated tolerance is used for four figures only") {
  std::vector<std::string> loose;
  for (const Figure& figure : read_published("shiftaddllm").figures)
    if (figure.tolerance_percent > 0.0) {
      CHECK(figure.tolerance_percent == 0.02);
      loose.push_back(figure.model + " " + figure.row);
    }
  CHECK(loose == std::vector<std::string>{"opt-66b optq_3bit", "opt-66b optq_2bit",
                                          "llama-2-13b optq_3bit", "llama-2-13b optq_2bit"});
}
