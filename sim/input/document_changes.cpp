// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/input/document_node.h"
#include "sim/input/path_steps.h"

// Documents that differ from their files in some values.
namespace addax::input {
namespace {

using Node = std::shared_ptr<const Tree>;

/// Where a path goes on below a node: an element of a list, or an entry of a map.
struct Place {
  std::size_t index = 0;
  std::size_t steps = 1;  ///< that it takes: a key may hold dots
};

std::string name_of(const Tree& tree) {
  for (const Tree::Entry& entry : tree.entries)
    if (entry.key == "name") return entry.value->scalar;
  return "";
}

std::optional<Place> in_list(const Tree& list, const Step& step) {
  for (std::size_t i = 0; i < list.items.size(); ++i)
    if (step.index ? *step.index == i : name_of(*list.items[i]) == step.key) return Place{i, 1};
  return std::nullopt;
}

// The entry whose key is made of the most steps.
std::optional<Place> in_map(const Tree& map, const std::vector<Step>& steps, std::size_t at) {
  std::optional<Place> found;
  std::string key;
  for (std::size_t i = at; i < steps.size() && !steps[i].index; ++i) {
    key += (i == at ? "" : ".") + steps[i].key;
    for (std::size_t e = 0; e < map.entries.size(); ++e)
      if (map.entries[e].key == key) found = Place{e, i - at + 1};
  }
  return found;
}

std::optional<Place> below(const Tree& tree, const std::vector<Step>& steps, std::size_t at) {
  return tree.kind == NodeKind::kList ? in_list(tree, steps[at]) : in_map(tree, steps, at);
}

/// One change, on its way down the tree; nodes on the path are copied, others shared.
class Changing {
 public:
  Changing(const std::string& file, const Change& change)
      : file_(file), change_(change), steps_(steps_of(change.path)) {
    if (!is_change_path(change.path))
      refuse("is no path; allowed: keys with dots and indices, as groups[0].columns");
  }

  Node changed(const Node& node, std::size_t at = 0) const {
    if (at == steps_.size()) return scalar(node->line);
    if (node->kind == NodeKind::kScalar)
      refuse("leads below a value; allowed: a path that ends there");
    auto copy = std::make_shared<Tree>(*node);
    std::optional<Place> place = below(*node, steps_, at);
    if (!place) place = added(*copy, at);
    const bool last = at + place->steps == steps_.size();
    const auto next = static_cast<std::ptrdiff_t>(place->index);
    if (last && change_.value == "null") {
      if (copy->kind == NodeKind::kList)
        copy->items.erase(copy->items.begin() + next);
      else
        copy->entries.erase(copy->entries.begin() + next);
      return copy;
    }
    Node& child = copy->kind == NodeKind::kList ? copy->items[place->index]
                                                : copy->entries[place->index].value;
    child = changed(child, at + place->steps);
    return copy;
  }

 private:
  Node scalar(int line) const {
    auto node = std::make_shared<Tree>();
    node->kind = NodeKind::kScalar;
    node->line = line;
    node->scalar = change_.value;
    return node;
  }

  /// A new entry of a map, which its reader will check.
  Place added(Tree& tree, std::size_t at) const {
    if (tree.kind == NodeKind::kList || steps_[at].index) refuse_element(tree, at);
    if (change_.value == "null") refuse("is not there; allowed: null where there is a value");
    tree.kind = NodeKind::kMap;
    tree.entries.push_back({steps_[at].key, tree.line, std::make_shared<Tree>()});
    return {tree.entries.size() - 1, 1};
  }

  [[noreturn]] void refuse_element(const Tree& tree, std::size_t at) const {
    const Step& step = steps_[at];
    if (tree.kind != NodeKind::kList) refuse("has an index where there is no list; allowed: a key");
    std::string names;
    for (const Node& item : tree.items)
      if (const std::string name = name_of(*item); !name.empty()) names += ", " + name;
    const std::size_t count = tree.items.size();
    refuse("there is no " + (step.index ? "element " + std::to_string(*step.index) : step.key) +
           "; allowed: " +
           (count == 0 ? "none, the list is empty"
                       : "[0] to [" + std::to_string(count - 1) + "]" + names));
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw ConfigError(file_ + ": " + change_.path + ": " + reason);
  }

  const std::string& file_;
  const Change& change_;
  std::vector<Step> steps_;
};

/// The node that a path leads to; null: there is none.
const Tree* at_path(const Tree* tree, const std::string& path) {
  const std::vector<Step> steps = steps_of(path);
  for (std::size_t at = 0; at < steps.size();) {
    const std::optional<Place> place = below(*tree, steps, at);
    if (!place) return nullptr;
    tree = tree->kind == NodeKind::kList ? tree->items[place->index].get()
                                         : tree->entries[place->index].value.get();
    at += place->steps;
  }
  return tree;
}

/// Whether a change is still there after all others. What was taken away may have been made anew, as a map, or
/// another element may have come into its place.
bool lasts(const Change& change, const Tree* found) {
  if (change.value == "null")
    return found == nullptr || found->kind == NodeKind::kMap || change.path.back() == ']';
  return found != nullptr && found->kind == NodeKind::kScalar && found->scalar == change.value;
}

/// Two paths may lead to one place, as by a name and by an index do: a change must not undo another.
void check_kept(const std::string& file, const Tree& tree, const std::vector<Change>& changes) {
  for (const Change& change : changes)
    if (!lasts(change, at_path(&tree, change.path)))
      throw ConfigError(file + ": " + change.path + ": " + printable(change.value) +
                        " does not last, as another change is of the same place; allowed: one");
}

}  // namespace

bool is_change_path(const std::string& path) {
  constexpr std::size_t kMostDigits = 9;
  bool word = false;  // before a dot or an index there is a key, or an index
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == ']' || ((c == '.' || c == '[') && !word)) return false;
    if (c == '[') {
      const std::size_t first = i + 1, end = path.find_first_not_of("0123456789", first);
      if (end == std::string::npos || path[end] != ']' || end == first || end - first > kMostDigits)
        return false;
      i = end;
      if (i + 1 < path.size() && path[i + 1] != '.' && path[i + 1] != '[') return false;
    }
    word = c != '.';
  }
  return word;
}

Document Document::with(const std::vector<Change>& changes) const {
  if (changes.empty()) return *this;
  Document document;
  document.bytes_ = bytes_;
  auto node = std::make_shared<Value::Node>(*root_);
  std::string list;
  for (const Change& change : changes) {
    list += (list.empty() ? "" : ", ") + change.path + " = " + printable(change.value);
    document.bytes_ += "\n# " + change.path + " = " + change.value;
    node->tree = Changing(*root_->file, change).changed(node->tree);
  }
  check_kept(*root_->file, *node->tree, changes);
  node->file = std::make_shared<const std::string>(*root_->file + " (with " + list + ")");
  document.root_ = std::move(node);
  return document;
}

std::optional<std::string> Document::scalar_at(const std::string& path) const {
  const Tree* tree = at_path(root_->tree.get(), path);
  if (tree == nullptr || tree->kind != NodeKind::kScalar) return std::nullopt;
  return tree->scalar;
}

}  // namespace addax::input
