// SPDX-License-Identifier: Apache-2.0
#include "sim/input/architecture_reader.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "models/cost/cost.h"
#include "sim/input/cost_reader.h"
#include "sim/input/document.h"
#include "sim/report/configuration.h"
#include "tests/catch.h"

namespace {

using namespace addax;
using arith::Arithmetic;
namespace fs = std::filesystem;

const std::vector<std::string>& shipped() {
  static const std::vector<std::string> names = {
      "eyeriss_fp16",      "eyeriss_int",          "eyeriss_int8",          "eyeriss_shiftadd",
      "eyeriss_lutgemm",   "eyeriss_shiftadd_mu4", "eyeriss_ternary",       "eyeriss_msfp",
      "eyeriss_shift_add", "eyeriss_fp16_sum16",   "eyeriss_shiftadd_sum16"};
  return names;
}

std::string text_of(const std::string& name) {
  std::ifstream file(std::string(ADDAX_SOURCE_DIR) + "/configs/arch/" + name + ".yaml");
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

arch::Architecture read_text(const std::string& text) {
  std::string path = (fs::temp_directory_path() / "addax_arch_XXXXXX.yaml").string();
  const int descriptor = ::mkstemps(path.data(), 5);
  REQUIRE(descriptor >= 0);
  ::close(descriptor);
  std::ofstream(path) << text;
  try {
    arch::Architecture result = input::read_architecture(path);
    fs::remove(path);
    return result;
  } catch (...) {
    fs::remove(path);
    throw;
  }
}

/// eyeriss_shiftadd with one piece of its text replaced: the message of the refusal.
std::string refusal(const std::string& from, const std::string& to) {
  std::string text = text_of("eyeriss_shiftadd");
  const std::size_t at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  try {
    read_text(text.replace(at, from.size(), to));
  } catch (const input::ConfigError& error) {
    return error.what();
  }
  return "";
}

void check_contains(const std::string& text, const std::string& part) {
  INFO(text);
  INFO(part);
  CHECK(text.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("every shipped architecture is read, and its file bears its name") {
  for (const std::string& name : shipped()) {
    INFO(name);
    std::string bytes;
    const arch::Architecture a = input::read_architecture(name, &bytes);
    CHECK(a.name == name);
    CHECK(bytes == text_of(name));
    CHECK(a.rows == 12);
    CHECK(a.clock.value() == 2.5e8);
    CHECK(a.buffer.bits() == 128 * 1024 * 8);
    CHECK(a.dram_bits_per_cycle() == Approx(819.2));
  }
}

TEST_CASE("no shipped file of an architecture is left out of these tests") {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(std::string(ADDAX_SOURCE_DIR) + "/configs/arch"))
    files += entry.path().extension() == ".yaml" ? 1 : 0;
  CHECK(files == shipped().size());
}

TEST_CASE("every shipped architecture has the multipliers of attention and a vector unit") {
  for (const std::string& name : shipped()) {
    INFO(name);
    const arch::Architecture a = input::read_architecture(name);
    std::uint64_t multipliers = 0;
    for (const arch::ColumnGroup& group : a.groups)
      if (group.datapath.rate(Arithmetic::kFp32Add).operations +
              group.datapath.rate(Arithmetic::kFp16Add).operations >
          0)
        multipliers += std::uint64_t{a.rows} * group.columns *
                       group.datapath.rate(Arithmetic::kFp16Multiply).operations;
    CHECK(multipliers >= 52);
    for (const Arithmetic arithmetic :
         {Arithmetic::kFp32Add, Arithmetic::kFp32Multiply, Arithmetic::kFp32Compare,
          Arithmetic::kFp32Exp, Arithmetic::kFp32Reciprocal, Arithmetic::kFp32Rsqrt,
          Arithmetic::kFp16Convert})
      CHECK(a.vector_unit.operations.count(arithmetic) == 1);
  }
}

TEST_CASE("the ports of every shipped table take more bits a cycle than DRAM gives") {
  for (const std::string& name : shipped()) {
    const arch::Architecture a = input::read_architecture(name);
    for (const arch::ColumnGroup& group : a.groups) {
      if (!group.datapath.lut) continue;
      INFO(name);
      const arch::Lut& lut = *group.datapath.lut;
      const double bits = double(a.rows) * group.columns * lut.readers * lut.key_bits;
      CHECK(bits >= a.dram_bits_per_cycle());
      if (name == "eyeriss_shiftadd_mu4") CHECK(bits >= 1.5 * a.dram_bits_per_cycle());
      const bool wide = group.datapath.rate(Arithmetic::kFp32Add).operations > 0;
      CHECK(group.datapath.rate(wide ? Arithmetic::kFp32Add : Arithmetic::kFp16Add).operations >=
            lut.readers);
    }
  }
}

TEST_CASE("every shipped architecture has an area under the default table, part by part") {
  const cost::CostTable table = input::read_cost_table("physical-45nm");
  for (const std::string& name : shipped()) {
    INFO(name);
    arch::Architecture a = input::read_architecture(name);
    const cost::AreaReport report = cost::area(table, a);
    double sum = 0.0;
    for (const cost::AreaPart& part : report.parts) {
      INFO(part.component);
      CHECK(part.total.value.value() > 0.0);
      CHECK(part.total.low <= part.total.value);
      CHECK(part.total.value <= part.total.high);
      sum += part.total.value.value();
    }
    CHECK(report.total.value.value() == sum);
    // Between one and ten square millimetres, as 168 PEs of this kind at 45 nm are.
    CHECK(sum > 1e6);
    CHECK(sum < 1e7);
    a.groups[0].columns += 1;
    CHECK(cost::area(table, a).total.value.value() > sum);
  }
}

TEST_CASE("the effective configuration, read back, is the same architecture") {
  for (const std::string& name : shipped()) {
    INFO(name);
    const report::Json first = report::configuration_json(input::read_architecture(name));
    report::Json file = first;
    file["addax"] = "architecture/1";
    CHECK(report::configuration_json(read_text(file.dump(2))) == first);
  }
}

TEST_CASE("what a file leaves out takes the documented default") {
  std::string text = text_of("eyeriss_fp16");
  for (const std::string part : {", count: 1, latency_cycles: 1, initiation_interval: 1",
                                 ", latency_cycles: 1", "write_queue: 2\n"})
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part))
      text.erase(at, part.size());
  const arch::Architecture a = read_text(text);
  CHECK(a.groups[0].datapath.units[0].count == 1);
  CHECK(a.groups[0].datapath.units[0].latency_cycles == 1);
  CHECK(a.groups[0].datapath.units[0].initiation_interval == 1);
  CHECK(a.networks.weight.latency_cycles == 1);
  CHECK(a.write_queue == 2);
}

TEST_CASE("a broken architecture is refused with file, line, key and what is allowed") {
  check_contains(refusal("rows: 12", "rows: 0"), "rows: found '0'; allowed: an integer from 1 to");
  check_contains(refusal("rows: 12", "rows: 4097"), "rows");
  check_contains(refusal("rows: 12", "rows: -3"), "rows");
  check_contains(refusal("rows: 12", "rows: twelve"), "rows");
  check_contains(refusal("rows: 12", "row: 12"), "did you mean 'rows'?");
  check_contains(refusal("rows: 12\n", ""), "rows: missing");
  check_contains(refusal("clock_hz: 2.5e8", "clock_hz: 250 MHz"), "clock_hz");
  check_contains(refusal("clock_hz: 2.5e8", "clock_hz: 1e12"), "clock_hz");
  check_contains(refusal("clock_hz: 2.5e8", "clock_hz: .nan"), "clock_hz");
  check_contains(refusal("columns: 9", "columns: 5000"), "groups[0].columns");
  check_contains(refusal("columns: 9", "columns: 4096"), "groups[1].columns");
  check_contains(refusal("exponent.add", "exponent.ad"), "did you mean 'exponent.add'?");
  check_contains(refusal("executes: fp16.add", "executes: exponent.add"),
                 "groups[0].datapath.units[1].executes");
  check_contains(refusal("key_bits: 8", "key_bits: 17"), "groups[0].datapath.lut.key_bits");
  check_contains(refusal("half_table: true", "half_table: yes"), "true, false");
  check_contains(refusal("storage: sram", "storage: dram"), "flip_flop, latch, sram");
  check_contains(refusal("copies: 1", "copies: 3"), "copies");
  check_contains(refusal("readers: 1", "readers: 0"), "readers");
  check_contains(refusal("banks: 64", "banks: 2"), "buffer.banks");
  check_contains(refusal("bank_bytes: 2048", "bank_bytes: 99999999999999999999"), "bank_bytes");
  check_contains(refusal("width_bits: 64}", "width_bits: 48}"), "must divide the bits of a bank");
  check_contains(refusal("refresh_time_ns: 280", "refresh_time_ns: 4000"), "refresh_time_ns");
  check_contains(refusal("fp32.exp: {cycles: 6}", "fp32.exp: {cycle: 6}"), "cycles");
  check_contains(refusal("fp32.exp", "fp32.ex"), "did you mean 'fp32.exp'?");
  check_contains(refusal("name: multiplier", "name: lut"), "groups[1].name");
  check_contains(refusal("architecture/1", "architecture/9"), "architecture/1");
  check_contains(refusal("words: 12", "words: 1e3"), "activation_scratchpad.words");
  check_contains(refusal("words: 12", "words: 0"), "activation_scratchpad.words");
}

TEST_CASE("an unknown architecture is answered with the nearest") {
  try {
    input::read_architecture("eyeriss_shiftad");
    FAIL("read an architecture that is not there");
  } catch (const input::ConfigError& error) {
    check_contains(error.what(), "did you mean 'eyeriss_shiftadd'?");
  }
}
