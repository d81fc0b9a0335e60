// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/input/document.h"

namespace addax::input {

enum class NodeKind { kNull, kScalar, kList, kMap };

/// A node of a parsed document. An alias shares the node of its anchor, so the tree is a graph
/// without cycles.
struct Tree {
  struct Entry {
    std::string key;
    int line = 0;
    std::shared_ptr<const Tree> value;
  };
  NodeKind kind = NodeKind::kNull;
  int line = 0;         ///< from 1
  std::string scalar;   ///< as written, without quotes
  bool quoted = false;  ///< a quoted scalar is never a number
  std::vector<std::shared_ptr<const Tree>> items;
  std::vector<Entry> entries;
  std::uint64_t expanded = 1;  ///< nodes below and with this one, aliases followed
};

/// Parses `text`; `name` stands for the file in messages. Throws ConfigError.
std::shared_ptr<const Tree> parse_tree(const std::string& text, const std::string& name);

/// A place is a node with what a message needs to name it.
struct Value::Node {
  std::shared_ptr<const std::string> file;
  std::shared_ptr<const Tree> tree;
  std::string path;
  int line = 0;
};

/// `text` on one line and not too long, for messages.
std::string printable(const std::string& text);

}  // namespace addax::input
