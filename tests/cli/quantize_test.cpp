// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/quantise/quantised.h"
#include "sim/input/quantised_file.h"
#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/tensor_files.h"

using namespace addax::cli;
using addax::tests::bytes_of;
using addax::tests::npy_file;
using addax::tests::npy_header;
using addax::tests::safetensors_file;
using addax::tests::tensor_entry;
using Json = nlohmann::json;

namespace {

std::vector<float> wave(std::size_t count) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(0.05F * std::sin(static_cast<float>(i * i)));
  return values;
}

std::string small_npy(const Folder& folder) {
  return folder.write("w.npy", npy_file(npy_header("<f4", "(16, 24)"), bytes_of(wave(16 * 24))));
}

double relative_error(const Words& words) {
  const Json json = Json::parse(done(words).out);
  return json.at("error").at("relative_frobenius").get<double>();
}

}  // namespace

TEST_CASE("quantize prints shape, format, bits and errors of a matrix") {
  const Folder folder;
  const std::string text = done({"quantize", small_npy(folder), "--weights", "shiftadd-3bit"}).out;
  for (const char* part :
       {"16 x 24 (<f4)", "shiftadd-3bit block 8x16 k=3", "alternating", "bits a weight",
        "relative error", "mean squared error", "largest error", "rounded to FP16"})
    CHECK(contains(text, part));
  CHECK_FALSE(contains(text, "zero weights"));
  CHECK(contains(done({"quantize", folder.path("w.npy"), "--weights", "ternary"}).out,
                 "zero weights"));
}

TEST_CASE("check reads what quantize wrote, and says of what it is made") {
  const Folder folder;
  const std::string out = folder.path("q.safetensors");
  done({"quantize", small_npy(folder), "--weights", "ternary-packed", "--out", out});
  const Json json = Json::parse(done({"check", out}).out);
  CHECK(json.at("outputs") == 16);
  CHECK(json.at("inputs") == 24);
  CHECK(json.at("code_bits") == 16 * 5 * 8);  // 24 trits in 5 bytes a row
  CHECK(json.at("scale_bits") == 16 * 16);    // a group of 128 is a row
  std::string bytes = folder.read("q.safetensors");
  bytes.back() = static_cast<char>(243);
  check_refused(run_addax({"check", folder.write("bad.safetensors", bytes)}),
                {"bad.safetensors", "trits: found 243", "0 to 242"});
}

TEST_CASE("With --quiet quantize prints nothing but the results that are asked for") {
  const Folder folder;
  const Words words = {"quantize", small_npy(folder), "--weights", "int-4bit", "--quiet"};
  CHECK(done(joined(words, {"--out", folder.path("q.safetensors")})).out.empty());
  CHECK(folder.has("q.safetensors"));
  CHECK(contains(done(joined(words, {"--json", "-"})).out, "addax.quantisation/1"));
}

TEST_CASE("With --model quantize shares scales as traces of that model do") {
  const Folder folder;
  const Words words = {"quantize", small_npy(folder)};
  const auto with = [&](const Words& more) { return done(joined(words, more)).out; };
  CHECK(contains(with({"--weights", "shiftadd-3bit"}), "block 8x16"));
  CHECK(contains(with({"--weights", "shiftadd-3bit", "--model", "opt-125m"}), "block 8xN/8"));
  CHECK(
      contains(with({"--weights", "ternary", "--model", "bitnet-b1.58-2b-4t"}), "ternary tensor"));
  check_refused(run_addax(joined(words, {"--weights", "ternary", "--model", "opt-125"})),
                {"found 'opt-125'", "opt-125m"});
  // A layer of the shipped OPT trace takes it.
  const std::string out = folder.path("w.safetensors");
  with({"--weights", "shiftadd-3bit", "--model", "opt-125m", "--out", out});
  const std::string trace = folder.write(
      "t.yaml",
      "addax: trace/1\nname: t\nmodel: none\nphases:\n  - name: p\n    kind: decode\n"
      "    new_tokens: 1\n    context: 1\n    blocks:\n      - name: b\n        operations:\n"
      "          - {name: up, kind: linear, reads: [x], writes: y, linear: {tokens: 1, inputs: 24, "
      "outputs: 16, role: mlp, weights: {kind: shiftadd, planes: 3, scale_terms: 3, scales: "
      "{sharing: block, block_columns: 8}}, values: {weights: w.safetensors}}}\n");
  done({"check", trace});
  with({"--weights", "shiftadd-3bit", "--out", out});
  check_refused(run_addax({"check", trace}), {"block 8x16", "allowed", "block 8xN/8"});
}

TEST_CASE("a word for weights has one granularity") {
  const Folder folder;
  check_refused(run_addax({"quantize", small_npy(folder), "--weights", "shiftadd-3bit-g8-row"}),
                {"shiftadd-3bit-g8-row", "more than one granularity"});
}

TEST_CASE("quantize has a help text with an example") {
  const std::string text = done({"quantize", "--help"}).out;
  CHECK(contains(text, "usage: addax quantize MATRIX --weights FORMAT"));
  CHECK(contains(text, "example:\n  addax quantize"));
  CHECK(contains(done({"--help"}).out, "quantize"));
}

TEST_CASE("A matrix of two levels a row has known bits and no error") {
  const Folder folder;
  const std::string path = folder.write(
      "w.npy", npy_file(npy_header("<f4", "(2, 4)"),
                        bytes_of(std::vector<float>{1, -1, 1, -1, 0.5F, 0.5F, -0.5F, 0.5F})));
  const Json json =
      Json::parse(done({"quantize", path, "--weights", "bcq-1bit-row", "--json", "-"}).out);
  CHECK(json.at("schema") == "addax.quantisation/1");
  CHECK(json.at("codes_bits") == 8);
  CHECK(json.at("scales_bits") == 32);
  CHECK(json.at("bits_a_weight").at("all") == 5.0);
  CHECK(json.at("error").at("relative_frobenius") == 0.0);
  CHECK(json.at("weights_rounded_to_fp16") == 0);
  CHECK(json.at("zero_fraction").is_null());
  CHECK(json.at("provenance").at("matrix_sha256").get<std::string>().size() == 64);
}

TEST_CASE("More bits and the alternating algorithm leave less error") {
  const Folder folder;
  const std::string path = small_npy(folder);
  const auto found = [&](const std::string& weights, const std::string& algorithm) {
    return relative_error(
        {"quantize", path, "--weights", weights, "--algorithm", algorithm, "--json", "-"});
  };
  CHECK(found("bcq-3bit", "alternating") < found("bcq-3bit", "greedy"));
  CHECK(found("bcq-4bit", "alternating") < found("bcq-3bit", "alternating"));
}

TEST_CASE("What quantize writes reads back with the error that it reports") {
  const Folder folder;
  const std::string out = folder.path("q.safetensors");
  const std::string json_text = done({"quantize", small_npy(folder), "--weights", "bcq-2bit",
                                      "--group", "5", "--out", out, "--json", "-"})
                                    .out;
  const auto matrix = addax::input::read_quantised(out);
  CHECK(matrix.format.scales.group == 5);
  const std::vector<double> values = addax::quantise::dequantise(matrix);
  const std::vector<float> weights = wave(16 * 24);
  double squares = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double left = addax::quantise::nearest_fp16(weights[i]) - values[i];
    squares += left * left;
  }
  CHECK(squares / (16.0 * 24.0) ==
        Approx(Json::parse(json_text).at("error").at("mean_squared").get<double>()));
  const std::string first = folder.read("q.safetensors");
  done({"quantize", folder.path("w.npy"), "--weights", "bcq-2bit", "--group", "5", "--out", out});
  CHECK(folder.read("q.safetensors") == first);
  CHECK(folder.names() == Words{"q.safetensors", "w.npy"});
}

TEST_CASE("A safetensors file gives the same as the .npy file of the same weights") {
  const Folder folder;
  const std::vector<float> weights = wave(16 * 24);
  const std::string npy = small_npy(folder);
  const std::string header = "{" + tensor_entry("bias", "F32", "[1]", "[0,4]") + "," +
                             tensor_entry("fc1.weight", "F32", "[16,24]", "[4,1540]") + "}";
  const std::string tensors = folder.write(
      "model.safetensors",
      safetensors_file(header, bytes_of(std::vector<float>{0.0F}) + bytes_of(weights)));
  CHECK(relative_error({"quantize", npy, "--weights", "int-4bit", "--json", "-"}) ==
        relative_error({"quantize", tensors, "--tensor", "fc1.weight", "--weights", "int-4bit",
                        "--json", "-"}));
  const std::string csv =
      done({"quantize", tensors, "--tensor", "fc1.weight", "--weights", "ternary", "--csv", "-"})
          .out;
  CHECK(lines(csv) == 2);
  CHECK(contains(csv, "fc1.weight,16,24,"));
  check_refused(run_addax({"quantize", tensors, "--weights", "int-4bit"}),
                {"--tensor", "bias, fc1.weight"});
}

TEST_CASE("Nonsense given to quantize is refused") {
  const Folder folder;
  const std::string path = small_npy(folder);
  const auto with = [&](const Words& more) {
    Words words = {"quantize", path};
    words.insert(words.end(), more.begin(), more.end());
    return run_addax(words);
  };
  check_refused(run_addax({"quantize"}), {"MATRIX"});
  check_refused(run_addax({"quantize", "--weights", "ternary"}), {"MATRIX"});
  check_refused(with({}), {"--weights"});
  check_refused(with({"--weights", "shiftadd-9bit"}), {"shiftadd-9bit"});
  check_refused(with({"--weights", "shiftad-3bit"}), {"did you mean"});
  check_refused(with({"--weights", "ternary-z50"}), {"-z"});
  check_refused(with({"--weights", "int-4bit", "--terms", "3"}), {"--terms"});
  check_refused(with({"--weights", "int-4bit", "--algorithm", "greedy"}), {"--algorithm"});
  check_refused(with({"--weights", "bcq-3bit", "--algorithm", "gready"}),
                {"did you mean 'greedy'?"});
  check_refused(with({"--weights", "bcq-3bit", "--tensor", "w"}), {"--tensor"});
  check_refused(with({"--weights", "bcq-3bit", "--threads", "0"}), {"--threads", "from 1 to"});
  check_refused(with({"--weights", "bcq-3bit", "--out", path}), {"--out", "reads"});
  check_refused(with({"--weights", "bcq-3bit", "--out", "/nowhere/q.safetensors"}), {"/nowhere"});
  check_refused(run_addax({"quantize", folder.path("no.npy"), "--weights", "ternary"}),
                {"no such file"});
  check_refused(run_addax({"quantize", folder.write("w.txt", "1 2 3"), "--weights", "ternary"}),
                {".txt"});
  check_refused(
      run_addax({"quantize", folder.write("bad.npy", "\x93NUMPY"), "--weights", "ternary"}),
      {"bad.npy"});
}
