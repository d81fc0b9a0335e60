// SPDX-License-Identifier: Apache-2.0
#include "sim/input/quantised_file.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <sstream>

#include "models/quantise/quantise.h"
#include "sim/input/document.h"
#include "sim/input/safetensors.h"
#include "sim/input/trace_request.h"
#include "tests/catch.h"
#include "tests/models/quantise/matrices.h"
#include "tests/seed.h"

using namespace addax;
using quantise::QuantisedMatrix;

namespace {

/// Of this process alone: tests run beside each other.
const std::string& path() {
  static const std::string name =
      (std::filesystem::temp_directory_path() /
       ("addax_quantised_" + std::to_string(::getpid()) + ".safetensors"))
          .string();
  return name;
}

std::string written(const QuantisedMatrix& matrix) {
  std::ostringstream stream;
  input::write_quantised(stream, matrix);
  return stream.str();
}

void check_same(const QuantisedMatrix& a, const QuantisedMatrix& b) {
  CHECK(a.format == b.format);
  CHECK(a.outputs == b.outputs);
  CHECK(a.inputs == b.inputs);
  CHECK(a.codes == b.codes);
  CHECK(a.scales == b.scales);
  CHECK(a.scale_terms == b.scale_terms);
  CHECK(a.zero_points == b.zero_points);
  CHECK(a.gammas == b.gammas);
  CHECK(a.exponents == b.exponents);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// The same file with one entry of metadata more.
std::string with_metadata(const std::string& bytes, const std::string& key) {
  const std::string entry = "\"" + key + "\":\"1\",";
  const std::string before = "\"__metadata__\":{";
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  length += entry.size();
  std::string more = bytes;
  std::memcpy(more.data(), &length, sizeof length);
  return more.insert(more.find(before) + before.size(), entry);
}

std::string message(const std::string& bytes) {
  input::write_file(path(), bytes);
  try {
    input::read_quantised(path());
  } catch (const input::ConfigError& error) {
    return error.what();
  }
  return "read";
}

}  // namespace

TEST_CASE("Numbers are packed from the least bit of the first byte on") {
  using Bytes = std::vector<std::uint8_t>;
  CHECK(input::pack_bits({1, 0, 1, 1, 0, 0, 0, 0, 1}, 1) == Bytes{0x0D, 0x01});
  CHECK(input::pack_bits({5, 3, 7}, 3) == Bytes{0xDD, 0x01});
  CHECK(input::pack_bits({0xAB, 0xCD}, 8) == Bytes{0xAB, 0xCD});
  CHECK(input::unpack_bits({0xDD, 0x01}, 3, 3) == Bytes{5, 3, 7});
  for (std::uint32_t bits = 1; bits <= 8; ++bits) {
    Bytes values;
    for (unsigned i = 0; i < 37; ++i)
      values.push_back(static_cast<std::uint8_t>((i * 41U) & ((1U << bits) - 1U)));
    CHECK(input::unpack_bits(input::pack_bits(values, bits), bits, values.size()) == values);
  }
}

TEST_CASE("A quantised matrix of any format reads back as it was written") {
  std::mt19937 random(tests::printed(2718));
  for (const char* word :
       {"fp16", "w8a8", "int-4bit", "int-3bit-row", "int-8bit-tensor", "bcq-3bit",
        "bcq-2bit-column", "bcq-8bit-g5", "shiftadd-3bit", "shiftadd-2bit-row-k1",
        "shiftadd-4bit-tensor", "ternary", "ternary-packed-g9", "ternary-gamma-row",
        "ternary-packed-gamma", "binary", "msfp"}) {
    for (int i = 0; i < 10; ++i) {
      const QuantisedMatrix matrix =
          quantise::quantise(tests::random_matrix(random), input::parse_weights(word, "opt"));
      INFO(word << " of " << matrix.outputs << " x " << matrix.inputs);
      input::write_file(path(), written(matrix));
      check_same(input::read_quantised(path()), matrix);
    }
  }
  std::filesystem::remove(path());
}

TEST_CASE("The file holds as many bits as the format, but for lines filled up to bytes") {
  const quantise::Matrix m = tests::matrix(4, 40, std::vector<float>(160, 0.5F));
  for (const char* word : {"fp16", "w8a8", "int-4bit-g20", "bcq-3bit-g8", "shiftadd-3bit",
                           "ternary", "ternary-packed", "binary-row", "msfp"}) {
    const QuantisedMatrix matrix = quantise::quantise(m, input::parse_weights(word, ""));
    input::write_file(path(), written(matrix));
    input::Safetensors file(path());
    std::uint64_t bits = 0;
    for (const auto& [name, entry] : file.tensors()) bits += 8 * (entry.end - entry.begin);
    const workload::StoredBits stored = stored_bits(matrix);
    INFO(word);
    CHECK(bits == (stored.codes + stored.scales).value());
  }
  std::filesystem::remove(path());
}

TEST_CASE("A quantised file that was tampered with is refused") {
  const quantise::Matrix m = tests::matrix(2, 10, std::vector<float>(20, 0.5F));
  const std::string good =
      written(quantise::quantise(m, input::parse_weights("ternary-packed-row", "")));
  CHECK(message(good) == "read");
  struct Wrong {
    const char* what;
    std::string bytes, part;
  };
  std::string scale = good;
  scale[scale.size() - 4 - 1] = '\x7C';  // four bytes of trits, scales before them
  std::string trits = good;
  trits.back() = '\xFF';
  const std::vector<Wrong> all = {
      {"truncated", good.substr(0, good.size() - 1), "offsets"},
      {"another schema", replaced(good, "quantised/1", "quantised/2"), "schema"},
      {"no schema", replaced(good, "\"schema\"", "\"sChema\""), "schema"},
      {"another size", replaced(good, "\"inputs\":\"10\"", "\"inputs\":\"99\""), "trits"},
      {"no size", replaced(good, "\"inputs\":\"10\"", "\"inputs\":\"-1\""), "inputs"},
      {"another format", replaced(good, "ternary", "ternery"), "weight_format"},
      {"another tensor", replaced(good, "\"scales\":{\"dtype", "\"scalex\":{\"dtype"), "scales"},
      {"another type", replaced(good, "\"F16\"", "\"I16\""), "I16"},
      {"a scale of infinity", scale, "scales: found an infinity or a NaN at value 1"},
      {"a byte of no five trits", trits, "255"},
  };
  CHECK(message(with_metadata(good, "input"))
            .find("__metadata__: found the unknown key 'input'; allowed: schema, outputs, inputs, "
                  "weight_format; did you mean 'inputs'?") != std::string::npos);
  for (const Wrong& wrong : all) {
    const std::string text = message(wrong.bytes);
    INFO(wrong.what << ": " << text);
    CHECK(text.find("allowed") != std::string::npos);
    CHECK(text.find(wrong.part) != std::string::npos);
  }
  std::filesystem::remove(path());
}
