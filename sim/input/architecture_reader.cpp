// SPDX-License-Identifier: Apache-2.0
#include "sim/input/architecture_reader.h"

#include "sim/input/config_path.h"
#include "sim/input/document.h"

namespace addax::input {
namespace {

using arith::Arithmetic;

constexpr std::uint32_t kMostRows = 4096;
constexpr std::uint32_t kMostColumns = 4096;
constexpr std::uint32_t kMostGroups = 64;
constexpr std::uint32_t kWidest = 65536;
constexpr std::uint32_t kMostCycles = 10000;
constexpr std::uint32_t kMostUnits = 4096;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40U;

std::string short_text(const Value& value, std::size_t most) {
  std::string text = value.text();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos || text.size() > most)
    value.fail("text of 1 to " + std::to_string(most) + " bytes");
  return text;
}

/// The value at `key`, unless it is absent or null.
std::optional<Value> given(const Value& value, const std::string& key) {
  std::optional<Value> found = value.find(key);
  if (found && found->is_null()) found.reset();
  return found;
}

void read_optional(const Value& map, const char* key, std::uint32_t most, std::uint32_t& field) {
  if (const auto value = map.find(key)) field = value->integer32(1, most);
}

void read_optional(const Value& map, const char* key, bool& field) {
  if (const auto value = map.find(key)) field = value->boolean();
}

Arithmetic arithmetic(const Value& value) {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    all.reserve(arith::kArithmeticCount);
    for (int i = 0; i < arith::kArithmeticCount; ++i)
      all.emplace_back(arith::name(static_cast<Arithmetic>(i)));
    return all;
  }();
  return *arith::parse_arithmetic(value.word(words));
}

arch::Storage storage(const Value& value) {
  return *arch::parse_storage(value.word({"flip_flop", "latch", "sram"}));
}

arch::Scratchpad scratchpad(const Value& value) {
  value.allow_only({"words", "width_bits", "storage"});
  return {value.at("words").integer(1, std::uint64_t{1} << 24U),
          value.at("width_bits").integer32(1, kWidest), storage(value.at("storage"))};
}

arch::Unit unit(const Value& value) {
  value.allow_only({"executes", "count", "latency_cycles", "initiation_interval"});
  arch::Unit result;
  result.executes = arithmetic(value.at("executes"));
  read_optional(value, "count", kMostUnits, result.count);
  read_optional(value, "latency_cycles", kMostCycles, result.latency_cycles);
  read_optional(value, "initiation_interval", kMostCycles, result.initiation_interval);
  return result;
}

arch::Lut lut(const Value& value) {
  value.allow_only({"key_bits", "half_table", "entry_bits", "storage", "clock_gated", "readers",
                    "copies", "generator_adders", "write_ports"});
  arch::Lut result;
  result.key_bits = value.at("key_bits").integer32(1, 16);
  result.entry_bits = value.at("entry_bits").integer32(1, 64);
  result.storage = storage(value.at("storage"));
  read_optional(value, "half_table", result.half_table);
  read_optional(value, "clock_gated", result.clock_gated);
  read_optional(value, "readers", kMostUnits, result.readers);
  read_optional(value, "copies", 2, result.copies);
  read_optional(value, "generator_adders", kMostUnits, result.generator_adders);
  read_optional(value, "write_ports", kWidest, result.write_ports);
  return result;
}

arch::Datapath datapath(const Value& value) {
  value.allow_only({"name", "units", "lut", "skips_zeros_in_time"});
  arch::Datapath result;
  result.name = short_text(value.at("name"), 100);
  const Value units = value.at("units");
  for (const Value& each : units.list()) result.units.push_back(unit(each));
  if (result.units.empty()) units.fail("at least one unit");
  if (const auto table = given(value, "lut")) result.lut = lut(*table);
  read_optional(value, "skips_zeros_in_time", result.skips_zeros_in_time);
  return result;
}

arch::ColumnGroup group(const Value& value) {
  value.allow_only({"name", "columns", "datapath", "activation_scratchpad", "weight_scratchpad",
                    "psum_scratchpad"});
  arch::ColumnGroup result;
  result.name = short_text(value.at("name"), 100);
  result.columns = value.at("columns").integer32(1, kMostColumns);
  result.datapath = datapath(value.at("datapath"));
  result.activation_scratchpad = scratchpad(value.at("activation_scratchpad"));
  result.weight_scratchpad = scratchpad(value.at("weight_scratchpad"));
  result.psum_scratchpad = scratchpad(value.at("psum_scratchpad"));
  return result;
}

arch::GlobalBuffer buffer(const Value& value) {
  value.allow_only({"banks", "bank_bytes", "width_bits"});
  return {value.at("banks").integer32(1, 65536), value.at("bank_bytes").integer(1, kMostBytes),
          value.at("width_bits").integer32(1, kWidest)};
}

arch::Network network(const Value& value) {
  value.allow_only({"width_bits", "latency_cycles"});
  arch::Network result;
  result.width_bits = value.at("width_bits").integer32(1, kWidest);
  read_optional(value, "latency_cycles", kMostCycles, result.latency_cycles);
  return result;
}

arch::Networks networks(const Value& value) {
  value.allow_only({"activation", "weight", "psum", "output"});
  return {network(value.at("activation")), network(value.at("weight")), network(value.at("psum")),
          network(value.at("output"))};
}

arch::Dram dram(const Value& value) {
  value.allow_only({"type", "peak_bandwidth_bits_per_s", "burst_bits", "latency_ns",
                    "refresh_interval_ns", "refresh_time_ns"});
  arch::Dram result;
  result.type = short_text(value.at("type"), 40);
  result.peak_bandwidth =
      quantity::BitsPerSecond(value.at("peak_bandwidth_bits_per_s").number(1e6, 1e15));
  result.burst_bits = value.at("burst_bits").integer32(1, 1U << 20U);
  result.latency = quantity::Nanoseconds(value.at("latency_ns").number(0.0, 1e6));
  result.refresh_interval = quantity::Nanoseconds(value.at("refresh_interval_ns").number(0.0, 1e9));
  result.refresh_time = quantity::Nanoseconds(value.at("refresh_time_ns").number(0.0, 1e9));
  return result;
}

arch::VectorUnit vector_unit(const Value& value) {
  value.allow_only({"lanes", "latency_cycles", "buffer_width_bits", "operations"});
  arch::VectorUnit result;
  result.lanes = value.at("lanes").integer32(1, 65536);
  read_optional(value, "latency_cycles", kMostCycles, result.latency_cycles);
  result.buffer_width_bits = value.at("buffer_width_bits").integer32(1, kWidest);
  const Value operations = value.at("operations");
  std::set<std::string> names;
  for (int i = 0; i < arith::kArithmeticCount; ++i)
    names.insert(arith::name(static_cast<Arithmetic>(i)));
  operations.allow_only(names);
  for (const auto& [key, operation] : operations.entries()) {
    operation.allow_only({"cycles"});
    result.operations[*arith::parse_arithmetic(key)].cycles =
        operation.at("cycles").integer32(1, kMostCycles);
  }
  return result;
}

std::vector<arch::ColumnGroup> groups(const Value& value) {
  std::vector<arch::ColumnGroup> result;
  const std::vector<Value> list = value.list();
  if (list.empty() || list.size() > kMostGroups)
    value.fail("a list of 1 to " + std::to_string(kMostGroups) + " column groups");
  std::uint32_t columns = 0;
  for (const Value& each : list) {
    result.push_back(group(each));
    columns += result.back().columns;
    if (columns > kMostColumns)
      each.at("columns").fail("at most " + std::to_string(kMostColumns) + " columns in all groups");
  }
  return result;
}

}  // namespace

Document architecture_document(const std::string& path_or_name) {
  return Document::read(config_path("arch", path_or_name));
}

arch::Architecture read_architecture(const std::string& path_or_name, std::string* bytes_for_hash) {
  const Document document = architecture_document(path_or_name);
  if (bytes_for_hash != nullptr) *bytes_for_hash = document.bytes();
  return read_architecture(document);
}

arch::Architecture read_architecture(const Document& document) {
  const Value root = document.root();
  root.allow_only({"addax", "name", "description", "clock_hz", "rows", "groups", "buffer",
                   "networks", "dram", "vector_unit", "write_queue"});
  root.at("addax").word({"architecture/1"});
  arch::Architecture result;
  result.name = short_text(root.at("name"), 100);
  if (const auto text = root.find("description")) result.description = short_text(*text, 4000);
  result.clock = quantity::Hertz(root.at("clock_hz").number(1e6, 1e11));
  result.rows = root.at("rows").integer32(1, kMostRows);
  result.groups = groups(root.at("groups"));
  result.buffer = buffer(root.at("buffer"));
  result.networks = networks(root.at("networks"));
  result.dram = dram(root.at("dram"));
  result.vector_unit = vector_unit(root.at("vector_unit"));
  read_optional(root, "write_queue", 1024, result.write_queue);
  try {
    arch::check(result);
  } catch (const quantity::Impossible& error) {
    root.fail(error.diagnosis());
  }
  return result;
}

}  // namespace addax::input
