// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <utility>

namespace addax::quantity {

/// What was found or used lately, by key: the last `most / 2` things at least, and never more than `most`.
template <class Key, class Value>
class Recent {
 public:
  explicit Recent(std::size_t most) : half_(most / 2) {}
  /// Null: not there. Valid until the next call.
  const Value* find(const Key& key) {
    const auto found = young_.find(key);
    if (found != young_.end()) return &found->second;
    auto old = old_.extract(key);
    return old ? &keep(key, std::move(old.mapped())) : nullptr;
  }
  /// Valid until the next call.
  const Value& keep(const Key& key, Value value) {
    if (young_.size() >= half_) old_ = std::exchange(young_, {});
    return young_.insert_or_assign(key, std::move(value)).first->second;
  }
  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  std::size_t half_;
  std::map<Key, Value> young_, old_;
};

}  // namespace addax::quantity
