// SPDX-License-Identifier: Apache-2.0
#include "sim/input/document.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "models/quantity/check.h"
#include "sim/input/document_node.h"
#include "sim/input/path_steps.h"

namespace addax::input {
namespace {

constexpr std::size_t kLongestShown = 60;

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Where one word is allowed it has just been named.
std::string meant(const std::string& text, const std::vector<std::string>& words) {
  if (words.size() < 2) return "";
  const std::optional<std::string> near = nearest(text, words);
  return near ? "; did you mean '" + *near + "'?" : "";
}

std::string shortest(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.12g", value);
  return text.data();
}

bool all_digits(const std::string& text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (c < '0' || c > '9') return false;
  return true;
}

/// -?digits[.digits][(e|E)[+-]digits], no leading zero: JSON's numbers, which YAML shares.
bool is_decimal(const std::string& text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t first = i;
  const std::size_t count = digits();
  if (count == 0 || (count > 1 && text[first] == '0')) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// Quotes are shown where they are the fault: around what would be a number or a boolean without
// them.
std::string found(const Tree& tree) {
  switch (tree.kind) {
    case NodeKind::kNull:
      return "found nothing";
    case NodeKind::kList:
      return "found a list";
    case NodeKind::kMap:
      return "found a map";
    case NodeKind::kScalar:
      break;
  }
  const std::string& text = tree.scalar;
  const bool fault = tree.quoted && (is_decimal(text) || text == "true" || text == "false");
  return fault ? "found '\"" + printable(text) + "\"'" : "found '" + printable(text) + "'";
}

std::string child_path(const std::string& path, const std::string& key) {
  return path.empty() ? printable(key) : path + "." + printable(key);
}

/// A list or map is at its key's line; so is nothing at all, which the parser sees too late.
int line_of(const Tree::Entry& entry) {
  return entry.value->kind == NodeKind::kScalar ? entry.value->line : entry.line;
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Edit distance with neighbours swapped counted as one edit, case ignored.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

/// The entry of `map` whose key is made of the most steps from `at` on: a key may hold dots, as
/// "rows.fp16.multiply" does. Moves `at` to its last step.
std::optional<Value> entry_at(const Value& map, const std::vector<Step>& steps, std::size_t& at) {
  std::optional<Value> found;
  std::string key;
  for (std::size_t i = at, begin = at; i < steps.size() && !steps[i].index; ++i) {
    key += (i == begin ? "" : ".") + steps[i].key;
    if (std::optional<Value> value = map.find(key)) {
      found = std::move(value);
      at = i;
    }
  }
  return found;
}

}  // namespace

std::vector<Step> steps_of(const std::string& path) {
  std::vector<Step> steps;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) steps.push_back({word, std::nullopt});
    word.clear();
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      end_word();
    } else if (path[i] == '[') {
      end_word();
      std::size_t index = 0;
      while (++i < path.size() && path[i] >= '0' && path[i] <= '9')
        index = index * 10 + static_cast<std::size_t>(path[i] - '0');
      steps.push_back({"", index});
    } else {
      word += path[i];
    }
  }
  end_word();
  return steps;
}

std::string printable(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    if (shown.size() >= kLongestShown) {
      // A character of several bytes is not cut in two.
      while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80)
        shown.pop_back();
      if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0xC0) shown.pop_back();
      return shown + "...";
    }
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    shown += control ? ' ' : c;
  }
  return shown;
}

Document Document::parse(const std::string& text, const std::string& name) {
  auto node = std::make_shared<Value::Node>();
  node->tree = parse_tree(text, name);
  node->file = std::make_shared<const std::string>(name);
  node->line = node->tree->line;
  Document document;
  document.bytes_ = text;
  document.root_ = std::move(node);
  return document;
}

Value Document::root() const { return Value(root_); }

bool Value::is_map() const { return node_->tree->kind == NodeKind::kMap; }
bool Value::is_list() const { return node_->tree->kind == NodeKind::kList; }
bool Value::is_scalar() const { return node_->tree->kind == NodeKind::kScalar; }
bool Value::is_null() const { return node_->tree->kind == NodeKind::kNull; }
std::string Value::path() const { return node_->path; }
const std::string& Value::file() const { return *node_->file; }

void Value::fail_with(int line, const std::string& path, const std::string& text) const {
  throw ConfigError(*node_->file + ":" + std::to_string(line) + ": " +
                    (path.empty() ? "" : path + ": ") + text);
}

void Value::fail(const std::string& allowed) const {
  fail_with(node_->line, node_->path, found(*node_->tree) + "; allowed: " + allowed);
}

void Value::fail_for(const std::string& reason) const {
  fail_with(node_->line, node_->path, reason);
}

void Value::fail(const quantity::Diagnosis& diagnosis) const {
  Value place = *this;
  const std::vector<Step> steps = steps_of(diagnosis.path);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].index) {
      if (!place.is_list() || *steps[i].index >= place.node_->tree->items.size()) break;
      place = place.list()[*steps[i].index];
    } else {
      if (!place.is_map()) break;
      const std::optional<Value> next = entry_at(place, steps, i);
      if (!next) break;
      place = *next;
    }
  }
  std::string path = node_->path;
  if (!diagnosis.path.empty()) {
    if (!path.empty() && diagnosis.path.front() != '[') path += ".";
    path += diagnosis.path;
  }
  const std::string value =
      diagnosis.value.empty() ? "nothing" : "'" + printable(diagnosis.value) + "'";
  place.fail_with(place.node_->line, path, "found " + value + "; allowed: " + diagnosis.message);
}

std::optional<Value> Value::find(const std::string& key) const {
  if (!is_map()) fail("a map");
  for (const Tree::Entry& entry : node_->tree->entries) {
    if (entry.key != key) continue;
    return Value(std::make_shared<Node>(
        Node{node_->file, entry.value, child_path(node_->path, key), line_of(entry)}));
  }
  return std::nullopt;
}

Value Value::at(const std::string& key) const {
  if (std::optional<Value> value = find(key)) return *value;
  std::vector<std::string> keys;
  for (const Tree::Entry& entry : node_->tree->entries) keys.push_back(printable(entry.key));
  const std::optional<std::string> near = nearest(key, keys);
  fail_with(node_->line, child_path(node_->path, key),
            "missing; allowed: the key '" + printable(key) + "' is required here" +
                (near ? "; did you mean it by '" + *near + "'?" : ""));
}

std::vector<Value> Value::list() const {
  if (!is_list()) fail("a list");
  std::vector<Value> values;
  values.reserve(node_->tree->items.size());
  for (std::size_t i = 0; i < node_->tree->items.size(); ++i) {
    const auto& item = node_->tree->items[i];
    values.push_back(Value(std::make_shared<Node>(
        Node{node_->file, item, node_->path + "[" + std::to_string(i) + "]", item->line})));
  }
  return values;
}

std::vector<std::pair<std::string, Value>> Value::entries() const {
  if (!is_map()) fail("a map");
  std::vector<std::pair<std::string, Value>> values;
  values.reserve(node_->tree->entries.size());
  for (const Tree::Entry& entry : node_->tree->entries)
    values.emplace_back(
        entry.key,
        Value(std::make_shared<Node>(
            Node{node_->file, entry.value, child_path(node_->path, entry.key), line_of(entry)})));
  return values;
}

void Value::allow_only(const std::set<std::string>& allowed) const {
  if (!is_map()) fail("a map");
  const std::vector<std::string> words(allowed.begin(), allowed.end());
  for (const Tree::Entry& entry : node_->tree->entries)
    if (allowed.count(entry.key) == 0)
      fail_with(entry.line, child_path(node_->path, entry.key),
                "found the unknown key '" + printable(entry.key) + "'; allowed: " + join(words) +
                    meant(entry.key, words));
}

std::string Value::text() const {
  if (!is_scalar()) fail("text");
  return node_->tree->scalar;
}

bool Value::boolean() const {
  const Tree& tree = *node_->tree;
  if (tree.kind == NodeKind::kScalar && !tree.quoted) {
    if (tree.scalar == "true") return true;
    if (tree.scalar == "false") return false;
  }
  fail("true, false");
}

std::uint64_t Value::integer(std::uint64_t least, std::uint64_t most) const {
  ADDAX_CHECK(least <= most, path());
  const Tree& tree = *node_->tree;
  const std::string& text = tree.scalar;
  const std::string range =
      least == most ? std::to_string(least)
                    : "an integer from " + std::to_string(least) + " to " + std::to_string(most);
  if (tree.kind != NodeKind::kScalar) fail(range);
  if (tree.quoted || !all_digits(text) || (text.size() > 1 && text[0] == '0'))
    fail(range + ", in decimal digits without sign, unit or quotes");
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || value < least || value > most) fail(range);
  return value;
}

std::uint32_t Value::integer32(std::uint32_t least, std::uint32_t most) const {
  return static_cast<std::uint32_t>(integer(least, most));
}

double Value::number(double least, double most) const {
  const Tree& tree = *node_->tree;
  const std::string& text = tree.scalar;
  const std::string range = "a number from " + shortest(least) + " to " + shortest(most);
  if (tree.kind != NodeKind::kScalar) fail(range);
  if (tree.quoted || !is_decimal(text)) fail(range + ", in decimal without unit or quotes");
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || !std::isfinite(value) || value < least || value > most)
    fail(range);
  return value;
}

std::string Value::word(const std::vector<std::string>& words) const {
  if (!is_scalar()) fail(join(words));
  const std::string& text = node_->tree->scalar;
  for (const std::string& word : words)
    if (text == word) return word;
  fail(join(words) + meant(text, words));
}

std::optional<std::string> nearest(const std::string& text, const std::vector<std::string>& words) {
  // A third of a word may be wrong, at least one letter; long junk is not worth measuring.
  if (text.empty() || text.size() > 200) return std::nullopt;
  const std::size_t limit = std::max<std::size_t>(1, text.size() / 3);
  std::optional<std::string> best;
  std::size_t best_distance = limit + 1;
  for (const std::string& word : words) {
    if (word.empty() || word.size() > text.size() + limit || text.size() > word.size() + limit)
      continue;
    const std::size_t distance = edit_distance(text, word);
    if (distance < best_distance && distance < word.size()) {
      best = word;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace addax::input
