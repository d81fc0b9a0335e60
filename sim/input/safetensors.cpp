// SPDX-License-Identifier: Apache-2.0
#include "sim/input/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "models/quantity/quantity.h"
#include "sim/input/document.h"
#include "sim/input/document_node.h"

namespace addax::input {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& found,
                         const std::string& allowed) {
  throw ConfigError(path + ": " + printable(what) + ": found " + printable(found) +
                    "; allowed: " + allowed);
}

/// Parses the header, of which the library would keep the last of two equal names.
Json parse_header(const std::string& text, const std::string& path) {
  std::vector<std::set<std::string>> names;  // of the maps that are open
  const auto watch = [&](int /*depth*/, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second)
      refuse(path, "header", "the name '" + parsed.get<std::string>() + "' twice", "once");
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::parse_error& error) {
    refuse(path, "header", "what is no JSON at its byte " + std::to_string(error.byte),
           "a map in JSON");
  } catch (const Json::out_of_range&) {
    refuse(path, "header", "a number that is too large", "a map in JSON");
  }
}

bool is_list_of_counts(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& each) {
           return each.is_number_unsigned();
         });
}

TensorEntry entry_of(const std::string& name, const Json& value, const std::string& path) {
  const bool whole = value.is_object() && value.size() == 3 && value.count("dtype") == 1 &&
                     value.at("dtype").is_string() && value.count("shape") == 1 &&
                     is_list_of_counts(value.at("shape")) && value.count("data_offsets") == 1 &&
                     is_list_of_counts(value.at("data_offsets")) &&
                     value.at("data_offsets").size() == 2;
  if (!whole)
    refuse(path, name, "an entry of another form",
           R"({"dtype": "F16", "shape": [N, K], "data_offsets": [BEGIN, END]})");
  return {value.at("dtype").get<std::string>(), value.at("shape").get<std::vector<std::uint64_t>>(),
          value.at("data_offsets")[0].get<std::uint64_t>(),
          value.at("data_offsets")[1].get<std::uint64_t>()};
}

void check_size(const std::string& name, const TensorEntry& entry, const std::string& path) {
  const std::optional<std::uint64_t> bytes = type_bytes(entry.type);
  if (!bytes) return;
  std::uint64_t size = *bytes;
  try {
    for (const std::uint64_t each : entry.shape) size = quantity::checked_mul(size, each);
  } catch (const quantity::CountOverflow&) {
    refuse(path, name, "the shape " + shape_text(entry.shape), "sizes that a file can hold");
  }
  if (entry.end - entry.begin != size)
    refuse(path, name, std::to_string(entry.end - entry.begin) + " bytes",
           std::to_string(size) + " for " + entry.type + " " + shape_text(entry.shape));
}

}  // namespace

std::optional<std::uint64_t> type_bytes(const std::string& type) {
  static const std::map<std::string, std::uint64_t> sizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
  const auto found = sizes.find(type);
  return found == sizes.end() ? std::nullopt : std::optional<std::uint64_t>(found->second);
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

Safetensors::Safetensors(const std::string& path) : file_(path) {
  if (file_.size() < kLengthBytes)
    refuse(path, "header", std::to_string(file_.size()) + " bytes", "a safetensors file");
  const std::uint64_t length = little_endian(file_.read(0, kLengthBytes), 0, kLengthBytes);
  const std::uint64_t most = std::min(kLongestHeader, file_.size() - kLengthBytes);
  if (length > most)
    throw ConfigError(path + ": found no safetensors file: a header of " + std::to_string(length) +
                      " bytes in a file of " + std::to_string(file_.size()) +
                      "; allowed: a safetensors file");
  const std::vector<std::uint8_t> text = file_.read(kLengthBytes, length);
  read_header(std::string(text.begin(), text.end()), kLengthBytes + length);
  check_layout(kLengthBytes + length);
}

void Safetensors::read_header(const std::string& text, std::uint64_t data) {
  const Json header = parse_header(text, file_.path());
  if (!header.is_object()) refuse(file_.path(), "header", "no map", "a map in JSON");
  const std::uint64_t bytes = file_.size() - data;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (!value.is_object()) refuse(file_.path(), name, "no map", "a map of texts");
      for (const auto& [key, word] : value.items()) {
        if (!word.is_string()) refuse(file_.path(), name, "no text at '" + key + "'", "texts");
        metadata_[key] = word.get<std::string>();
      }
      continue;
    }
    TensorEntry entry = entry_of(name, value, file_.path());
    if (entry.begin > entry.end || entry.end > bytes)
      refuse(file_.path(), name,
             "the offsets " + shape_text({entry.begin, entry.end}) + " of " +
                 std::to_string(bytes) + " bytes",
             "offsets within the file, the first not above the second");
    check_size(name, entry, file_.path());
    entry.begin += data;
    entry.end += data;
    tensors_[name] = entry;
  }
}

void Safetensors::check_layout(std::uint64_t data) const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> parts;
  for (const auto& [name, entry] : tensors_) parts.emplace_back(entry.begin, entry.end);
  std::sort(parts.begin(), parts.end());
  std::uint64_t at = data;
  for (const auto& [begin, end] : parts) {
    if (begin != at)
      refuse(file_.path(), "header",
             (begin < at ? "tensors that overlap at byte " : "a gap before byte ") +
                 std::to_string(begin),
             "tensors one behind the other");
    at = end;
  }
  if (at != file_.size())
    refuse(file_.path(), "header",
           std::to_string(file_.size() - at) + " bytes that are no tensor's",
           "tensors to the end of the file");
}

}  // namespace addax::input
