// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/reproduce_values.h"

using namespace addax::cli;
using addax::input::Value;

namespace {

const std::vector<std::string> kTernary = {"reproduce", "ternaryllm"};

Words ternary_with(const Words& more) { return joined(kTernary, more); }

const std::string kComparison =
    "addax: comparison/1\n"
    "name: mine\n"
    "title: A paper\n"
    "reference: Somebody, 2024\n"
    "models: [opt-125m]\n"
    "designs:\n"
    "  - name: fp16\n"
    "    title: FP16\n"
    "    architecture: eyeriss_ternary\n"
    "    weights: ternary\n"
    "    side: fp16\n"
    "  - {name: low, title: Ternary, architecture: eyeriss_ternary, weights: ternary}\n"
    "references: [fp16]\n"
    "notes: [A note]\n";

}  // namespace

TEST_CASE("Ternary models stand beside FP16, 2-bit integers and ShiftAddLLM for all 17 models") {
  const Value root = json_of(kTernary);
  CHECK(root.at("schema").text() == "addax.comparison/1");
  CHECK(root.at("rows").list().size() == 17 * 5);
  for (const Value& row : root.at("rows").list()) {
    CHECK(row.at("against").list().size() == 3);
    CHECK(number_at(row, "area_mm2") > 0.0);
  }
  CHECK(contains(root.at("notes").list().front().text(), "none is claimed"));
}

TEST_CASE("A compared design costs what addax run gives, and takes the bits of its format") {
  const std::vector<Value> rows =
      json_of(ternary_with({"--model", "opt-125m", "--context", "256"})).at("rows").list();
  const auto run = [](const char* arch, const std::string& weights) {
    return json_of({"run", "--arch", arch, "--trace", "opt-125m.decode-256." + weights});
  };
  const Value ternary = run("eyeriss_ternary", "ternary-g128-gamma");
  check_cost(with(rows, "design", "ternary"), ternary);
  check_cost(with(rows, "design", "fp16"), ternary.at("baselines").at("fp16"));
  check_cost(with(rows, "design", "int_2bit"), ternary.at("baselines").at("same_bits"));
  check_cost(with(rows, "design", "ternary_packed"),
             run("eyeriss_ternary", "ternary-g128-gamma-packed"));
  check_cost(with(rows, "design", "shiftadd_2bit"), run("eyeriss_shiftadd", "shiftadd-2bit"));

  // Inputs of 768 and 3072, both a multiple of 128: alpha and gamma add 32 bits to 128 codes, an
  // integer's scale and zero point 18.
  CHECK(number_at(with(rows, "design", "fp16"), "stored_bits") == 16.0);
  CHECK(number_at(with(rows, "design", "ternary"), "stored_bits") == 2.0 + 32.0 / 128.0);
  CHECK(number_at(with(rows, "design", "int_2bit"), "stored_bits") == 2.0 + 18.0 / 128.0);
  // Five trits a byte, a row's last byte half empty: 154 bytes for 768 inputs, 615 for 3072; of the
  // 12 d x d that a block amounts to, 8 have rows of 768.
  CHECK(number_at(with(rows, "design", "ternary_packed"), "code_bits") ==
        Approx((8.0 * 8.0 * 154.0 / 768.0 + 4.0 * 8.0 * 615.0 / 3072.0) / 12.0).epsilon(1e-12));
}

TEST_CASE("Ratios and savings are those of the figures beside them") {
  const std::vector<Value> rows =
      json_of(ternary_with({"--model", "llama-2-7b"})).at("rows").list();
  for (const Value& row : rows)
    for (const Value& against : row.at("against").list()) {
      const Value reference = with(rows, "design", against.at("reference").text());
      const double energy = number_at(row, "energy_j") / number_at(reference, "energy_j");
      CHECK(number_at(against, "energy_ratio") == energy);
      CHECK(number_at(against, "energy_saving_percent") == Approx(100.0 - 100.0 * energy));
      CHECK(number_at(against, "latency_ratio") ==
            number_at(row, "latency_s") / number_at(reference, "latency_s"));
      CHECK(number_at(against, "reference_area_mm2") == number_at(reference, "area_mm2"));
      CHECK(number_at(against, "area_ratio") ==
            number_at(row, "area_mm2") / number_at(reference, "area_mm2"));
      CHECK(number_at(against, "weights_ratio") ==
            number_at(row, "weights_gib") / number_at(reference, "weights_gib"));
    }
}

TEST_CASE("More than half of what packed trits save in energy, and all in memory, is packing") {
  const std::vector<Value> rows = json_of(kTernary).at("rows").list();
  for (std::size_t i = 0; i < rows.size(); i += 5) {
    const std::vector<Value> model(rows.begin() + static_cast<std::ptrdiff_t>(i),
                                   rows.begin() + static_cast<std::ptrdiff_t>(i + 5));
    INFO(model.front().at("model").text());
    const auto figure = [&](const char* design, const char* key) {
      return number_at(with(model, "design", design), key);
    };
    const double packing = figure("ternary", "energy_j") - figure("ternary_packed", "energy_j");
    CHECK(packing > 0.5 * (figure("int_2bit", "energy_j") - figure("ternary_packed", "energy_j")));
    CHECK(figure("ternary", "weights_gib") >= figure("int_2bit", "weights_gib"));
  }
}

TEST_CASE("A comparison is written as text, JSON, CSV and LaTeX, the same bytes each time") {
  for (const char* format : {"--json", "--csv", "--latex"}) {
    INFO(format);
    const auto words = ternary_with({"--model", "opt-125m", format, "-"});
    const Outcome once = run_addax(words);
    CHECK(once.status == 0);
    CHECK(once.out == run_addax(words).out);
  }
  // A row a design and reference.
  CHECK(lines(run_addax(ternary_with({"--model", "opt-125m", "--csv", "-"})).out) == 1 + 5 * 3);
  const std::string text = run_addax(ternary_with({"--model", "opt-125m"})).out;
  for (const char* part : {"none is claimed", "its area", "area ratio", "not of equal silicon",
                           "ternary g128 gamma packed", "mm2"})
    CHECK(contains(text, part));
}

TEST_CASE("A comparison of one's own is read, and every mistake in it is one line") {
  const Folder folder;
  const std::string path = folder.write("mine.yaml", kComparison);
  CHECK(json_of({"reproduce", path}).at("rows").list().size() == 2);

  struct Mistake {
    std::string from, to;
    std::vector<std::string> named;
  };
  const std::vector<Mistake> mistakes = {
      {"weights: ternary}", "weights: trenary}", {":12", "weights", "'trenary'"}},
      {"side: fp16", "side: fp61", {":11", "side", "'fp61'", "did you mean 'fp16'?"}},
      {"models: [opt-125m]", "models: [opt-152m]", {":5", "'opt-152m'", "did you mean"}},
      {"models: [opt-125m]", "models: []", {":5", "models"}},
      {"references: [fp16]", "references: [fp16, fp16]", {":13", "references"}},
      {"references: [fp16]", "references: [int8]", {":13", "'int8'"}},
      {"name: low", "name: fp16", {":12", "name"}},
      {"title: A paper\n", "", {"title"}},
      {"notes:", "remarks:", {"remarks", "notes"}},
      {"architecture: eyeriss_ternary, weights: ternary}",
       "architecture: eyeriss_ternray, weights: ternary}",
       {"'eyeriss_ternray'", "did you mean"}},
      // An array without tables cannot run what needs them.
      {"weights: ternary}", "weights: shiftadd-3bit}", {"shiftadd"}},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.to);
    const std::string bad =
        folder.write("bad.yaml", replaced(kComparison, mistake.from, mistake.to));
    check_refused(run_addax({"reproduce", bad}), mistake.named);
  }
  for (const char* option : {"--audit", "--accuracy", "--breakdown"})
    check_refused(run_addax({"reproduce", path, option}), {option, "published energies"});
  check_refused(run_addax({"reproduce", path, "--csv", path}), {"--csv"});
}
