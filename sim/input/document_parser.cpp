// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <sstream>
#include <unordered_set>

#include "sim/input/document_node.h"

namespace addax::input {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::uint64_t kMostNodes = 2'000'000;
// yaml-cpp queues all tokens of an unclosed bracket before it hands any of them on. A text with so
// many of them is refused before it sees it; the exact limits are counted by the handler.
constexpr std::size_t kMostOpenBrackets = 1000;
constexpr std::size_t kMostSeparators = 2 * kMostNodes;

[[noreturn]] void refuse(const std::string& name, int line, const std::string& text) {
  throw ConfigError(name + ":" + std::to_string(line) + ": " + text);
}

std::size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool valid_sequence(const std::string& text, std::size_t at, std::size_t length) {
  if (length == 0 || at + length > text.size()) return false;
  std::uint32_t code =
      static_cast<unsigned char>(text[at]) & (length == 1 ? 0x7FU : 0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0) != 0x80) return false;
    code = (code << 6) | (byte & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return !overlong && !surrogate && code <= 0x10FFFF;
}

void check_text(const std::string& text, const std::string& name) {
  int line = 1;
  std::size_t open = 0;
  std::size_t separators = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') ++line;
    if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F)
      refuse(name, line, "found a control character; allowed: YAML or JSON text");
    const std::size_t length = utf8_length(byte);
    if (!valid_sequence(text, i, length))
      refuse(name, line, "found bytes that are not UTF-8; allowed: YAML or JSON text in UTF-8");
    if (byte == '[' || byte == '{') ++open;
    if ((byte == ']' || byte == '}') && open > 0) --open;
    if (open > kMostOpenBrackets)
      refuse(name, line, "nested too deep; allowed: " + std::to_string(kDeepest) + " levels");
    if (byte == '[' || byte == '{' || byte == ',') ++separators;
    if (separators > kMostSeparators)
      refuse(name, line, "too many values; allowed: " + std::to_string(kMostNodes));
    i += length;
  }
}

/// Builds our own tree from yaml-cpp's events: its own nodes keep neither the line of a key nor
/// duplicate keys, and expand aliases without limit.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string name) : name_(std::move(name)) {}

  std::shared_ptr<const Tree> root() const { return root_; }
  std::optional<YAML::Mark> last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(name_, line(mark), "a second document; allowed: one a file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = make(NodeKind::kNull, mark);
    remember(anchor, node);
    attach(node, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.second)
      refuse(name_, line(mark), "an alias inside of its own anchor; allowed: no cycles");
    attach(found->second.first, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    auto node = make(NodeKind::kScalar, mark);
    node->scalar = value;
    node->quoted = tag == "!";
    if (node->quoted) last_quoted_ = mark;
    remember(anchor, node);
    attach(node, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(NodeKind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(NodeKind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    std::shared_ptr<Tree> node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    std::string key;
    int key_line = 0;
    std::unordered_set<std::string> keys;
  };

  static int line(const YAML::Mark& mark) { return mark.line + 1; }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(name_, line(mark), "found the tag '" + printable(tag) + "'; allowed: no tags");
  }
  std::shared_ptr<Tree> make(NodeKind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<Tree>();
    node->kind = kind;
    node->line = line(mark);
    return node;
  }
  // An anchor is complete, and may be aliased, once its node is closed.
  void remember(YAML::anchor_t anchor, const std::shared_ptr<Tree>& node) {
    if (anchor != 0) anchors_[anchor] = {node, true};
  }
  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (stack_.size() >= kDeepest)
      refuse(name_, line(mark),
             "nested too deep; allowed: " + std::to_string(kDeepest) + " levels");
    Level level;
    level.node = make(kind, mark);
    level.anchor = anchor;
    stack_.push_back(std::move(level));
  }
  void close() {
    auto node = stack_.back().node;
    const YAML::anchor_t anchor = stack_.back().anchor;
    stack_.pop_back();
    remember(anchor, node);
    YAML::Mark mark;
    mark.line = node->line - 1;
    attach(node, mark);
  }
  void attach(const std::shared_ptr<const Tree>& node, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = node;
      return;
    }
    Level& level = stack_.back();
    level.node->expanded += node->expanded;
    if (level.node->expanded > kMostNodes)
      refuse(name_, line(mark),
             "too many values, aliases expanded; allowed: " + std::to_string(kMostNodes));
    if (level.node->kind == NodeKind::kList) {
      level.node->items.push_back(node);
    } else if (level.has_key) {
      level.node->entries.push_back({std::move(level.key), level.key_line, node});
      level.has_key = false;
    } else {
      take_key(level, *node, mark);
    }
  }
  void take_key(Level& level, const Tree& node, const YAML::Mark& mark) {
    if (node.kind != NodeKind::kScalar)
      refuse(name_, line(mark), "found a key that is no word; allowed: plain text before ':'");
    if (!level.keys.insert(node.scalar).second)
      refuse(name_, line(mark),
             path() + printable(node.scalar) + ": found the key twice; allowed: once a map");
    level.has_key = true;
    level.key = node.scalar;
    level.key_line = line(mark);
  }

  /// The path of the innermost open node, with a dot behind it.
  std::string path() const {
    std::string text;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const Level& level = stack_[i];
      if (level.node->kind == NodeKind::kMap) {
        text += (text.empty() ? "" : ".") + printable(level.key);
      } else {
        text += "[" + std::to_string(level.node->items.size()) + "]";
      }
    }
    return text.empty() ? text : text + ".";
  }

  std::string name_;
  int documents_ = 0;
  std::shared_ptr<const Tree> root_;
  std::optional<YAML::Mark> last_quoted_;
  std::vector<Level> stack_;
  std::map<YAML::anchor_t, std::pair<std::shared_ptr<const Tree>, bool>> anchors_;
};

/// yaml-cpp takes the end of a file for a closing quote when a line break stands before it.
bool closes_its_quote(const std::string& text, const YAML::Mark& mark) {
  std::size_t at = 0;
  for (int line = 0; line < mark.line && at != std::string::npos; ++line) {
    at = text.find('\n', at);
    if (at != std::string::npos) ++at;
  }
  if (at == std::string::npos) return true;
  at += static_cast<std::size_t>(mark.column);
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return true;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return true;
      ++at;
    }
  }
  return false;
}

}  // namespace

std::shared_ptr<const Tree> parse_tree(const std::string& text, const std::string& name) {
  check_text(text, name);
  Builder builder(name);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const ConfigError&) {
    throw;
  } catch (const YAML::Exception& error) {
    refuse(name, error.mark.is_null() ? 1 : error.mark.line + 1,
           "not YAML: " + printable(error.msg) + "; allowed: one YAML or JSON document");
  } catch (const std::exception& error) {
    refuse(name, 1,
           "not YAML: " + printable(error.what()) + "; allowed: one YAML or JSON document");
  }
  if (!builder.root() || builder.root()->kind == NodeKind::kNull)
    refuse(name, 1, "found an empty document; allowed: one YAML or JSON document");
  if (builder.last_quoted() && !closes_its_quote(text, *builder.last_quoted()))
    refuse(name, builder.last_quoted()->line + 1,
           "not YAML: a quote that nothing closes; allowed: one YAML or JSON document");
  return builder.root();
}

}  // namespace addax::input
