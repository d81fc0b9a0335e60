// SPDX-License-Identifier: Apache-2.0
#include "sim/input/matrix_reader.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "sim/input/document.h"
#include "tests/catch.h"
#include "tests/tensor_files.h"

using namespace addax;
using input::read_matrix;
using tests::bytes_of;
using tests::npy_file;
using tests::npy_header;
using tests::safetensors_file;
using tests::tensor_entry;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;
using Halves = std::vector<std::uint16_t>;

namespace {

/// A file of its own, removed in the end.
class File {
 public:
  File(const std::string& suffix, const std::string& bytes)
      : path_((std::filesystem::temp_directory_path() / ("addax_matrix_" + suffix)).string()) {
    std::string name = path_;
    // Tests run beside each other, each in a process of its own.
    const std::string own = std::to_string(::getpid()) + "_" + std::to_string(++count_);
    name.insert(name.size() - suffix.size(), own);
    path_ = name;
    input::write_file(path_, bytes);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::string path_;
};

const Floats kValues = {1.0F, -2.0F, 0.5F, 4.0F, -0.25F, 8.0F};

std::string message(const std::string& suffix, const std::string& bytes,
                    const std::optional<std::string>& tensor = std::nullopt) {
  const File file(suffix, bytes);
  try {
    read_matrix(file.path(), tensor);
  } catch (const input::ConfigError& error) {
    return error.what();
  }
  return "read";
}

void check_refused(const std::string& what, const std::string& text,
                   const std::vector<std::string>& parts) {
  INFO(what << ": " << text);
  CHECK(text.find("allowed: ") != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
  for (const std::string& part : parts) {
    INFO("expected: " << part);
    CHECK(text.find(part) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("A .npy file of any version, width and order reads as its matrix") {
  const std::string data = bytes_of(kValues);
  for (const unsigned version : {1U, 2U, 3U}) {
    const File file(".npy", npy_file(npy_header("<f4", "(2, 3)"), data, version));
    const input::WeightMatrix read = read_matrix(file.path(), std::nullopt);
    CHECK(read.weights.outputs == 2);
    CHECK(read.weights.inputs == 3);
    CHECK(read.weights.values == kValues);
    CHECK(read.rounded == 0);
    CHECK(read.type == "<f4");
  }
  const File halves(".npy", npy_file(npy_header("<f2", "(1,2)"), bytes_of(Halves{0x3C00, 0xC000})));
  CHECK(read_matrix(halves.path(), std::nullopt).weights.values == Floats{1.0F, -2.0F});
  const File doubles(".npy", npy_file(npy_header("<f8", "(2, 1)"), bytes_of(Doubles{0.5, -3.0})));
  CHECK(read_matrix(doubles.path(), std::nullopt).weights.values == Floats{0.5F, -3.0F});
  const File fortran(".npy", npy_file(npy_header("<f4", "(2, 3)", true), data));
  CHECK(read_matrix(fortran.path(), std::nullopt).weights.values ==
        Floats{1.0F, 0.5F, -0.25F, -2.0F, 4.0F, 8.0F});
  const File other(".npy",
                   npy_file("{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}", data));
  CHECK(read_matrix(other.path(), std::nullopt).weights.values == kValues);
}

TEST_CASE("Weights are rounded to FP16, and those that changed are counted") {
  const File file(".npy", npy_file(npy_header("<f8", "(1, 4)"),
                                   bytes_of(Doubles{0.1, 1.0, 1.0 + 0x1p-11 + 0x1p-40, 65519.0})));
  const input::WeightMatrix read = read_matrix(file.path(), std::nullopt);
  CHECK(read.weights.values == Floats{0x1.998p-4F, 1.0F, 1.0F + 0x1p-10F, 65504.0F});
  CHECK(read.rounded == 3);
}

TEST_CASE("A tensor of a safetensors file reads as its matrix, in every type") {
  const std::string header = "{" + tensor_entry("a", "F32", "[2,3]", "[0,24]") + "," +
                             tensor_entry("b", "F16", "[1,2]", "[24,28]") + "," +
                             tensor_entry("c", "BF16", "[2,1]", "[28,32]") +
                             R"(,"__metadata__":{"format":"pt"}}  )";
  const File file(".safetensors",
                  safetensors_file(header, bytes_of(kValues) + bytes_of(Halves{0x3C00, 0xC000}) +
                                               bytes_of(Halves{0x3F80, 0xC040})));
  CHECK(read_matrix(file.path(), "a").weights.values == kValues);
  CHECK(read_matrix(file.path(), "b").weights.values == Floats{1.0F, -2.0F});
  const input::WeightMatrix read = read_matrix(file.path(), "c");
  CHECK(read.weights.values == Floats{1.0F, -3.0F});
  CHECK(read.weights.outputs == 2);
  CHECK(read.tensor == "c");
  CHECK(read.type == "BF16");
  const File one(
      ".safetensors",
      safetensors_file("{" + tensor_entry("w", "F32", "[3,2]", "[0,24]") + "}", bytes_of(kValues)));
  CHECK(read_matrix(one.path(), std::nullopt).tensor == "w");
}

TEST_CASE("A malformed .npy file is refused with what was found") {
  const std::string data = bytes_of(kValues);
  const std::string good = npy_header("<f4", "(2, 3)");
  struct Wrong {
    const char* what;
    std::string bytes;
    std::vector<std::string> parts;
  };
  const std::vector<Wrong> all = {
      {"empty", "", {"0 bytes", "8 or more"}},
      {"another file", "PK\x03\x04 and so on", {"first byte"}},
      {"version 4", npy_file(good, data, 4), {"version", "4.0", "3.0"}},
      {"only a magic", "\x93NUMPY\x01", {"7 bytes", "8 or more"}},
      {"no header", std::string("\x93NUMPY\x01\x00", 8), {"end"}},
      {"a header beyond the file", npy_file(good, data).substr(0, 30), {"end", "30"}},
      {"a huge header",
       std::string("\x93NUMPY\x02\x00", 8) + tests::little(0xFFFFFFFF, 4),
       {"4294967295", "65536"}},
      {"truncated", npy_file(good, data.substr(0, 20)), {"20", "24"}},
      {"too long", npy_file(good, data + "x"), {"25", "24"}},
      {"big-endian", npy_file(npy_header(">f4", "(2, 3)"), data), {">f4", "<f4"}},
      {"integers", npy_file(npy_header("<i4", "(2, 3)"), data), {"<i4"}},
      {"objects", npy_file(npy_header("|O", "(2, 3)"), data), {"|O"}},
      {"one dimension", npy_file(npy_header("<f4", "(6,)"), data), {"[6]"}},
      {"three dimensions", npy_file(npy_header("<f4", "(1, 2, 3)"), data), {"[1, 2, 3]"}},
      {"no dimension", npy_file(npy_header("<f4", "()"), data), {"[]"}},
      {"no weights", npy_file(npy_header("<f4", "(0, 3)"), ""), {"[0, 3]"}},
      {"a huge matrix", npy_file(npy_header("<f4", "(268435456, 268435456)"), data), {"bytes"}},
      {"a size beyond what is read",
       npy_file(npy_header("<f4", "(2, 268435457)"), data),
       {"[2, 268435457]", "268435456"}},
      {"sizes beyond 64 bits",
       npy_file(npy_header("<f4", "(99999999999999999999, 3)"), data),
       {"header"}},
      {"a negative size", npy_file(npy_header("<f4", "(-2, 3)"), data), {"header", "-2"}},
      {"no dictionary", npy_file("hello", data), {"header", "hello"}},
      {"an open dictionary", npy_file("{'descr': '<f4', ", data), {"header"}},
      {"a missing key", npy_file("{'descr': '<f4', 'shape': (2, 3)}", data), {"fewer keys"}},
      {"an unknown key", npy_file("{'descr': '<f4', 'order': 'C'}", data), {"'order'"}},
      {"a key twice", npy_file("{'descr': '<f4', 'descr': '<f4'}", data), {"twice"}},
      {"words behind it", npy_file(good + "x", data), {"'x'"}},
  };
  for (const Wrong& wrong : all)
    check_refused(wrong.what, message(".npy", wrong.bytes), wrong.parts);
  check_refused("another suffix", message(".bin", npy_file(good, data)), {".bin", ".npy"});
  check_refused("a tensor's name", message(".npy", npy_file(good, data), "w"), {"--tensor"});
}

TEST_CASE("A malformed safetensors file is refused with what was found") {
  const std::string data = bytes_of(kValues);
  const auto file = [&](const std::string& entries) {
    return safetensors_file("{" + entries + "}", data);
  };
  struct Wrong {
    const char* what;
    std::string bytes;
    std::vector<std::string> parts;
  };
  const std::string w = tensor_entry("w", "F32", "[2,3]", "[0,24]");
  const std::vector<Wrong> all = {
      {"empty", "", {"0 bytes"}},
      {"a length beyond the file", tests::little(1000, 8) + "{}", {"1000"}},
      {"a huge length", tests::little(~0ULL, 8) + "{}", {"18446744073709551615"}},
      {"no JSON", safetensors_file("hello", ""), {"header"}},
      {"a list", safetensors_file("[]", ""), {"no map"}},
      {"no tensor", safetensors_file("{}", ""), {"no tensor"}},
      {"deep nesting", safetensors_file(std::string(100000, '['), ""), {"header"}},
      {"a name twice", file(w + "," + w), {"'w' twice"}},
      {"a key of an entry twice",
       file(R"("w":{"dtype":"F16","dtype":"F16","shape":[2,3],"data_offsets":[0,12]})"),
       {"'dtype' twice"}},
      {"no offsets", file(R"("w":{"dtype":"F32","shape":[2,3]})"), {"w"}},
      {"a negative size", file(tensor_entry("w", "F32", "[-2,3]", "[0,24]")), {"w"}},
      {"a size with a fraction", file(tensor_entry("w", "F32", "[2.0,3]", "[0,24]")), {"w"}},
      {"offsets beyond the file", file(tensor_entry("w", "F32", "[2,3]", "[4,28]")), {"[4, 28]"}},
      {"offsets turned round", file(tensor_entry("w", "F32", "[2,3]", "[24,0]")), {"[24, 0]"}},
      {"huge offsets",
       file(tensor_entry("w", "F32", "[2,3]", "[18446744073709551615,18446744073709551615]")),
       {"18446744073709551615"}},
      {"another size", file(tensor_entry("w", "F32", "[2,2]", "[0,24]")), {"24 bytes", "16"}},
      {"a size beyond 64 bits",
       file(tensor_entry("w", "F32", "[4294967296,4294967296]", "[0,24]")),
       {"4294967296"}},
      {"tensors that overlap",
       file(tensor_entry("v", "F32", "[4]", "[0,16]") + "," +
            tensor_entry("w", "F32", "[4]", "[8,24]")),
       {"overlap"}},
      {"a gap",
       file(tensor_entry("v", "F32", "[2]", "[0,8]") + "," +
            tensor_entry("w", "F32", "[2]", "[16,24]")),
       {"gap"}},
      {"bytes of nobody", file(tensor_entry("w", "F32", "[2,2]", "[0,16]")), {"8 bytes"}},
      {"integers", file(tensor_entry("w", "I32", "[2,3]", "[0,24]")), {"I32", "BF16"}},
      {"one dimension", file(tensor_entry("w", "F32", "[6]", "[0,24]")), {"[6]"}},
      {"three dimensions", file(tensor_entry("w", "F32", "[1,2,3]", "[0,24]")), {"[1, 2, 3]"}},
      {"several",
       file(tensor_entry("first", "F32", "[1,3]", "[0,12]") + "," +
            tensor_entry("second", "F32", "[1,3]", "[12,24]")),
       {"--tensor", "first, second"}},
      {"a number in the metadata", file(w + R"(,"__metadata__":{"a":1})"), {"__metadata__"}},
  };
  for (const Wrong& wrong : all)
    check_refused(wrong.what, message(".safetensors", wrong.bytes), wrong.parts);
  check_refused("an unknown name", message(".safetensors", file(w), "W"), {"'W'", "allowed: w"});
}

TEST_CASE("A weight that FP16 cannot hold is refused with its row and column") {
  for (const double wrong : {65520.0, -1e300, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    for (const bool fortran : {false, true}) {
      Doubles values(6, 1.0);
      values[fortran ? 3 : 4] = wrong;  // row 1, column 1 of 2 x 3
      check_refused(
          "wrong weight",
          message(".npy", npy_file(npy_header("<f8", "(2, 3)", fortran), bytes_of(values))),
          {"row 1, column 1", "65520"});
    }
  }
}

TEST_CASE("A file that is none is refused") {
  CHECK_THROWS_AS(read_matrix("/nowhere/w.npy", std::nullopt), input::ConfigError);
  const std::string folder = std::filesystem::temp_directory_path().string() + "/addax_folder_" +
                             std::to_string(::getpid()) + ".npy";
  std::filesystem::create_directory(folder);
  CHECK_THROWS_AS(read_matrix(folder, std::nullopt), input::ConfigError);
  std::filesystem::remove(folder);
}
